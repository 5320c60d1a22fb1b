"""One container's part in a log view: what its stream reports, and what its pod's row says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from tui.data.ports import LogFollow
from tui.data.runtime import Runtime
from tui.errors import Problem, ProblemKind
from tui.model.kube import Row, Table
from tui.model.logs import LogSource

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

    def took(self, source: Source, batch: list[bytes]) -> None: ...
    async def room(self) -> None: ...
    def dropped(self, count: int) -> None: ...
    def broke(self) -> None: ...
    def changed(self) -> None: ...


class Source:
    """One container of one pod. Fits `ports.LogSink`, and takes part in `Checks`.

    tail: lines of history to begin with, None = all. split: told the containers of a pod that turned out to have
    several. finished: there is nothing more to come.
    """

    def __init__(
        self,
        host: LogHost,
        runtime: Runtime,
        record: LogSource,
        tail: int | None,
        split: Callable[[Source, tuple[str, ...]], None],
    ) -> None:
        self._host = host
        self._split = split
        self._checks = runtime.checks
        self.record = record
        self.tail = tail
        self.follow: LogFollow | None = None
        self.task: asyncio.Task[None] | None = None
        self.finished = False
        self._phase = "running"
        self._row = ""

    @property
    def group(self) -> str:
        return self.record.cluster.key

    def check(self, *, doubt: bool = False) -> None:
        """Open again now, where that is being waited for. doubt: also where the stream has been silent for a while."""
        if self.follow is not None:
            self.follow.check(doubt=doubt)

    def seen(self, phase: str, version: str) -> None:
        """What the pod's row says: its phase, and a word that changes when the row does."""
        if (phase, version) != (self._phase, self._row):
            self._phase, self._row = phase, version
            self.check()

    def lines(self, batch: list[bytes]) -> None:
        self._host.took(self, batch)

    async def room(self) -> None:
        await self._host.room()

    def repeated(self, count: int) -> None:
        self._host.dropped(count)

    def gap(self) -> None:
        self._host.broke()

    def state(self, state: str, problem: Problem | None) -> None:
        if problem is not None:
            self._checks.failed(self, problem)
        elif state == "following":
            self._checks.answered(self)
        opened = self.record.opened + (state == "opening")
        self.record = replace(self.record, state=state, problem=problem, opened=opened)
        self._host.changed()

    def containers(self, names: tuple[str, ...]) -> None:
        self._split(self, names)

    def phase(self) -> str:
        return self._phase


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


def not_started(table: Table, row: Row) -> Problem | None:
    """Why a pod has no log yet, from its row; None where it may have one."""
    status = printed(table, row, "status")
    if status not in _NOT_STARTED and not status.startswith("Init:"):
        return None
    if not printed(table, row, "ready").startswith("0/"):
        return None
    return Problem(ProblemKind.INVALID, f"the pod {row.name} has not started: {status}")
