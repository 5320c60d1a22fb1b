"""APIServices: who serves each group and version. The server registers its own at start, and those of custom kinds
as their definitions come and go (kube-aggregator pkg/controllers/autoregister, crdregistration_controller.go)."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.discovery import groups, versions
from tui.sim.kube.kinds import Registry, builtin
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

API_SERVICES = builtin("apiregistration.k8s.io", "apiservices")

_AGGREGATED = "metrics.k8s.io"
"""The one group that is served by somebody else: metrics-server."""
_MANAGED = "kube-aggregator.kubernetes.io/automanaged"
_FIRST_PRIORITY, _CUSTOM_PRIORITY = (18000, 15), (1000, 100)  # of the group, of the version


def api_services(registry: Registry, when: str) -> Iterator[Obj]:
    """Those of a cluster that starts. The group of APIServices itself has none. when: since when they are there."""
    for place, (group, kinds) in enumerate(groups(registry).items()):
        for rank, version in enumerate(versions(kinds)):
            if group == _AGGREGATED:
                yield _by_metrics_server(version, when)
            elif group != API_SERVICES.group:
                first, newest = _FIRST_PRIORITY
                yield _local(group, version, (first - 10 * place, newest - rank), "onstart", when)


def register_custom(store: Store, registry: Registry, group: str, when: str) -> None:
    """One for each version of a custom group that is served now, none for others."""
    served = set(versions(kind for kind in registry if kind.group == group))
    known = {one["spec"]["version"] for one in store.list(API_SERVICES) if one["spec"].get("group") == group}
    for version in sorted(served - known):
        store.create(API_SERVICES, _local(group, version, _CUSTOM_PRIORITY, "true", when))
    for version in known - served:
        store.remove(API_SERVICES, "", f"{version}.{group}")


def _local(group: str, version: str, priorities: tuple[int, int], managed: str, when: str) -> Obj:
    named: Obj = {"group": group} if group else {}
    return {
        "metadata": {"name": f"{version}.{group}", "labels": {_MANAGED: managed}},
        "spec": {**named, "version": version, **_priorities(*priorities)},
        "status": {"conditions": [_available("Local", "Local APIServices are always available", when)]},
    }


def _by_metrics_server(version: str, when: str) -> Obj:
    service = {"name": "metrics-server", "namespace": "kube-system", "port": 443}
    return {
        "metadata": {"name": f"{version}.{_AGGREGATED}"},
        "spec": {"service": service, "group": _AGGREGATED, "version": version, **_priorities(100, 100)},
        "status": {"conditions": [_available("Passed", "all checks passed", when)]},
    }


def _priorities(group: int, version: int) -> Obj:
    return {"groupPriorityMinimum": group, "versionPriority": version}


def _available(reason: str, message: str, when: str) -> Obj:
    return {"type": "Available", "status": "True", "lastTransitionTime": when, "reason": reason, "message": message}
