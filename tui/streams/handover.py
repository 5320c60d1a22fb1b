"""A bounded pipe of bytes between the event loop and a thread: tar is read and written by the standard library, which
blocks, and a fast network must not fill the memory while a slow disk catches up, nor the other way round."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator

PARTS = 64
"""Pieces that wait at most; of some 32 KiB each."""


class Closed(Exception):
    """The other side has given up."""


class Inlet:
    """The loop feeds it, a thread reads it as a file."""

    def __init__(self) -> None:
        self._parts: queue.Queue[bytes | None] = queue.Queue(PARTS)
        self._rest = b""
        self._ended = False
        self._abandoned = False

    async def feed(self, data: bytes) -> None:
        """Returns when there is room for more. Raises Closed once nobody reads any more."""
        await self._put(data)
        if self._abandoned:
            raise Closed

    async def end(self) -> None:
        """Nothing more will come."""
        await self._put(None)

    def abandon(self) -> None:
        """The reader needs no more: what is fed from now on is refused. Called by its thread."""
        self._abandoned = True

    def stop(self) -> None:
        """The loop feeds no more, and the reader is to find an end, be the pipe full or not. Called after `abandon`."""
        while True:
            try:
                self._parts.put_nowait(None)
                return
            except queue.Full:
                self._parts.get_nowait()

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer only at the end. Called by the thread."""
        parts = [self._rest]
        have = len(self._rest)
        while have < size and not self._ended:
            part = self._parts.get()
            if part is None:
                self._ended = True
            else:
                parts.append(part)
                have += len(part)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]

    async def _put(self, part: bytes | None) -> None:
        try:
            self._parts.put_nowait(part)
        except queue.Full:
            await asyncio.to_thread(self._put_later, part)

    def _put_later(self, part: bytes | None) -> None:
        """In a thread, which does not wait for a reader that has given up."""
        while not self._abandoned:
            try:
                self._parts.put(part, timeout=0.1)
                return
            except queue.Full:
                continue


class Outlet:
    """A thread writes it as a file, the loop takes from it."""

    def __init__(self) -> None:
        self._parts: queue.Queue[bytes | BaseException | None] = queue.Queue(PARTS)
        self._abandoned = False

    def write(self, data: bytes) -> int:
        """Called by the thread; waits for room. Raises Closed once nobody takes any more."""
        self._put(bytes(data))
        return len(data)

    def end(self, died_of: BaseException | None = None) -> None:
        """Called by the thread: nothing more will come. died_of: is raised in the loop."""
        try:
            self._put(died_of)
        except Closed:
            pass

    def abandon(self) -> None:
        """The loop takes no more."""
        self._abandoned = True

    async def parts(self) -> AsyncIterator[bytes]:
        """What was written, until its end. Raises what the thread died of."""
        while True:
            try:
                part = self._parts.get_nowait()
            except queue.Empty:
                part = await asyncio.to_thread(self._wait)
            if part is None:
                return
            if isinstance(part, BaseException):
                raise part
            if part:
                yield part

    def _wait(self) -> bytes | BaseException | None:
        try:
            return self._parts.get(timeout=0.2)
        except queue.Empty:
            return b""  # so that whoever is cancelled leaves no thread behind that waits for ever

    def _put(self, part: bytes | BaseException | None) -> None:
        while not self._abandoned:
            try:
                self._parts.put(part, timeout=0.1)
                return
            except queue.Full:
                continue
        raise Closed
