"""Reading no faster than what is read can be used, and saying who is slow.

A stream that is not read stops its server (TCP does), so holding a reader up loses nothing: what is written meanwhile
waits in the container's log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from tui.clock import Clock
from tui.data.ring import Ring
from tui.data.timemerge import STRAGGLING
from tui.model.logs import SCREEN
from tui.waits import RightOfWay

SLUGGISH = 0.1
"""Seconds that others took of one turn of the event loop, from which on the screen is said to be slow."""
SAID_FOR = 1.0


class Ahead(NamedTuple):
    """Which parts of a full ring may lie ahead of somebody. lines, bytes: beyond them no stream is read on.
    most_bytes: beyond which nothing that was read goes into the ring any more; the rest is for what was on its way."""

    lines: float
    bytes: float
    most_bytes: float


PASSING = Ahead(0.5, 0.25, 0.5)
"""For who takes lines as they come, and needs few of them at a time."""
LOOKING = Ahead(0.875, 0.75, 0.9375)
"""For who looks at lines and stays there: he is to have what the ring can hold."""


class Waiter:
    """Somebody who must see every line. position: the sequence number of the first line he has not seen. ahead: how
    much may lie ahead of him."""

    def __init__(
        self,
        name: str,
        position: int,
        ahead: Ahead,
        moved: Callable[[], None],
        gone: Callable[[Waiter], None],
    ) -> None:
        self.name = name
        self.position = position
        self.ahead = ahead
        self._moved = moved
        self._gone = gone

    def reached(self, position: int) -> None:
        """He has seen all lines before `position`."""
        if position > self.position:
            self.position = position
            self._moved()

    def looks_at(self, position: int) -> None:
        """He looks at this line and those behind it, and may have come back to it."""
        if position != self.position:
            self.position = position
            self._moved()

    def leave(self) -> None:
        """Nothing is held up for him any more."""
        self._gone(self)


class Pressure:
    """Holds the streams of one view up. told: called when `held` changes. way: of those who go first in any case."""

    def __init__(self, ring: Ring, clock: Clock, told: Callable[[], None], way: RightOfWay) -> None:
        self._ring = ring
        self._clock = clock
        self._way = way
        self._told = told
        self._readers: list[Waiter] = []
        self._eased = asyncio.Event()
        self._waiting = 0
        self._held_back = 0
        self._shut = False
        self._eased_at = float("-inf")
        self._slow_until = float("-inf")

    @property
    def held(self) -> str:
        """Who holds the reading up now; "" = nobody."""
        if (self._waiting or self._shut) and (slow := self._slowest(self._held_back)) is not None:
            return slow.name
        return SCREEN if self._clock.monotonic() < self._slow_until else ""

    @property
    def lately(self) -> bool:
        """Whether a stream waits for a reader, or did a moment ago."""
        return self._waiting > 0 or self._shut or self._clock.monotonic() - self._eased_at < STRAGGLING

    def reader(self, name: str, ahead: Ahead = PASSING) -> Waiter:
        """One who must see every line from the oldest in the ring on."""
        waiter = Waiter(name, self._ring.first_seq, ahead, self._moved, self._gone)
        self._readers.append(waiter)
        return waiter

    def eased(self) -> None:
        """Something has moved: those who wait look again."""
        self._eased.set()

    @property
    def free(self) -> tuple[float, float]:
        """How many lines may go into the ring, and how many bytes, before one leaves that somebody has yet to see;
        infinity where nobody must."""
        lines = size = float("inf")
        for reader in self._readers:
            lines = min(lines, self._ring.capacity - self._unseen(reader))
            size = min(size, max(0.0, self._ring.max_bytes * reader.ahead.most_bytes - self._unseen_bytes(reader)))
        return lines, size

    def shut(self, *, waiting: bool) -> bool:
        """Whether lines wait (`waiting`) and none may go into the ring now; it is told when that may have changed."""
        lines, size = self.free
        self._shut = waiting and (lines < 1 or size <= 0)
        return self._shut

    async def ease(self, crowded: Callable[[], bool], held_back: Callable[[], int]) -> None:
        """Let others work; return when more lines may come. crowded: whether this source is too far ahead of others.
        held_back: how many lines are not in the ring yet."""
        await self._way.clear()
        before = self._clock.monotonic()
        await asyncio.sleep(0)
        if self._clock.monotonic() - before > SLUGGISH:
            self._slow_until = self._clock.monotonic() + SAID_FOR
        told_of: Waiter | None = None
        while (slow := self._slowest(held_back())) is not None or crowded():
            self._held_back = held_back()
            self._eased.clear()
            self._waiting += slow is not None
            if slow is not told_of:
                told_of = slow
                self._told()
            try:
                await self._eased.wait()
            finally:
                if slow is not None:
                    self._waiting -= 1
                    self._eased_at = self._clock.monotonic()
            await self._way.clear()

    def _slowest(self, held_back: int) -> Waiter | None:
        """The reader who is so far behind that lines would leave the ring before he has seen them."""
        behind = [reader for reader in self._readers if self._far_behind(reader, held_back)]
        return max(behind, key=self._unseen, default=None)

    def _far_behind(self, reader: Waiter, held_back: int) -> bool:
        ring = self._ring
        if reader.position >= ring.next_seq + held_back:
            return False
        lines = self._unseen(reader) + held_back
        return lines > ring.capacity * reader.ahead.lines or (
            self._unseen_bytes(reader) > ring.max_bytes * reader.ahead.bytes
        )

    def _unseen(self, reader: Waiter) -> int:
        """Lines in the ring that he has yet to see."""
        return max(0, self._ring.next_seq - max(reader.position, self._ring.first_seq))

    def _unseen_bytes(self, reader: Waiter) -> int:
        """The bytes of them; where the ring is far from full, those of all lines."""
        ring = self._ring
        return ring.bytes_from(reader.position) if ring.bytes > ring.max_bytes * reader.ahead.bytes else ring.bytes

    def _moved(self) -> None:
        self.eased()
        if self._shut or self._waiting:
            self._told()

    def _gone(self, waiter: Waiter) -> None:
        if waiter in self._readers:
            self._readers.remove(waiter)
        self._moved()
