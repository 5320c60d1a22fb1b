"""Turns: more logs are to be followed than may be open at once, so they take turns, and none is left out.

Whoever waits is let in as soon as there is room, in the order of coming, but first who has read nothing yet; where
there is none, those that have had their turn give way to those that wait. What is written to a log while it waits is
read in its next turn.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol
from weakref import WeakSet

from tui.clock import Clock

TURN = 10.0
"""Seconds that a stream may stay open, at least, while others wait."""
LOOK_EVERY = 1.0
AGAIN_AT_ONCE = 1
"""Turns that are ended at one look for those who have had theirs before. Each is a request, and the gateway counts
those of a whole team: sixty a minute are a tenth of what it allows. Who has read nothing yet is let in sooner."""


class Reader(Protocol):
    """Who takes turns. group: whose places it needs, beside the common ones."""

    @property
    def group(self) -> str: ...

    def give_way(self) -> None:
        """Its turn is over: leave the place and come again."""
        ...

    def queues(self, waits: bool) -> None:
        """Whether it waits for its turn now."""
        ...


class Turns:
    """Places for `total` readers, of them `per_group` for those of one group."""

    def __init__(self, clock: Clock, total: int, per_group: int) -> None:
        self._clock = clock
        self._total = total
        self._per_group = per_group
        self._inside: dict[Reader, float] = {}
        self._leaving: set[Reader] = set()
        self._known: WeakSet[Reader] = WeakSet()
        """Those that have had a turn."""
        self._groups: Counter[str] = Counter()
        self._queue: dict[Reader, asyncio.Future[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self, reader: Reader) -> AsyncGenerator[None]:
        """Wait for a place and hold it for the body."""
        if not self._queue and self._room(reader):
            self._enter(reader)
        else:
            await self._wait(reader)
        try:
            yield
        finally:
            del self._inside[reader]
            self._leaving.discard(reader)
            self._groups[reader.group] -= 1
            self._let_in()

    def wanted(self, reader: Reader) -> bool:
        """Whether somebody waits who could have the place of `reader`."""
        return any(
            waiting.group == reader.group or self._groups[waiting.group] < self._per_group for waiting in self._queue
        )

    def _room(self, reader: Reader) -> bool:
        return len(self._inside) < self._total and self._groups[reader.group] < self._per_group

    def _enter(self, reader: Reader) -> None:
        self._inside[reader] = self._clock.monotonic()
        self._known.add(reader)
        self._groups[reader.group] += 1

    async def _wait(self, reader: Reader) -> None:
        let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue[reader] = let_in
        self._let_in()  # those before may wait for another group
        try:
            if not let_in.done():
                reader.queues(True)
                if self._looking is None:
                    self._looking = asyncio.create_task(self._look())
                await let_in
                reader.queues(False)
        except asyncio.CancelledError:
            if let_in.done() and not let_in.cancelled():  # let in and cancelled at once: the place goes to the next
                del self._inside[reader]
                self._groups[reader.group] -= 1
            self._queue.pop(reader, None)
            self._let_in()
            raise

    def _let_in(self) -> None:
        for reader, let_in in sorted(self._queue.items(), key=lambda waiting: waiting[0] in self._known):
            if let_in.cancelled():
                del self._queue[reader]
            elif self._room(reader):
                del self._queue[reader]
                self._enter(reader)
                let_in.set_result(None)
        if not self._queue and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        """End the turns of those that have had theirs, for as long as somebody waits."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            self._make_room(self._clock.monotonic() - TURN)

    def _make_room(self, over: float) -> None:
        """Ask as many as wait, of those inside since `over` or longer, to leave; the longest inside first."""
        inside = [reader for reader, since in self._inside.items() if since <= over and reader not in self._leaving]
        again = AGAIN_AT_ONCE
        for waiting in list(self._queue)[len(self._leaving) :]:
            if waiting in self._known and (again := again - 1) < 0:
                continue
            own_only = self._groups[waiting.group] >= self._per_group
            leaver = next((one for one in inside if one.group == waiting.group or not own_only), None)
            if leaver is not None:
                inside.remove(leaver)
                self._leaving.add(leaver)
                leaver.give_way()
