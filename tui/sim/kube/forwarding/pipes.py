"""What carries a SPDY connection: bytes both ways, over a WebSocket or over a connection that has been taken over."""

from __future__ import annotations

from typing import Protocol

from aiohttp import WSMsgType, web

from tui.sim.kube.streams.upgrade import Upgraded


class BytePipe(Protocol):
    """Bytes in order, cut anywhere."""

    async def read(self) -> bytes:
        """The next bytes, never none but at the end, which is b""."""
        ...

    async def write(self, data: bytes) -> None:
        """Waits while the other side is slow. Raises ConnectionResetError where it is gone."""
        ...


class WebSocketPipe:
    """Binary messages of any length, empty ones too, are a stream of bytes; any other message ends it
    (k8s.io/client-go/tools/portforward/tunneling_connection.go)."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def read(self) -> bytes:
        while True:
            message = await self._socket.receive()
            if message.type is not WSMsgType.BINARY:
                return b""
            data: bytes = message.data
            if data:
                return data

    async def write(self, data: bytes) -> None:
        await self._socket.send_bytes(data)


class TakenPipe:
    """A connection that has been taken over from the HTTP server."""

    def __init__(self, upgraded: Upgraded) -> None:
        self._upgraded = upgraded

    async def read(self) -> bytes:
        try:
            return await self._upgraded.read()
        except ConnectionError:
            return b""

    async def write(self, data: bytes) -> None:
        try:
            await self._upgraded.write(data)
        except ConnectionError as error:
            raise ConnectionResetError from error
