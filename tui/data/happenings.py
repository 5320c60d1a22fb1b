"""The events of one object: core/v1, since every writer's events can be read there, folded and in order.

Two API groups write events: the old form has a count and two times, the new one a series or a single eventTime
(k8s.io/api/core/v1 `Event`); both are read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from msgspec.structs import replace

from tui.data.ports import KubePort
from tui.model.bodies import number, obj, text, uid_of
from tui.model.builtin import EVENTS
from tui.model.kube import EventType
from tui.model.objects import Body, BodyEvent, BodyPage, Happening, ObjectRef
from tui.model.times import parse_time


def selector_of(ref: ObjectRef) -> str:
    """By name and kind; the uid is looked at here, since kubelets give their node's name for it."""
    return f"involvedObject.name={ref.name},involvedObject.kind={ref.kind.kind}"


def is_about(event: Body, ref: ObjectRef) -> bool:
    """Whether an event is about this very object, and not about another that had its name before."""
    uid = text(event, "involvedObject", "uid")
    return not ref.uid or uid in ("", ref.uid, ref.name)


def happening(event: Body) -> Happening:
    """One event as it is shown."""
    series = obj(event, "series")
    first = text(event, "firstTimestamp") or text(event, "eventTime") or text(event, "metadata", "creationTimestamp")
    last = text(series, "lastObservedTime") or text(event, "lastTimestamp") or text(event, "eventTime") or first
    return Happening(
        text(event, "type"),
        text(event, "reason"),
        text(event, "message").strip(),
        text(event, "source", "component") or text(event, "reportingComponent"),
        max(1, number(series, "count") or number(event, "count")),
        parse_time(first),
        parse_time(last),
        text(event, "involvedObject", "fieldPath"),
    )


def fold(events: Iterable[Happening]) -> tuple[Happening, ...]:
    """Equal ones as one, newest last."""
    found: dict[tuple[str, ...], Happening] = {}
    for event in events:
        key = (event.type, event.reason, event.message, event.source, event.place)
        held = found.get(key)
        found[key] = event if held is None else _together(held, event)
    return tuple(sorted(found.values(), key=lambda event: (event.last or 0.0, event.first or 0.0)))


def _together(one: Happening, other: Happening) -> Happening:
    firsts = [at for at in (one.first, other.first) if at is not None]
    lasts = [at for at in (one.last, other.last) if at is not None]
    return replace(one, count=one.count + other.count, first=min(firsts, default=None), last=max(lasts, default=None))


class Happenings:
    """The events seen so far (`tui.data.listwatch.Kept`)."""

    def __init__(self, ref: ObjectRef) -> None:
        self._ref = ref
        self._held: dict[str, Happening] = {}
        self._seen: set[str] = set()
        self._complete = False

    @property
    def complete(self) -> bool:
        return self._complete

    def value(self) -> tuple[Happening, ...]:
        return fold(self._held.values())

    def begin(self) -> None:
        self._seen.clear()

    def page(self, page: BodyPage) -> None:
        for event in page.items:
            if is_about(event, self._ref):
                self._seen.add(uid_of(event))
                self._held[uid_of(event)] = happening(event)

    def finish(self) -> None:
        for uid in [uid for uid in self._held if uid not in self._seen]:
            del self._held[uid]
        self._complete = True

    def apply(self, event: BodyEvent) -> bool:
        if event.body is None or not is_about(event.body, self._ref):
            return False
        uid = uid_of(event.body)
        if event.type is EventType.DELETED:
            return self._held.pop(uid, None) is not None
        self._held[uid] = happening(event.body)
        return True


class EventsOf:
    """The events of one object (`tui.data.listwatch.ListWatch`)."""

    def __init__(self, port: KubePort, ref: ObjectRef) -> None:
        self._port = port
        self._namespace = ref.namespace
        self._fields = selector_of(ref)

    async def version(self) -> str:
        return await self._port.version()

    def pages(self, limit: int) -> AsyncIterator[BodyPage]:
        return self._port.body_pages(EVENTS, namespace=self._namespace, fields=self._fields, limit=limit)

    def watch(self, version: str, timeout: int) -> AsyncIterator[list[BodyEvent]]:
        return self._port.watch_bodies(
            EVENTS, namespace=self._namespace, fields=self._fields, version=version, timeout=timeout
        )


def reading_events(connect: Callable[[], Awaitable[KubePort]], ref: ObjectRef) -> Callable[[], Awaitable[EventsOf]]:
    """`connect`, for `tui.data.watcher.Watcher`."""

    async def connected() -> EventsOf:
        return EventsOf(await connect(), ref)

    return connected
