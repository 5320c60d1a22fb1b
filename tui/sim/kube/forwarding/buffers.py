"""Connections inside the simulator: two directions of bytes, each bounded, each with an end of its own.

A TCP connection as far as two programs can tell: whoever writes faster than the other reads has to wait; either side
can say that it has no more to say and still listen; a program that dies resets what it had not read.
"""

from __future__ import annotations

import asyncio
from collections import deque

LIMIT = 256 << 10
"""Bytes that a direction holds back before its writer has to wait; one write may go beyond it."""


class Buffer:
    """One direction: one writer, one reader."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._ended = False
        self._broken = False
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self.size = 0

    async def put(self, data: bytes) -> None:
        """Wait for room, then add. Raises ConnectionResetError where nobody will read it."""
        while not self._writable.is_set():
            await self._writable.wait()
        if self._broken or self._ended:
            raise ConnectionResetError
        if data:
            self._chunks.append(data)
            self.size += len(data)
            self._readable.set()
            if self.size >= self._limit:
                self._writable.clear()

    async def get(self) -> bytes:
        """What comes next; b"" at the end. Raises ConnectionResetError where the end was none."""
        while not self._readable.is_set():
            await self._readable.wait()
        if self._broken:
            raise ConnectionResetError
        if not self._chunks:
            return b""
        data = self._chunks.popleft()
        self.size -= len(data)
        if self.size < self._limit:
            self._writable.set()
        if not self._chunks and not self._ended:
            self._readable.clear()
        return data

    def end(self) -> None:
        """Nothing more will be put; what is in it can still be read."""
        self._ended = True
        self._readable.set()
        self._writable.set()

    def break_off(self) -> None:
        """Both sides learn that it is over, the reader at once."""
        self._broken = True
        self._chunks.clear()
        self.size = 0
        self._readable.set()
        self._writable.set()


class Connection:
    """One side's view of a connection: see `connection`."""

    def __init__(self, incoming: Buffer, outgoing: Buffer) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    async def read(self) -> bytes:
        """The next bytes; b"" once the other side has ended. Raises ConnectionResetError."""
        return await self._incoming.get()

    async def write(self, data: bytes) -> None:
        """Waits while the other side has too much to read. Raises ConnectionResetError."""
        await self._outgoing.put(data)

    def write_eof(self) -> None:
        """The other side reads an end; it may go on writing."""
        self._outgoing.end()

    def close(self) -> None:
        """As the kernel closes for a process that is gone: an end, but a reset where it had not read everything, and
        for whatever is written to it afterwards."""
        if self._incoming.size:
            self._outgoing.break_off()
        else:
            self._outgoing.end()
        self._incoming.break_off()

    def abort(self) -> None:
        """A reset, both ways."""
        self._outgoing.break_off()
        self._incoming.break_off()


def connection(limit: int = LIMIT) -> tuple[Connection, Connection]:
    """The two sides of a new one."""
    there, back = Buffer(limit), Buffer(limit)
    return Connection(back, there), Connection(there, back)
