"""The lock: nothing is written unless a person has unlocked writing, and that ends by itself.

Time is not extended by use: whoever walks away from an unlocked screen finds it locked, and the header counts down to a
moment that is known. Unlocking again begins anew. What was begun while it was unlocked is carried to its end when the
time runs out, but no further node is emptied, since each may take long; who locks it by hand wants it to stop, and the
desk cancels what runs.
"""

from __future__ import annotations

import asyncio

from tui.changes.settings import ChangeSettings, Rules
from tui.clock import Clock
from tui.data.tasks import Tasks
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Lock
from tui.model.cluster import ClusterRef
from tui.model.permits import Permit

LOCKED = Problem(
    ProblemKind.FORBIDDEN,
    "writing is locked",
    remedy="unlock writing (W in the terminal UI, --write on the command line)",
)


class WriteLock:
    """topic: for the header. rules: what the configuration forbids."""

    def __init__(self, settings: ChangeSettings, rules: Rules, clock: Clock, tasks: Tasks) -> None:
        self._seconds = settings.minutes * 60
        self._rules = rules
        self._clock = clock
        self._tasks = tasks
        self._round = 0
        self._timer: asyncio.Task[None] | None = None
        self._ends = float("-inf")  # on the monotonic clock: setting the wall clock back must not keep it open
        self.topic: Cell[Lock] = Cell()
        self.topic.put(Lock(closed=rules.closed), clock.now())

    def unlock(self) -> None:
        """Allow writing from now on, for the configured time. Raises SourceError where the configuration forbids it."""
        if self._rules.closed:
            raise SourceError(Problem(ProblemKind.FORBIDDEN, self._rules.closed))
        self._stop()
        self._ends = self._clock.monotonic() + self._seconds
        self.topic.put(Lock(self._clock.now() + self._seconds), self._clock.now())
        self._timer = self._tasks.spawn(self._expire(), "write lock")

    def relock(self) -> None:
        """Forbid writing again, now; permits that were given out are worth nothing any more."""
        self._stop()
        self._round += 1
        self.expire()

    def expire(self) -> None:
        """Forbid writing again, since the time is over: what was begun is carried to its end."""
        self._ends = float("-inf")
        self.topic.put(Lock(closed=self._rules.closed), self._clock.now())

    def refusal(self, cluster: ClusterRef) -> Problem | None:
        """Why nothing may be written to `cluster` now."""
        return self._rules.read_only(cluster) or (None if self._open else LOCKED)

    def check(self, cluster: ClusterRef) -> None:
        """Raises SourceError where nothing may be written to `cluster` now."""
        problem = self.refusal(cluster)
        if problem is not None:
            raise SourceError(problem)

    def permit(self, cluster: ClusterRef, *, dry: bool = False) -> Permit:
        """The right to write to `cluster`: to carry a plan to its end, however long that takes, unless somebody locks
        by hand. dry: only to try requests, and only while it is unlocked. Raises SourceError where nothing may be
        written now."""
        self.check(cluster)
        if dry:
            return Permit(cluster, lambda: self.refusal(cluster), dry=True)
        given = self._round

        def refusal() -> Problem | None:
            return self._rules.read_only(cluster) or (None if self._round == given else LOCKED)

        return Permit(cluster, refusal)

    @property
    def _open(self) -> bool:
        lock = self.topic.feed.value
        until = lock.until if lock is not None else None
        return until is not None and self._clock.now() < until and self._clock.monotonic() < self._ends

    async def _expire(self) -> None:
        await self._clock.sleep(self._seconds)
        self._timer = None
        self.expire()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
