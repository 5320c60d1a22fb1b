"""The one HTTP stack: a single aiohttp session for every cloud and cluster (design section 6).

One connector keeps connections alive across all clients; no cookies, no redirects followed (they would carry the
bearer elsewhere), no `~/.netrc`. Whatever goes wrong on the way comes out as `SourceError`; a refusal by the server is
an ordinary `Answer`, since some callers read 404 as "none". Import this module lazily: aiohttp costs as much as
Textual itself.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from yarl import URL

from tui import __version__
from tui.clients.answers import FAILURES, Answer, Stream
from tui.clients.once import failed, never_again
from tui.clients.problems import plain_url, problem_from_exception, problem_from_response
from tui.clients.proxies import Proxies
from tui.clients.resolver import DaemonResolver
from tui.clients.sockets import Socket, opened
from tui.clients.tls import SYSTEM_TRUST, TlsContexts, TlsSpec, extra_ca_files
from tui.errors import Problem, ProblemKind, SourceError
from tui.sockets import Sockets

CONNECT_TIMEOUT = 10.0
REQUEST_TIMEOUT = 30.0
_REFUSAL_CAP = 1 << 20  # bytes of a refused stream's body that are read
_READ_BUFFER = 1 << 17
"""Bytes: big reads are what makes logs and watches fast (performance sections 4 and 5). aiohttp parses twice as many
at a time, and that is what asyncio reads."""


Headers = Mapping[str, str] | Iterable[tuple[str, str]]
"""Pairs where a header may come more than once (Impersonate-Group does)."""


class Gate(Protocol):
    """What a request passes before it is sent: the governor's lane of a fleet host project."""

    async def enter(self) -> None:
        """Return when the request may be sent."""
        ...

    def answered(self, status: int, retry_after: float | None) -> None:
        """The server answered; a 429 closes the gate for a while."""
        ...


class Http:
    """Sends every request of every client.

    environ: where proxies and CA files are read from. extra_cas: further CA files to trust beside the system's.
    on_request: told the URL (without its query) of each request sent. Call `close` when done.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        *,
        extra_cas: tuple[Path, ...] = (),
        on_request: Callable[[str], None] | None = None,
    ) -> None:
        self._proxies = Proxies(environ)
        self._tls = TlsContexts(tuple(dict.fromkeys((*extra_ca_files(environ), *extra_cas))))
        self._on_request = on_request
        self._session: aiohttp.ClientSession | None = None
        self._lent: aiohttp.ClientSession | None = None
        self._sockets = Sockets()
        self._closed = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Headers | None = None,
        body: bytes | None = None,
        tls: TlsSpec = SYSTEM_TRUST,
        proxy: str | None = None,
        timeout: float = REQUEST_TIMEOUT,
        gate: Gate | None = None,
        once: bool = False,
    ) -> Answer:
        """Ask, and read the whole answer. timeout: seconds for all of it, from the gate on. once: never send it again,
        which is otherwise done where a kept connection turns out to be dead and the method is idempotent.

        Raises SourceError where no whole answer came: with `once` a LostError, where the request may have arrived.
        """
        limits = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT)
        options = await self._options(method, url, headers, tls, proxy, limits, gate)
        target = plain_url(url)
        try:
            if once:
                options["middlewares"] = (never_again,)
            async with self._own().request(method, URL(url, encoded=True), data=body, **options) as response:
                answer = Answer(url, response.status, response.headers, await response.read())
        except FAILURES as exc:
            raise failed(exc, target, once=once) from exc
        except ValueError as exc:  # a header or URL that cannot be written, such as a token with a line break
            raise SourceError(Problem(ProblemKind.PROTOCOL, "the request cannot be sent", target=target)) from exc
        if gate is not None:
            gate.answered(answer.status, answer.problem().retry_after if answer.status == 429 else None)
        return answer

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Headers | None = None,
        tls: TlsSpec = SYSTEM_TRUST,
        proxy: str | None = None,
        timeout: float | None = REQUEST_TIMEOUT,
        silence: float | None = None,
        gate: Gate | None = None,
        who: str = "",
    ) -> AsyncGenerator[Stream]:
        """Ask, and read the answer as it comes. timeout: seconds until the headers, None = no end. silence: as in
        `Stream.chunks`.

        Raises SourceError on entry where nothing answered or the server refused.
        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
        options = await self._options(method, url, headers, tls, proxy, limits, gate)
        target = plain_url(url)
        try:
            async with asyncio.timeout(timeout):
                response = await self._own().request(method, URL(url, encoded=True), **options)
        except FAILURES as exc:
            raise SourceError(problem_from_exception(exc, target=target)) from exc
        except ValueError as exc:
            raise SourceError(Problem(ProblemKind.PROTOCOL, "the request cannot be sent", target=target)) from exc
        try:
            if gate is not None:
                wait = problem_from_response(response.status, response.headers, b"", target=target).retry_after
                gate.answered(response.status, wait)
            if response.status >= 300:
                raise SourceError(await _refusal(response, url, who))
            yield Stream(response, target, silence)
        finally:
            response.close()  # never back into the pool: what is left of a stream is not worth reading

    @asynccontextmanager
    async def socket(
        self,
        url: str,
        protocols: Sequence[str],
        *,
        headers: Iterable[tuple[str, str]] = (),
        tls: TlsSpec = SYSTEM_TRUST,
        proxy: str | None = None,
        timeout: float = REQUEST_TIMEOUT,
        gate: Gate | None = None,
        who: str = "",
    ) -> AsyncGenerator[Socket]:
        """Open a WebSocket that speaks one of `protocols`. Raises SourceError as `stream` does."""
        options = await self._options("GET", url, headers, tls, proxy, aiohttp.ClientTimeout(), gate)
        chosen = {name: options[name] for name in ("ssl", "proxy", "server_hostname")}
        chosen["headers"] = (("User-Agent", user_agent()), *headers)
        try:
            async with opened(url, protocols, self._connector(), chosen, timeout=timeout, who=who) as socket:
                if gate is not None:
                    gate.answered(101, None)
                yield socket
        except SourceError as exc:
            if gate is not None and exc.problem.status is not None:
                gate.answered(exc.problem.status, exc.problem.retry_after)
            raise

    def _connector(self) -> aiohttp.TCPConnector:
        """For one connection that is kept for nobody else."""
        return aiohttp.TCPConnector(force_close=True, resolver=DaemonResolver(), socket_factory=self._connecting)

    async def _options(
        self,
        method: str,
        url: str,
        headers: Headers | None,
        tls: TlsSpec,
        proxy: str | None,
        limits: aiohttp.ClientTimeout,
        gate: Gate | None,
    ) -> dict[str, Any]:
        """What both kinds of request hand to aiohttp; passes the gate and is counted."""
        context = await self._tls.get(tls) if url.startswith("https:") else True
        through = proxy or self._proxies.for_url(url)
        self._refuse_if_closed()
        if gate is not None:
            await gate.enter()
        if self._on_request is not None:
            self._on_request(plain_url(url))
        return {
            "headers": headers,
            "ssl": context,
            "proxy": through,
            "timeout": limits,
            "allow_redirects": False,
            "server_hostname": tls.server_name or None,
        }

    async def opened(self) -> aiohttp.ClientSession:
        """A session for an SDK that brings its own pipeline; it trusts what requests without a TlsSpec trust.

        Raises SourceError where that cannot be built.
        """
        trust = await self._tls.get(SYSTEM_TRUST)
        self._refuse_if_closed()
        if self._lent is None:
            self._lent = self._made(trust)
        return self._lent

    def proxy_for(self, url: str) -> str | None:
        """The proxy that the environment names for `url`."""
        return self._proxies.for_url(url)

    def _own(self) -> aiohttp.ClientSession:
        """That of our own requests. Each says whom it trusts, so that a cluster with a CA of its own waits for no other
        one. Raises SourceError where this is closed."""
        self._refuse_if_closed()
        if self._session is None:
            self._session = self._made(True)
        return self._session

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise SourceError(Problem(ProblemKind.UNREACHABLE, "the program is ending"))

    def _made(self, trust: ssl.SSLContext | bool) -> aiohttp.ClientSession:
        # No limits: a watch holds its connection for minutes, so any limit would one day make a short request wait
        # behind watches. How many clusters connect at once is bounded above, by the data layer.
        connector = aiohttp.TCPConnector(
            ssl=trust,
            limit=0,
            limit_per_host=0,
            keepalive_timeout=60.0,
            resolver=DaemonResolver(),
            ttl_dns_cache=60,
            socket_factory=self._connecting,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent()},
            read_bufsize=_READ_BUFFER,
        )

    async def close(self) -> None:
        """Close every connection; requests from now on fail."""
        self._closed = True
        for session in (self._session, self._lent):
            if session is not None:
                await session.close()
        await self._sockets.end()

    def _connecting(self, address: tuple[Any, ...]) -> socket.socket:
        made = _socket(address)
        self._sockets.add(made)
        return made


async def _refusal(response: aiohttp.ClientResponse, url: str, who: str) -> Problem:
    """The problem of a refused stream; its words are lost where they do not come within a moment."""
    body = b""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            while len(body) < _REFUSAL_CAP and (chunk := await response.content.readany()):
                body += chunk
    except FAILURES:
        pass  # the status alone still tells what kind of refusal it is
    return problem_from_response(response.status, response.headers, body, target=url, who=who)


def user_agent() -> str:
    """How requests name the program."""
    return f"clusterview/{__version__}"


def _socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket that asks after a silent peer: a half-open connection (a laptop that slept, a NAT that forgot) is
    noticed within a minute even where nothing is sent."""
    family, kind, protocol = address[0], address[1], address[2]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made
