"""The far end of a port-forward tunnel, scripted: it answers a `FakeSocket` as a kubelet does, with frames of its own
making."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tests.streams.fakesocket import FakeSocket
from tui.wire.spdy import Data, Event, Ping, RstStream, SpdyReader, SpdyWriter, SynStream

Serve = Callable[["FakeKubelet", int, int, bytes], Awaitable[None]]
"""Told of data on a data stream: the kubelet, the stream, the port, the bytes (b"" at their end)."""


class FakeKubelet:
    """accepts: whether it answers a stream that is opened."""

    def __init__(self, socket: FakeSocket, serve: Serve, *, accepts: bool = True) -> None:
        self._socket = socket
        self._serve = serve
        self._accepts = accepts
        self._reader = SpdyReader()
        self.writer = SpdyWriter()
        self.opened: list[SynStream] = []
        self.reset: list[int] = []
        self.pongs: list[int] = []
        self.heard = asyncio.Event()

    def says(self, *frames: bytes) -> None:
        self._socket.brings(*frames)

    def error_of(self, stream: int) -> int:
        """The error stream that belongs to a data stream."""
        request = next(syn.header("requestid") for syn in self.opened if syn.stream == stream)
        return next(
            syn.stream
            for syn in self.opened
            if syn.header("streamtype") == "error" and syn.header("requestid") == request
        )

    async def run(self) -> None:
        """Answer until cancelled."""
        read = 0
        while True:
            await self._socket.has_sent(read + 1)
            message = self._socket.sent[read]
            read += 1
            for event in self._reader.feed(message):
                await self._answer(event)
            self.heard.set()

    async def _answer(self, event: Event) -> None:
        match event:
            case SynStream():
                self.opened.append(event)
                if self._accepts:
                    self.says(self.writer.syn_reply(event.stream))
            case Data():
                syn = next((syn for syn in self.opened if syn.stream == event.stream), None)
                if syn is not None and syn.header("streamtype") == "data":
                    if event.data:
                        await self._serve(self, event.stream, int(syn.header("port")), event.data)
                    if event.fin:
                        await self._serve(self, event.stream, int(syn.header("port")), b"")
            case RstStream():
                self.reset.append(event.stream)
            case Ping():
                self.pongs.append(event.id)
            case _:
                pass
