"""Work that runs only while somebody reads what it makes (design principle 5, "ask only for what is on screen")."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from tui.data.runtime import Runtime
from tui.data.tasks import bug
from tui.data.topic import Cell

T = TypeVar("T")

AGAIN_AFTER = 30.0
"""Seconds after which a job that died of a bug is started again, while somebody still reads."""


class Work(Protocol):
    """What keeps a cell true while it runs: a poller, a reflector, a computation. Each `run` may be cancelled and
    called again."""

    name: str

    async def run(self) -> None: ...


def on_demand(runtime: Runtime, make: Callable[[Cell[T]], Work], *, linger: float | None = None) -> Cell[T]:
    """A cell whose work, made by `make`, starts with the first reader and stops `linger` seconds (None: those of the
    runtime) after the last one left; the cell is told then that nobody keeps it up to date."""

    def wanted(by_somebody: bool) -> None:
        keeper.wanted(by_somebody)

    cell: Cell[T] = Cell(wanted)
    keeper = _Keeper(runtime, cell.fail, cell.rest, make(cell), runtime.linger if linger is None else linger)
    return cell


class _Keeper:
    """Starts and stops one piece of work."""

    def __init__(
        self, runtime: Runtime, fail: Callable[..., None], rest: Callable[[], None], work: Work, linger: float
    ) -> None:
        self._runtime = runtime
        self._lingers = linger
        self._fail = fail
        self._rest = rest
        self._work = work
        self._wanted = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.Task[None] | None = None

    def wanted(self, by_somebody: bool) -> None:
        """The first reader has come, or the last one has gone."""
        self._wanted = by_somebody
        if self._runtime.tasks.closed:
            return
        self._stop_timer()
        if by_somebody and self._task is None:
            self._start()
        elif not by_somebody and self._task is not None:
            self._timer = self._runtime.tasks.spawn(self._linger(self._task), f"{self._work.name} lingers")

    def _start(self) -> None:
        self._task = self._runtime.tasks.spawn(self._work.run(), self._work.name, self._ended)

    async def _linger(self, task: asyncio.Task[None]) -> None:
        await self._runtime.clock.sleep(self._lingers)
        task.cancel()

    def _ended(self, died_of: BaseException | None) -> None:
        self._task = None
        self._stop_timer()
        self._rest()
        if died_of is not None:
            self._fail(bug(died_of), self._runtime.clock.now() + AGAIN_AFTER)
        if self._wanted and not self._runtime.tasks.closed:
            if died_of is None:  # it was being stopped when a new reader came
                self._start()
            else:
                self._timer = self._runtime.tasks.spawn(self._again(), f"{self._work.name} starts again")

    async def _again(self) -> None:
        await self._runtime.clock.sleep(AGAIN_AFTER)
        if self._task is None:
            self._start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
