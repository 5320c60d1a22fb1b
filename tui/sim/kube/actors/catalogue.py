"""The kinds that controllers work on, by name."""

from __future__ import annotations

from tui.sim.kube.kinds import BUILTIN, Kind


def _kind(group: str, plural: str) -> Kind:
    return next(kind for kind in BUILTIN if (kind.group, kind.plural) == (group, plural))


CONFIG_MAPS = _kind("", "configmaps")
ENDPOINTS = _kind("", "endpoints")
EVENTS = _kind("", "events")
NAMESPACES = _kind("", "namespaces")
NODES = _kind("", "nodes")
PERSISTENT_VOLUMES = _kind("", "persistentvolumes")
PERSISTENT_VOLUME_CLAIMS = _kind("", "persistentvolumeclaims")
PODS = _kind("", "pods")
RESOURCE_QUOTAS = _kind("", "resourcequotas")
SECRETS = _kind("", "secrets")
SERVICE_ACCOUNTS = _kind("", "serviceaccounts")
SERVICES = _kind("", "services")
CONTROLLER_REVISIONS = _kind("apps", "controllerrevisions")
DAEMON_SETS = _kind("apps", "daemonsets")
DEPLOYMENTS = _kind("apps", "deployments")
REPLICA_SETS = _kind("apps", "replicasets")
STATEFUL_SETS = _kind("apps", "statefulsets")
CRON_JOBS = _kind("batch", "cronjobs")
JOBS = _kind("batch", "jobs")
AUTOSCALERS = _kind("autoscaling", "horizontalpodautoscalers")
DISRUPTION_BUDGETS = _kind("policy", "poddisruptionbudgets")
LEASES = _kind("coordination.k8s.io", "leases")
ENDPOINT_SLICES = _kind("discovery.k8s.io", "endpointslices")
STORAGE_CLASSES = _kind("storage.k8s.io", "storageclasses")

_BY_NAME: dict[tuple[str, str], Kind] = {}
for _one in BUILTIN:
    _BY_NAME.setdefault((_one.api_version, _one.kind), _one)


def by_name(api_version: str, kind: str) -> Kind | None:
    """The built-in kind an ownerReference names."""
    return _BY_NAME.get((api_version, kind))
