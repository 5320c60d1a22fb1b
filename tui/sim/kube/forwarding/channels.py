"""The older port-forward over a WebSocket: two channels a port, data and error, numbered by the order of the query.

Source: k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go; recorded: ws-portforward-old-v4. No side can end a
channel: the connection closes when every port's connection has ended.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import struct

from aiohttp import WSMsgType, web
from multidict import MultiMapping

from tui.sim.kube.forwarding.buffers import Buffer
from tui.sim.kube.forwarding.pairs import Sandbox, forward, port_of
from tui.sim.kube.refusals import bad_request
from tui.wire.channels import V4, V4_BASE64

PROTOCOLS = (V4, V4_BASE64)
_MOST_PORTS = 127  # two channels each, of which the first byte of a message names one


def ports_of(query: MultiMapping[str]) -> list[int]:
    """The ports asked for. Raises ApiError 400."""
    if "ports" not in query:
        raise bad_request('query parameter "port" is required')  # its name between API server and kubelet
    ports: list[int] = []
    for given in query.getall("ports"):
        if not given:
            raise bad_request('query parameter "ports" cannot be empty')
        for one in given.split(","):
            port = port_of(one)
            if port is None:
                syntax = "value out of range" if one.isascii() and one.isdigit() else "invalid syntax"
                raise bad_request(f'unable to parse "{given}" as a port: strconv.ParseUint: parsing "{one}": {syntax}')
            ports.append(port)
    if len(ports) > _MOST_PORTS:
        raise bad_request(f"{len(ports)} ports are more than one connection has channels for")
    return ports


class _Channel:
    """One channel as a stream."""

    def __init__(self, socket: web.WebSocketResponse, number: int, *, text: bool) -> None:
        self._socket = socket
        self._number = number
        self._text = text
        self.inbox = Buffer()

    async def read(self) -> bytes:
        return await self.inbox.get()

    async def write(self, data: bytes) -> None:
        if self._text:
            await self._socket.send_str(chr(ord("0") + self._number) + base64.b64encode(data).decode())
        else:
            await self._socket.send_bytes(bytes((self._number,)) + data)

    async def write_eof(self) -> None:
        """There is no way to say it."""


class ChannelForward:
    """The port-forward over one WebSocket that has agreed on one of `PROTOCOLS`, or on none."""

    def __init__(self, socket: web.WebSocketResponse, sandbox: Sandbox, ports: list[int]) -> None:
        self._socket = socket
        self._sandbox = sandbox
        self._ports = ports
        self._text = socket.ws_protocol == V4_BASE64
        self._channels = [_Channel(socket, number, text=self._text) for number in range(2 * len(ports))]

    async def run(self) -> None:
        """Until every connection has ended, or the client is gone."""
        for number, channel in enumerate(self._channels):
            await channel.write(struct.pack("<H", self._ports[number // 2]))
        forwards = asyncio.gather(
            *(
                forward(self._sandbox, port, self._channels[2 * index], self._channels[2 * index + 1])
                for index, port in enumerate(self._ports)
            ),
            return_exceptions=True,
        )
        reading = asyncio.ensure_future(self._read())
        try:
            await asyncio.wait((forwards, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for channel in self._channels:
                channel.inbox.break_off()
            reading.cancel()
            forwards.cancel()
            await asyncio.gather(forwards, reading, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
                return
            channel, data = self._unpacked(message.data)
            if channel < len(self._channels) and channel % 2 == 0:  # error channels only speak
                try:
                    await self._channels[channel].inbox.put(data)
                except ConnectionResetError:
                    pass  # that port's connection is over

    def _unpacked(self, message: bytes | str) -> tuple[int, bytes]:
        """(channel, data); a channel beyond all for what cannot be read."""
        raw = message.encode() if isinstance(message, str) else message
        if not raw:
            return len(self._channels), b""
        if not self._text:
            return raw[0], raw[1:]
        try:
            return raw[0] - ord("0"), base64.b64decode(raw[1:], validate=True)
        except binascii.Error:
            return len(self._channels), b""
