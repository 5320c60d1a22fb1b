"""Single objects that somebody has opened: as they are, what happened to them, and what stands around them.

Each is asked for while it is looked at and no longer. What a part could not see is its own problem: a person who may
not list events reads the description all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from tui.data.beside import ask, questions
from tui.data.demand import on_demand
from tui.data.happenings import Happenings, reading_events
from tui.data.onebody import OneBody, reading_one
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.reflector import Watcher
from tui.data.relations.tree import Tree
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.model.cluster import ClusterRef
from tui.model.objects import Beside, Happening, Held, ObjectRef, Related

BESIDE_EVERY = 10.0
"""Seconds between two looks at what stands beside an object that is being read."""

RELATED_EVERY = 60.0
"""Seconds between two growings of the same tree: a dozen requests or two."""


class Objects:
    """Topics of single objects. The same object is the same topic for as long as somebody holds it."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]]) -> None:
        self._runtime = runtime
        self._connect = connect
        self._objects: WeakValueDictionary[ObjectRef, Cell[Held]] = WeakValueDictionary()
        self._beside: WeakValueDictionary[ObjectRef, Cell[Beside]] = WeakValueDictionary()
        self._related: WeakValueDictionary[ObjectRef, Cell[Related]] = WeakValueDictionary()
        self._events: WeakValueDictionary[ObjectRef, Cell[tuple[Happening, ...]]] = WeakValueDictionary()

    def object(self, ref: ObjectRef) -> Cell[Held]:
        """The object as it is."""
        cell = self._objects.get(ref)
        if cell is None:
            cell = self._objects[ref] = on_demand(self._runtime, lambda made: self._watch_object(ref, made))
        return cell

    def events(self, ref: ObjectRef) -> Cell[tuple[Happening, ...]]:
        """What happened to it, newest last."""
        cell = self._events.get(ref)
        if cell is None:
            cell = self._events[ref] = on_demand(self._runtime, lambda made: self._watch_events(ref, made))
        return cell

    def beside(self, ref: ObjectRef) -> Cell[Beside]:
        """What its description needs of other objects."""
        cell = self._beside.get(ref)
        if cell is None:
            cell = self._beside[ref] = on_demand(self._runtime, lambda made: self._poll_beside(ref, made))
        return cell

    def related(self, ref: ObjectRef) -> Cell[Related]:
        """What stands around it, both ways."""
        cell = self._related.get(ref)
        if cell is None:
            cell = self._related[ref] = on_demand(self._runtime, lambda made: self._poll_related(ref, made))
        return cell

    def _poll_related(self, ref: ObjectRef, cell: Cell[Related]) -> Poller[Related]:
        async def fetch() -> Polled[Related]:
            port = await self._connect(ref.cluster)
            body = await port.body(ref.kind, ref.namespace, ref.name)
            found = await Tree(port, ref.cluster, port.discover).grow(body)
            return Polled(found, found.gaps)

        name = f"around {ref.title} of {ref.cluster.name}"
        return Poller(name, cell, fetch, self._runtime, every=RELATED_EVERY, group=ref.cluster.key)

    def _poll_beside(self, ref: ObjectRef, cell: Cell[Beside]) -> Poller[Beside]:
        async def fetch() -> Polled[Beside]:
            port = await self._connect(ref.cluster)
            held = self.object(ref).feed.value
            body = held.body if held is not None else None
            if body is None:
                body = await port.body(ref.kind, ref.namespace, ref.name)
            found = await ask(port, questions(body))
            return Polled(found, found.gaps)

        name = f"beside {ref.title} of {ref.cluster.name}"
        return Poller(name, cell, fetch, self._runtime, every=BESIDE_EVERY, group=ref.cluster.key)

    def _watch_object(self, ref: ObjectRef, cell: Cell[Held]) -> Watcher[Held]:
        return Watcher(
            f"{ref.kind.qualified}/{ref.title} of {ref.cluster.name}",
            cell,
            reading_one(lambda: self._connect(ref.cluster), ref, self._runtime),
            OneBody(),
            self._runtime,
            group=ref.cluster.key,
        )

    def _watch_events(self, ref: ObjectRef, cell: Cell[tuple[Happening, ...]]) -> Watcher[tuple[Happening, ...]]:
        return Watcher(
            f"events of {ref.title} of {ref.cluster.name}",
            cell,
            reading_events(lambda: self._connect(ref.cluster), ref),
            Happenings(ref),
            self._runtime,
            group=ref.cluster.key,
        )
