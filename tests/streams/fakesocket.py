"""A cluster of which only the sockets are there: what is to be received is scripted, what was sent is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tui.errors import SourceError
from tui.streams.paths import Query
from tui.wire.outgoing import Bytes, Outgoing

SOME = 3
"""Messages that are received together at most."""


class FakeSocket:
    """Fits `tui.streams.remote.Socket`. Received is what was put into `coming`: bytes, None (leave taken), or an error
    (the connection broke)."""

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol
        self.coming: asyncio.Queue[bytes | SourceError | None] = asyncio.Queue()
        self._next: list[SourceError | None] = []
        self.sent: list[bytes] = []
        self.sent_some = asyncio.Event()
        self.broken: SourceError | None = None

    async def send(self, *messages: Bytes | Outgoing) -> None:
        if self.broken is not None:
            raise self.broken
        await asyncio.sleep(0)
        self.sent += map(bytes, messages)
        self.sent_some.set()

    async def receive(self) -> bytes | None:
        message = self._next.pop() if self._next else await self.coming.get()
        if isinstance(message, SourceError):
            raise message
        return message

    async def receive_all(self) -> Sequence[bytes]:
        """Some of what is there, up to an end."""
        message = await self.receive()
        messages = [] if message is None else [message]
        while messages and len(messages) < SOME and not self.coming.empty():
            coming = self.coming.get_nowait()
            if not isinstance(coming, bytes):
                self._next.append(coming)
                break
            messages.append(coming)
        return messages

    async def has_sent(self, count: int) -> None:
        """Return once so many messages have been sent."""
        while len(self.sent) < count:
            self.sent_some.clear()
            await self.sent_some.wait()

    def brings(self, *messages: bytes | SourceError | None) -> None:
        for message in messages:
            self.coming.put_nowait(message)


class FakePort:
    """Fits `tui.streams.remote.Port`: gives `socket`, or raises `refusal`. asked: path, query and protocols."""

    def __init__(self, socket: FakeSocket, refusal: SourceError | None = None) -> None:
        self._socket = socket
        self._refusal = refusal
        self.asked: list[tuple[str, Query, Sequence[str]]] = []
        self.open = 0

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[FakeSocket]:
        self.asked.append((path, query, protocols))
        if self._refusal is not None:
            raise self._refusal
        self.open += 1
        try:
            yield self._socket
        finally:
            self.open -= 1
