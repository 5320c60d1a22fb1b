"""The garbage collector: deletes what its owners leave behind, as the propagation policy says.

pkg/controller/garbagecollector: an object all of whose owners are gone is deleted; "foregroundDeletion" waits for
the dependents that block, "orphan" takes the owner out of their references first. An index by owner, kept up by the
store's changes, makes a tick cost what has changed and not what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui.sim.kube.deletion import FOREGROUND, ORPHAN, DeleteOptions, delete_object
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.objects import (
    finalizers_of,
    is_terminating,
    name_of,
    namespace_of,
    owners_of,
    text,
    uid_of,
    with_metadata,
)
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage, Store

Reference = tuple[Storage, str, str]
"""(storage, namespace, name) of an object."""

_BACKGROUND = DeleteOptions(propagation="Background")


class GarbageCollector:
    def __init__(self, store: Store, registry: Registry, now: Callable[[], float]) -> None:
        self._store = store
        self._registry = registry
        self._now = now
        self._living: set[str] = set()
        self._dependents: dict[str, set[Reference]] = {}
        self._suspects: set[Reference] = set()
        self._finalizing: set[Reference] = set()
        store.subscribe(self._note)

    def collect(self) -> int:
        """Work off everything that can be decided now; how many objects that changed or deleted."""
        touched = 0
        while self._suspects:
            touched += self._judge(self._suspects.pop())
        for reference in tuple(self._finalizing):
            touched += self._finalize(reference)
        return touched

    def _note(self, record: WatchRecord) -> None:
        obj, uid = record.obj, uid_of(record.obj)
        reference = (record.storage, namespace_of(obj), name_of(obj))
        if record.change == "DELETED":
            self._living.discard(uid)
            self._unlink(record.old or obj, reference)
            self._suspects |= self._dependents.pop(uid, set())
            self._finalizing.discard(reference)
            return
        self._living.add(uid)
        before = owners_of(record.old) if record.old else []
        if before != owners_of(obj):
            self._relink(before, obj, reference)
        if is_terminating(obj) and _collector_finalizers(obj):
            self._finalizing.add(reference)

    def _relink(self, before: list[Obj], obj: Obj, reference: Reference) -> None:
        for owner in before:
            self._dependents.get(text(owner.get("uid")), set()).discard(reference)
        for owner in owners_of(obj):
            self._dependents.setdefault(text(owner.get("uid")), set()).add(reference)
        self._suspects.add(reference)

    def _unlink(self, obj: Obj, reference: Reference) -> None:
        for owner in owners_of(obj):
            self._dependents.get(text(owner.get("uid")), set()).discard(reference)

    def _judge(self, reference: Reference) -> int:
        """Delete an object that has owners, none of which is there."""
        found = self._find(reference)
        if found is None:
            return 0
        kind, obj = found
        owners = owners_of(obj)
        if not owners or is_terminating(obj) or any(text(owner.get("uid")) in self._living for owner in owners):
            return 0
        delete_object(self._store, kind, obj, _BACKGROUND, self._now())
        return 1

    def _finalize(self, reference: Reference) -> int:
        found = self._find(reference)
        if found is None or not is_terminating(found[1]):
            self._finalizing.discard(reference)
            return 0
        kind, owner = found
        finalizers = finalizers_of(owner)
        if ORPHAN in finalizers:
            touched = self._orphan(owner)
            self._drop(kind, owner, ORPHAN)
            return touched + 1
        if FOREGROUND not in finalizers:
            self._finalizing.discard(reference)
            return 0
        touched, blocked = self._delete_dependents(owner)
        if not blocked:
            self._drop(kind, owner, FOREGROUND)
            return touched + 1
        return touched

    def _orphan(self, owner: Obj) -> int:
        touched = 0
        for kind, dependent in self._found(self._dependents.get(uid_of(owner), ())):
            kept = [ref for ref in owners_of(dependent) if ref.get("uid") != uid_of(owner)]
            self._store.update(kind, with_metadata(dependent, {"ownerReferences": kept or None}))
            touched += 1
        return touched

    def _delete_dependents(self, owner: Obj) -> tuple[int, bool]:
        """(how many deletions it began, whether any dependent still blocks)."""
        touched, blocked = 0, False
        options = DeleteOptions(propagation="Foreground")
        for kind, dependent in self._found(self._dependents.get(uid_of(owner), ())):
            if not is_terminating(dependent) and not self._has_other_owner(dependent, owner):
                delete_object(self._store, kind, dependent, options, self._now())
                touched += 1
            still_there = self._store.get(kind, namespace_of(dependent), name_of(dependent)) is not None
            blocked = blocked or (still_there and _blocks(dependent, owner))
        return touched, blocked

    def _has_other_owner(self, dependent: Obj, owner: Obj) -> bool:
        others = (text(ref.get("uid")) for ref in owners_of(dependent))
        return any(uid != uid_of(owner) and uid in self._living for uid in others)

    def _drop(self, kind: Kind, owner: Obj, finalizer: str) -> None:
        kept = [other for other in finalizers_of(owner) if other != finalizer]
        self._store.update(kind, with_metadata(owner, {"finalizers": kept or None}))

    def _found(self, references: Iterable[Reference]) -> list[tuple[Kind, Obj]]:
        found = (self._find(reference) for reference in sorted(references))
        return [pair for pair in found if pair is not None]

    def _find(self, reference: Reference) -> tuple[Kind, Obj] | None:
        storage, namespace, name = reference
        kind = self._registry.by_storage(*storage)
        obj = self._store.get(kind, namespace, name) if kind else None
        return (kind, obj) if kind and obj else None


def _collector_finalizers(obj: Obj) -> bool:
    finalizers = finalizers_of(obj)
    return ORPHAN in finalizers or FOREGROUND in finalizers


def _blocks(dependent: Obj, owner: Obj) -> bool:
    return any(ref.get("uid") == uid_of(owner) and ref.get("blockOwnerDeletion") for ref in owners_of(dependent))
