"""One container's part in a log view: what its stream reports, and what its pod's row says of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import lru_cache
from typing import Protocol

from msgspec.structs import replace

from tui.data.ports import LogFollow
from tui.data.runtime import Runtime
from tui.errors import Problem, ProblemKind
from tui.model.kube import Row, Table
from tui.model.logs import LogGap, LogSource, LogStart, how_often
from tui.model.logstamp import parse_stamp
from tui.model.turnline import with_turns

_FINISHED = frozenset({"Completed", "Succeeded", "Failed", "Evicted"})
_STOPPED = _FINISHED | {"Error", "OOMKilled", "CrashLoopBackOff", "ContainerCannotRun", "DeadlineExceeded"}
_NOT_STARTED = frozenset(
    {
        "Pending",
        "ContainerCreating",
        "PodInitializing",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "SchedulingGated",
    }
)


class LogHost(Protocol):
    """The log view that a source belongs to."""

    def place(self, source: Source) -> AbstractAsyncContextManager[None]: ...
    def took(self, source: Source, batch: list[bytes]) -> None: ...
    async def room(self, source: Source) -> None: ...
    def refused(self, source: Source, problem: Problem) -> None: ...
    def broke(self, gap: LogGap) -> None: ...
    def answered(self, source: Source) -> None: ...
    def changed(self) -> None: ...


class SourceKeeper(Protocol):
    """Whoever keeps the sources of a view."""

    def split(self, source: Source, names: tuple[str, ...]) -> None: ...
    async def over(self, source: Source) -> bool: ...


class Source:
    """One container of one pod. Fits `LogSink` and `turns.Reader`, and takes part in `Checks`.

    start: where its log is to begin and end. finished: there is nothing more to come.
    """

    def __init__(
        self, host: LogHost, keeper: SourceKeeper, runtime: Runtime, record: LogSource, start: LogStart
    ) -> None:
        self._host = host
        self._keeper = keeper
        self._checks = runtime.checks
        self.record = record
        self.start = start
        self.follow: LogFollow | None = None
        self.task: asyncio.Task[None] | None = None
        self.finished = False
        self.received = 0
        self.again = 0
        self.gaps = 0
        self.waited = False
        """It has waited for its turn, and is not read yet."""
        self._newest = b""
        self._kept: AsyncExitStack | None = None
        self._phase = "running"
        self._row = ""

    @property
    def group(self) -> str:
        return self.record.cluster.key

    @property
    def quota(self) -> str:
        return self.record.cluster.quota

    @property
    def party(self) -> Hashable:
        return (id(self._host), self.group)

    def counted(self, late: int, in_turn: int, behind: float, every: float) -> LogSource:
        """The record, with what has been counted. late: of its lines; in_turn: of these, as in `TurnSource`. behind: as
        in `LogSource`. every: seconds from one turn to the next, about, where it takes turns."""
        record = replace(
            self.record,
            every=every,
            problem=waits_for_turn(every) if self.record.queued else self.record.problem,
            received=self.received,
            repeated=self.again,
            gaps=self.gaps,
            late=late,
            behind=behind,
            newest=parse_stamp(self._newest)[0],
        )
        return with_turns(record, in_turn)

    def check(self, *, doubt: bool = False) -> None:
        """Open again now, where that is being waited for. doubt: also where the stream has been silent for a while."""
        if self.follow is not None:
            self.follow.check(doubt=doubt)

    def give_way(self) -> bool:
        return self.follow is not None and self.follow.give_way()

    def queues(self, waits: bool) -> None:
        self.record = replace(self.record, queued=waits)
        if waits:
            self.waited = True
            self.record = replace(self.record, state="waiting", problem=None)
        self._host.changed()

    def seen(self, phase: str, version: str) -> bool:
        """What the pod's row says: its phase, and a word that changes when the row does; whether that is news."""
        if (phase, version) == (self._phase, self._row):
            return False
        self._phase, self._row = phase, version
        self.record = replace(self.record, gone=phase == "gone")
        self.check()
        return True

    def lacks(self, there: tuple[str, ...], *, over: bool) -> None:
        """The pod has these containers, and none of those that are asked for. over: nor will it get one that is
        followed."""
        self.follow, self.finished = None, True
        state = "ended" if over else "waiting"
        self.record = replace(self.record, state=state, problem=None, over=over, lacks=True, there=there)
        self._host.changed()

    def found(self) -> None:
        """The pod has got one. All that it writes is new."""
        self.finished = False
        self.start = replace(self.start, tail=None)
        self.record = replace(self.record, state="opening", over=False, lacks=False, there=())

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        if self._kept is None:
            await self.enter()
        assert self._kept is not None
        kept, self._kept = self._kept, None
        async with kept:
            yield

    async def enter(self) -> None:
        """Wait for a place and keep it for the next stream, or until `leave`."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._host.place(self))
            self._kept = stack.pop_all()

    async def leave(self) -> None:
        """Keep no place that is not used."""
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept.aclose()

    def lines(self, batch: list[bytes]) -> None:
        self.received += len(batch)
        self._newest = batch[-1]
        self._host.took(self, batch)

    async def room(self) -> None:
        await self._host.room(self)

    def repeated(self, count: int) -> None:
        self.again += count

    def gap(self, after: int, before: int, why: str) -> None:
        self.gaps += 1
        self._host.broke(LogGap(self.record.index, after, before, why))

    def state(self, state: str, problem: Problem | None) -> None:
        if problem is not None:
            self._checks.failed(self, problem)
            self._host.refused(self, problem)
        elif state == "following":
            self._checks.answered(self)
            self._host.answered(self)
            self.waited = False
        opened = self.record.opened + (state == "opening")
        read = self.record.read or state == "following"
        self.record = replace(self.record, state=state, problem=problem, opened=opened, read=read)
        self._host.changed()

    def containers(self, names: tuple[str, ...]) -> None:
        self._keeper.split(self, names)

    def phase(self) -> str:
        return self._phase

    async def over(self) -> bool:
        return await self._keeper.over(self)


@lru_cache(maxsize=64)
def waits_for_turn(every: float) -> Problem:
    """Why a log is not open though nothing is wrong with it. every: as in `Source.counted`."""
    return Problem(
        ProblemKind.INVALID,
        f"more logs are followed than may be open at once: it waits for its turn, {how_often(every)}",
        remedy="narrow the query",
    )


def printed(table: Table, row: Row, column: str) -> str:
    """The cell of `row` below the header `column`, "" where the table has none."""
    for index, header in enumerate(table.columns):
        if header.name.lower() == column and index < len(row.cells):
            return str(row.cells[index])
    return ""


def phase_of(table: Table, row: Row) -> tuple[str, str]:
    """A pod's phase for `LogSink.phase`, and the words that change with it. A pod counts as stopped only when none of
    its containers is ready: one that crashes says nothing of its neighbour."""
    status, ready = printed(table, row, "status"), printed(table, row, "ready")
    stopped = status in _FINISHED or (status in _STOPPED and ready.startswith("0/"))
    return "stopped" if stopped else "running", f"{status} {ready} {printed(table, row, 'restarts').split(' ')[0]}"


def has_ended(table: Table, row: Row) -> bool:
    """Whether a pod's row says that all of it has run for the last time; where it is started again, for now."""
    return printed(table, row, "status") in _FINISHED


def not_started(table: Table, row: Row) -> Problem | None:
    """Why a pod has no log yet, from its row; None where it may have one."""
    status = printed(table, row, "status")
    if status not in _NOT_STARTED and not status.startswith("Init:"):
        return None
    if not printed(table, row, "ready").startswith("0/"):
        return None
    return Problem(ProblemKind.INVALID, f"the pod {row.name} has not started: {status}")
