"""DELETE, and RECREATE, which is what undoing it comes to: another object with the same manifest."""

from __future__ import annotations

from tui.changes.drafts import Args, Draft, Undo, collection_of, path_of
from tui.changes.trimming import reborn
from tui.changes.yamltext import dump, parse_object
from tui.errors import UsageError
from tui.model.bodies import items, text, texts
from tui.model.changes import Action, Wish
from tui.model.objects import Body, ObjectRef
from tui.model.writes import Write

PROPAGATION = {"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}
_SPENT = frozenset({"pods", "nodes", "namespaces", "persistentvolumes", "events", "leases.coordination.k8s.io"})
"""Kinds of which a new one with the old manifest is not what was: what ran, was stored or was inside is gone."""


def options_of(args: Args) -> Body:
    """Of DeleteOptions. Raises UsageError."""
    policy = args.get("propagation", "") or "background"
    if policy not in PROPAGATION:
        raise UsageError(f"propagation: expected {', '.join(PROPAGATION)}, not {policy[:40]!r}")
    grace = grace_of(args)
    return {"propagationPolicy": PROPAGATION[policy], **({} if grace is None else {"gracePeriodSeconds": grace})}


def grace_of(args: Args) -> int | None:
    """Seconds; None = the object's own. Raises UsageError."""
    given = args.get("grace", "").strip()
    if not given:
        return None
    if not given.isascii() or not given.isdigit():
        raise UsageError(f"grace: expected seconds, not {given[:40]!r}")
    return int(given)


def check(args: Args) -> None:
    options_of(args)


def draft(ref: ObjectRef, live: Body, args: Args) -> Draft:
    options = {**options_of(args), "preconditions": {"uid": text(live, "metadata", "uid")}}
    write = Write("DELETE", path_of(ref), options)
    already = text(live, "metadata", "deletionTimestamp")
    how = f", {policy}" if (policy := args.get("propagation", "")) not in ("", "background") else ""
    summary = f"delete{how}" if not already else f"delete{how}; it is being deleted since {already}"
    return Draft(ref, summary, write, live, removes=True, undo=_undo(ref, live), warnings=_warnings(live, args))


def _warnings(live: Body, args: Args) -> tuple[str, ...]:
    held = [one[:200] for one in texts(live, "metadata", "finalizers")]
    waits = (f"finalizers hold it until their controllers let go: {', '.join(held)}",) if held else ()
    forced = ("grace 0 does not wait for its processes to end",) if grace_of(args) == 0 else ()
    return waits + forced


def _undo(ref: ObjectRef, live: Body) -> Undo | None:
    """None for what cannot be brought back, and for what its owner makes anew by itself."""
    controlled = any(one.get("controller") is True for one in items(live, "metadata", "ownerReferences"))
    if ref.kind.qualified in _SPENT or controlled:
        return None
    return lambda answer: Wish(Action.RECREATE, (_nobody(ref),), {"manifest": dump(reborn(live))})


def _nobody(ref: ObjectRef) -> ObjectRef:
    return ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name)


def check_recreate(args: Args) -> None:
    parse_object(args.get("manifest", ""))


def recreate(ref: ObjectRef, args: Args) -> Draft:
    body = parse_object(args.get("manifest", ""))
    write = Write("POST", collection_of(ref), body)

    def undo(answer: Body) -> Wish | None:
        uid = text(answer, "metadata", "uid")
        return Wish(Action.DELETE, (ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name, uid),))

    warnings = ("it will be a new object: its uid, status and history are not those of the one that was deleted",)
    return Draft(ref, "create anew", write, None, undo=undo, warnings=warnings)
