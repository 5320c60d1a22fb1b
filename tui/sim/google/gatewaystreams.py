"""exec, attach and port-forward through the Connect gateway: what has to be right before one begins, and how it ends.

In order: a WebSocket (plain SPDY does not pass), `gkehub.gateway.stream`, the link to the cluster, a version that can
be streamed to, one of the project's ten slots, the agent's own connection to the API server, and what that says. A
refusal is a 400 of Google's front end with an RPC status inside, whatever the cause: a page, since of a body that can
be read as one `key: value` kubectl prints nothing at all, and people do see these.

Logs and watches are plain GETs and none of this, even where a client asks for them in a WebSocket.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from tui.clock import Clock
from tui.sim.estate import Estate
from tui.sim.exchange import Exchange
from tui.sim.google.credentials import SERVICE
from tui.sim.google.errors import GoogleError, page, permission_denied
from tui.sim.google.quota import Quota, StreamsExhausted
from tui.sim.kube.deprecation import minor_of

STREAM_SECONDS = (20 * 60.0, 30 * 60.0)
"""Of simulated time: streams are broken somewhere between, as a security limit."""
SINCE = {"exec": 30, "attach": 30, "portforward": 31}
"""The minor version of the first clusters that each can be used with (Connect gateway, "Requirements")."""

_PATH = re.compile(r"/api/v1/namespaces/[^/]+/pods/[^/]+/(?P<kind>exec|attach|portforward)")
_SAID_BY_AGENT = (
    "stream.go:96: failed to create the websocket connection: dial tcp 10.96.0.1:443: connect: connection refused"
)


class StreamFaults(Protocol):
    """Misbehaviour on purpose, as far as it is about streams."""

    def stream_seconds(self, project: str, membership: str, cluster: str, user: str) -> float | None:
        """How long a stream may last instead, of simulated time; None = as usual."""
        ...

    def streams_taken(self, project: str, membership: str, cluster: str) -> int:
        """How many slots of the project others hold."""
        ...

    def agent_lost(self, membership: str, cluster: str) -> bool:
        """Whether the agent's link holds for no stream."""
        ...

    def agent_fails(self, membership: str, cluster: str) -> bool:
        """Whether the agent cannot reach its own API server for streams."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stream that somebody asks for. kind: exec, attach or portforward. refused: why the link to the cluster is
    down, where it is. granted: whether the caller holds the permission."""

    kind: str
    project: str
    number: str
    membership: str
    cluster: str
    user: str
    resource: str
    by_agent: bool
    granted: bool
    refused: GoogleError | None = None


@dataclass(frozen=True, slots=True)
class _Active:
    wanted: Wanted
    path: str
    since: float
    until: float


class Streams:
    """The gateway's streams. quota: of a project by its number. clock: real time."""

    def __init__(self, estate: Estate, faults: StreamFaults, quota: Callable[[str], Quota], clock: Clock) -> None:
        self._estate = estate
        self._faults = faults
        self._quota = quota
        self._clock = clock
        self._chance = random.Random(0)
        self._active: list[_Active] = []

    def as_json(self) -> list[dict[str, object]]:
        """The active ones, oldest first; times in seconds: of real time since it began and until it is cut."""
        now = self._clock.monotonic()
        return [
            {
                "kind": one.wanted.kind,
                "project": one.wanted.project,
                "membership": one.wanted.membership,
                "cluster": one.wanted.cluster,
                "user": one.wanted.user,
                "path": one.path,
                "age": round(now - one.since, 3),
                "left": round(one.until - now, 3),
            }
            for one in self._active
        ]

    async def open(
        self, exchange: Exchange, wanted: Wanted, forward: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Answer a request that asks for a stream. forward: brings it to the cluster."""
        if not wanted.granted:
            denied = permission_denied("gkehub.gateway.stream", wanted.resource)
            return refusal(f"generic::permission_denied: {denied.message}")
        if wanted.refused is not None:
            return refusal(f"generic::failed_precondition: connection to the agent failed: {wanted.refused.message}")
        if minor_of(self._estate.version(wanted.cluster)) < SINCE[wanted.kind]:
            return _refused_by_cluster(web.Response(status=403))  # the protocol is unknown there
        try:
            with self._slot(exchange, wanted):
                if wanted.by_agent and self._faults.agent_fails(wanted.membership, wanted.cluster):
                    self._estate.agent_says(wanted.membership, _SAID_BY_AGENT)
                    return refusal("generic::failed_precondition: error encountered within the cluster")
                response = await forward()
        except StreamsExhausted:
            return refusal(
                "generic::resource_exhausted: Quota exceeded for quota metric 'Active streams' and limit 'Active "
                f"streams' of service '{SERVICE}' for consumer 'project_number:{wanted.number}': "
                f"{SERVICE}/active_streams"
            )
        if response.prepared or response.status == 101:
            return response
        return _refused_by_cluster(response)

    @contextmanager
    def _slot(self, exchange: Exchange, wanted: Wanted) -> Generator[None]:
        """Hold one of the project's, and be cut in time. Raises StreamsExhausted."""
        taken = self._faults.streams_taken(wanted.project, wanted.membership, wanted.cluster)
        seconds = self._faults.stream_seconds(wanted.project, wanted.membership, wanted.cluster, wanted.user)
        if seconds is None:
            seconds = self._chance.uniform(*STREAM_SECONDS)
        with self._quota(wanted.number).stream(taken):
            now, lasts = self._clock.monotonic(), seconds / self._estate.speed
            active = _Active(wanted, exchange.request.path_qs, now, now + lasts)
            self._active.append(active)
            limit = asyncio.create_task(self._cut(exchange, lasts))
            try:
                yield
            finally:
                limit.cancel()
                self._active.remove(active)

    async def _cut(self, exchange: Exchange, seconds: float) -> None:
        await self._clock.sleep(seconds)
        exchange.cut()


def kind_of(path: str) -> str:
    """exec, attach or portforward for the path of one in a cluster, else ""."""
    matched = _PATH.fullmatch(path)
    return matched["kind"] if matched else ""


def refusal(text: str) -> web.Response:
    """As Google's front end refuses a stream."""
    return page(400, "Bad Request", text)


def _refused_by_cluster(response: web.StreamResponse) -> web.Response:
    body = response.text if isinstance(response, web.Response) else None
    return refusal(
        f"generic::failed_precondition: failed to connect to the cluster's API Server with response "
        f"(status={response.status} {response.reason}, body={(body or '').strip()})"
    )
