"""A bounded pipe between the event loop and a thread: files are read and written there, which blocks, and a fast
network must not fill the memory while a slow disk catches up, nor the other way round.

Neither side is woken for each piece: a piece is 64 KiB at most, and a switch between threads costs more than its copy.
"""

from __future__ import annotations

import asyncio
import tarfile
import threading
from collections import deque
from collections.abc import Sequence

from tui.streams.outlet import PIECE
from tui.wire.outgoing import Outgoing

HELD = 2 << 20
"""Bytes that wait before whoever brings more has to wait."""
BATCH = 256 << 10
"""Bytes for which the thread is woken."""
SOON = 0.05
"""Seconds after which it looks at fewer."""


class Closed(Exception):
    """The other side has given up."""


class ToThread:
    """The loop feeds it, a thread reads it as a file in which nobody can go back."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._come = threading.Condition()
        self._held: list[memoryview] = []
        self._size = 0
        self._ended = False
        self._abandoned = False
        self._room = asyncio.Event()
        # The thread's own: what it has taken and not read yet, and how much it has read.
        self._taken: deque[memoryview] = deque()
        self._place = 0

    async def feed(self, parts: Sequence[memoryview]) -> None:
        """Returns when there is room for more. Raises Closed once nobody reads any more."""
        with self._come:
            self._held += parts
            self._size += sum(map(len, parts)) + PIECE * len(parts)
            if self._size >= BATCH:
                self._come.notify()
            if self._size >= HELD:
                self._room.clear()
        if self._size >= HELD and not self._abandoned:
            await self._room.wait()
        if self._abandoned:
            raise Closed

    async def end(self) -> None:
        """Nothing more will come."""
        self.stop()

    def abandon(self) -> None:
        """The reader needs no more: what is fed from now on is refused. Called by its thread, or by the loop."""
        self._abandoned = True
        self._make_room()

    def stop(self) -> None:
        """The reader is to find an end after what has come."""
        with self._come:
            self._ended = True
            self._come.notify()

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end. Called by the thread."""
        parts: list[memoryview] = []
        left = size
        while left > 0 and (self._taken or self._take()):
            part = self._taken.popleft()
            if len(part) > left:
                self._taken.appendleft(part[left:])
                part = part[:left]
            parts.append(part)
            left -= len(part)
        self._place += size - left
        return b"".join(parts)

    def tell(self) -> int:
        """How many bytes have been read. Called by the thread."""
        return self._place

    def seek(self, place: int) -> int:
        """Read on to `place`, and forget what comes before. Raises tarfile.StreamError where that has been read."""
        if place < self._place:
            raise tarfile.StreamError("what has been read cannot be read again")
        while self._place < place and self.read(min(place - self._place, BATCH)):
            pass
        return self._place

    def _take(self) -> bool:
        """Wait for more; whether any came."""
        with self._come:
            if self._size < BATCH and not self._ended:
                self._come.wait(SOON)
            while not self._held and not self._ended:
                self._come.wait()
            held, self._held = self._held, []
            full, self._size = self._size >= HELD, 0
        self._taken.extend(held)
        if full:
            self._make_room()
        return bool(held)

    def _make_room(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._room.set)
        except RuntimeError:
            pass  # the loop has ended, and waits for nothing


class FromThread:
    """A thread makes messages, the loop takes them."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._gone = threading.Condition()
        self._held: deque[Outgoing] = deque()
        self._size = 0
        self._ended = False
        self._died_of: BaseException | None = None
        self._abandoned = False
        self._come = asyncio.Event()

    def write(self, messages: Sequence[Outgoing]) -> None:
        """Called by the thread; waits for room. Raises Closed once nobody takes any more."""
        with self._gone:
            while self._size >= HELD and not self._abandoned:
                self._gone.wait()
            if self._abandoned:
                raise Closed
            waited_for = not self._held
            self._held += messages
            self._size += sum(map(len, messages))
        if waited_for:
            self._loop.call_soon_threadsafe(self._come.set)

    def end(self, died_of: BaseException | None = None) -> None:
        """Called by the thread: nothing more will come. died_of: is raised in the loop."""
        with self._gone:
            self._ended, self._died_of = True, died_of
        self._loop.call_soon_threadsafe(self._come.set)

    def abandon(self) -> None:
        """The loop takes no more."""
        with self._gone:
            self._abandoned = True
            self._gone.notify()

    async def take(self, most: int) -> Sequence[Outgoing]:
        """So many messages at most; none at the end. Raises what the thread died of."""
        while True:
            with self._gone:
                taken = [self._held.popleft() for _ in range(min(most, len(self._held)))]
                self._size -= sum(map(len, taken))
                if self._size <= HELD // 2:
                    self._gone.notify()
                if not taken:
                    self._come.clear()
                ended = self._ended
            if taken:
                return taken
            if self._died_of is not None:
                raise self._died_of
            if ended:
                return ()
            await self._come.wait()
