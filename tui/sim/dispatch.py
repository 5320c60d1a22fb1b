"""Every request's way through the simulated clouds: described, logged, met by faults, answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE

from tui.sim import tamper
from tui.sim.access import PREFIX as CLUSTERS
from tui.sim.access import certificate_user
from tui.sim.azure.cloud import PREFIXES as AZURE
from tui.sim.control import PREFIX as CONTROL
from tui.sim.exchange import Exchange
from tui.sim.faults import ON_REQUEST, Fault, Faults
from tui.sim.google.gateway import Gateway
from tui.sim.kube.identity import bearer_token
from tui.sim.people import ExpiredToken, People
from tui.sim.requestlog import Entry, RequestLog
from tui.sim.voices import crashed, injected

log = logging.getLogger(__name__)
_EXCHANGE = web.RequestKey("exchange", Exchange)
Surface = Callable[[Exchange], Awaitable[web.StreamResponse]]
"""A cloud, or the control endpoint: whatever answers requests."""


class Dispatcher:
    """surfaces: by the name that `Exchange.surface` gives. gateway: tells which cluster an address points at."""

    def __init__(
        self,
        surfaces: dict[str, Surface],
        gateway: Gateway,
        people: People,
        faults: Faults,
        requests: RequestLog,
        now: Callable[[], float],
    ) -> None:
        self._surfaces = surfaces
        self._people = people
        self._faults = faults
        self._requests = requests
        self._gateway = gateway
        self._now = now
        self._open: set[Exchange] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        exchange = self._describe(request)
        request[_EXCHANGE] = exchange
        self._open.add(exchange)
        if exchange.surface != "control":
            self._requests.add(exchange.entry)
        try:
            response = await self._answer(exchange)
            exchange.entry.status = exchange.entry.status or response.status
            return response
        finally:
            exchange.entry.ended = self._now()
            self._open.discard(exchange)

    async def prepared(self, request: web.Request, response: web.StreamResponse) -> None:
        """An answer is about to start (a hook of the HTTP server)."""
        exchange = request[_EXCHANGE]
        if response.headers.get("Server") == SERVER_SOFTWARE:
            del response.headers["Server"]  # API servers name none, and Google's front end says what it is
            if exchange.surface in ("google", "gateway"):
                response.headers["Server"] = "ESF"
        if exchange in self._open:
            exchange.response = response
            exchange.entry.status = response.status
            tamper.install(exchange, response, self._faults)

    def cut(self, fits: Callable[[Exchange], bool]) -> None:
        """Drop the connections of what is being answered right now."""
        for exchange in tuple(self._open):
            if fits(exchange):
                exchange.cut()

    def end_all(self) -> None:
        """Bring everything that still flows to an orderly end."""
        for exchange in tuple(self._open):
            exchange.end()

    async def _answer(self, exchange: Exchange) -> web.StreamResponse:
        try:
            response = await self._meet(exchange) if exchange.surface != "control" else None
            if response is None:
                response = await self._surfaces[exchange.surface](exchange)
        except asyncio.CancelledError:
            if not exchange.ended():
                raise
            response = exchange.response or web.Response(status=503, text="the server is going away\n")
        except web.HTTPException:
            raise  # a refusal of the HTTP server's own
        except ConnectionResetError:  # the client left in the middle: its right, and nobody is there to be answered
            return exchange.response or web.Response(status=499)
        except Exception:
            log.exception("%s %s: an exception that nobody foresaw", exchange.request.method, exchange.request.path)
            if exchange.response is not None:
                exchange.cut()  # half an answer must not look like a whole one
                return exchange.response
            response = crashed(exchange.surface)
        return await tamper.spoil(exchange, response, self._faults)

    async def _meet(self, exchange: Exchange) -> web.StreamResponse | None:
        """Let request faults have their way. None = the real answer follows."""
        fault = self._faults.meet(exchange, ON_REQUEST)
        if fault is None:
            return None
        match fault.action:
            case "answer":
                return injected(exchange, fault)
            case "slow":
                await asyncio.sleep(fault.number("seconds", 1.0))
                return None
            case "hang":
                await fault.cleared.wait()
            case "close-watch":
                if not exchange.watch:
                    return None
                return await _empty_watch(exchange.request)
            case _:
                pass
        exchange.cut()
        return web.Response(status=500)  # never sent: there is no connection left to send it on

    def _describe(self, request: web.Request) -> Exchange:
        path = request.path
        entry = Entry(request.method, request.path_qs, "", "", request.headers.get("User-Agent", ""), self._now())
        exchange = Exchange(request, entry, "google")
        if path.startswith(CONTROL):
            exchange.surface = "control"
        elif path.startswith(CLUSTERS):
            exchange.surface, exchange.cluster = "kubernetes", path[len(CLUSTERS) :].partition("/")[0]
        elif path.lower().startswith(AZURE):
            exchange.surface = "azure"
        elif target := self._gateway.target(path):
            exchange.surface = "gateway"
            if target.spec is not None:
                exchange.membership, exchange.cluster = target.spec.id, target.spec.cluster
        entry.user, entry.cluster = self._user(request, azure=exchange.surface == "azure"), exchange.cluster
        exchange.user = entry.user
        return exchange

    def _user(self, request: web.Request, *, azure: bool) -> str:
        token = bearer_token(request.headers)
        if not token:
            by_certificate = certificate_user(request)
            return by_certificate.name if by_certificate else ""
        try:
            caller = self._people.by_token(token, azure=azure)
        except ExpiredToken:
            return ""
        return caller.email if caller else ""


def affected(fault: Fault) -> Callable[[Exchange], bool]:
    """Which flowing exchanges a fault breaks the moment it is armed."""
    if fault.action == "disconnect":
        return lambda exchange: exchange.surface == "gateway" and fault.fits(exchange)
    if fault.action == "agent-lost":
        return lambda exchange: exchange.surface == "gateway" and exchange.upgrades and fault.fits(exchange)
    return lambda exchange: exchange.surface != "control" and fault.fits(exchange)


async def _empty_watch(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response
