"""CORDON, UNCORDON and DRAIN: which pods a drain takes and which it leaves, by kubectl's rules
(k8s.io/kubectl/pkg/drain, filters.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.changes.deleting import grace_of
from tui.changes.drafts import Args, Draft, Eviction, merge, refuse, undo_by
from tui.errors import UsageError
from tui.model.bodies import items, obj, text
from tui.model.changes import Action, Wish
from tui.model.objects import Body, ObjectRef
from tui.model.times import LONGEST, duration_seconds
from tui.model.writes import Write

MIRROR = "kubernetes.io/config.mirror"
_NAMED = 5
"""Pods that are named in a refusal."""


PATIENCE = "15m"
"""How long a drain waits for each node, where nobody says how long: a budget may hold a pod for ever."""


def check(args: Args) -> None:
    """Raises UsageError."""
    grace_of(args)
    patience_of(args)


def patience_of(args: Args) -> float:
    """Seconds that the pods of a node may take to go; 0 = as long as it takes. Raises UsageError."""
    given = args.get("timeout", "").strip() or PATIENCE
    seconds = duration_seconds(f"{given}s" if given.isascii() and given.isdigit() else given)
    if seconds is None:
        up_to = f"up to {LONGEST / 86_400:.0f}d"
        raise UsageError(
            f"timeout: expected a duration such as 90s, 5m or 1.5h, {up_to}, or 0: never; not {given[:40]!r}"
        )
    return seconds


def cordon(action: Action, ref: ObjectRef, live: Body) -> Draft:
    """CORDON or UNCORDON."""
    if ref.kind.qualified != "nodes":
        raise refuse(f"{ref.kind.plural} cannot be cordoned: only nodes can")
    wanted = action is Action.CORDON
    if bool(obj(live, "spec").get("unschedulable")) is wanted:
        return Draft(ref, "cordoned already" if wanted else "not cordoned", None, live)
    back = Action.UNCORDON if wanted else Action.CORDON
    said = "no new pods" if wanted else "takes new pods again"
    return Draft(ref, said, _unschedulable(ref, live, wanted), live, undo=undo_by(Wish(back, (ref,))))


def _unschedulable(ref: ObjectRef, live: Body, wanted: bool) -> Write:
    return merge(ref, live, {"spec": {"unschedulable": True if wanted else None}})


def owner_sets(pods: Sequence[Body]) -> set[tuple[str, str]]:
    """(namespace, name) of the DaemonSets that these pods say they belong to."""
    return {
        (text(pod, "metadata", "namespace"), text(owner, "name"))
        for pod in pods
        if text(owner := _controller(pod), "kind") == "DaemonSet"
    }


def drain(
    ref: ObjectRef, live: Body, pods: Sequence[Body], daemon_sets: Mapping[tuple[str, str], bool], args: Args
) -> Draft:
    """pods: all of the node. daemon_sets: whether each of `owner_sets` is there.

    Raises SourceError where pods would be lost for good and the arguments do not say that they may be.
    """
    if ref.kind.qualified != "nodes":
        raise refuse(f"{ref.kind.plural} cannot be drained: only nodes can")
    taken: list[Body] = []
    left = 0
    troubles: dict[str, list[str]] = {}
    warnings: dict[str, list[str]] = {}
    for pod in pods:
        verdict, trouble = _verdict(pod, daemon_sets, args)
        title = f"{text(pod, 'metadata', 'namespace')}/{text(pod, 'metadata', 'name')}"
        if verdict == "leave":
            left += 1
        elif verdict == "refuse":
            troubles.setdefault(trouble, []).append(title)
        else:
            taken.append(pod)
            if trouble:
                warnings.setdefault(trouble, []).append(title)
    if troubles:
        raise refuse("; ".join(_counted(trouble, titles) for trouble, titles in troubles.items()))
    eviction = Eviction(tuple(map(_address, taken)), grace_of(args), left, patience_of(args))
    stay = f", {left} stay" if left else ""
    return Draft(
        ref,
        f"cordon, and evict {len(taken)} pod{'' if len(taken) == 1 else 's'}{stay}",
        _unschedulable(ref, live, True),
        live,
        undo=undo_by(Wish(Action.UNCORDON, (ref,))),
        warnings=tuple(_counted(trouble, titles) for trouble, titles in warnings.items()),
        eviction=eviction,
    )


def _verdict(pod: Body, daemon_sets: Mapping[tuple[str, str], bool], args: Args) -> tuple[str, str]:
    """ "take", "leave" or "refuse", and why one should be warned of it or it is refused."""
    if MIRROR in obj(pod, "metadata", "annotations"):
        return "leave", ""
    finished = text(pod, "status", "phase") in ("Succeeded", "Failed")
    owner = _controller(pod)
    forced = args.get("force") == "true"
    if text(owner, "kind") == "DaemonSet" and not finished:
        if daemon_sets.get((text(pod, "metadata", "namespace"), text(owner, "name")), True):
            return "leave", ""
        trouble = "of a daemon set that is gone: nobody will make them anew"
        return ("take", trouble) if forced else ("refuse", f"{trouble} (force deletes them)")
    if not owner and not finished:
        trouble = "without an owner: nobody will make them anew"
        return ("take", trouble) if forced else ("refuse", f"{trouble} (force deletes them)")
    if _has_scratch(pod) and not finished:
        trouble = "with data in an emptyDir, which is lost"
        allowed = args.get("delete-emptydir-data") == "true"
        return ("take", trouble) if allowed else ("refuse", f"{trouble} (delete-emptydir-data allows it)")
    return "take", ""


def _controller(pod: Body) -> Body:
    owners = items(pod, "metadata", "ownerReferences")
    found: Body = next((owner for owner in owners if owner.get("controller") is True), Body())
    return found


def _has_scratch(pod: Body) -> bool:
    return any("emptyDir" in volume for volume in items(pod, "spec", "volumes"))


def _address(pod: Body) -> tuple[str, str, str]:
    return (text(pod, "metadata", "namespace"), text(pod, "metadata", "name"), text(pod, "metadata", "uid"))


def _counted(trouble: str, titles: Sequence[str]) -> str:
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    return f"{len(titles)} pod{'' if len(titles) == 1 else 's'} {trouble}: {', '.join(titles[:_NAMED])}{more}"
