"""A listening socket on loopback with a request handler behind it, that can be unplugged and plugged in again."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tui.errors import ClusterviewError
from tui.sockets import Sockets

HOST = "127.0.0.1"
_LARGEST_BODY = 3 * 1024 * 1024
"""The API server's own limit for a request."""
_LARGEST_HEADER = 64 * 1024
"""Generous: the gateway refuses more than 8 KB itself, in its own words."""
_FAREWELL_SECONDS = 2.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Prepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


class PortBusyError(ClusterviewError):
    """Somebody else listens on that port."""


class Listening(socket.socket):
    """Remembers what it accepts: of a connection that is still shaking hands the server knows nothing yet."""

    def __init__(self, made: socket.socket) -> None:
        super().__init__(made.family, made.type, made.proto, fileno=made.detach())
        self.accepted = Sockets()

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        self.accepted.add(connection)
        return connection, address


def reserve(port: int = 0) -> Listening:
    """Take a port on loopback (0 = any free one). Raises PortBusyError."""
    try:
        return Listening(socket.create_server((HOST, port), backlog=256))
    except OSError as error:
        raise PortBusyError(f"port {port} on {HOST} cannot be used: {error.strerror}") from error


class Listener:
    """socket: from `reserve`. handler: gets every request. prepare: told of each answer that is about to start."""

    def __init__(
        self,
        socket: Listening,
        handler: Handler,
        *,
        tls: ssl.SSLContext | None = None,
        prepare: Prepare | None = None,
    ) -> None:
        self._handler = handler
        self._tls = tls
        self._prepare = prepare
        self._socket: Listening | None = socket
        self._runner: web.AppRunner | None = None
        self.address: tuple[str, int] = socket.getsockname()[:2]

    @property
    def port(self) -> int:
        return self.address[1]

    async def open(self) -> None:
        """Answer. Takes the port it had before, if it was closed."""
        listening = self._socket or reserve(self.port)
        self._socket = listening
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._handler)
        if self._prepare is not None:
            application.on_response_prepare.append(self._prepare)
        self._runner = web.AppRunner(
            application,
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=_FAREWELL_SECONDS,
            max_field_size=_LARGEST_HEADER,
            max_line_size=_LARGEST_HEADER,
        )
        await self._runner.setup()
        await web.SockSite(self._runner, listening, ssl_context=self._tls).start()

    async def close(self, *, abruptly: bool = False) -> None:
        """Stop answering. abruptly: as when a cable is pulled, in the middle of whatever is being said."""
        runner, listening = self._runner, self._socket
        self._runner = self._socket = None
        if runner is None:
            if listening is not None:
                listening.close()
            return
        if listening is not None:
            # What was accepted a moment ago has no transport yet, and a server that is closed gives it none: asyncio
            # then forgets the open socket.
            asyncio.get_running_loop().remove_reader(listening.fileno())
            await asyncio.sleep(0)
        if abruptly and runner.server is not None:
            for connection in runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0)
        await runner.cleanup()
        if listening is not None:
            await listening.accepted.end()
