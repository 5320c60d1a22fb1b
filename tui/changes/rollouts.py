"""RESTART, PAUSE and RESUME of what rolls out pods, as `kubectl rollout` does them."""

from __future__ import annotations

from datetime import UTC, datetime

from tui.changes.drafts import Draft, merge, refuse, undo_by
from tui.model.bodies import obj
from tui.model.changes import Action, Wish
from tui.model.objects import Body, ObjectRef

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
ROLLED_OUT = frozenset({"deployments.apps", "daemonsets.apps", "statefulsets.apps"})


def restart(ref: ObjectRef, live: Body, now: float) -> Draft:
    """now: seconds since the epoch."""
    if ref.kind.qualified not in ROLLED_OUT:
        raise refuse(f"{ref.kind.plural} cannot be restarted: only deployments, daemon sets and stateful sets can")
    if obj(live, "spec").get("paused") is True:
        raise refuse("its rollout is paused: resume it first")
    stamp = datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    change = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: stamp}}}}}
    warnings = _on_delete(live)
    return Draft(ref, "restart, pod after pod", merge(ref, live, change), live, warnings=warnings)


def _on_delete(live: Body) -> tuple[str, ...]:
    if obj(live, "spec", "updateStrategy").get("type") == "OnDelete":
        return ("its update strategy is OnDelete: each pod is made anew only when it is deleted",)
    return ()


def pause(action: Action, ref: ObjectRef, live: Body) -> Draft:
    """PAUSE or RESUME."""
    if ref.kind.qualified != "deployments.apps":
        raise refuse(f"{ref.kind.plural} cannot be paused: only deployments can")
    wanted = action is Action.PAUSE
    if bool(obj(live, "spec").get("paused")) is wanted:
        return Draft(ref, "paused already" if wanted else "not paused", None, live)
    back = Action.RESUME if wanted else Action.PAUSE
    write = merge(ref, live, {"spec": {"paused": True if wanted else None}})
    return Draft(ref, f"{action.value} its rollout", write, live, undo=undo_by(Wish(back, (ref,))))
