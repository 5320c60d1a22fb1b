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
_SPENT = frozenset(
    {
        "pods",
        "nodes",
        "namespaces",
        "persistentvolumes",
        "persistentvolumeclaims",
        "customresourcedefinitions.apiextensions.k8s.io",
        "events",
        "leases.coordination.k8s.io",
    }
)
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
    return Draft(ref, summary, write, live, removes=True, undo=_undo(ref, live), warnings=_warnings(ref, live, args))


def _warnings(ref: ObjectRef, live: Body, args: Args) -> tuple[str, ...]:
    lost = (losses,) if (losses := _losses(ref, live)) else ()
    held = [one[:200] for one in texts(live, "metadata", "finalizers")]
    waits = (f"finalizers hold it until their controllers let go: {', '.join(held)}",) if held else ()
    forced = ("grace 0 does not wait for its processes to end",) if grace_of(args) == 0 else ()
    return lost + waits + forced


def _losses(ref: ObjectRef, live: Body) -> str:
    """What goes with the object and no manifest brings back; "" where nothing does."""
    match ref.kind.qualified:
        case "namespaces":
            return f"every object in namespace {ref.name} is deleted with it, and so may be the data of its volumes"
        case "customresourcedefinitions.apiextensions.k8s.io":
            kind = text(live, "spec", "names", "kind")[:100] or ref.name
            where = " in all namespaces" if text(live, "spec", "scope") == "Namespaced" else ""
            return f"every {kind}{where} is deleted with it"
        case "persistentvolumeclaims":
            volume = text(live, "spec", "volumeName")[:260]
            if not volume:
                return ""
            return f"its data is deleted with it where the reclaim policy of volume {volume} is Delete"
        case "persistentvolumes":
            return _volume_losses(live)
        case _:
            return ""


def _volume_losses(live: Body) -> str:
    policy = text(live, "spec", "persistentVolumeReclaimPolicy")[:40] or "Retain"
    claim = "/".join(text(live, "spec", "claimRef", part)[:260] for part in ("namespace", "name"))
    bound = f"; claim {claim} loses its volume" if claim != "/" else ""
    kept = "its data stays in the storage, and no claim finds it" if policy == "Retain" else "its data may go with it"
    return f"reclaim policy {policy}: {kept}{bound}"


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
