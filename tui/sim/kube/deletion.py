"""Deletion of one object: grace, finalizers, propagation, preconditions.

The rules are k8s.io/apiserver pkg/registry/rest/delete.go and pkg/registry/generic/registry/store.go: an object with
grace or finalizers left is marked and stays; whoever holds it back (kubelet, garbage collector, namespace
controller, an operator) takes it further.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui.sim.kube.fielderrors import unsupported
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import (
    finalizers_of,
    mapping,
    metadata_of,
    name_of,
    namespace_of,
    nested,
    number,
    parse_timestamp,
    resource_version,
    text,
    timestamp,
    uid_of,
    with_metadata,
)
from tui.sim.kube.refusals import conflict, invalid_options
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store, is_finished

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
"""Finalizers of the garbage collector, by which a propagation policy is carried out."""

_FINALIZER = {"Orphan": ORPHAN, "Foreground": FOREGROUND}
_ORPHANS_BY_DEFAULT = frozenset({("batch", "jobs"), ("", "replicationcontrollers")})
_POD_GRACE = 30  # seconds: terminationGracePeriodSeconds of a pod that does not say


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """propagation: "", Orphan, Background or Foreground. grace: seconds, None = the kind's own. uid, version:
    preconditions, "" = none."""

    propagation: str = ""
    grace: int | None = None
    uid: str = ""
    version: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Deletion:
    """obj: the object as it is now, or was at last. gone: it is not there any more."""

    obj: Obj
    gone: bool


def delete_object(store: Store, kind: Kind, live: Obj, options: DeleteOptions, now: float) -> Deletion:
    """Begin (or hasten) the deletion of an object. now: seconds since the epoch. Raises ApiError 409."""
    _check_preconditions(kind, live, options)
    marked = _marked(kind, live, options, now)
    gone = is_finished(marked)
    if options.dry_run:
        return Deletion(marked, gone)
    if marked == live:
        return Deletion(live, False)
    if gone and marked is not live and metadata_of(live).get("deletionTimestamp") is None:
        # Never seen as terminating: it goes from being there to not being there.
        return Deletion(store.remove(kind, namespace_of(live), name_of(live)), True)
    return Deletion(store.update(kind, marked), gone)


def _marked(kind: Kind, live: Obj, options: DeleteOptions, now: float) -> Obj:
    """The object with its deletion asked for."""
    metadata = metadata_of(live)
    grace = _grace(kind, live, options)
    changes: Obj = {"finalizers": _finalizers(kind, live, options) or None}
    asked = parse_timestamp(text(metadata.get("deletionTimestamp")))
    if asked is None:
        changes |= {"deletionTimestamp": timestamp(now + grace), "deletionGracePeriodSeconds": grace}
        if kind.storage == ("", "namespaces"):
            changes["deletionGracePeriodSeconds"] = None  # its registry marks it by itself, and knows no grace
        generation = number(metadata.get("generation"))
        changes["generation"] = generation + 1 if generation else None
    elif grace < number(metadata.get("deletionGracePeriodSeconds")):
        began = asked - number(metadata.get("deletionGracePeriodSeconds"))
        changes |= {"deletionTimestamp": timestamp(began + grace), "deletionGracePeriodSeconds": grace}
    marked = with_metadata(live, changes)
    if kind.storage == ("", "namespaces"):
        return {**marked, "status": {**mapping(marked.get("status")), "phase": "Terminating"}}
    return marked


def _grace(kind: Kind, live: Obj, options: DeleteOptions) -> int:
    """Seconds. Only pods have any; one that never got to a node, or has ended, has nothing to finish."""
    if kind.storage != ("", "pods"):
        return 0
    if options.grace == 0 or not nested(live, ("spec", "nodeName")):
        return 0
    if nested(live, ("status", "phase")) in ("Succeeded", "Failed"):
        return 0
    if options.grace is not None:
        return max(1, options.grace)
    return number(nested(live, ("spec", "terminationGracePeriodSeconds")), _POD_GRACE)


def _finalizers(kind: Kind, live: Obj, options: DeleteOptions) -> list[str]:
    """Those it has, with the one of the propagation policy in place of another policy's."""
    present = finalizers_of(live)
    policy = options.propagation
    if not policy:
        if ORPHAN in present or FOREGROUND in present or kind.storage not in _ORPHANS_BY_DEFAULT:
            return present
        policy = "Orphan"
    kept = [finalizer for finalizer in present if finalizer not in (ORPHAN, FOREGROUND)]
    wanted = _FINALIZER.get(policy)
    return [*kept, wanted] if wanted else kept


def _check_preconditions(kind: Kind, live: Obj, options: DeleteOptions) -> None:
    if options.uid and options.uid != uid_of(live):
        why = f"Precondition failed: UID in precondition: {options.uid}, UID in object meta: {uid_of(live)}"
        raise conflict(kind, name_of(live), why)
    if options.version and options.version != resource_version(live):
        why = (
            f"Precondition failed: ResourceVersion in precondition: {options.version}, ResourceVersion in object "
            f"meta: {resource_version(live)}"
        )
        raise conflict(kind, name_of(live), why)


def check_propagation(policy: str, orphan: object) -> str:
    """The policy of options that name one in either way. Raises ApiError 422."""
    field = "propagationPolicy"
    if policy not in ("", "Orphan", "Background", "Foreground"):
        wrong = unsupported(field, policy, ("Background", "Foreground", "Orphan"))
        raise invalid_options("DeleteOptions", wrong)
    if orphan is None:
        return policy
    if policy:
        said = "Invalid value: orphanDependents and deletionPropagation cannot be both set"
        raise invalid_options("DeleteOptions", ("FieldValueInvalid", said, field))
    return "Orphan" if orphan else "Background"
