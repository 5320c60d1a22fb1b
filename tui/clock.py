"""Time as an argument, so that an hour of polling is tested in milliseconds and no test sleeps."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """What everything that waits or tells an age is given."""

    def now(self) -> float:
        """Wall-clock time, seconds since the epoch (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back. For durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; at once when zero or less (after yielding to the loop)."""
        ...


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that moves only when told to; sleepers wake in the order of their due times.

    `start` is the wall-clock time at which it begins; monotonic time begins at 0.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move time on by `seconds`, waking every sleeper at its own due time and letting all tasks settle."""
        target = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            if not woken.done():
                woken.set_result(None)
                await settle()
        self._elapsed = target
        await settle()

    @property
    def sleeping(self) -> int:
        """How many tasks wait on this clock."""
        return sum(not woken.done() for _, _, woken in self._sleepers)


async def settle(turns: int = 10_000) -> None:
    """Let every task that can run without time or I/O do so; give up after `turns` loop turns (a livelock)."""
    loop = asyncio.get_running_loop()
    ready = getattr(loop, "_ready", None)  # CPython's queue of runnable callbacks: the only exact answer there is
    for _ in range(turns):
        await asyncio.sleep(0)
        if ready is not None and not ready:
            return
    raise RuntimeError(f"tasks still running after {turns} turns of the event loop")
