"""SCALE: the number of replicas, through the scale sub-resource, which every kind that can be scaled has."""

from __future__ import annotations

from tui.changes.drafts import Args, Draft, json_patch, undo_by
from tui.errors import UsageError
from tui.model.bodies import obj
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


def draft(ref: ObjectRef, scale: Body, args: Args) -> Draft:
    """scale: the object's scale sub-resource as it is."""
    wanted = replicas_of(args)
    now = obj(scale, "spec").get("replicas", 0)  # left out where it is 0
    if now == wanted:
        return Draft(ref, f"replicas {now}, as wished", None, scale)
    write = json_patch(ref, scale, [{"op": "add", "path": "/spec/replicas", "value": wanted}], SUBRESOURCE)
    undo = undo_by(Wish(Action.SCALE, (ref,), {"replicas": str(now)}))
    warnings = ("no replica will be left",) if wanted == 0 else ()
    return Draft(ref, f"replicas {now} → {wanted}", write, scale, undo=undo, warnings=warnings, guarded=True)
