"""A client of SPDY/3.1 for tests: pairs of streams over anything that carries bytes, and everything that came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tui.wire.spdy import LARGEST_DATA, Data, Event, GoAway, Ping, Reset, RstStream, SpdyReader, SpdyWriter, SynReply


@dataclass
class Stream:
    """What came on one stream. replied, ended: SYN_REPLY, FIN. reset: its status, where it came."""

    id: int
    data: bytearray = field(default_factory=bytearray)
    replied: bool = False
    ended: bool = False
    reset: int | None = None


class SpdyClient:
    """Send and `meet` what comes; every wait ends with the connection, by an assertion."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send
        self._writer = SpdyWriter()
        self._reader = SpdyReader()
        self._next = 1
        self._news = asyncio.Event()
        self.events: list[Event] = []
        self.streams: dict[int, Stream] = {}
        self.pings: list[int] = []
        self.gone = False
        self.closed = False

    def meet(self, chunk: bytes) -> None:
        """Bytes have come."""
        for event in self._reader.feed(chunk):
            self.events.append(event)
            match event:
                case SynReply():
                    self.streams[event.stream].replied = True
                case Data():
                    stream = self.streams[event.stream]
                    stream.data += event.data
                    stream.ended = stream.ended or event.fin
                case RstStream():
                    self.streams.setdefault(event.stream, Stream(event.stream)).reset = event.status
                case Ping():
                    self.pings.append(event.id)
                case GoAway():
                    self.gone = True
                case _:
                    pass
        self._news.set()

    def end(self) -> None:
        """Nothing more will come."""
        self.closed = True
        self._news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what has to come; fails when the connection ends, or after long, without it."""
        async with asyncio.timeout(30):
            while not holds():
                assert not self.closed, "the connection has ended"
                self._news.clear()
                await self._news.wait()

    async def until_closed(self) -> None:
        """Wait for the end of the connection."""
        async with asyncio.timeout(30):
            while not self.closed:
                self._news.clear()
                await self._news.wait()

    async def open(self, **headers: str) -> Stream:
        """A stream with those headers; not waited for."""
        stream = self.streams[self._next] = Stream(self._next)
        self._next += 2
        await self._send(self._writer.syn_stream(stream.id, tuple(headers.items())))
        return stream

    async def pair(self, port: int, request: int) -> tuple[Stream, Stream]:
        """(data, error) of one connection, as kubectl opens them."""
        error = await self.open(streamtype="error", port=str(port), requestid=str(request))
        await self.until(lambda: error.replied)
        await self.write(error, b"", fin=True)
        data = await self.open(streamtype="data", port=str(port), requestid=str(request))
        await self.until(lambda: data.replied)
        return data, error

    async def write(self, stream: Stream, data: bytes, *, fin: bool = False) -> None:
        for start in range(0, len(data), LARGEST_DATA):
            await self._send(self._writer.data(stream.id, data[start : start + LARGEST_DATA]))
        if fin:
            await self._send(self._writer.data(stream.id, b"", fin=True))

    async def reset(self, stream: Stream) -> None:
        await self._send(self._writer.rst_stream(stream.id, Reset.CANCEL))

    async def ping(self, id: int) -> None:
        await self._send(self._writer.ping(id))

    async def go_away(self) -> None:
        await self._send(self._writer.go_away(0))

    async def send(self, raw: bytes) -> None:
        """Bytes of one's own."""
        await self._send(raw)


@asynccontextmanager
async def tunnelled(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[SpdyClient]:
    """SPDY in the binary messages of a WebSocket, each cut in two and followed by an empty one, as clients may."""

    async def send(data: bytes) -> None:
        for part in (data[:3], data[3:], b""):
            await socket.send_bytes(part)

    client = SpdyClient(send)

    async def read() -> None:
        async for message in socket:
            client.meet(message.data)
        client.end()

    reading = asyncio.create_task(read())
    try:
        yield client
    finally:
        reading.cancel()
        await socket.close()
