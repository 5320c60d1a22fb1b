"""SCALE: the number of replicas, through the scale sub-resource, which every kind that can be scaled has."""

from __future__ import annotations

from collections.abc import Sequence

from tui.changes.drafts import Args, Draft, json_patch, undo_by
from tui.errors import UsageError
from tui.model.bodies import obj, text
from tui.model.changes import Action, Wish
from tui.model.objects import Body, ObjectRef

SUBRESOURCE = "scale"
MOST = 2**31 - 1


def replicas_of(args: Args) -> int:
    """Raises UsageError."""
    given = args.get("replicas", "").strip()
    if not given.isascii() or not given.isdigit() or int(given) > MOST:
        raise UsageError(f"replicas: expected a whole number from 0, not {given[:40]!r}")
    return int(given)


def check(args: Args) -> None:
    replicas_of(args)


def draft(ref: ObjectRef, scale: Body, args: Args, autoscalers: Sequence[Body] | None = ()) -> Draft:
    """scale: the object's scale sub-resource as it is. autoscalers: the HorizontalPodAutoscalers of its namespace, None
    where they cannot be seen."""
    wanted = replicas_of(args)
    now = obj(scale, "spec").get("replicas", 0)  # left out where it is 0
    if now == wanted:
        return Draft(ref, f"replicas {now}, as wished", None, scale)
    seen: list[Body] = [{"op": "test", "path": "/spec/replicas", "value": now}] if now else []  # 0 is left out
    write = json_patch(ref, scale, [*seen, {"op": "add", "path": "/spec/replicas", "value": wanted}], SUBRESOURCE)
    undo = undo_by(Wish(Action.SCALE, (ref,), {"replicas": str(now)}))
    warnings = [*(["no replica will be left"] if wanted == 0 else []), *_owners(ref, wanted, autoscalers)]
    return Draft(ref, f"replicas {now} → {wanted}", write, scale, undo=undo, warnings=tuple(warnings), guarded=True)


def _owners(ref: ObjectRef, wanted: int, autoscalers: Sequence[Body] | None) -> list[str]:
    """What is to be said of those that set the replicas themselves. An autoscaler leaves its target alone while there
    are no replicas (pkg/controller/podautoscaler)."""
    if autoscalers is None:
        return ["it cannot be seen whether an autoscaler sets the replicas, and would change them again"]
    said: list[str] = []
    for body in autoscalers:
        target = obj(body, "spec", "scaleTargetRef")
        group = text(target, "apiVersion").rpartition("/")[0]
        if (group, text(target, "kind"), text(target, "name")) != (ref.kind.group, ref.kind.kind, ref.name):
            continue
        least, most = text(body, "spec", "minReplicas") or "1", text(body, "spec", "maxReplicas")
        title = f"the autoscaler {text(body, 'metadata', 'name')} ({least} to {most})"
        will = "does nothing while there are none" if wanted == 0 else "will change them again"
        said.append(f"{title} sets the replicas, and {will}")
    return said
