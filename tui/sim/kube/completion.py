"""What a server adds to a new object after decoding it: mutating admission and the kinds' own strategies.

It comes after the managed fields are settled, so nobody owns what is added here. Left out is what needs other objects
(a service account, an address, a priority class): that is `effects`.
"""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.kube.defaults_pods import child, give
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import items, mapping
from tui.sim.kube.status import Obj

_EVICTION_SECONDS = 300
_LOST_NODE = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def completed(obj: Obj, kind: Kind) -> Obj:
    """A copy with what is added; the same object where nothing is. Adding twice changes nothing."""
    complete = _BY_KIND.get((kind.group, kind.plural))
    if complete is None:
        return obj
    result = dict(obj)
    complete(result)
    return result


def _pod(pod: Obj) -> None:
    spec = child(pod, "spec")
    if not spec.get("priorityClassName"):
        give(spec, priority=0, preemptionPolicy="PreemptLowerPriority")
    tolerations = items(spec.get("tolerations"))
    missing = [key for key in _LOST_NODE if not any(_tolerates(mapping(held), key) for held in tolerations)]
    if missing:
        spec["tolerations"] = [*tolerations, *map(_eviction, missing)]
    give(child(pod, "status"), phase="Pending", qosClass=quality_of_service(spec))


def _tolerates(toleration: Obj, key: str) -> bool:
    return toleration.get("key") in (key, None, "") and toleration.get("effect") in ("NoExecute", None, "")


def _eviction(key: str) -> Obj:
    return {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _EVICTION_SECONDS}


def quality_of_service(spec: Obj) -> str:
    """BestEffort: no requests or limits of CPU and memory. Guaranteed: limits of both, equal to the requests, in every
    container. Burstable: anything between (pkg/apis/core/v1/helper/qos)."""
    containers = [
        mapping(container) for field in ("initContainers", "containers") for container in items(spec.get(field))
    ]
    guaranteed = bool(containers)
    any_given = False
    for container in containers:
        resources = mapping(container.get("resources"))
        limits, requests = mapping(resources.get("limits")), mapping(resources.get("requests"))
        for name in ("cpu", "memory"):
            any_given = any_given or name in limits or name in requests
            if name not in limits or requests.get(name, limits[name]) != limits[name]:
                guaranteed = False
    return "Guaranteed" if guaranteed else "Burstable" if any_given else "BestEffort"


def _service(service: Obj) -> None:
    spec = child(service, "spec")
    if spec.get("type") != "ExternalName":
        give(spec, ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")


def _namespace(namespace: Obj) -> None:
    give(child(namespace, "spec"), finalizers=["kubernetes"])
    give(child(namespace, "status"), phase="Active")


def _claim(claim: Obj) -> None:
    _protect(claim, "kubernetes.io/pvc-protection")


def _volume(volume: Obj) -> None:
    _protect(volume, "kubernetes.io/pv-protection")


def _protect(obj: Obj, finalizer: str) -> None:
    metadata = mapping(obj.get("metadata"))
    held = items(metadata.get("finalizers"))
    if finalizer not in held and not metadata.get("uid"):
        child(obj, "metadata")["finalizers"] = [*held, finalizer]


_BY_KIND: dict[tuple[str, str], Callable[[Obj], None]] = {
    ("", "pods"): _pod,
    ("", "services"): _service,
    ("", "namespaces"): _namespace,
    ("", "persistentvolumeclaims"): _claim,
    ("", "persistentvolumes"): _volume,
}
