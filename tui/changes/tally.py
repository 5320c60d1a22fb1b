"""How the steps of a run fare, told to whoever follows.

Each telling copies the fates of all steps, so a run of thousands that told each change at once would spend its time
with that. It tells at most so many times a second how all of them are by then; the end is told at once.
"""

from __future__ import annotations

import asyncio

from tui.clock import Clock
from tui.data.topic import Cell
from tui.errors import Problem
from tui.model.changes import Fate, Outcome, Plan, Progress

EVERY = 0.1
"""Seconds between two tellings."""
_OPEN = (Fate.WAITING, Fate.RUNNING)


class Tally:
    """The only writer of a run's progress."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self._plan = plan
        self._clock = clock
        self._outcomes = [Outcome() for _ in plan.steps]
        self._told = float("-inf")
        self._later: asyncio.Task[None] | None = None
        self.progress: Cell[Progress] = Cell()
        self._tell()

    def __getitem__(self, index: int) -> Outcome:
        return self._outcomes[index]

    def set(self, index: int, outcome: Outcome) -> None:
        """A step fares like this now."""
        self._outcomes[index] = outcome
        if self._later is not None:
            return
        wait = self._told + EVERY - self._clock.monotonic()
        if wait <= 0:
            self._tell()
        else:
            self._later = asyncio.create_task(self._tell_later(wait), name="progress of a change")

    def finish(self) -> None:
        """Nothing more will happen."""
        self.drop()
        self._tell(finished=True)

    def fail(self, problem: Problem) -> None:
        """It ended before its time: what had not ended has failed."""
        for index, outcome in enumerate(self._outcomes):
            if outcome.fate in _OPEN:
                self._outcomes[index] = Outcome(Fate.FAILED, problem=problem)
        self.finish()

    def drop(self) -> None:
        """Tell nothing any more of what was still to be told."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    async def _tell_later(self, wait: float) -> None:
        await self._clock.sleep(wait)
        self._later = None
        self._tell()

    def _tell(self, *, finished: bool = False) -> None:
        self._told = self._clock.monotonic()
        self.progress.put(Progress(self._plan, tuple(self._outcomes), finished), self._clock.now())
