"""Every object of one cluster, with resourceVersions, change history and consistent snapshots: the part etcd and
the watch cache play for a real API server.

Rules, from the real one: a single version counter for all kinds; a write that changes nothing keeps the version; a
deleted object's last event carries the version of the deletion; an object whose deletion waits for finalizers is
gone with the last of them. Stored objects are shared by everyone and never changed in place.
"""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tui.sim.kube.bucket import Bucket, Snapshot
from tui.sim.kube.generation import first_generation, next_generation
from tui.sim.kube.history import Change, Cursor, History, WatchRecord
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import (
    finalizers_of,
    items,
    metadata_of,
    name_of,
    namespace_of,
    nested,
    object_key,
    random_letters,
    resource_version,
    text,
    timestamp,
    with_metadata,
)
from tui.sim.kube.pages import Pages
from tui.sim.kube.refusals import already_exists, conflict, not_found
from tui.sim.kube.status import Obj

Storage = tuple[str, str]

HISTORY = 10_000
"""Changes kept per storage before the oldest are dropped (and watches from before them answered 410)."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One storage: what there is, and what happened to it."""

    objects: Bucket
    history: History


class Store:
    """now: wall-clock seconds. rng: where uids and generated names come from, for repeatable runs."""

    def __init__(self, now: Callable[[], float], rng: random.Random, history: int = HISTORY) -> None:
        self._now = now
        self._rng = rng
        self._limit = history
        self._version = 1
        self._shelves: dict[Storage, Shelf] = {}
        self._subscribers: list[Callable[[WatchRecord], None]] = []
        self._undelivered: deque[WatchRecord] = deque()
        self._delivering = False
        self.pages = Pages(now)

    @property
    def version(self) -> int:
        """The newest resourceVersion of the cluster."""
        return self._version

    # reading

    def get(self, kind: Kind, namespace: str, name: str) -> Obj | None:
        return self._shelf(kind.storage).objects.get(object_key(namespace, name))

    def list(self, kind: Kind, namespace: str = "") -> list[Obj]:
        """In key order; namespace "" = all."""
        return self._shelf(kind.storage).objects.objects(namespace)

    def count(self, kind: Kind) -> int:
        return len(self._shelf(kind.storage).objects)

    def snapshot(self, kind: Kind) -> Snapshot:
        """All objects of a kind at the newest version."""
        return self._shelf(kind.storage).objects.snapshot(self._version, self._now())

    def at(self, kind: Kind, version: int) -> Snapshot | None:
        """All objects of a kind as they were at an earlier version; None where its history is gone."""
        undone = self._shelf(kind.storage).history.since(version)
        if undone is None:
            return None
        current = self.snapshot(kind)
        objects = dict(zip(current.keys, current.objects, strict=True))
        for record in reversed(undone):
            key = _key(kind, record.obj)
            if record.old is None:
                objects.pop(key, None)
            else:
                objects[key] = record.old
        keys = tuple(sorted(objects))
        return Snapshot(version, self._now(), keys, tuple(objects[key] for key in keys))

    # writing

    def create(self, kind: Kind, obj: Obj) -> Obj:
        """Store a new object; uid, creationTimestamp and generation are made where it has none.

        Raises ApiError 409 where the name is taken.
        """
        prepared = self.prepare(kind, obj)
        key = _key(kind, prepared)
        if self._shelf(kind.storage).objects.get(key) is not None:
            raise already_exists(kind, name_of(prepared))
        return self._put(kind, "ADDED", key, prepared, None)

    def prepare(self, kind: Kind, obj: Obj) -> Obj:
        """What `create` would store, without a resourceVersion: the answer to a dry run."""
        metadata = metadata_of(obj)
        name = text(metadata.get("name")) or text(metadata.get("generateName")) + random_letters(self._rng, 5)
        made: Obj = {
            "name": name,
            "uid": metadata.get("uid") or str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            "creationTimestamp": metadata.get("creationTimestamp") or timestamp(self._now()),
            "generation": metadata.get("generation") or first_generation(kind),
            "namespace": (metadata.get("namespace") or None) if kind.namespaced else None,
            "resourceVersion": None,
        }
        typed = {"kind": kind.kind, "apiVersion": obj.get("apiVersion") or kind.api_version}
        return with_metadata({**typed, **obj}, made)

    def update(self, kind: Kind, obj: Obj, *, expect_version: str | None = None, status_only: bool = False) -> Obj:
        """Replace an object by another of the same name.

        expect_version: the resourceVersion it must still have ("" or None = any). status_only: take nothing but
        `status` from `obj`. Generation rises only when the desired state changes; a write that changes nothing is
        none. Raises ApiError 404 and 409.
        """
        key = _key(kind, obj)
        live = self._shelf(kind.storage).objects.get(key)
        if live is None:
            raise not_found(kind, name_of(obj))
        if expect_version and expect_version != resource_version(live):
            raise conflict(kind, name_of(obj))
        new = self.revise(kind, live, {**live, "status": obj.get("status") or {}} if status_only else obj)
        if new == live:
            return live
        if is_finished(new):
            return self._erase(kind, key, new)
        return self._put(kind, "MODIFIED", key, new, live)

    def revise(self, kind: Kind, live: Obj, obj: Obj) -> Obj:
        """What `update` would store, with the version it has now: the answer to a dry run."""
        before = metadata_of(live)
        kept = {field: before.get(field) for field in ("uid", "creationTimestamp", "resourceVersion")}
        if before.get("deletionTimestamp") and not metadata_of(obj).get("deletionTimestamp"):
            kept["deletionTimestamp"] = before["deletionTimestamp"]
            kept["deletionGracePeriodSeconds"] = before.get("deletionGracePeriodSeconds")
        kept["generation"] = next_generation(kind, live, obj)
        return with_metadata(obj, kept)

    def remove(self, kind: Kind, namespace: str, name: str) -> Obj:
        """Take an object away at once, whatever its finalizers; its last state. Raises ApiError 404."""
        key = object_key(namespace, name)
        live = self._shelf(kind.storage).objects.get(key)
        if live is None:
            raise not_found(kind, name)
        return self._erase(kind, key, live)

    # following

    def subscribe(self, callback: Callable[[WatchRecord], None]) -> Callable[[], None]:
        """Call back with every change, in order, before the write that made it returns. Returns how to stop."""
        self._subscribers.append(callback)

        def stop() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return stop

    def watch(self, kind: Kind, version: int) -> Cursor:
        """A cursor over the changes after `version`. Raises ApiError 410 where they are gone."""
        return self._shelf(kind.storage).history.cursor(version)

    def compact(self) -> None:
        """Forget all history, as etcd does every five minutes: old watches and continue tokens become 410."""
        self.pages.clear()
        for shelf in self._shelves.values():
            shelf.history.compact(self._version)

    def close_watches(self) -> None:
        """End every open watch."""
        for shelf in self._shelves.values():
            shelf.history.close()

    def _put(self, kind: Kind, change: Change, key: str, obj: Obj, old: Obj | None) -> Obj:
        self._version += 1
        stored = with_metadata(obj, {"resourceVersion": str(self._version)})
        self._shelf(kind.storage).objects.put(key, stored)
        self._deliver(WatchRecord(self._version, change, kind.storage, stored, old))
        return stored

    def _erase(self, kind: Kind, key: str, last: Obj) -> Obj:
        self._version += 1
        gone = with_metadata(last, {"resourceVersion": str(self._version)})
        old = self._shelf(kind.storage).objects.pop(key)
        self._deliver(WatchRecord(self._version, "DELETED", kind.storage, gone, old))
        return gone

    def _deliver(self, record: WatchRecord) -> None:
        """Subscribers may write in their turn; everyone still sees every change in the order of its version."""
        self._shelf(record.storage).history.append(record)
        self._undelivered.append(record)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._undelivered:
                due = self._undelivered.popleft()
                for callback in tuple(self._subscribers):
                    callback(due)
        finally:
            self._delivering = False

    def _shelf(self, storage: Storage) -> Shelf:
        found = self._shelves.get(storage)
        if found is None:
            found = self._shelves[storage] = Shelf(Bucket(), History(self._limit))
        return found


def is_finished(obj: Obj) -> bool:
    """Nothing holds back the deletion any more: asked for, no grace left, no finalizers of either sort."""
    metadata = metadata_of(obj)
    waits = finalizers_of(obj)
    if obj.get("kind") == "Namespace":  # drained by a controller, which then takes "kubernetes" off through finalize
        waits = waits or items(nested(obj, ("spec", "finalizers")))
    return bool(metadata.get("deletionTimestamp")) and not metadata.get("deletionGracePeriodSeconds") and not waits


def _key(kind: Kind, obj: Obj) -> str:
    return object_key(namespace_of(obj) if kind.namespaced else "", name_of(obj))
