"""May a pod be evicted: the PodDisruptionBudgets that cover it (pkg/registry/core/pod/storage/eviction.go)."""

from __future__ import annotations

from tui.sim.kube.kinds import builtin
from tui.sim.kube.objects import labels_of, mapping, name_of, namespace_of, nested, number
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.store import Store

_BUDGETS = builtin("policy", "poddisruptionbudgets")
_DONE = ("Succeeded", "Failed", "Pending")


def check_disruption(store: Store, pod: Obj, *, dry_run: bool) -> None:
    """Count the disruption against the pod's budget. Raises ApiError 429 where none is left, 500 for two budgets."""
    if nested(pod, ("status", "phase")) in _DONE:
        return
    budgets = [budget for budget in store.list(_BUDGETS, namespace_of(pod)) if _covers(budget, pod)]
    if len(budgets) > 1:
        message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        raise ApiError(500, "InternalError", f"Internal error occurred: {message}")
    for budget in budgets:
        _spend(store, budget, dry_run=dry_run)


def _covers(budget: Obj, pod: Obj) -> bool:
    selector = nested(budget, ("spec", "selector"))
    return selector is not None and object_selector(selector).matches(labels_of(pod))


def _spend(store: Store, budget: Obj, *, dry_run: bool) -> None:
    status = mapping(budget.get("status"))
    left = number(status.get("disruptionsAllowed"))
    if left < 1:
        needed, healthy = number(status.get("desiredHealthy")), number(status.get("currentHealthy"))
        why = f"The disruption budget {name_of(budget)} needs {needed} healthy pods and has {healthy} currently"
        raise ApiError(
            429,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.",
            {"causes": [{"reason": "DisruptionBudget", "message": why}]},
        )
    if not dry_run:
        store.update(_BUDGETS, {**budget, "status": {**status, "disruptionsAllowed": left - 1}}, status_only=True)
