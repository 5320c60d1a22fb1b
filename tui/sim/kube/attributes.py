"""What a request asks for, as authorisation sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attributes:
    """A verb on a resource (group, resource, subresource, namespace, name), or, where `resource` is "", on `path`."""

    verb: str
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def full_resource(self) -> str:
        """ "pods", "pods/log"."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def qualified(self) -> str:
        """ "pods", "deployments.apps"."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    def describe(self, user: str) -> str:
        """ "User … cannot list resource …": k8s.io/apiserver pkg/endpoints/handlers/responsewriters errors.go."""
        if not self.resource:
            return f'User "{user}" cannot {self.verb} path "{self.path}"'
        where = f'in the namespace "{self.namespace}"' if self.namespace else "at the cluster scope"
        return f'User "{user}" cannot {self.verb} resource "{self.full_resource}" in API group "{self.group}" {where}'
