"""Google Cloud, as far as a fleet needs it: GKE Hub, the Connect gateway's control plane, projects and services."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import msgspec
from msgspec.structs import replace

from tui.clients.answers import Answer
from tui.clients.gcloud_config import GcloudConfig
from tui.clients.google_auth import GoogleCredentials
from tui.clients.google_models import (
    GatewayAddress,
    MembershipPage,
    ProjectInfo,
    gateway_from_api,
    membership_from_api,
    project_from_api,
)
from tui.clients.http import Gate, Http
from tui.clients.json_fields import JsonObject, children, text, texts
from tui.clients.kube_endpoint import GoogleBearer, KubeEndpoint
from tui.clients.renewing import Lease, Renewing
from tui.clients.segments import segment
from tui.clients.tls import TlsSpec
from tui.clock import Clock, SystemClock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.fleet import Membership

ADDRESS_KEPT = 900.0
"""Seconds for which a cluster's gateway address is used before it is asked for again: a membership may move."""


class GoogleFleet:
    """Every method raises SourceError. config: whose endpoint overrides are honoured."""

    def __init__(
        self, http: Http, credentials: GoogleCredentials, config: GcloudConfig, clock: Clock | None = None
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._config = config
        self._clock = clock or SystemClock()
        self._addresses: dict[str, Renewing[GatewayAddress]] = {}

    async def memberships(self, project: str) -> MembershipPage:
        """All memberships of `project` in all locations. `locations/global` alone would miss regional ones."""
        base = f"{self._config.endpoint('gkehub')}v1/projects/{segment(project)}/locations/-/memberships"
        found: list[Membership] = []
        unreachable: dict[str, None] = {}
        token, seen = "", set[str]()
        while True:
            page = await self._get(f"{base}?{urlencode({'pageToken': token})}" if token else base)
            found += [membership_from_api(one) for one in children(page, "resources")]
            unreachable |= dict.fromkeys(texts(page, "unreachable"))
            token = text(page, "nextPageToken")
            if not token:
                return MembershipPage(tuple(found), tuple(unreachable))
            if token in seen:
                summary = "GKE Hub hands out the same page again and again"
                raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=base))
            seen.add(token)

    async def gateway(self, membership: Membership, gate: Gate | None = None) -> KubeEndpoint:
        """The way to the membership's cluster through the Connect gateway."""
        return await self.gateway_of(membership.name, gate)

    async def gateway_of(self, name: str, gate: Gate | None = None) -> KubeEndpoint:
        """The same by the membership's full resource name. gate: asking for the address counts on the gateway's
        quota, so it is asked once for all and then kept for a while."""
        address = self._addresses.get(name)
        if address is None:

            async def ask() -> Lease[GatewayAddress]:
                url = self._generate_credentials(name)
                given = gateway_from_api(await self._get(url, gate), url)
                return Lease(given, refresh_at=self._clock.now() + ADDRESS_KEPT)

            address = self._addresses[name] = Renewing(ask, self._clock)
        known = await address.get()
        return KubeEndpoint(known.server, GoogleBearer(self._credentials), TlsSpec(ca=known.ca))

    def _generate_credentials(self, name: str) -> str:
        """The host is regional, as the membership is: asked at the global host, a regional one is answered with 400
        (facts: "GenerateCredentials"). An overridden endpoint is taken as it is, as gcloud does."""
        host = self._config.endpoint("connectgateway")
        location = name.partition("/locations/")[2].partition("/")[0]
        if location not in ("", "global") and not self._config.is_overridden("connectgateway"):
            host = f"https://{location}-connectgateway.googleapis.com/"
        return f"{host}v1/{quote(name)}:generateCredentials"

    async def project(self, project_id: str) -> ProjectInfo:
        """A project by id or number."""
        url = f"{self._config.endpoint('cloudresourcemanager')}v1/projects/{segment(project_id)}"
        return project_from_api(await self._get(url))

    async def test_permissions(self, project: str, permissions: tuple[str, ...]) -> frozenset[str]:
        """Which of `permissions` the caller holds on `project`."""
        url = f"{self._config.endpoint('cloudresourcemanager')}v1/projects/{segment(project)}:testIamPermissions"
        answer = await self._ask("POST", url, msgspec.json.encode({"permissions": permissions}))
        return frozenset(texts(answer.json(), "permissions"))

    async def service_state(self, project: str, service: str) -> str:
        """ "ENABLED" or "DISABLED". service: such as `connectgateway.googleapis.com`."""
        host = self._config.endpoint("serviceusage")
        return text(await self._get(f"{host}v1/projects/{segment(project)}/services/{segment(service)}"), "state")

    async def _get(self, url: str, gate: Gate | None = None) -> JsonObject:
        return (await self._ask("GET", url, gate=gate)).json()

    async def _ask(self, method: str, url: str, body: bytes | None = None, gate: Gate | None = None) -> Answer:
        """A success. A refused token is renewed once."""
        token = await self._credentials.token()
        answer = await self._send(method, url, body, token, gate)
        if answer.status == 401 and self._credentials.invalidate(token):
            answer = await self._send(method, url, body, await self._credentials.token(), gate)
        if answer.status == 401:
            raise SourceError(replace(answer.problem(), remedy=self._credentials.remedy))
        return answer.checked(self._credentials.account)

    async def _send(self, method: str, url: str, body: bytes | None, token: str, gate: Gate | None) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._credentials.quota_project:
            # Without it Google counts calls of a user's application-default credentials on gcloud's own project,
            # where these APIs are not enabled, and refuses them.
            headers["X-Goog-User-Project"] = self._credentials.quota_project
        return await self._http.request(method, url, headers=headers, body=body, gate=gate)
