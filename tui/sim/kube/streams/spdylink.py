"""exec and attach over SPDY/3.1, as kubectl up to 1.30 speaks, and later ones where a WebSocket was refused.

The client opens a stream for each channel and names it in the header `streamType`. Source:
k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go.
"""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec
from aiohttp import web

from tui.sim.kube.streams.ending import Ending
from tui.sim.kube.streams.link import Said
from tui.sim.kube.streams.offers import SPDY, SPDY_VERSION
from tui.sim.kube.streams.upgrade import Upgraded
from tui.wire.channels import RESIZE, STATUS, STDERR, STDIN, STDOUT, V4
from tui.wire.errors import WireError
from tui.wire.spdy import LARGEST_DATA, Data, Event, GoAway, Ping, Reset, RstStream, SpdyReader, SpdyWriter, SynStream

_CHANNELS = {"error": STATUS, "stdin": STDIN, "stdout": STDOUT, "stderr": STDERR, "resize": RESIZE}
_FROM_CLIENT = (STDIN, RESIZE)
_STREAMS_SECONDS = 30.0
"""How long a client may take to open its streams; the kubelet's."""
_EARLY = 64
"""What a client may say on the first of its streams before it has opened the last."""


class SpdyLink:
    """protocol: what was agreed on."""

    def __init__(self, request: web.Request, protocol: str) -> None:
        self._request = request
        self._protocol = protocol
        self.response = Upgraded(SPDY, {SPDY_VERSION: protocol})
        self._reader, self._writer = SpdyReader(), SpdyWriter()
        self._events: deque[Event] = deque()
        self._streams: dict[int, int] = {}  # channel -> stream
        self._last = 0
        self._pings = 0

    async def open(self, wanted: set[int]) -> bool:
        """Accept, and wait until the client has opened a stream for each of these channels. False where it never does;
        the stream is over then."""
        await self.response.prepare(self._request)
        held: list[Event] = []
        try:
            async with asyncio.timeout(_STREAMS_SECONDS):
                while not wanted <= self._streams.keys():
                    event = await self._next()
                    if event is None or len(held) > _EARLY:
                        return False
                    if isinstance(event, SynStream):
                        await self._accept(event, wanted)
                    else:
                        held.append(event)
        except TimeoutError:
            return False
        self._events.extendleft(reversed(held))
        return True

    async def send(self, channel: int, data: bytes) -> None:
        stream = self._streams.get(channel)
        if stream is None:
            return
        for place in range(0, len(data), LARGEST_DATA):
            await self.response.write(self._writer.data(stream, data[place : place + LARGEST_DATA]))

    async def receive(self) -> Said | None:
        while True:
            event = await self._next()
            match event:
                case None | GoAway():
                    return None
                case Data(stream, data, fin):
                    channel = self._channel(stream)
                    if channel in _FROM_CLIENT:
                        return Said(channel, data, ended=fin)
                case RstStream(stream):
                    channel = self._channel(stream)
                    if channel == STDIN:
                        return Said(channel, b"", ended=True)
                case SynStream():
                    await self._accept(event, set())
                case _:
                    pass

    async def probe(self) -> None:
        self._pings += 2  # even numbers are the server's
        await self.response.write(self._writer.ping(self._pings))

    async def finish(self, ending: Ending) -> None:
        told = ending.words().encode()
        if self._protocol == V4:
            told = msgspec.json.encode({"metadata": {}, **ending.status(translated=False)})
        await self.send(STATUS, told)
        for channel in (STDOUT, STDERR, STATUS):
            if channel in self._streams:
                await self.response.write(self._writer.data(self._streams[channel], b"", fin=True))
        await self.response.write(self._writer.go_away(self._last))

    async def _accept(self, opened: SynStream, wanted: set[int]) -> None:
        channel = _CHANNELS.get(opened.header("streamtype"))
        if channel is None or channel not in wanted or channel in self._streams:
            await self.response.write(self._writer.rst_stream(opened.stream, Reset.REFUSED_STREAM))
            return
        self._streams[channel] = opened.stream
        self._last = opened.stream
        await self.response.write(self._writer.syn_reply(opened.stream))

    async def _next(self) -> Event | None:
        """The next event that is not merely a ping; None where the client is gone or is not to be understood."""
        while True:
            while self._events:
                event = self._events.popleft()
                if not isinstance(event, Ping):
                    return event
                if event.id % 2:
                    await self.response.write(self._writer.ping(event.id))
            try:
                chunk = await self.response.read()
                if not chunk:
                    return None
                self._events.extend(self._reader.feed(chunk))
            except (ConnectionError, WireError):
                return None

    def _channel(self, stream: int) -> int:
        """Of a stream; -1 for one that there is not."""
        return next((channel for channel, known in self._streams.items() if known == stream), -1)
