"""Reading no faster than what is read can be used, and saying who is slow.

A stream that is not read stops its server (TCP does), so holding a reader up loses nothing: what is written meanwhile
waits in the container's log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.clock import Clock
from tui.data.ring import Ring
from tui.model.logs import SCREEN

SLUGGISH = 0.1
"""Seconds that others took of one turn of the event loop, from which on the screen is said to be slow."""
SAID_FOR = 1.0


class Waiter:
    """Somebody who must see every line. position: the sequence number of the first line he has not seen."""

    def __init__(self, name: str, position: int, moved: Callable[[], None], gone: Callable[[Waiter], None]) -> None:
        self.name = name
        self.position = position
        self._moved = moved
        self._gone = gone

    def reached(self, position: int) -> None:
        """He has seen all lines before `position`."""
        if position > self.position:
            self.position = position
            self._moved()

    def leave(self) -> None:
        """Nothing is held up for him any more."""
        self._gone(self)


class Pressure:
    """Holds the streams of one view up. told: called when `held` changes."""

    def __init__(self, ring: Ring, clock: Clock, told: Callable[[], None]) -> None:
        self._ring = ring
        self._clock = clock
        self._told = told
        self._readers: list[Waiter] = []
        self._eased = asyncio.Event()
        self._waiting = 0
        self._slow_until = float("-inf")

    @property
    def held(self) -> str:
        """Who holds the reading up now; "" = nobody."""
        if self._waiting and (slow := self._slowest(0)) is not None:
            return slow.name
        return SCREEN if self._clock.monotonic() < self._slow_until else ""

    def reader(self, name: str) -> Waiter:
        """One who must see every line from the oldest in the ring on."""
        waiter = Waiter(name, self._ring.first_seq, self.eased, self._gone)
        self._readers.append(waiter)
        return waiter

    def eased(self) -> None:
        """Something has moved: those who wait look again."""
        self._eased.set()

    @property
    def free(self) -> tuple[float, float]:
        """How many lines may go into the ring, and how many bytes, before one leaves that somebody has yet to see;
        infinity where nobody must."""
        ring = self._ring
        slowest = min((reader.position for reader in self._readers), default=None)
        if slowest is None:
            return float("inf"), float("inf")
        unread = ring.bytes_from(slowest) if ring.bytes > ring.max_bytes // 4 else ring.bytes
        return ring.capacity - max(0, ring.next_seq - slowest), max(0, ring.max_bytes // 2 - unread)

    async def ease(self, crowded: Callable[[], bool], held_back: Callable[[], int]) -> None:
        """Let others work; return when more lines may come. crowded: whether this source is too far ahead of others.
        held_back: how many lines are not in the ring yet."""
        before = self._clock.monotonic()
        await asyncio.sleep(0)
        if self._clock.monotonic() - before > SLUGGISH:
            self._slow_until = self._clock.monotonic() + SAID_FOR
        while (slow := self._slowest(held_back())) is not None or crowded():
            self._eased.clear()
            self._waiting += slow is not None
            self._told()
            try:
                await self._eased.wait()
            finally:
                self._waiting -= slow is not None

    def _slowest(self, held_back: int) -> Waiter | None:
        """The reader who is so far behind that lines would leave the ring before he has seen them."""
        ring = self._ring
        slowest = min(self._readers, key=lambda reader: reader.position, default=None)
        if slowest is None or slowest.position >= ring.next_seq + held_back:
            return None
        behind = ring.next_seq + held_back - slowest.position
        full = ring.bytes > ring.max_bytes // 4 and ring.bytes_from(slowest.position) > ring.max_bytes // 4
        return slowest if behind > ring.capacity // 2 or full else None

    def _gone(self, waiter: Waiter) -> None:
        if waiter in self._readers:
            self._readers.remove(waiter)
        self.eased()
