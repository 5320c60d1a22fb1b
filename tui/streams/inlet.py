"""What somebody feeds to a command: a pipe, or a file. It comes by the gigabyte, so what is there already is read at
once, as messages that are sent together: to watch for it, or to have a thread read it, takes longer than to read it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress

from tui.errors import UsageError
from tui.streams.waitless import UntoldError, read_now, widen
from tui.wire.channels import MESSAGE_BYTES, STDIN, TOGETHER, Data, blank
from tui.wire.outgoing import Bytes, Outgoing

IN_FILE = 2 * TOGETHER
"""Messages of a file that are read at a time where its disk is waited for: each turn of a thread has its cost."""
TURN = 1 << 20
"""Bytes after which others have their turn, where neither reading nor sending has to wait."""
LEAST = 16 << 10
"""What a piece counts for at least: small ones take their time too."""


class Inlet:
    """Reads a descriptor that is no terminal; nothing is read before it is wanted."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._waitless = True
        self._many = 1
        """Messages that are made ready to be read into."""

    async def chunks(self) -> AsyncGenerator[Data]:
        """What comes, until its end; what is there at once as messages for stdin. Raises UsageError where it cannot be
        read."""
        turn = 0
        try:
            while data := await self._next():
                yield data
                turn += max(LEAST, len(data) if isinstance(data, Bytes) else sum(map(len, data)))
                if turn >= TURN:
                    turn = 0
                    await asyncio.sleep(0)
        except OSError as exc:
            raise UsageError(f"stdin cannot be read: {exc.strerror}") from exc

    async def _next(self) -> Data:
        while True:
            there = self._there() if self._waitless else None
            if there:
                return there
            try:
                await _readable(self._fd)
            except PermissionError:  # a file, /dev/null: a selector takes none, for there is always something to read
                return await asyncio.to_thread(_read, os.readv, self._fd, IN_FILE)
            if there is not None or not self._waitless:
                with suppress(BlockingIOError):  # whoever made the pipe has others read it too
                    return os.read(self._fd, MESSAGE_BYTES)

    def _there(self) -> Sequence[Outgoing] | None:
        """What can be read without waiting; None where nothing can. No message seems to be the end, which is to be seen
        in another way too: Linux 5.9 and 5.10 say so in the middle of files (preadv2(2), BUGS)."""
        try:
            messages = _read(read_now, self._fd, self._many)
        except BlockingIOError:
            return None
        except UntoldError:
            self._waitless = False
            return None
        whole = sum(len(message) > MESSAGE_BYTES for message in messages)
        if whole and self._many == 1:
            widen(self._fd)
        self._many = min(TOGETHER, 2 * whole) or 1
        return messages


def _read(read: Callable[[int, Sequence[memoryview]], int], fd: int, many: int) -> Sequence[Outgoing]:
    """At most so many messages for stdin, as full as what is read makes them; none at the end. Raises as `read`."""
    messages = [blank(STDIN) for _ in range(many)]
    whole, rest = divmod(read(fd, [message.body(1) for message in messages]), MESSAGE_BYTES)
    if rest:
        messages[whole].cut(1 + rest)
    return messages[: whole + bool(rest)]


async def _readable(fd: int) -> None:
    """Return when there is something to read, or nothing more will come. Raises PermissionError for a file."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(fd, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(fd)
