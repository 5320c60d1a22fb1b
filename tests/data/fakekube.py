"""A cluster in memory, with the semantics that list and watch rest on, and able to misbehave (as client-go's
FakeControllerSource is): lose an event, forget old versions, close or cut watches, refuse, hang."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from msgspec.structs import replace

from tests.data.fakebodies import FakeBodies, trace_of
from tests.streams.fakelog import Asked, FakeLog
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.jsonpath import Path
from tui.model.kube import PODS, Column, EventType, KindRef, Row, RowEvent, TablePage
from tui.model.objects import Body, BodyEvent, BodyPage
from tui.model.rules import Rules
from tui.model.traces import TracePage
from tui.model.usage import Usage, amount

REFUSED = Problem(ProblemKind.UNREACHABLE, "connection refused")
EXPIRED = Problem(ProblemKind.EXPIRED, "too old", "too old resource version: 1 (303)", status=410)
POD_COLUMNS = tuple(Column(name) for name in ("Name", "Ready", "Status", "Restarts", "Age"))
DEPLOYMENTS = KindRef(
    "apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",), verbs=frozenset({"list", "watch"})
)
METRICS = KindRef("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", verbs=frozenset({"get", "list"}))

Stream = asyncio.Queue[list[RowEvent] | BaseException | None]


def problem(status: int, retry_after: float | None = None) -> Problem:
    """A refusal with an HTTP status."""
    kinds = {
        401: ProblemKind.SIGNED_OUT,
        403: ProblemKind.FORBIDDEN,
        404: ProblemKind.NOT_FOUND,
        410: ProblemKind.EXPIRED,
        429: ProblemKind.THROTTLED,
    }
    return Problem(kinds.get(status, ProblemKind.SERVER), f"HTTP {status}", status=status, retry_after=retry_after)


@dataclass
class FakeKube:
    """asked: how often each kind of request was sent. refuse: what the next requests of a kind are answered with.
    hanging: kinds of request that are never answered. only: namespaces whose lists are allowed, None = all of the
    cluster. forbidden: plurals of kinds that may not be listed at all. columns and broken: what lists of a kind print,
    and are refused with, by its qualified name. told: what the rules of a namespace say; those of all others are not
    complete."""

    clock: Clock
    asked: Counter[str] = field(default_factory=Counter[str])
    refuse: defaultdict[str, list[Problem | Exception]] = field(default_factory=lambda: defaultdict(list))
    always: dict[str, Problem] = field(default_factory=dict[str, Problem])
    hanging: set[str] = field(default_factory=set[str])
    down: bool = False
    close_at_once: bool = False
    lose_events: bool = False
    before_page: Callable[[int], None] | None = None
    only: frozenset[str] | None = None
    forbidden: set[str] = field(default_factory=set[str])
    columns: dict[str, tuple[Column, ...]] = field(default_factory=dict[str, tuple[Column, ...]])
    broken: dict[str, Problem] = field(default_factory=dict[str, Problem])
    told: dict[str, Rules] = field(default_factory=dict[str, Rules])
    namespace: str = ""
    kinds: tuple[KindRef, ...] = (PODS, DEPLOYMENTS, METRICS)
    absent: set[str] = field(default_factory=set[str])
    version_now: int = 100
    oldest: int = 0
    rows: dict[str, dict[tuple[str, str], Row]] = field(default_factory=lambda: defaultdict(dict))
    history: list[tuple[int, str, RowEvent]] = field(default_factory=list)
    watches: list[tuple[str, Stream]] = field(default_factory=list)
    logs: dict[tuple[str, str, str], FakeLog] = field(default_factory=dict)
    listed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    watched_from: list[str] = field(default_factory=list)
    bodies: FakeBodies = field(default_factory=FakeBodies)

    # The world changes.

    def pod(
        self,
        name: str,
        status: str = "Running",
        ready: str = "1/1",
        restarts: str = "0",
        *,
        namespace: str = "default",
        labels: dict[str, str] | None = None,
        uid: str = "",
    ) -> Row:
        """A pod is made or changed."""
        return self.put(PODS, namespace, name, (name, ready, status, restarts, "1m"), labels or {}, uid)

    def put(
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        cells: tuple[str, ...] = (),
        labels: dict[str, str] | None = None,
        uid: str = "",
    ) -> Row:
        self.version_now += 1
        held = self.rows[kind.qualified]
        type_ = EventType.MODIFIED if (namespace, name) in held else EventType.ADDED
        row = Row(uid or f"uid-{name}", name, namespace, cells, str(self.version_now), "", "", labels)
        held[row.key] = row
        self._tell(kind, RowEvent(type_, row, row.version))
        return row

    def delete(self, kind: KindRef, namespace: str, name: str) -> None:
        self.version_now += 1
        row = self.rows[kind.qualified].pop((namespace, name))
        self._tell(kind, RowEvent(EventType.DELETED, row, str(self.version_now)))

    def bookmark(self) -> None:
        """Every watch is told the version it has reached."""
        for _, stream in self.watches:
            stream.put_nowait([RowEvent(EventType.BOOKMARK, None, str(self.version_now))])

    def _tell(self, kind: KindRef, event: RowEvent) -> None:
        if not self.lose_events:
            self.history.append((self.version_now, kind.qualified, event))
            for watched, stream in self.watches:
                if watched == kind.qualified:
                    stream.put_nowait([event])

    # It misbehaves.

    def expire(self) -> None:
        """Forget all versions but the newest."""
        self.version_now += 1
        self.oldest = self.version_now

    def end_watches(self) -> None:
        """The server ends all watches politely, as it does after their timeout."""
        for _, stream in self.watches:
            stream.put_nowait(None)

    def break_watches(self, why: Problem = REFUSED) -> None:
        for _, stream in self.watches:
            stream.put_nowait(SourceError(why))

    def send(self, *events: RowEvent) -> None:
        """Put events that no change made into all watches."""
        for _, stream in self.watches:
            stream.put_nowait(list(events))

    def unplug(self) -> None:
        self.down = True
        self.break_watches()
        for log in self.logs.values():
            log.break_streams()

    def plug_in(self) -> None:
        self.down = False

    async def _request(self, verb: str) -> None:
        self.asked[verb] += 1
        for _ in range(4):  # a network lets others run in between
            await asyncio.sleep(0)
        if verb in self.hanging:
            await asyncio.Event().wait()
        if self.down:
            raise SourceError(REFUSED)
        refusal = self.refuse[verb].pop(0) if self.refuse[verb] else self.always.get(verb)
        if isinstance(refusal, Problem):
            raise SourceError(refusal)
        if refusal is not None:
            raise refusal

    @property
    def total(self) -> int:
        """All requests together."""
        return self.asked.total()

    # It answers (`tui.data.ports.KubePort`).

    async def version(self) -> str:
        await self._request("version")
        return "v1.33.4"

    async def discover(self) -> tuple[KindRef, ...]:
        await self._request("discover")
        return self.kinds

    async def rules(self, namespace: str) -> Rules:
        await self._request("rules")
        return self.told.get(namespace, Rules(incomplete=True))

    async def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        await self._request("exists")
        return f"{kind.kind}/{namespace}/{name}" not in self.absent

    async def body(self, kind: KindRef, namespace: str, name: str) -> Body:
        await self._request("body")
        return await self.bodies.get(kind, namespace, name)

    async def body_pages(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        limit: int = 200,
        metadata_only: bool = False,
    ) -> AsyncGenerator[BodyPage]:
        await self._request("bodies")
        async for page in self.bodies.pages(kind, namespace, labels, fields, metadata_only=metadata_only):
            yield page

    async def traces(self, kind: KindRef, *, namespace: str = "", labels: str = "") -> AsyncGenerator[TracePage]:
        await self._request("traces")
        async for page in self.bodies.pages(kind, namespace, labels, "", metadata_only=kind != PODS):
            yield TracePage([trace_of(body, self.clock.now()) for body in page.items], page.continue_token)

    async def usages(self, kind: KindRef, *, namespace: str = "", labels: str = "") -> AsyncGenerator[Sequence[Usage]]:
        async for page in self.list_pages(kind, namespace=namespace, labels=labels):
            yield [Usage(row.namespace, row.name, amount(row.cells[1]), amount(row.cells[2])) for row in page.rows]

    async def watch_bodies(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
    ) -> AsyncGenerator[list[BodyEvent]]:
        await self._request("watch bodies")
        async for batch in self.bodies.watch(kind, namespace, fields, version):
            yield batch

    async def list_pages(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        limit: int = 500,
        version: str = "",
        paths: Sequence[Path] = (),
    ) -> AsyncGenerator[TablePage]:
        rows = [row for row in self.rows[kind.qualified].values() if _selected(row, namespace, labels, fields)]
        self.listed.append((kind.plural, namespace))
        unseen = self.only is not None and namespace not in self.only and kind.namespaced
        if unseen or kind.plural in self.forbidden:
            await self._request("list")
            raise SourceError(problem(403))
        if kind.qualified in self.broken:
            raise SourceError(self.broken[kind.qualified])
        at = self.version_now
        size = limit or max(1, len(rows))
        columns = POD_COLUMNS if kind == PODS else self.columns.get(kind.qualified, (Column("Name"),))
        for number, start in enumerate(range(0, max(1, len(rows)), size)):
            if number and self.before_page is not None:
                self.before_page(number)
            await self._request("list" if not number else "page")
            if number and at < self.oldest:
                raise SourceError(EXPIRED)
            left = max(0, len(rows) - start - size)
            page = [self._picked(kind, row, paths) for row in rows[start : start + size]]
            yield TablePage(columns if not number else (), page, str(at), f"from-{start}" if left else "", left or None)

    def _told(self, kind: KindRef, event: RowEvent, paths: Sequence[Path]) -> RowEvent:
        return replace(event, row=self._picked(kind, event.row, paths)) if paths and event.row else event

    def _picked(self, kind: KindRef, row: Row, paths: Sequence[Path]) -> Row:
        body = self.bodies.held[kind.qualified].get(row.key)
        return replace(row, cells=(*row.cells, *(path.cell(body) for path in paths))) if paths else row

    async def watch(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
        paths: Sequence[Path] = (),
    ) -> AsyncGenerator[list[RowEvent]]:
        self.watched_from.append(version)
        await self._request("watch")
        if int(version) < self.oldest:
            raise SourceError(EXPIRED)
        stream: Stream = asyncio.Queue()
        missed = [e for at, told, e in self.history if told == kind.qualified and at > int(version)]
        if missed:
            stream.put_nowait(missed)
        if self.close_at_once:
            stream.put_nowait(None)
        entry = (kind.qualified, stream)
        self.watches.append(entry)
        timer = asyncio.create_task(self._time_out(stream, timeout))
        try:
            yield []
            while (batch := await stream.get()) is not None:
                if isinstance(batch, BaseException):
                    raise batch
                seen = [_seen_by(event, namespace, labels, fields) for event in batch]
                yield [self._told(kind, event, paths) for event in seen]
        finally:
            timer.cancel()
            self.watches.remove(entry)

    async def _time_out(self, stream: Stream, timeout: float) -> None:
        await self.clock.sleep(timeout)
        stream.put_nowait(None)

    def log(
        self,
        namespace: str,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        tail: int | None = None,
        since_time: str = "",
        since_seconds: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[AsyncGenerator[bytes]]:
        assert timestamps
        self.asked["log"] += 1
        if self.down:
            raise SourceError(REFUSED)
        names = [held[2] for held in self.logs if held[:2] == (namespace, pod)]
        if not names:
            raise SourceError(problem(404))
        if not container and len(names) > 1:
            said = f"a container name must be specified for pod {pod}, choose one of: [{' '.join(names)}]"
            raise SourceError(Problem(ProblemKind.INVALID, "refused", said, status=400))
        log = self.logs[namespace, pod, container or names[0]]
        return log.serve(Asked(pod, container, follow, tail, since_time, previous, since_seconds))

    def add_log(self, pod: str, container: str = "c", namespace: str = "default") -> FakeLog:
        """A container that writes."""
        self.logs[namespace, pod, container] = log = FakeLog(self.clock)
        return log


def _selected(row: Row, namespace: str, labels: str, fields: str) -> bool:
    if namespace and row.namespace != namespace:
        return False
    if fields and fields != f"metadata.name={row.name}":
        return False
    held = row.labels or {}
    among = re.search(r"(\S+) in \((.*?)\)", labels)
    if among is not None:
        if held.get(among[1]) not in among[2].split(","):
            return False
        labels = labels.replace(among[0], "").strip(",")
    wanted = dict(pair.split("=") for pair in labels.split(",") if "=" in pair)
    present = [key for key in labels.split(",") if key and "=" not in key]
    return all(held.get(key) == value for key, value in wanted.items()) and all(key in held for key in present)


def _seen_by(event: RowEvent, namespace: str, labels: str, fields: str) -> RowEvent:
    """An event that a selector hides still moves the version on."""
    if not isinstance(event.row, Row) or _selected(event.row, namespace, labels, fields):
        return event
    return RowEvent(EventType.BOOKMARK, None, event.version)
