"""What is written where nobody may be reading: a terminal that has been stopped, a pipe whose reader is busy.

write(2) then waits for as long as that lasts, and nothing cuts it short. So it waits in a thread of its own, which is
left behind at the end: asyncio and Python both wait for the threads of the default executor before they end, and a
program whose output nobody takes would not.
"""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TypeAlias

Bytes: TypeAlias = bytes | memoryview
_Piece: TypeAlias = tuple[Bytes, "asyncio.Future[None]"]

AHEAD = 1 << 20
"""Bytes that may wait to be written before who brings more has to wait too."""
AT_ONCE, BYTES_AT_ONCE = 64, AHEAD // 4
"""Pieces given to the system in one call (every system takes so many), and bytes beyond which no more are added: others
can be brought meanwhile."""


class Outlet:
    """Of one descriptor; what is given to it comes out in that order. To be used in a `with`, in one event loop."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._pieces: SimpleQueue[_Piece | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._fed: deque[tuple[asyncio.Future[None], int]] = deque()
        self._ahead = 0

    def __enter__(self) -> Outlet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pieces.put(None)

    def put(self, data: Bytes) -> asyncio.Future[None]:
        """Have it written, and do not wait. The future: done once it has been; it may be left alone, and then so is an
        OSError."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        done.add_done_callback(_looked_at)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(loop,), name=f"writes to {self._fd}", daemon=True)
            self._thread.start()
        self._pieces.put((data, done))
        return done

    async def write(self, data: Bytes) -> None:
        """Return once it has been taken. Raises OSError, BrokenPipeError among them."""
        await self.put(data)

    async def feed(self, data: Bytes) -> None:
        """Return once little enough waits to be written: each turn of the thread has its cost, and bytes come by the
        gigabyte. Until it has been taken, `data` may not change. Raises the OSError of what was fed before, after which
        nothing more is written."""
        self._fed.append((self.put(data), len(data)))
        self._ahead += len(data)
        while self._fed and (self._ahead > AHEAD or self._fed[0][0].done()):
            await self._oldest()

    async def flush(self) -> None:
        """Return once all that was fed has been taken. Raises its OSError."""
        while self._fed:
            await self._oldest()

    async def _oldest(self) -> None:
        done, size = self._fed.popleft()
        self._ahead -= size
        await done

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        error: OSError | None = None
        while batch := self._batch():
            if error is None:  # behind what could not be written there would be a hole
                try:
                    write_all(self._fd, [data for data, _ in batch])
                except OSError as exc:
                    error = exc
            with suppress(RuntimeError):  # the loop has ended meanwhile, and nobody wants to know
                loop.call_soon_threadsafe(_settle, [done for _, done in batch], error)

    def _batch(self) -> list[_Piece]:
        """What waits, once something does; nothing at the end."""
        batch: list[_Piece] = []
        size = 0
        piece = self._pieces.get()
        with suppress(Empty):
            while piece is not None:
                batch.append(piece)
                size += len(piece[0])
                if len(batch) == AT_ONCE or size >= BYTES_AT_ONCE:
                    return batch
                piece = self._pieces.get_nowait()
            if batch:
                self._pieces.put(None)  # the end is for the next time
        return batch


def _settle(written: list[asyncio.Future[None]], error: OSError | None) -> None:
    for done in written:
        if done.done():  # who waited for it has left
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _looked_at(done: asyncio.Future[None]) -> None:
    """asyncio would complain of an error that nobody asked for."""
    if not done.cancelled():
        done.exception()


def takes(fd: int) -> bool:
    """Whether something written now would be taken, some bytes of it at least."""
    return bool(select.select([], [fd], [], 0)[1])


def write_all(fd: int, parts: Sequence[Bytes]) -> None:
    """Returns once all of it has been taken, however long that lasts. Raises OSError."""
    left = [memoryview(part) for part in parts if part]
    while left:
        try:
            taken = os.writev(fd, left)
        except BlockingIOError:  # whoever made the pipe reads it slowly, and would not have us wait in the kernel
            room = select.poll()
            room.register(fd, select.POLLOUT)
            room.poll()
            continue
        while left and taken >= len(left[0]):
            taken -= len(left.pop(0))
        if taken:
            left[0] = left[0][taken:]
