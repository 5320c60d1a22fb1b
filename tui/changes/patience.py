"""Waiting out a server that has no time now: a 429 says that nothing was done, so the same may be asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tui.changes.refusing import is_budget
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.permits import Stopped
from tui.model.writes import UncertainError
from tui.waits import Pause

T = TypeVar("T")

TRIES = 8
LONGEST_WAIT = 30.0
DEFAULT_WAIT = 2.0


class StoppedError(SourceError):
    """Somebody cancelled before it was sent, or before it was sent again: nothing was made."""


def stopped_by(*events: asyncio.Event) -> Stopped:
    """An error once any of them is set."""

    def stopped() -> SourceError | None:
        over = any(event.is_set() for event in events)
        return StoppedError(Problem(ProblemKind.CONFLICT, "cancelled before it was sent")) if over else None

    return stopped


def unless(cancelled: asyncio.Event, ask: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """`ask`, but sent no more once somebody has cancelled, not even again after a wait: StoppedError then."""

    stopped = stopped_by(cancelled)

    async def asked() -> T:
        if (error := stopped()) is not None:
            raise error
        return await ask()

    return asked


async def rest(clock: Clock, seconds: float | None, cancelled: asyncio.Event) -> None:
    """Wait so long (None: for ever), or until somebody cancels."""
    pause = Pause(clock)
    watch = asyncio.create_task(cancelled.wait())
    watch.add_done_callback(lambda _: pause.cut())
    try:
        await pause.sleep(seconds)
    finally:
        watch.cancel()


async def patiently(clock: Clock, ask: Callable[[], Awaitable[T]], stop: asyncio.Event | None = None) -> T:
    """What `ask` gives, once the server (or our share of a quota) lets it through. stop: once it is set, nothing is
    waited for and nothing more sent (StoppedError). Raises SourceError."""
    stop = asyncio.Event() if stop is None else stop
    ask = unless(stop, ask)
    for _ in range(TRIES - 1):
        try:
            return await ask()
        except SourceError as error:
            if not _passes(error):
                raise
            wait = error.problem.retry_after
        await rest(clock, DEFAULT_WAIT if wait is None else min(max(wait, 0.1), LONGEST_WAIT), stop)
    return await ask()


def _passes(error: SourceError) -> bool:
    """Whether it is only a matter of time, and sure that nothing was done."""
    if isinstance(error, UncertainError) or error.problem.kind is not ProblemKind.THROTTLED:
        return False
    return not is_budget(error)
