"""Connect gateway, data plane: from a Google token to an API server that knows nothing of Google.

In order: the address (Google's front end), the token, the project's API, the quota, the IAM permission of the HTTP
verb, the membership, for streams `gkehub.gateway.stream`; then the transport. To a GKE cluster the caller comes as
himself; to any other the connect agent comes, with its own service account, and asks to act for the caller, so that
cluster's RBAC must let it impersonate him.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tui.sim.estate import Cluster, Estate
from tui.sim.exchange import Exchange
from tui.sim.google.credentials import SERVICE
from tui.sim.google.errors import GoogleError, page, page_not_found, permission_denied, quota_exceeded
from tui.sim.google.memberships import AGENT_KINDS, Memberships
from tui.sim.google.project import Project
from tui.sim.google.quota import Quota, StreamsExhausted
from tui.sim.google.routes import authenticate, require_service
from tui.sim.kube.identity import User
from tui.sim.people import Caller, People
from tui.sim.scenario import MembershipSpec

AGENT = User("system:serviceaccount:gke-connect:connect-agent-sa")
STREAM_SECONDS = 25 * 60.0
"""Streams are broken after 20 to 30 minutes, as a security limit."""
HEADER_BYTES = 8192

_PATH = re.compile(
    r"/v1/projects/(?P<number>[^/]+)/locations/(?P<location>[^/]+)/(?P<collection>gkeMemberships|memberships)"
    r"/(?P<membership>[^/:]+)(?P<rest>/.*)"
)
_METHOD = "google.cloud.gkeconnect.gateway.v1.GatewayService."
_VERBS = {"HEAD": "get", "GET": "get", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}


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
    """The data plane in front of all clusters. disconnected: whether a fault holds an agent's link down."""

    def __init__(
        self,
        memberships: Memberships,
        projects: dict[str, Project],
        people: People,
        estate: Estate,
        disconnected: Callable[[str, str], bool],
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._memberships = memberships
        self._by_number = {project.number: project for project in projects.values()}
        self._people = people
        self._estate = estate
        self._disconnected = disconnected
        self._now = now
        self.quotas: defaultdict[str, Quota] = defaultdict(lambda: Quota(monotonic))

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
        if request.headers.get("Upgrade"):
            return await self._stream(exchange, target, target.project, target.spec, caller)
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
        if not target.project.policy.grants(caller.member, permission, self._now()):
            raise permission_denied(permission, target.resource)
        return caller

    def _linked(self, spec: MembershipSpec, by_agent: bool) -> bool:
        if by_agent and spec.kind not in AGENT_KINDS:
            return False  # GKE asked for by an agent it does not have
        return self._estate.connected(spec.id) and not self._disconnected(spec.id, spec.cluster)

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
        self, exchange: Exchange, target: Target, project: Project, spec: MembershipSpec, caller: Caller
    ) -> web.StreamResponse:
        """exec, attach, port-forward: refusals are a front-end 400 with an RPC status inside, whatever the cause."""
        request = exchange.request
        if request.headers["Upgrade"].lower() != "websocket":
            return _refusal("Your client has issued a malformed or illegal request.")  # SPDY does not pass
        if not project.policy.grants(caller.member, "gkehub.gateway.stream", self._now()):
            denied = permission_denied("gkehub.gateway.stream", target.resource)
            return _refusal(f"generic::permission_denied: {denied.message}")
        if not self._linked(spec, target.by_agent):
            why = self._unlinked(project, spec, target.by_agent).message
            return _refusal(f"generic::failed_precondition: connection to the agent failed: {why}")
        limit = asyncio.get_running_loop().call_later(STREAM_SECONDS, exchange.cut)
        try:
            with self.quotas[project.number].stream():
                response = await self._forward(request, target, spec, caller)
        except StreamsExhausted:
            return _refusal(
                "generic::resource_exhausted: Quota exceeded for quota metric 'Active streams' and limit 'Active "
                f"streams' of service '{SERVICE}' for consumer 'project_number:{project.number}': "
                f"{SERVICE}/active_streams"
            )
        finally:
            limit.cancel()
        if response.prepared or response.status == 101:
            return response
        reason = f"status={response.status} {response.reason}"
        body = response.text if isinstance(response, web.Response) else None
        return _refusal(
            f"generic::failed_precondition: failed to connect to the cluster's API Server with response ({reason}, "
            f"body={(body or '').strip()})"
        )


def _refusal(text: str) -> web.Response:
    return page(400, "Bad Request", text)
