"""What a path and a method ask for: k8s.io/apiserver pkg/endpoints/request/requestinfo.go for this server's paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tui.sim.kube.attributes import Attributes
from tui.sim.kube.fields import single_name

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_NAMESPACE_SUBRESOURCES = ("finalize", "status")


@dataclass(frozen=True, slots=True)
class Route:
    """A request for a resource (resource != "") or for a plain path. path: as asked, never empty."""

    verb: str
    path: str
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""

    @property
    def is_resource(self) -> bool:
        return bool(self.resource)

    @property
    def attributes(self) -> Attributes:
        if not self.is_resource:
            return Attributes(self.verb, path=self.path)
        return Attributes(
            self.verb,
            self.group,
            self.version,
            self.resource,
            self.subresource,
            self.namespace,
            self.name,
            self.path,
        )


def parse_route(method: str, path: str, query: Mapping[str, str]) -> Route:
    """Never fails: what is no resource path is a plain one."""
    path = "/" + path.lstrip("/")
    verb = _VERBS.get(method, method.lower())
    parts = [part for part in path.split("/") if part]
    if len(parts) > 2 and parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif len(parts) > 3 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return Route(method.lower(), path)
    route = _resource_route(Route(verb, path, group, version), rest)
    return _collection_verb(route, query)


def _resource_route(route: Route, parts: list[str]) -> Route:
    """The tail of a resource path: [namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE[/…]]]."""
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in _NAMESPACE_SUBRESOURCES:
            parts = parts[2:]
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    return replace(
        route,
        namespace=namespace,
        resource=parts[0],
        name=name,
        subresource=subresource,
        rest="/".join(parts[3:]),
    )


def _collection_verb(route: Route, query: Mapping[str, str]) -> Route:
    """Without a name a read is a list (or watch) and a delete a deletecollection; a list of one name is authorised
    as that name."""
    if route.name:
        return route
    if route.verb == "get":
        verb = "watch" if is_true(query.get("watch")) else "list"
        return replace(route, verb=verb, name=single_name(query.get("fieldSelector", "")))
    if route.verb == "delete":
        return replace(route, verb="deletecollection")
    return route


def is_true(value: str | None) -> bool:
    """A boolean query parameter: present counts as true unless it says otherwise (conversion of url.Values)."""
    return value is not None and value.lower() not in ("false", "0")
