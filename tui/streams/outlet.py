"""What is written where nobody may be reading: a terminal that has been stopped, a pipe whose reader is busy.

write(2) then waits for as long as that lasts, and nothing cuts it short. So what finds no room at once is left to a
thread of its own, which is left behind at the end: asyncio and Python both wait for the threads of the default executor
before they end, and a program whose output nobody takes would not.
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

from tui.streams.waitless import UntoldError, write_now
from tui.wire.outgoing import Bytes

AHEAD = 1 << 20
"""Bytes that may wait to be written before who brings more has to wait too."""
AT_ONCE = 64
"""Pieces given to the system in one call; every system takes so many."""
_TOGETHER = AHEAD // 4
"""Bytes that the thread is given together at most: others can be brought meanwhile."""
PIECE = 1024
"""Bytes that one piece counts for besides its own: many small ones fill the memory as well."""


class _Share:
    """Pieces that the thread is given together. size: what they count for. done: once they have been written."""

    def __init__(self, done: asyncio.Future[None]) -> None:
        self.pieces: list[Bytes] = []
        self.size = 0
        self.done = done
        done.add_done_callback(_looked_at)

    def add(self, data: Bytes) -> int:
        """What it counts for."""
        self.pieces.append(data)
        self.size += len(data) + PIECE
        return len(data) + PIECE


class Outlet:
    """Of one descriptor; what is given to it comes out in that order. To be used in a `with`, in one event loop."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._shares: SimpleQueue[_Share | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._gathered: _Share | None = None
        self._fed: deque[_Share] = deque()
        self._ahead = 0
        self._unwritten = 0
        """Shares that the thread has and has not written."""
        self._waitless = True
        self._broke = asyncio.Event()
        self._error: OSError | None = None

    def __enter__(self) -> Outlet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hand_over()
        self._shares.put(None)

    def put(self, data: Bytes) -> asyncio.Future[None]:
        """Have it written, and do not wait. The future: done once it has been; it may be left alone, and then so is an
        OSError."""
        self._hand_over()
        share = self._gathered = _Share(asyncio.get_running_loop().create_future())
        share.add(data)
        self._hand_over()
        return share.done

    async def write(self, data: Bytes) -> None:
        """Return once it has been taken. Raises OSError, BrokenPipeError among them."""
        await self.put(data)

    async def feed(self, *parts: Bytes) -> None:
        """Return once little enough waits to be written. Until they have been taken, `parts` may not change. Raises the
        OSError of what was fed before, after which nothing more is written.

        What finds room at once does without the thread, and what is fed to it in one turn of the loop goes there
        together: to wake it costs more than to write, and bytes come by the gigabyte.
        """
        if self._error is not None:
            raise self._error
        straight = self._gathered is None and self._waitless and not self._unwritten
        for data in self._rest(parts) if straight else parts:
            share = self._gathered or self._gather()
            self._ahead += share.add(data)
            if share.size >= _TOGETHER:
                self._hand_over()
        while self._fed and (self._ahead > AHEAD or self._fed[0].done.done()):
            await self._oldest()

    def _gather(self) -> _Share:
        loop = asyncio.get_running_loop()
        share = self._gathered = _Share(loop.create_future())
        self._fed.append(share)
        loop.call_soon(self._hand_over)
        return share

    def _rest(self, parts: Sequence[Bytes]) -> Sequence[Bytes]:
        """What of these finds no room now; the rest has been written. Raises OSError."""
        try:
            while parts:
                parts = _beyond(parts, write_now(self._fd, parts[:AT_ONCE]))
        except BlockingIOError:
            pass
        except UntoldError:
            self._waitless = False
        except OSError as exc:
            self._break(exc)
            raise
        return parts

    async def flush(self) -> None:
        """Return once all that was fed has been taken. Raises its OSError."""
        while self._fed:
            await self._oldest()

    async def broken(self) -> None:
        """Raises the OSError of whatever could not be written, as soon as it could not; until then it waits."""
        await self._broke.wait()
        if self._error is not None:
            raise self._error

    async def _oldest(self) -> None:
        share = self._fed.popleft()
        if share is self._gathered:
            self._hand_over()
        self._ahead -= share.size
        await share.done

    def _hand_over(self) -> None:
        share, self._gathered = self._gathered, None
        if share is None:
            return
        if self._thread is None:
            loop = share.done.get_loop()
            self._thread = threading.Thread(target=self._run, args=(loop,), name=f"writes to {self._fd}", daemon=True)
            self._thread.start()
        self._unwritten += 1
        self._shares.put(share)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        error: OSError | None = None
        while batch := self._batch():
            if error is None:  # behind what could not be written there would be a hole
                try:
                    write_all(self._fd, [piece for share in batch for piece in share.pieces])
                except OSError as exc:
                    error = exc
            with suppress(RuntimeError):  # the loop has ended meanwhile, and nobody wants to know
                loop.call_soon_threadsafe(self._settle, batch, error)
            del batch  # each piece keeps all that was read with it, and the next may be long in coming

    def _batch(self) -> list[_Share]:
        """What waits, once something does; nothing at the end."""
        batch: list[_Share] = []
        size = 0
        share = self._shares.get()
        with suppress(Empty):
            while share is not None:
                batch.append(share)
                size += share.size
                if size >= _TOGETHER:
                    return batch
                share = self._shares.get_nowait()
            if batch:
                self._shares.put(None)  # the end is for the next time
        return batch

    def _settle(self, written: Sequence[_Share], error: OSError | None) -> None:
        self._unwritten -= len(written)
        if error is not None:
            self._break(error)
        for share in written:
            share.pieces.clear()
            if share.done.done():  # who waited for it has left
                continue
            if error is None:
                share.done.set_result(None)
            else:
                share.done.set_exception(error)

    def _break(self, error: OSError) -> None:
        self._error, self._waitless = error, False
        self._broke.set()


def _looked_at(done: asyncio.Future[None]) -> None:
    """asyncio would complain of an error that nobody asked for."""
    if not done.cancelled():
        done.exception()


def takes(fd: int) -> bool:
    """Whether something written now would be taken, some bytes of it at least."""
    return bool(select.select([], [fd], [], 0)[1])


def write_all(fd: int, parts: Sequence[Bytes]) -> None:
    """Returns once all of it has been taken, however long that lasts. Raises OSError."""
    while parts:
        try:
            parts = _beyond(parts, os.writev(fd, parts[:AT_ONCE]))
        except BlockingIOError:  # whoever made the pipe reads it slowly, and would not have us wait in the kernel
            room = select.poll()
            room.register(fd, select.POLLOUT)
            room.poll()


def _beyond(parts: Sequence[Bytes], taken: int) -> Sequence[Bytes]:
    """What is left of these where so many bytes have been taken."""
    for place, part in enumerate(parts):
        if taken < len(part):
            return [memoryview(part)[taken:], *parts[place + 1 :]]
        taken -= len(part)
    return ()
