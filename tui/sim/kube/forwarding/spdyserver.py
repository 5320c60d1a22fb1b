"""The server's end of a SPDY/3.1 connection: streams that the client opens, each an end to read and to write.

As github.com/moby/spdystream does it: no flow control, so a stream that nobody reads stops, once its buffer is full,
the reading of the whole connection; that is what bounds the memory, there and here.
"""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.kube.forwarding.buffers import Buffer
from tui.sim.kube.forwarding.pipes import BytePipe
from tui.wire.errors import WireError
from tui.wire.spdy import LARGEST_DATA, Data, Event, GoAway, Ping, Reset, RstStream, SpdyReader, SpdyWriter, SynStream

MOST_STREAMS = 4096
"""Streams open at once; far beyond what anybody forwards, and a bound for what a hostile client can make us keep."""


class SpdyStream:
    """A stream that the client has opened. header: its names and values as they came."""

    def __init__(self, server: SpdyServer, opened: SynStream) -> None:
        self.id = opened.stream
        self.header = opened.header
        self._server = server
        self._inbox = Buffer()
        self._ended = False  # by us
        if opened.fin:
            self._inbox.end()

    async def read(self) -> bytes:
        """The next bytes; b"" once the client has ended. Raises ConnectionResetError: reset, or all gone."""
        return await self._inbox.get()

    async def write(self, data: bytes) -> None:
        """Raises ConnectionResetError."""
        for start in range(0, len(data), LARGEST_DATA):
            if self._ended:
                raise ConnectionResetError
            await self._server.send_data(self.id, data[start : start + LARGEST_DATA])

    async def write_eof(self) -> None:
        """Nothing more will be written; the client may go on. No second time, and not after a reset."""
        if not self._ended:
            self._ended = True
            await self._server.send_data(self.id, b"", fin=True)

    async def reset(self, status: Reset = Reset.CANCEL) -> None:
        """Over at once, both ways."""
        if not self._ended:
            self.drop()
            await self._server.send_reset(self.id, status)

    async def deliver(self, event: Data) -> None:
        """From the connection's reader. What comes for a stream that is not read any more goes nowhere."""
        try:
            await self._inbox.put(event.data)
        except ConnectionResetError:
            return
        if event.fin:
            self._inbox.end()

    def drop(self) -> None:
        """The client has reset it, or the connection is gone."""
        self._ended = True
        self._inbox.break_off()


class SpdyServer:
    """pipe: what it runs over. opened: told of each new stream, before it is accepted; False refuses it."""

    def __init__(self, pipe: BytePipe, opened: Callable[[SpdyStream], bool]) -> None:
        self._pipe = pipe
        self._opened = opened
        self._reader = SpdyReader()
        self._writer = SpdyWriter()
        self._streams: dict[int, SpdyStream] = {}
        self._last = 0
        self._leaving = False

    async def run(self) -> None:
        """Until the client is gone. A client that breaks the protocol is sent GOAWAY and no more is read of it."""
        try:
            while chunk := await self._pipe.read():
                for event in self._reader.feed(chunk):
                    await self._meet(event)
        except WireError:
            try:
                await self._pipe.write(self._writer.go_away(self._last))
            except ConnectionResetError:
                pass
        except ConnectionResetError:
            pass
        finally:
            for stream in self._streams.values():
                stream.drop()

    def forget(self, stream: SpdyStream) -> None:
        """Nobody is concerned with it any more; what still comes for it is passed over."""
        self._streams.pop(stream.id, None)
        stream.drop()

    async def send_data(self, stream: int, data: bytes, *, fin: bool = False) -> None:
        await self._pipe.write(self._writer.data(stream, data, fin=fin))

    async def send_reset(self, stream: int, status: Reset) -> None:
        await self._pipe.write(self._writer.rst_stream(stream, status))

    async def _meet(self, event: Event) -> None:
        match event:
            case SynStream():
                await self._open(event)
            case Data():
                stream = self._streams.get(event.stream)
                if stream is not None:
                    await stream.deliver(event)
            case RstStream():
                stream = self._streams.pop(event.stream, None)
                if stream is not None:
                    stream.drop()
            case Ping(id):
                if id % 2:  # even ones would be answers to our own
                    await self._pipe.write(self._writer.ping(id))
            case GoAway():
                self._leaving = True
            case _:
                pass

    async def _open(self, event: SynStream) -> None:
        if event.stream % 2 == 0 or event.stream <= self._last:
            await self.send_reset(event.stream, Reset.PROTOCOL_ERROR)
            return
        if self._leaving or len(self._streams) >= MOST_STREAMS:
            await self.send_reset(event.stream, Reset.REFUSED_STREAM)
            return
        self._last = event.stream
        stream = SpdyStream(self, event)
        self._streams[event.stream] = stream
        if not self._opened(stream):
            del self._streams[event.stream]
            await stream.reset()
            return
        # Made and handed over without a pause between: replies must leave in the order in which they are packed.
        await self._pipe.write(self._writer.syn_reply(event.stream))
