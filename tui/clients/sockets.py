"""A WebSocket to a cluster: the road of exec, attach, cp and port-forward.

It is opened on a connection of its own (a kept one may be dead, and a command must not be started twice), never follows
a redirect, and reads the body of a refusal, in which alone the cause is told: kubectl throws it away (facts: "the
message-eating trap").
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, cast

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, WSMsgType
from yarl import URL

from tui.clients.answers import FAILURES
from tui.clients.problems import plain_url, problem_from_exception, problem_from_response
from tui.errors import Problem, ProblemKind, SourceError

PING_EVERY = 10.0
"""Seconds between pings, which keep what is on the way from taking a silent stream for a dead one."""
SILENCE = 61.0
"""Seconds without a word from the other side, pongs included, after which it is dead; kubectl's."""
LARGEST_MESSAGE = 16 << 20
"""Bytes of a message that are read. Servers send 32 KiB at a time."""
CLOSE_TIMEOUT = 2.0
"""Seconds that the other side is given to take leave."""
_LIMITS = aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT)  # pyright: ignore[reportCallIssue] (an attrs class)
_REFUSAL_CAP = 1 << 20
_REFUSAL_SECONDS = 10.0


_Ws: TypeAlias = "aiohttp.ClientWebSocketResponse[bool]"


class Socket:
    """An open WebSocket. protocol: the one that was agreed on. One task receives; any may send."""

    def __init__(self, ws: _Ws, protocol: str, target: str) -> None:
        self._ws = ws
        self._target = target
        self._waiting_since = 0.0
        self._died_of: Problem | None = None
        self.protocol = protocol

    async def send(self, message: bytes) -> None:
        """Returns when there is room for the next. Raises SourceError where the connection is gone."""
        try:
            await self._ws.send_bytes(message)
        except FAILURES as exc:
            raise SourceError(self._died_of or problem_from_exception(exc, target=self._target)) from exc

    async def receive(self) -> bytes | None:
        """The next message; None where the other side has taken leave. Raises SourceError where the connection broke,
        or where the other side has been silent for a minute."""
        while True:
            self._waiting_since = asyncio.get_running_loop().time()
            try:
                message = await self._ws.receive()
            finally:
                self._waiting_since = 0.0
            match message.type:
                case WSMsgType.BINARY:
                    return bytes(message.data)
                case WSMsgType.PING:
                    await self._answer(bytes(message.data))
                case WSMsgType.PONG:
                    pass
                case WSMsgType.TEXT:
                    raise SourceError(self._problem(ProblemKind.PROTOCOL, "text where only bytes may come"))
                case WSMsgType.CLOSE:
                    return self._left(int(message.data or 0))
                case WSMsgType.CLOSING | WSMsgType.CLOSED:
                    dropped = self._problem(ProblemKind.UNREACHABLE, "the connection was dropped without a word")
                    raise SourceError(self._died_of or dropped)
                case _:
                    exc = message.data if isinstance(message.data, BaseException) else ConnectionResetError()
                    raise SourceError(self._died_of or problem_from_exception(exc, target=self._target))

    async def beat(self) -> None:
        """Ping until cancelled, and give the connection up where nobody answers."""
        clock = asyncio.get_running_loop()
        while not self._ws.closed:
            await asyncio.sleep(PING_EVERY)
            since = self._waiting_since
            if since and clock.time() - since > SILENCE:
                self._died_of = self._problem(ProblemKind.TIMEOUT, f"no word from the server for {SILENCE:.0f} s")
                await self._ws.close()
                return
            try:
                await self._ws.ping()
            except FAILURES:
                return  # whoever receives is told

    async def close(self) -> None:
        """Take leave; the other side has a moment to do the same."""
        await self._ws.close()

    async def _answer(self, ping: bytes) -> None:
        try:
            await self._ws.pong(ping)
        except FAILURES:
            pass  # the next receive says so

    def _left(self, code: int) -> None:
        """The other side took leave. Raises SourceError unless it did so in good order."""
        if code not in (0, aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.GOING_AWAY):
            raise SourceError(self._problem(ProblemKind.PROTOCOL, f"the server closed the stream with code {code}"))

    def _problem(self, kind: ProblemKind, summary: str) -> Problem:
        return Problem(kind, summary, target=self._target)


@asynccontextmanager
async def opened(
    url: str,
    protocols: Sequence[str],
    connector: aiohttp.TCPConnector,
    options: dict[str, Any],
    *,
    timeout: float,
    who: str,
) -> AsyncGenerator[Socket]:
    """Open a WebSocket, and take leave at the end. connector: closed at the end. options: headers, ssl,
    server_hostname and proxy, as aiohttp takes them. timeout: seconds for the handshake. who: the account that asks.

    Raises SourceError on entry where nothing answered, the server refused, or agreed on none of `protocols`.
    """
    target = plain_url(url)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeout),
        middlewares=(_refusing,),
    )
    async with session:
        try:
            async with asyncio.timeout(timeout):
                ws = cast(
                    _Ws,
                    await session.ws_connect(
                        URL(url, encoded=True),
                        protocols=protocols,
                        autoping=False,
                        max_msg_size=LARGEST_MESSAGE,
                        timeout=_LIMITS,
                        **options,
                    ),
                )
        except _RefusedError as exc:
            problem = problem_from_response(exc.status, exc.headers, exc.body, target=url, who=who)
            raise SourceError(problem) from exc
        except FAILURES as exc:
            raise SourceError(problem_from_exception(exc, target=target)) from exc
        except ValueError as exc:  # a header or URL that cannot be written
            raise SourceError(Problem(ProblemKind.PROTOCOL, "the request cannot be sent", target=target)) from exc
        if ws.protocol is None:
            await ws.close()
            summary = f"the server speaks none of {', '.join(protocols)}"
            raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=target))
        socket = Socket(ws, ws.protocol, target)
        beating = asyncio.create_task(socket.beat(), name=f"pings to {target}")
        try:
            yield socket
        finally:
            beating.cancel()
            await socket.close()


class _RefusedError(Exception):
    """The handshake was answered with something else than 101."""

    def __init__(self, response: ClientResponse, body: bytes) -> None:
        super().__init__(response.status)
        self.status = response.status
        self.headers = response.headers
        self.body = body


async def _refusing(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """A client middleware that reads what a refusal says, redirects included, which must not be followed."""
    response = await handler(request)
    if response.status == 101:
        return response
    body = b""
    try:
        async with asyncio.timeout(_REFUSAL_SECONDS):
            while len(body) < _REFUSAL_CAP and (chunk := await response.content.readany()):
                body += chunk
    except FAILURES:
        pass  # the status alone still tells what kind of refusal it is
    response.close()
    raise _RefusedError(response, body)
