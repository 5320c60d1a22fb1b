"""ResourceQuotas: what a namespace uses of what it may, and the refusal of what would be too much.

staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go (CheckRequest) and pkg/quota/v1/evaluator
/core. What is used is counted at once, which is what a quota's status says once its controller has caught up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.sim.kube.kinds import Kind, Registry, builtin
from tui.sim.kube.objects import items, mapping, name_of, namespace_of, text
from tui.sim.kube.quantities import canonical, compare, total
from tui.sim.kube.refusals import forbidden
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

QUOTAS = builtin("", "resourcequotas")
_PODS, _CLAIMS, _SERVICES = builtin("", "pods"), builtin("", "persistentvolumeclaims"), builtin("", "services")
_COMPUTE = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""What every container must name where a quota limits it."""


def usage(store: Store, registry: Registry, quota: Obj) -> dict[str, str]:
    """Of each resource that the quota limits."""
    namespace = namespace_of(quota)
    return {name: _used(store, registry, quota, namespace, name) for name in _hard(quota)}


def check_quotas(store: Store, registry: Registry, kind: Kind, obj: Obj) -> None:
    """Raises ApiError 403 where `obj`, which is about to be created, is more than a quota of its namespace allows."""
    for quota in store.list(QUOTAS, namespace_of(obj)) if kind.namespaced else ():
        hard = _hard(quota)
        asked = {name: amount for name in hard if (amount := _asked(registry, quota, kind, obj, name)) is not None}
        if kind.storage == _PODS.storage and asked:
            _check_named(quota, obj, [name for name in _COMPUTE if name in hard])
        if not asked:
            continue
        used = {name: _used(store, registry, quota, namespace_of(obj), name) for name in asked}
        over = [name for name in sorted(asked) if compare(total([used[name], asked[name]]), str(hard[name])) > 0]
        if any(compare(asked[name], "0") > 0 for name in over):
            shown = [_listed(over, amounts) for amounts in (asked, used, hard)]
            why = f"exceeded quota: {name_of(quota)}, requested: {shown[0]}, used: {shown[1]}, limited: {shown[2]}"
            raise forbidden(kind, name_of(obj), why)


def _hard(quota: Obj) -> Mapping[str, object]:
    return mapping(mapping(quota.get("spec")).get("hard"))


def _listed(names: Iterable[str], amounts: Mapping[str, object]) -> str:
    return ",".join(f"{name}={canonical(str(amounts[name]))}" for name in names)


def _check_named(quota: Obj, pod: Obj, limited: list[str]) -> None:
    missing: dict[str, list[str]] = {}
    for container in (*items(pod["spec"].get("containers")), *items(pod["spec"].get("initContainers"))):
        for name in limited:
            side, _, resource = name.rpartition(".")
            if resource not in mapping(mapping(container.get("resources")).get(side or "requests")):
                missing.setdefault(name, []).append(text(container.get("name")))
    if missing:
        said = "; ".join(f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing))
        raise forbidden(_PODS, name_of(pod), f"failed quota: {name_of(quota)}: must specify {said}")


def _used(store: Store, registry: Registry, quota: Obj, namespace: str, name: str) -> str:
    kind = _kind_of(registry, name)
    if kind is None:
        return "0"
    amounts = (_asked(registry, quota, kind, obj, name) for obj in store.list(kind, namespace))
    return total(amount for amount in amounts if amount is not None)


def _kind_of(registry: Registry, name: str) -> Kind | None:
    """The kind whose objects use a resource of a quota."""
    side, _, resource = name.rpartition(".")
    if name == "pods" or (side in ("", "requests", "limits") and resource in ("cpu", "memory", "ephemeral-storage")):
        return _PODS
    if name == "requests.storage" or name == "persistentvolumeclaims":
        return _CLAIMS
    if name in ("services.nodeports", "services.loadbalancers"):
        return _SERVICES
    counted = name.removeprefix("count/")
    return next((kind for kind in registry if kind.namespaced and _counted(kind) == counted), None)


def _counted(kind: Kind) -> str:
    return f"{kind.plural}.{kind.group}" if kind.group else kind.plural


def _asked(registry: Registry, quota: Obj, kind: Kind, obj: Obj, name: str) -> str | None:
    """What one object uses of a resource; None where it is not one of those that use it, or not in the scope."""
    user = _kind_of(registry, name)
    if user is None or user.storage != kind.storage:
        return None
    if kind.storage == _PODS.storage and not name.startswith("count/") and not _concerns(quota, obj):
        return None
    side, _, resource = name.rpartition(".")
    spec = mapping(obj.get("spec"))
    match name:
        case "services.loadbalancers":
            return "1" if spec.get("type") == "LoadBalancer" else "0"
        case "services.nodeports":
            return str(len(items(spec.get("ports")))) if spec.get("type") in ("NodePort", "LoadBalancer") else "0"
        case "requests.storage":
            return str(mapping(mapping(spec.get("resources")).get("requests")).get("storage") or "0")
        case _ if kind.storage == _PODS.storage and resource in ("cpu", "memory", "ephemeral-storage"):
            sums = [mapping(mapping(one.get("resources")).get(side or "requests")) for one in items(spec["containers"])]
            return total(str(amounts[resource]) for amounts in sums if resource in amounts)
        case _:
            return "1"


def _concerns(quota: Obj, pod: Obj) -> bool:
    """Not one that has ended, nor one outside the quota's scopes."""
    if mapping(pod.get("status")).get("phase") in ("Succeeded", "Failed"):
        return False
    spec = mapping(quota.get("spec"))
    plain: list[Obj] = [{"scopeName": scope, "operator": "Exists"} for scope in items(spec.get("scopes"))]
    return all(
        _in_scope(one, pod) for one in [*plain, *items(mapping(spec.get("scopeSelector")).get("matchExpressions"))]
    )


def _in_scope(scope: Obj, pod: Obj) -> bool:
    spec = mapping(pod.get("spec"))
    match scope.get("scopeName"):
        case "Terminating":
            return spec.get("activeDeadlineSeconds") is not None
        case "NotTerminating":
            return spec.get("activeDeadlineSeconds") is None
        case "BestEffort":
            return _best_effort(spec)
        case "NotBestEffort":
            return not _best_effort(spec)
        case "PriorityClass":
            named, values = text(spec.get("priorityClassName")), items(scope.get("values"))
            operators = {"In": named in values, "NotIn": named not in values, "DoesNotExist": not named}
            return operators.get(text(scope.get("operator")), bool(named))
        case _:
            return False


def _best_effort(spec: Obj) -> bool:
    each = [mapping(one.get("resources")) for one in items(spec.get("containers"))]
    return not any(one.get("requests") or one.get("limits") for one in each)
