"""One stream of a port-forward's tunnel: what has come on it, and whether it holds the others up."""

from __future__ import annotations

import asyncio
from collections import deque

from tui.errors import Problem, SourceError

BUFFERED = 1 << 20
"""Bytes of one connection that wait for a slow reader before the tunnel is held up."""
TAKEN = 64 << 10
"""Bytes that are read of it at a time, so that a slow reader is told from one that has stopped."""
TAKEN_SOON = 256 << 10
"""The same by a reader who came back soon: each time costs as much as copying these."""
SOON = 0.05
"""Seconds since he last read something."""


class Stream:
    """What has come on one stream and not been read yet. most: bytes beyond which it is dropped; None = it is read."""

    def __init__(self, id: int, most: int | None = None) -> None:
        self.id = id
        self._most = most
        self.accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.held: deque[bytes] = deque()
        self.size = 0
        self.finished = False
        self.broken: Problem | None = None
        self.changed = asyncio.Event()
        self._read = float("-inf")
        """When something was read last, by the loop's clock."""
        self.carries = most is None
        """Whether it is a connection's data."""
        self.asks = True
        """Whether its last word was ours."""
        self.holds_up = 0
        """How many other connections wait for this one's reader."""
        self.cut: Problem | None = None
        """Why it was cut off on this side."""
        self.noticed = asyncio.Event()
        """Set with each change of the two."""

    @property
    def full(self) -> bool:
        return self.carries and self.size >= BUFFERED and self.broken is None

    def notice(self, holds_up: int) -> None:
        if holds_up != self.holds_up:
            self.holds_up = holds_up
            self.noticed.set()

    def take(self, data: bytes, *, fin: bool) -> None:
        if data and self.broken is None and (self._most is None or self.size < self._most):
            self.held.append(data)
            self.size += len(data)
        self.finished = self.finished or fin
        self.changed.set()

    def end(self, problem: Problem) -> None:
        """It broke. What has come already can still be read."""
        if self.broken is None:
            self.broken = problem
        if not self.accepted.done():
            self.accepted.set_exception(SourceError(problem))
            self.accepted.exception()  # there may be nobody left who waits for it
        self.changed.set()

    def cut_off(self, problem: Problem) -> None:
        """It ends on this side; what has come is not worth reading any more."""
        self.cut = problem
        self.end(problem)
        self.noticed.set()

    async def read(self) -> bytes | None:
        """Some of what came, None at its end. Raises SourceError where it broke."""
        while not self.held:
            if self.finished:
                return None
            if self.broken is not None:
                raise SourceError(self.broken)
            self.changed.clear()
            await self.changed.wait()
        now = asyncio.get_running_loop().time()
        most, self._read = TAKEN_SOON if now - self._read < SOON else TAKEN, now
        parts = [self.held.popleft()]
        size = len(parts[0])
        while self.held and size < most:
            parts.append(self.held.popleft())
            size += len(parts[-1])
        self.size -= size
        self.changed.set()
        return b"".join(parts)

    async def room(self) -> None:
        """Return once there is room for more."""
        while self.full:
            self.changed.clear()
            await self.changed.wait()
