"""A WebSocket to a cluster: the road of exec, attach, cp and port-forward.

It is opened on a connection of its own (a kept one may be dead, and a command must not be started twice), never follows
a redirect, and reads the body of a refusal, in which alone the cause is told: kubectl throws it away (facts: "the
message-eating trap").
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from yarl import URL

from tui.clients.answers import FAILURES
from tui.clients.once import failed, never_again
from tui.clients.problems import plain_url, problem_from_exception, problem_from_response
from tui.clients.upgraded import Upgraded
from tui.errors import Problem, ProblemKind, SourceError
from tui.wire.errors import WireError
from tui.wire.outgoing import Bytes, Outgoing
from tui.wire.websocket import NO_CODE, Code, Opcode, accepted, left, new_key

PING_EVERY = 10.0
"""Seconds between pings, which keep what is on the way from taking a silent stream for a dead one."""
SILENCE = 61.0
"""Seconds without a word from the other side, pongs included, after which it is dead; kubectl's."""
LARGEST_MESSAGE = 16 << 20
"""Bytes of a message that are read. Servers send 32 KiB at a time."""
CLOSE_TIMEOUT = 2.0
"""Seconds that the other side is given to take leave."""
_REFUSAL_CAP = 1 << 20
_REFUSAL_SECONDS = 10.0
_COMPLAINTS: dict[int, str] = {
    Code.TOO_BIG: "the server, or what is on the way to it, takes no message as big as ours",
}


class Socket:
    """An open WebSocket. protocol: the one that was agreed on. One task receives; any may send."""

    def __init__(self, messages: Upgraded, protocol: str, target: str) -> None:
        self._messages = messages
        self._target = target
        self._died_of: Problem | None = None
        self.protocol = protocol

    async def send(self, *messages: Bytes | Outgoing) -> None:
        """Returns when there is room for the next. Raises SourceError where the connection is gone."""
        made = [message if isinstance(message, Outgoing) else Outgoing.of(message) for message in messages]
        try:
            await self._messages.send(made)
        except ConnectionError as exc:
            raise SourceError(self._why(exc)) from exc

    async def receive(self) -> Bytes | None:
        """The next message; None where the other side has taken leave. Raises SourceError where the connection broke,
        or where the other side has been silent for a minute."""
        message = await self._messages.receive()
        if message is None:
            self._check_left()
        return message

    async def receive_all(self) -> Sequence[Bytes]:
        """The messages that have come, at least one; none where the other side has taken leave. Raises as `receive`."""
        messages = await self._messages.receive_all()
        if not messages:
            self._check_left()
        return messages

    async def beat(self) -> None:
        """Ping until cancelled, and give the connection up where nobody answers."""
        clock = asyncio.get_running_loop()
        while not self._messages.ended:
            await asyncio.sleep(PING_EVERY)
            if not self._messages.held_up and clock.time() - self._messages.heard > SILENCE:
                self._died_of = self._problem(ProblemKind.TIMEOUT, f"no word from the server for {SILENCE:.0f} s")
                self._messages.drop()
                return
            try:
                self._messages.ping()
            except ConnectionError:
                return  # whoever receives is told

    async def close(self) -> None:
        """Take leave; the other side has a moment to do the same."""
        await self._messages.close(CLOSE_TIMEOUT)

    def _check_left(self) -> None:
        """Nothing more will come. Raises SourceError unless the other side has taken leave, in good order."""
        if self._messages.last is None or self._complaint() is not None:
            raise SourceError(self._why(None))

    def _complaint(self) -> Problem | None:
        """What was wrong with its last message; None where that was a leave in good order, or there is none."""
        if self._messages.last is None:
            return None
        opcode, said = self._messages.last
        if opcode is Opcode.TEXT:
            return self._problem(ProblemKind.PROTOCOL, "text where only bytes may come")
        try:
            code, words = left(bytes(said))
        except WireError as exc:
            return self._not_one(exc)
        if code in (NO_CODE, Code.NORMAL, Code.GOING_AWAY):
            return None
        summary = _COMPLAINTS.get(code, f"the server closed the stream with code {code}")
        return Problem(ProblemKind.PROTOCOL, summary, words, target=self._target)

    def _why(self, seen: ConnectionError | None) -> Problem:
        """Why nothing more comes or goes. seen: what that looked like."""
        exc = self._messages.broken or seen
        if (known := self._died_of or self._complaint()) is not None:
            return known
        if exc is None:
            return self._problem(ProblemKind.UNREACHABLE, "the connection was dropped without a word")
        if isinstance(exc, ssl.SSLError):  # whose words else tell of a handshake, and that was long ago
            return Problem(ProblemKind.UNREACHABLE, "the TLS connection broke", exc.reason or "", target=self._target)
        return self._not_one(exc) if isinstance(exc, WireError) else problem_from_exception(exc, target=self._target)

    def _not_one(self, exc: WireError) -> Problem:
        return self._problem(ProblemKind.PROTOCOL, f"what came is no WebSocket: {exc}")

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
        middlewares=(never_again,),
    )
    async with session:
        try:
            async with asyncio.timeout(timeout):
                response, key = await _asked(session, url, protocols, options)
        except FAILURES as exc:
            raise failed(exc, target, once=False) from exc
        except ValueError as exc:  # a header or URL that cannot be written
            raise SourceError(Problem(ProblemKind.PROTOCOL, "the request cannot be sent", target=target)) from exc
        try:
            if response.status != 101:
                problem = problem_from_response(
                    response.status, response.headers, await _refusal(response), target=url, who=who
                )
                raise SourceError(problem)
            async with _speaking(response, key, protocols, target) as socket:
                yield socket
        finally:
            response.close()


@asynccontextmanager
async def _speaking(
    response: aiohttp.ClientResponse, key: str, protocols: Sequence[str], target: str
) -> AsyncGenerator[Socket]:
    agreed = [word.strip() for word in response.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    protocol = next((word for word in agreed if word in protocols), "")
    socket = Socket(_upgraded(response, key, target), protocol, target)
    beating = asyncio.create_task(socket.beat(), name=f"pings to {target}")
    try:
        if not protocol:
            summary = f"the server speaks none of {', '.join(protocols)}"
            raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=target))
        yield socket
    finally:
        beating.cancel()
        await socket.close()


async def _asked(
    session: aiohttp.ClientSession, url: str, protocols: Sequence[str], options: Mapping[str, Any]
) -> tuple[aiohttp.ClientResponse, str]:
    """The answer to a handshake (RFC 6455, section 4.1), and the key that was sent."""
    key = new_key()
    headers = (
        *options["headers"],
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Protocol", ",".join(protocols)),
    )
    options = {**options, "headers": headers, "allow_redirects": False, "read_until_eof": False}
    return await session.get(URL(url, encoded=True), **options), key


async def _refusal(response: aiohttp.ClientResponse) -> bytes:
    """What a refusal says."""
    body = b""
    try:
        async with asyncio.timeout(_REFUSAL_SECONDS):
            while len(body) < _REFUSAL_CAP and (chunk := await response.content.readany()):
                body += chunk
    except FAILURES:
        pass  # the status alone still tells what kind of refusal it is
    return body


def _upgraded(response: aiohttp.ClientResponse, key: str, target: str) -> Upgraded:
    """The connection behind an answer of 101. Raises SourceError where that is not what the handshake promises (section
    4.1)."""
    headers, connection = response.headers, response.connection
    wrong = ""
    if headers.get("Upgrade", "").lower() != "websocket":
        wrong = f"Upgrade: {headers.get('Upgrade', 'missing')}"
    elif headers.get("Sec-WebSocket-Accept") != accepted(key):
        wrong = f"Sec-WebSocket-Accept: {headers.get('Sec-WebSocket-Accept', 'missing')}"
    elif headers.get("Sec-WebSocket-Extensions"):
        wrong = f"Sec-WebSocket-Extensions: {headers['Sec-WebSocket-Extensions']}"
    if wrong or connection is None or connection.protocol is None or connection.transport is None:
        summary = "the server, or what is on the way to it, did not open a WebSocket, though it answered 101"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, wrong, status=response.status, target=target))
    read = _Read()
    connection.protocol.set_parser(read, None)
    return Upgraded(connection.transport, connection.protocol, bytes(read.data), LARGEST_MESSAGE)


class _Read:
    """Takes what aiohttp has read beyond the handshake."""

    def __init__(self) -> None:
        self.data = bytearray()

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.data += data
        return False, b""

    def feed_eof(self) -> None:
        """The connection has ended: `Upgraded` is told too."""
