"""What admission does that needs the rest of the cluster: namespaces, service accounts, addresses, escalation."""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.kube import crd
from tui.sim.kube.call import Call
from tui.sim.kube.crd_rules import unevaluated
from tui.sim.kube.escalation import check_binding, check_role
from tui.sim.kube.limitranges import check_claim, with_limits
from tui.sim.kube.namespaces import check_namespace, complete_namespace
from tui.sim.kube.podaccounts import with_service_account
from tui.sim.kube.podpriority import with_priority
from tui.sim.kube.services import with_addresses
from tui.sim.kube.status import Obj


def admit_create(call: Call, obj: Obj) -> Obj:
    """Raises ApiError 403 and 404."""
    check_namespace(call.cluster.store, call.kind, obj)
    effect = _ON_CREATE.get(call.kind.storage) or _ALWAYS.get(call.kind.storage)
    return effect(call, None, obj) if effect else obj


def admit_update(call: Call, old: Obj, obj: Obj) -> Obj:
    """Raises ApiError 403."""
    effect = _ALWAYS.get(call.kind.storage)
    return effect(call, old, obj) if effect else obj


Effect = Callable[[Call, Obj | None, Obj], Obj]
"""What a write of an object over an old one (None: there is none) makes of it."""


def _role(call: Call, old: Obj | None, obj: Obj) -> Obj:
    check_role(call, obj, old)
    return obj


def _binding(call: Call, old: Obj | None, obj: Obj) -> Obj:
    check_binding(call, obj, old)
    return obj


def _service(call: Call, old: Obj | None, obj: Obj) -> Obj:
    return with_addresses(call.cluster.store, call.cluster.rng, obj, old)


def _definition(call: Call, old: Obj | None, obj: Obj) -> Obj:
    said = "x-kubernetes-validations are not evaluated by this simulated server"
    call.warnings.extend(f"{path}: {said}" for path in unevaluated(obj))
    return crd.complete(obj)


def _pod(call: Call, old: Obj | None, obj: Obj) -> Obj:
    store = call.cluster.store
    return with_priority(store, with_service_account(store, call.cluster.rng, with_limits(store, obj)))


def _claim(call: Call, old: Obj | None, obj: Obj) -> Obj:
    check_claim(call.cluster.store, obj)
    return obj


def _namespace(call: Call, old: Obj | None, obj: Obj) -> Obj:
    return complete_namespace(obj)


_RBAC = "rbac.authorization.k8s.io"

_ALWAYS: dict[tuple[str, str], Effect] = {
    ("", "services"): _service,
    ("apiextensions.k8s.io", "customresourcedefinitions"): _definition,
    (_RBAC, "clusterroles"): _role,
    (_RBAC, "roles"): _role,
    (_RBAC, "clusterrolebindings"): _binding,
    (_RBAC, "rolebindings"): _binding,
}
_ON_CREATE: dict[tuple[str, str], Effect] = {
    ("", "namespaces"): _namespace,
    ("", "persistentvolumeclaims"): _claim,
    ("", "pods"): _pod,
}
