"""Who belongs to whom: the objects that name an owner, found by the owner's uid without reading everything.

Every controller asks for "the pods of this ReplicaSet", the garbage collector for "whatever hangs on this". One
index, kept up by following the store, answers both.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.history import WatchRecord
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import owners_of, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage, Store

_Place = tuple[Storage, str, str]


class Owners:
    """Dependents by owner uid. Made before any controller, so that it has seen each change before they hear of it."""

    def __init__(self, store: Store) -> None:
        self._dependents: dict[str, dict[_Place, Obj]] = {}
        store.subscribe(self._changed)

    def dependents(self, uid: str) -> list[tuple[Storage, Obj]]:
        """Everything that names `uid` as an owner, by place."""
        found = self._dependents.get(uid, {})
        return [(place[0], found[place]) for place in sorted(found)]

    def children(self, owner: Obj, kind: Kind) -> list[Obj]:
        """The objects of a kind that `owner` controls, by name."""
        uid = owner["metadata"]["uid"]
        found = self._dependents.get(uid, {})
        mine = [(place, obj) for place, obj in found.items() if place[0] == kind.storage]
        return [obj for _, obj in sorted(mine, key=lambda one: one[0]) if controller_uid(obj) == uid]

    def _changed(self, record: WatchRecord) -> None:
        before = owners_of(record.old) if record.old is not None else ()
        after = owners_of(record.obj) if record.change != "DELETED" else ()
        if not before and not after:
            return
        metadata = record.obj["metadata"]
        place = (record.storage, metadata.get("namespace", ""), metadata["name"])
        kept = {text(owner.get("uid")) for owner in after}
        for uid in {text(owner.get("uid")) for owner in before} - kept:
            self._forget(uid, place)
        for uid in kept:
            self._dependents.setdefault(uid, {})[place] = record.obj

    def _forget(self, uid: str, place: _Place) -> None:
        found = self._dependents.get(uid)
        if found is not None:
            found.pop(place, None)
            if not found:
                del self._dependents[uid]


def controller_of(obj: Obj) -> Obj | None:
    """The owner reference of the one controller an object may have."""
    return next((owner for owner in owners_of(obj) if owner.get("controller")), None)


def controller_uid(obj: Obj) -> str:
    owner = controller_of(obj)
    return text(owner.get("uid")) if owner else ""


def reference(kind: Kind, owner: Obj) -> Obj:
    """The ownerReference a controller writes into what it makes."""
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def owned_by(kind: Kind, record: WatchRecord) -> Iterator[tuple[str, str]]:
    """The interest of a controller in what its objects own: the key of the owner, before and after the change."""
    seen: set[str] = set()
    for obj in (record.obj, record.old):
        owner = controller_of(obj) if obj is not None else None
        if owner is not None and owner.get("kind") == kind.kind and owner["name"] not in seen:
            seen.add(owner["name"])
            yield record.obj["metadata"].get("namespace", ""), owner["name"]
