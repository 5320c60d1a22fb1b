"""Connect gateway, data plane: from a Google token to an API server that knows nothing of Google.

In order: the address (Google's front end), the token, the project's API, the quota, the IAM permission of the HTTP
verb, the membership; for streams more (see `gatewaystreams`); then the transport. To a GKE cluster the caller comes as
himself; to any other the connect agent comes, with its own service account, and asks to act for the caller, so that
cluster's RBAC must let it impersonate him.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from tui.clock import Clock
from tui.sim.estate import Cluster, Estate
from tui.sim.exchange import Exchange
from tui.sim.google.credentials import SERVICE
from tui.sim.google.errors import GoogleError, page, page_not_found, permission_denied, quota_exceeded
from tui.sim.google.gatewaystreams import StreamFaults, Streams, Wanted, kind_of, refusal
from tui.sim.google.memberships import AGENT_KINDS, Memberships
from tui.sim.google.project import Project
from tui.sim.google.quota import Quota
from tui.sim.google.routes import authenticate, require_service
from tui.sim.kube.identity import User
from tui.sim.people import Caller, People
from tui.sim.scenario import MembershipSpec

AGENT = User("system:serviceaccount:gke-connect:connect-agent-sa")
HEADER_BYTES = 8192

_PATH = re.compile(
    r"/v1/projects/(?P<number>[^/]+)/locations/(?P<location>[^/]+)/(?P<collection>gkeMemberships|memberships)"
    r"/(?P<membership>[^/:]+)(?P<rest>/.*)"
)
_METHOD = "google.cloud.gkeconnect.gateway.v1.GatewayService."
_VERBS = {"HEAD": "get", "GET": "get", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}


class GatewayFaults(StreamFaults, Protocol):
    """Misbehaviour on purpose."""

    def disconnected(self, membership: str, cluster: str) -> bool:
        """Whether an agent's link is held down."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """What a data-plane address points at. spec is None where no such membership is served at that address."""

    number: str
    project: Project | None
    spec: MembershipSpec | None
    rest: str
    resource: str
    by_agent: bool


class Gateway:
    """The data plane in front of all clusters. streams: those that flow."""

    def __init__(
        self,
        memberships: Memberships,
        projects: dict[str, Project],
        people: People,
        estate: Estate,
        faults: GatewayFaults,
        clock: Clock,
    ) -> None:
        self._memberships = memberships
        self._by_number = {project.number: project for project in projects.values()}
        self._people = people
        self._estate = estate
        self._faults = faults
        self._clock = clock
        self.quotas: defaultdict[str, Quota] = defaultdict(lambda: Quota(clock.monotonic))
        self.streams = Streams(estate, faults, lambda number: self.quotas[number], clock)

    def target(self, path: str) -> Target | None:
        """What an address of the data plane points at; None for any other address."""
        matched = _PATH.fullmatch(path)
        if matched is None:
            return None
        project = self._by_number.get(matched["number"])
        spec = self._memberships.find(project, matched["location"], matched["membership"]) if project else None
        by_agent = matched["collection"] == "memberships"
        if spec is not None and not by_agent and spec.kind in AGENT_KINDS:
            spec = None  # only GKE is reached without an agent
        name = path[: matched.start("rest")].removeprefix("/v1/").replace("/gkeMemberships/", "/memberships/")
        resource = f"//gkehub.googleapis.com/{name}"
        return Target(matched["number"], project, spec, matched["rest"], resource, by_agent)

    async def handle(self, exchange: Exchange, target: Target) -> web.StreamResponse:
        request = exchange.request
        if not target.number.isdigit():
            return page_not_found(request.path)  # the project by its id: no such address
        try:
            caller = self._admit(request, target)
        except GoogleError as error:
            return error.response()
        if target.spec is None or target.project is None:
            return page_not_found(request.path)
        if sum(len(name) + len(value) + 4 for name, value in request.raw_headers) > HEADER_BYTES:
            return page(413, "Request Entity Too Large", "Your client issued a request that was too large.")
        upgrade, kind = request.headers.get("Upgrade", "").lower(), kind_of(target.rest)
        if upgrade and upgrade != "websocket":
            return refusal("Your client has issued a malformed or illegal request.")  # SPDY does not pass
        if upgrade and kind:
            return await self._stream(exchange, target, target.project, target.spec, caller, kind)
        if not self._linked(target.spec, target.by_agent):
            return self._unlinked(target.project, target.spec, target.by_agent).response()
        return await self._forward(request, target, target.spec, caller)

    def _admit(self, request: web.Request, target: Target) -> Caller:
        verb = _VERBS.get(request.method, "get")
        caller = authenticate(self._people, request, SERVICE, f"{_METHOD}{verb.capitalize()}Resource")
        permission = f"gkehub.gateway.{verb}"
        if target.project is None:
            raise permission_denied(permission, target.resource)
        require_service(target.project, SERVICE)
        quota = self.quotas[target.project.number]
        if not quota.take():
            limit = "RequestsPerMinutePerProject"
            raise quota_exceeded("Requests", limit, quota.requests_per_minute, target.project.number)
        if not target.project.policy.grants(caller.member, permission, self._clock.now()):
            raise permission_denied(permission, target.resource)
        return caller

    def _linked(self, spec: MembershipSpec, by_agent: bool) -> bool:
        if by_agent and spec.kind not in AGENT_KINDS:
            return False  # GKE asked for by an agent it does not have
        return self._estate.connected(spec.id) and not self._faults.disconnected(spec.id, spec.cluster)

    def _unlinked(self, project: Project, spec: MembershipSpec, by_agent: bool) -> GoogleError:
        if not by_agent:
            return GoogleError(503, "The service is currently unavailable.")
        where = f"cluster(project: {project.number}, membership: {spec.id})"
        return GoogleError(404, f"cannot find active connections for {where}")

    async def _forward(
        self, request: web.Request, target: Target, spec: MembershipSpec, caller: Caller
    ) -> web.StreamResponse:
        cluster: Cluster = self._estate.clusters[spec.cluster]
        himself = User(caller.email)
        if target.by_agent:
            return await cluster.handle(request, target.rest, AGENT, impersonate=himself)
        return await cluster.handle(request, target.rest, himself)

    async def _stream(
        self, exchange: Exchange, target: Target, project: Project, spec: MembershipSpec, caller: Caller, kind: str
    ) -> web.StreamResponse:
        linked = self._linked(spec, target.by_agent) and not self._faults.agent_lost(spec.id, spec.cluster)
        wanted = Wanted(
            kind,
            project.id,
            project.number,
            spec.id,
            spec.cluster,
            caller.email,
            target.resource,
            target.by_agent,
            granted=project.policy.grants(caller.member, "gkehub.gateway.stream", self._clock.now()),
            refused=None if linked else self._unlinked(project, spec, target.by_agent),
        )
        return await self.streams.open(exchange, wanted, lambda: self._forward(exchange.request, target, spec, caller))
