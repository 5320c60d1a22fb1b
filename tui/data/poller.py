"""`Poller`: asks every so often, and is the only writer of its cell.

Here and in the reflector are the two places of the program that catch whatever happens (design section 6, "Errors"):
a failure keeps the old value, says why and when it tries again, backs off and never gives up.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Generic, TypeVar

from msgspec import Struct

from tui.data.backoff import unanswered
from tui.data.runtime import Runtime
from tui.data.tasks import bug
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.feed import Gap
from tui.waits import Deadline, Gate, Pause

log = logging.getLogger(__name__)

T = TypeVar("T")


class Polled(Struct, Generic[T], frozen=True):
    """A value and what could not be seen of it."""

    value: T
    gaps: tuple[Gap, ...] = ()


class Poller(Generic[T]):
    """Fetches into `cell` for as long as `run` runs.

    every: seconds from an answer to the next try; asked anew each time where it is a function. group: key of the
    cluster asked, "" for a cloud. gate: passed before each try, and not counted into its time. outcome: makes a value
    of a failure, where failing is itself the news (a probe); the next try is then not sooner than `every`, unless
    nothing answered at all. timeout: seconds for one try, None = the hub's.
    """

    def __init__(
        self,
        name: str,
        cell: Cell[T],
        fetch: Callable[[], Awaitable[Polled[T]]],
        runtime: Runtime,
        *,
        every: float | Callable[[], float],
        group: str = "",
        gate: Gate | None = None,
        outcome: Callable[[Problem], T] | None = None,
        timeout: float | None = None,
    ) -> None:
        self.name = name
        self.group = group
        self._cell = cell
        self._fetch = fetch
        self._runtime = runtime
        self._every = every
        self._gate = gate
        self._outcome = outcome
        self._timeout = timeout or runtime.timeout
        self._backoff = runtime.backoff()
        self._pause = Pause(runtime.clock)

    @property
    def interval(self) -> float:
        """Seconds between two polls, as things are now."""
        return self._every() if callable(self._every) else self._every

    def check(self, *, doubt: bool = False) -> None:
        """Poll now; where a server has asked for a wait, after it."""
        self._pause.cut()

    refresh = check

    async def run(self) -> None:
        """Poll until cancelled."""
        with self._runtime.checks.running(self):
            while True:
                problem = await self._try()
                if problem is None:
                    await self._pause.sleep(self.interval)
                else:
                    await self._pause.sleep(self._note(problem), firm=problem.retry_after is not None)

    async def _try(self) -> Problem | None:
        """One try; the problem it ended with, if any."""
        timeout = self._timeout
        try:
            async with AsyncExitStack() as stack:
                if self._gate is not None:
                    await stack.enter_async_context(self._gate.passing())
                with Deadline(self._runtime.clock, timeout):
                    polled = await self._fetch()
        except SourceError as exc:
            return exc.problem
        except TimeoutError:
            return Problem(ProblemKind.TIMEOUT, f"no answer within {timeout:g} s", target=self.name)
        except Exception as exc:
            if self._runtime.strict:
                raise
            log.exception("%s: an exception that nobody foresaw", self.name)
            return bug(exc)
        self._put(polled)
        self._runtime.checks.answered(self)
        return None

    def _put(self, polled: Polled[T]) -> None:
        fresh_for = 2 * self.interval + self._timeout
        self._cell.put(polled.value, self._runtime.clock.now(), gaps=polled.gaps, fresh_for=fresh_for)

    def _note(self, problem: Problem) -> float:
        """Say what went wrong; seconds until the next try."""
        delay = self._backoff.failed(problem)
        if self._outcome is None or problem.kind is ProblemKind.BUG:
            self._cell.fail(problem, self._runtime.clock.now() + delay)
        elif problem.kind is ProblemKind.THROTTLED and problem.status is None:
            pass  # held back by our own share of the quota: that is no news of the cluster
        else:
            if not unanswered(problem):
                delay = max(delay, self.interval)
            self._put(Polled(self._outcome(problem)))
        self._runtime.checks.failed(self, problem)
        return delay
