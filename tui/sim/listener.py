"""A listening socket on loopback with a request handler behind it, that can be unplugged and plugged in again."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable

from aiohttp import web

from tui.errors import ClusterviewError

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


class Listener:
    """handler: gets every request. prepare: told of each answer that is about to start."""

    def __init__(self, handler: Handler, *, tls: ssl.SSLContext | None = None, prepare: Prepare | None = None) -> None:
        self._handler = handler
        self._tls = tls
        self._prepare = prepare
        self._socket: socket.socket | None = None
        self._runner: web.AppRunner | None = None
        self.port = 0

    def bind(self, port: int = 0) -> int:
        """Take the port (0 = any free one), so that it is known; `open` answers on it. Raises PortBusyError."""
        try:
            self._socket = socket.create_server((HOST, port), backlog=256)
        except OSError as error:
            raise PortBusyError(f"port {port} on {HOST} cannot be used: {error.strerror}") from error
        self.port = int(self._socket.getsockname()[1])
        return self.port

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens. Only while it is bound."""
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    async def open(self) -> None:
        """Answer. Binds the port it had before, if it was closed."""
        if self._socket is None:
            self.bind(self.port)
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
        assert self._socket is not None  # bound above
        await web.SockSite(self._runner, self._socket, ssl_context=self._tls).start()

    async def close(self, *, abruptly: bool = False) -> None:
        """Stop answering. abruptly: as when a cable is pulled, in the middle of whatever is being said."""
        runner, self._runner, self._socket = self._runner, None, None
        if runner is None:
            return
        if abruptly and runner.server is not None:
            for connection in runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0)
        await runner.cleanup()
