"""What is known of one object, as it comes: itself, what happened to it, and what stands beside and around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual.widget import Widget
from textual.worker import Worker

from tui.clock import Clock
from tui.model.bodies import uid_of
from tui.model.datalayer import DataLayer
from tui.model.feed import Feed, Topic
from tui.model.objects import Beside, Body, Happening, Held, ObjectRef, Related
from widgets.reading import reading

T = TypeVar("T")

PACE = 0.1
"""Seconds from one repaint to the next, however often the object changes."""


class ObjectFeeds:
    """Follows for as long as `owner` is there. told: called when there is something new."""

    def __init__(self, owner: Widget, hub: DataLayer, clock: Clock, ref: ObjectRef, told: Callable[[], None]) -> None:
        self.object: Feed[Held] = Feed()
        self.events: Feed[tuple[Happening, ...]] = Feed()
        self.beside: Feed[Beside] = Feed()
        self.related: Feed[Related] = Feed()
        self._owner = owner
        self._hub = hub
        self._clock = clock
        self._ref = ref
        self._told = told
        self._relating: Worker[None] | None = None
        self._events_of = ""

    @property
    def body(self) -> Body | None:
        held = self.object.value
        return held.body if held is not None else None

    def start(self) -> None:
        """By name alone: whoever has the name is shown, and all who look at it share one watch."""
        self._follow("object", self._hub.object(_named(self._ref, "")), self._take_object)
        self._follow("beside", self._hub.beside(_named(self._ref, "")), self._take_beside)

    def relate(self, wanted: bool) -> None:
        """A tree costs a dozen requests, so it is grown only while somebody looks at it."""
        if wanted and self._relating is None:
            self._relating = self._follow("related", self._hub.related(_named(self._ref, "")), self._take_related)
        elif not wanted and self._relating is not None:
            self._relating.cancel()
            self._relating = None

    def _follow(self, name: str, topic: Topic[T], take: Callable[[Feed[T]], None]) -> Worker[None]:
        return self._owner.run_worker(self._read(topic, take), group=name, exclusive=True)

    async def _read(self, topic: Topic[T], take: Callable[[Feed[T]], None]) -> None:
        async with reading(topic) as feeds:
            async for feed in feeds:
                take(feed)
                self._told()
                await self._clock.sleep(PACE)

    def _take_object(self, feed: Feed[Held]) -> None:
        self.object = feed
        self._aim_events()

    def _take_events(self, feed: Feed[tuple[Happening, ...]]) -> None:
        self.events = feed

    def _take_beside(self, feed: Feed[Beside]) -> None:
        self.beside = feed

    def _take_related(self, feed: Feed[Related]) -> None:
        self.related = feed

    def _aim_events(self) -> None:
        """Events are those of this very object: of the one that has the name now."""
        body = self.body
        uid = uid_of(body) if body is not None else self._ref.uid
        if not self._events_of or uid != self._events_of:
            if body is None and not uid:
                return
            self._events_of = uid or "-"
            self.events = Feed()
            self._follow("events", self._hub.events(_named(self._ref, uid)), self._take_events)


def _named(ref: ObjectRef, uid: str) -> ObjectRef:
    return ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name, uid)
