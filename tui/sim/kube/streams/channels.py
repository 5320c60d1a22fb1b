"""exec and attach over a WebSocket: each message's first byte (or digit, where the data is base64) names a channel.

Source: k8s.io/apimachinery/pkg/util/httpstream/wsstream (conn.go), whose leniency is kept: a message for a channel that
there is none of, or that the client may not write to, is nothing.
"""

from __future__ import annotations

import base64
import binascii

import msgspec
from aiohttp import WSMsgType, web

from tui.sim.kube.streams.ending import Ending
from tui.sim.kube.streams.link import Said
from tui.sim.kube.streams.offers import V1_BASE64
from tui.wire.channels import CLOSE, RESIZE, STATUS, STDIN, V4, V4_BASE64, V5

LARGEST_MESSAGE = 32 << 20
"""Bytes; golang.org/x/net/websocket's DefaultMaxPayloadBytes."""
_CLOSING_SECONDS = 2.0


class ChannelLink:
    """protocol: what was agreed on, "" for none. talks: whether the client may be in the middle of a word at the end.

    A real server takes leave and closes the connection in the same breath: a client that wants to answer finds it gone,
    which is why some speak of an abnormal end (1006 in half of the recordings). So does this one, but for a client that
    talks: what it has sent and nobody has read would make the kernel drop the last of what was said to it.
    """

    def __init__(self, request: web.Request, protocol: str, *, talks: bool) -> None:
        self._request = request
        self._protocol = protocol
        self._base64 = protocol in (V4_BASE64, V1_BASE64)
        self.response = web.WebSocketResponse(
            timeout=_CLOSING_SECONDS if talks else 0.0,
            protocols=(protocol,),
            compress=False,
            max_msg_size=LARGEST_MESSAGE,
            decode_text=False,
        )

    async def open(self, first: int) -> None:
        """Accept. first: the lowest channel that we write to, on which an empty message says that we are there."""
        await self.response.prepare(self._request)
        await self.send(first, b"")

    async def send(self, channel: int, data: bytes) -> None:
        if self._base64:
            await self.response.send_str(f"{channel}{base64.b64encode(data).decode()}")
        else:
            await self.response.send_bytes(bytes((channel,)) + data)

    async def receive(self) -> Said | None:
        while True:
            message = await self.response.receive()
            if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
                return None
            if not message.data:
                continue
            channel, data = message.data[0], message.data[1:]
            if self._base64:
                channel -= ord("0")
                try:
                    data = base64.b64decode(data, validate=True)
                except binascii.Error:
                    return None
            if channel == CLOSE and self._protocol == V5:
                if len(data) != 1 or data[0] > RESIZE:
                    return None
                return Said(data[0], b"", ended=True)
            if channel in (STDIN, RESIZE):
                return Said(channel, data)

    async def probe(self) -> None:
        await self.response.ping()

    async def finish(self, ending: Ending) -> None:
        if self._protocol in (V5, V4, V4_BASE64):
            await self.send(STATUS, msgspec.json.encode(ending.status(translated=self._protocol == V5)))
        elif words := ending.words():
            await self.send(STATUS, words.encode())
        await self.response.close()
