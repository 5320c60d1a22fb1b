"""stdout for a stream without an end: a slow reader must hold up the logs, not the program, and one that is gone must
be noticed even while there is nothing to write."""

from __future__ import annotations

import asyncio
import fcntl
import os
import queue
import select
import sys
import threading
from collections.abc import Sequence
from typing import TypeAlias

from tui.cli.crash import StdoutLost
from tui.clock import Clock

Bytes: TypeAlias = bytes | memoryview
LOOK_EVERY = 1.0
MOST = 1 << 20
"""Bytes that wait to be written, before whoever brings more waits with them."""
AT_ONCE = 64
"""Pieces given to the system in one call; every system takes so many."""
PIPE = 1 << 20
"""Bytes that a pipe to our reader may hold: with the usual 64 KiB both sides would be woken for each of them."""


class Output:
    """Writes to stdout in a thread of its own, which ends with the program even where nobody reads any more."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._fd = sys.stdout.fileno()
        _widen(self._fd)
        self._loop = asyncio.get_running_loop()
        self._work: queue.SimpleQueue[Bytes] = queue.SimpleQueue()
        self._queued = 0
        self._moved = asyncio.Event()
        self._error: OSError | None = None
        threading.Thread(target=self._run, name="stdout", daemon=True).start()

    async def write(self, data: Bytes) -> None:
        """Return when it has been taken, or will be soon; until then it may not change. Raises BrokenPipeError where
        nobody reads, else StdoutLost; of what was written before, too."""
        if data:
            self._queued += len(data)
            self._work.put(data)
        await self._until(MOST)

    async def flush(self) -> None:
        """Return when everything has been taken. Raises as `write`."""
        await self._until(0)

    async def gone(self, clock: Clock) -> None:
        """Return when nobody can read any more what is written."""
        waiting = select.poll()
        waiting.register(self._fd, 0)  # reports nothing but its end
        while not any(event & (select.POLLERR | select.POLLNVAL) for _, event in waiting.poll(0)):
            await clock.sleep(LOOK_EVERY)

    async def _until(self, most: int) -> None:
        """Return when no more than `most` bytes wait."""
        while self._error is None and self._queued > most:
            self._moved.clear()
            await self._moved.wait()
        if isinstance(self._error, BrokenPipeError):
            raise self._error
        if self._error is not None:
            raise StdoutLost(f"the result cannot be written to stdout: {self._error.strerror}") from self._error

    def _run(self) -> None:
        while True:
            parts = [self._work.get()]
            size = len(parts[0])
            while size < MOST and len(parts) < AT_ONCE and not self._work.empty():
                parts.append(self._work.get())
                size += len(parts[-1])
            self._tell(size, self._written(parts))

    def _tell(self, count: int, error: OSError | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._wrote, count, error)
        except RuntimeError:
            pass  # the loop has ended while something was being written

    def _written(self, parts: Sequence[Bytes]) -> OSError | None:
        left = [memoryview(part) for part in parts]
        try:
            while left:
                taken = self._taken(left)
                while left and taken >= len(left[0]):
                    taken -= len(left.pop(0))
                if taken:
                    left[0] = left[0][taken:]
        except OSError as error:
            return error
        return None

    def _taken(self, parts: Sequence[memoryview]) -> int:
        """Bytes that were taken of them, once some can be. Raises OSError."""
        while True:
            try:
                return os.writev(self._fd, parts)
            except BlockingIOError:  # somebody has set the pipe so, for all who hold it
                room = select.poll()
                room.register(self._fd, select.POLLOUT)
                room.poll()

    def _wrote(self, count: int, error: OSError | None) -> None:
        self._queued -= count
        self._error = self._error or error
        self._moved.set()


def _widen(fd: int) -> None:
    """Have a pipe hold more, where this system can (Linux) and allows it; what is no pipe stays as it is."""
    wider: int | None = getattr(fcntl, "F_SETPIPE_SZ", None)
    if wider is not None:
        try:
            fcntl.fcntl(fd, wider, PIPE)
        except OSError:
            pass
