"""Which permissions a predefined role holds (cloud.google.com/iam/docs/understanding-roles), as far as they matter.

Only permissions of the services simulated here and of those a grant can be about are known.
"""

from __future__ import annotations

from functools import cache

_GATEWAY_COMMON = (
    "gkehub.gateway.generateCredentials",
    "gkehub.gateway.get",
    "gkehub.memberships.get",
    "serviceusage.services.get",
    "serviceusage.values.test",
    "serviceusage.groups.list",
    "serviceusage.groups.listExpandedMembers",
    "serviceusage.groups.listMembers",
    "serviceusage.consumerpolicy.analyze",
    "serviceusage.consumerpolicy.get",
    "serviceusage.effectivepolicy.get",
)
_GATEWAY_WRITE = ("gkehub.gateway.post", "gkehub.gateway.put", "gkehub.gateway.patch", "gkehub.gateway.delete")
_PROJECT_READ = ("resourcemanager.projects.get", "resourcemanager.projects.list")
_HUB_READ = (
    "gkehub.features.get",
    "gkehub.features.list",
    "gkehub.fleet.get",
    "gkehub.locations.get",
    "gkehub.locations.list",
    "gkehub.membershipbindings.get",
    "gkehub.membershipbindings.list",
    "gkehub.memberships.generateConnectManifest",
    "gkehub.memberships.get",
    "gkehub.memberships.getIamPolicy",
    "gkehub.memberships.list",
    "gkehub.namespaces.get",
    "gkehub.namespaces.list",
    "gkehub.operations.get",
    "gkehub.operations.list",
    "gkehub.rbacrolebindings.get",
    "gkehub.rbacrolebindings.list",
    "gkehub.scopes.get",
    "gkehub.scopes.list",
)
_HUB_WRITE = (
    "gkehub.features.create",
    "gkehub.features.update",
    "gkehub.memberships.create",
    "gkehub.memberships.delete",
    "gkehub.memberships.update",
    "gkehub.memberships.setIamPolicy",
    "gkehub.operations.cancel",
    "gkehub.rbacrolebindings.create",
    "gkehub.rbacrolebindings.delete",
    "gkehub.rbacrolebindings.update",
)
_MULTICLOUD_READ = tuple(
    f"gkemulticloud.{kind}.{verb}"
    for kind in ("attachedClusters", "awsClusters", "azureClusters")
    for verb in ("get", "list")
)
_CONTAINER_READ = (
    "container.clusters.get",
    "container.clusters.list",
    "container.configMaps.get",
    "container.events.list",
    "container.pods.get",
    "container.pods.getLogs",
    "container.pods.list",
)
_CONTAINER_WRITE = ("container.pods.create", "container.pods.delete", "container.pods.exec", "container.pods.update")
_CONTAINER_ADMIN = (
    "container.clusters.getCredentials",
    "container.clusterRoles.bind",
    "container.clusterRoles.escalate",
)
_USAGE_READ = ("serviceusage.quotas.get", "serviceusage.services.get", "serviceusage.services.list")
_USAGE_WRITE = ("serviceusage.services.enable", "serviceusage.services.disable", "serviceusage.services.use")
_POLICY = ("resourcemanager.projects.getIamPolicy", "resourcemanager.projects.setIamPolicy")
_IAM = ("iam.roles.get", "iam.roles.list", "iam.serviceAccounts.get", "iam.serviceAccounts.list")
_TOKENS = ("iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.signBlob", "iam.serviceAccounts.signJwt")

_READ = (*_PROJECT_READ, *_HUB_READ, *_MULTICLOUD_READ, *_CONTAINER_READ, *_USAGE_READ, *_IAM)
_GATEWAY = (*_GATEWAY_COMMON, *_GATEWAY_WRITE, "gkehub.gateway.stream")
_WRITE = (*_HUB_WRITE, *_CONTAINER_WRITE, *_USAGE_WRITE)

ROLES: dict[str, tuple[str, ...]] = {
    "roles/owner": (*_READ, *_WRITE, *_GATEWAY, *_CONTAINER_ADMIN, *_POLICY, "iam.roles.create", "iam.roles.update"),
    "roles/editor": (*_READ, *_WRITE, "container.clusters.getCredentials"),
    "roles/viewer": (*_READ, "resourcemanager.projects.getIamPolicy"),
    "roles/browser": (*_PROJECT_READ, "resourcemanager.projects.getIamPolicy"),
    "roles/gkehub.admin": (*_HUB_READ, *_HUB_WRITE, *_PROJECT_READ),
    "roles/gkehub.editor": (*_HUB_READ, *_HUB_WRITE, *_PROJECT_READ),
    "roles/gkehub.viewer": (*_HUB_READ, *_PROJECT_READ),
    "roles/gkehub.connect": ("gkehub.endpoints.connect",),
    "roles/gkehub.gatewayReader": _GATEWAY_COMMON,
    "roles/gkehub.gatewayEditor": (*_GATEWAY_COMMON, *_GATEWAY_WRITE),
    "roles/gkehub.gatewayAdmin": _GATEWAY,
    "roles/gkemulticloud.viewer": (*_MULTICLOUD_READ, *_PROJECT_READ),
    "roles/container.viewer": (*_CONTAINER_READ, *_PROJECT_READ),
    "roles/container.clusterViewer": ("container.clusters.get", "container.clusters.list", *_PROJECT_READ),
    "roles/container.developer": (*_CONTAINER_READ, *_CONTAINER_WRITE, *_PROJECT_READ),
    "roles/container.admin": (*_CONTAINER_READ, *_CONTAINER_WRITE, *_CONTAINER_ADMIN, *_PROJECT_READ),
    "roles/iam.serviceAccountTokenCreator": _TOKENS,
    "roles/iam.securityReviewer": ("resourcemanager.projects.getIamPolicy", *_PROJECT_READ, *_IAM),
    "roles/iam.securityAdmin": (*_POLICY, *_PROJECT_READ, *_IAM),
    "roles/resourcemanager.projectIamAdmin": (*_POLICY, *_PROJECT_READ),
    "roles/serviceusage.serviceUsageViewer": (*_USAGE_READ, *_PROJECT_READ),
    "roles/serviceusage.serviceUsageAdmin": (*_USAGE_READ, *_USAGE_WRITE, *_PROJECT_READ),
    "roles/serviceusage.serviceUsageConsumer": (*_USAGE_READ, "serviceusage.services.use"),
    "roles/logging.viewer": ("logging.logEntries.list", "logging.logs.list", *_PROJECT_READ),
    "roles/monitoring.viewer": ("monitoring.timeSeries.list", *_PROJECT_READ),
}

PERMISSIONS: frozenset[str] = frozenset(permission for held in ROLES.values() for permission in held)
"""Every permission known here."""


@cache
def permissions(role: str) -> frozenset[str]:
    """What a role grants; nothing for one that is not known."""
    return frozenset(ROLES.get(role, ()))
