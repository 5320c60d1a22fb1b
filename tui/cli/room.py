"""How much may be read ahead of its turn: what is printed in order is asked for from many clusters at once, and what
comes early waits in memory."""

from __future__ import annotations

import asyncio

Position = tuple[int, ...]
"""Where something stands in the order in which it is printed."""

MOST = 32 << 20
"""Bytes that wait altogether."""
GUESS = 4 << 20
"""Bytes that an answer is taken for until it is there, while none has come."""
LEAST = 512 << 10
"""And at least, however small those have been that came."""


class Room:
    """Each reader comes in with its position, waits until there is room, tells how much it holds, and leaves when all
    of it is printed. The first of those that are in waits for nothing, so that something always goes on. What has not
    been read is taken to be as large as the largest beginning of those that have, within reason: four may always be
    read ahead while nothing else is held."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: dict[Position, int] = {}
        self._total = 0
        self._guess = GUESS
        self._known = False
        self._waiting: dict[Position, asyncio.Future[None]] = {}

    def come(self, position: Position) -> None:
        """There is something to be read for this place."""
        self._held[position] = 0

    async def wait(self, position: Position) -> None:
        """Return when it may be read."""
        self._waiting[position] = granted = asyncio.get_running_loop().create_future()
        self._grant()
        try:
            await granted
        finally:
            self._waiting.pop(position, None)

    def begun(self, position: Position, size: int) -> None:
        """The first of it has been read. size: bytes."""
        least = self._guess if self._known else LEAST
        self._guess, self._known = min(max(size, least), max(LEAST, self._most // 4)), True
        self.hold(position, size)

    def hold(self, position: Position, size: int) -> None:
        """So much of it is in memory now. size: bytes."""
        if position in self._held:
            self._set(position, size)
            self._grant()

    def leave(self, position: Position) -> None:
        """It no longer waits. To leave twice does nothing."""
        if position in self._held:
            self._set(position, 0)
            del self._held[position]
            self._grant()

    def _set(self, position: Position, size: int) -> None:
        self._total += size - self._held[position]
        self._held[position] = size

    def _grant(self) -> None:
        if not self._waiting:
            return
        first = min(self._held, default=())
        for position in sorted(self._waiting):
            if position != first and self._total + self._guess > self._most:
                return
            granted = self._waiting.pop(position)
            if not granted.done():
                self._set(position, self._guess)
                granted.set_result(None)
