"""The whole objects of a cluster in memory: read by name, listed by selector, watched from a version."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import at, items, name_of, namespace_of, number, scalar, text
from tui.model.kube import EventType, KindRef
from tui.model.objects import Body, BodyEvent, BodyPage
from tui.model.times import parse_time
from tui.model.traces import Trace, Writer
from tui.present.ages import age

GONE = Problem(ProblemKind.NOT_FOUND, "not found", status=404)
Stream = asyncio.Queue[BodyEvent | None]


@dataclass
class FakeBodies:
    """asked: "get pods", "list pods", "watch pods" in order. refuse: what each kind of question is answered with."""

    held: defaultdict[str, dict[tuple[str, str], Body]] = field(default_factory=lambda: defaultdict(dict))
    version: int = 500
    watches: list[tuple[str, Callable[[Body], bool], Stream]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refuse: dict[str, Problem] = field(default_factory=dict)

    def put(self, kind: KindRef, body: Body) -> Body:
        """An object is made or changed; it gets a version, and a uid where it has none."""
        self.version += 1
        meta = {"uid": f"uid-{name_of(body)}", **body.get("metadata", {}), "resourceVersion": str(self.version)}
        whole = {"apiVersion": kind.api, "kind": kind.kind, **body, "metadata": meta}
        key = (namespace_of(whole), name_of(whole))
        type_ = EventType.MODIFIED if key in self.held[kind.qualified] else EventType.ADDED
        self.held[kind.qualified][key] = whole
        self._tell(kind, BodyEvent(type_, whole, str(self.version)))
        return whole

    def delete(self, kind: KindRef, namespace: str, name: str) -> None:
        self.version += 1
        body = self.held[kind.qualified].pop((namespace, name))
        self._tell(kind, BodyEvent(EventType.DELETED, body, str(self.version)))

    def end_watches(self) -> None:
        for _, _, stream in self.watches:
            stream.put_nowait(None)

    def _tell(self, kind: KindRef, event: BodyEvent) -> None:
        for plural, wanted, stream in self.watches:
            if plural == kind.qualified and event.body is not None and wanted(event.body):
                stream.put_nowait(event)

    async def _asked(self, verb: str, kind: KindRef) -> None:
        question = f"{verb} {kind.qualified}"
        self.asked.append(question)
        await asyncio.sleep(0)
        if question in self.refuse:
            raise SourceError(self.refuse[question])

    async def get(self, kind: KindRef, namespace: str, name: str) -> Body:
        await self._asked("get", kind)
        body = self.held[kind.qualified].get((namespace, name))
        if body is None:
            raise SourceError(GONE)
        return body

    async def pages(
        self, kind: KindRef, namespace: str, labels: str, fields: str, *, metadata_only: bool
    ) -> AsyncGenerator[BodyPage]:
        await self._asked("list", kind)
        wanted = _selected(namespace, labels, fields)
        found = [body for body in self.held[kind.qualified].values() if wanted(body)]
        if metadata_only:
            found = [{key: body[key] for key in ("apiVersion", "kind", "metadata")} for body in found]
        yield BodyPage(tuple(found), str(self.version))

    async def watch(self, kind: KindRef, namespace: str, fields: str, version: str) -> AsyncGenerator[list[BodyEvent]]:
        await self._asked("watch", kind)
        stream: Stream = asyncio.Queue()
        entry = (kind.qualified, _selected(namespace, "", fields), stream)
        self.watches.append(entry)
        try:
            yield []
            while (event := await stream.get()) is not None:
                yield [event]
        finally:
            self.watches.remove(entry)


def _selected(namespace: str, labels: str, fields: str) -> Callable[[Body], bool]:
    pairs = [pair.split("=", 1) for pair in fields.split(",") if pair]
    wanted = dict(pair.split("=", 1) for pair in labels.split(",") if "=" in pair)

    def matches(body: Body) -> bool:
        held: dict[str, Any] = at(body, "metadata", "labels") or {}
        return (
            (not namespace or namespace_of(body) == namespace)
            and all(scalar(at(body, *path.split("."))) == value for path, value in pairs)
            and all(held.get(key) == value for key, value in wanted.items())
        )

    return matches


def trace_of(body: Body, now: float) -> Trace:
    """What the body tells of its past; the restarts of a pod as the server prints them."""
    statuses = items(body, "status", "containerStatuses")
    ended = [parse_time(text(one, "lastState", "terminated", "finishedAt")) for one in statuses]
    last = max((when for when in ended if when is not None), default=None)
    restarts = str(sum(number(one, "restartCount") for one in statuses))
    writers = tuple(
        Writer(text(one, "manager"), text(one, "time"), text(one, "subresource"))
        for one in items(body, "metadata", "managedFields")
    )
    return Trace(
        text(body, "metadata", "uid"),
        namespace_of(body),
        name_of(body),
        text(body, "metadata", "creationTimestamp"),
        text(body, "metadata", "deletionTimestamp"),
        writers,
        restarts if last is None else f"{restarts} ({age(now - last)} ago)",
    )
