"""Simulated clouds in front of clusters that only report how they were asked: the clouds' own behaviour, alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from tui.clock import SystemClock
from tui.sim.ca import Authority
from tui.sim.kube.identity import User
from tui.sim.listener import reserve
from tui.sim.scenario import (
    AksSpec,
    ClusterSpec,
    LinkerSpec,
    MembershipSpec,
    PersonSpec,
    ProjectSpec,
    Scenario,
    SubscriptionSpec,
)

if TYPE_CHECKING:
    from tui.sim.server import SimServer

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
SERVICES = (
    "gkehub.googleapis.com",
    "connectgateway.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "serviceusage.googleapis.com",
    "iamcredentials.googleapis.com",
    "gkemulticloud.googleapis.com",
)

SCENARIO = Scenario(
    name="test",
    title="Enough of everything",
    people=(
        PersonSpec("admin", "ana@example.com", ("roles/owner",), "cluster-admin"),
        PersonSpec("viewer", "vera@example.com", ("roles/viewer", "roles/gkehub.gatewayReader"), "view"),
        PersonSpec("reader", "rui@example.com", ("roles/gkehub.gatewayReader",)),
        PersonSpec("editor", "eva@example.com", ("roles/gkehub.gatewayEditor", "roles/iam.serviceAccountTokenCreator")),
        PersonSpec("nobody", "nils@example.com"),
        PersonSpec("robot", "robot@acme-1.iam.gserviceaccount.com", ("roles/gkehub.gatewayAdmin",)),
    ),
    projects=(ProjectSpec("acme-1", "111111111111", SERVICES), ProjectSpec("bare-1", "222222222222", (SERVICES[3],))),
    clusters=(
        ClusterSpec("gke-1"),
        ClusterSpec("plant", version="v1.31.2", agent="healthy"),
        ClusterSpec("eks", agent="healthy"),
        ClusterSpec("aks", version="v1.34.1"),
    ),
    memberships=(
        MembershipSpec("prod-eu", "acme-1", "europe-west1", "gke", "gke-1", labels={"env": "prod"}),
        MembershipSpec("plant-7", "acme-1", "global", "baremetal", "plant"),
        MembershipSpec("aws-1", "acme-1", "us-central1", "attached", "eks", labels={"env": "test"}),
        MembershipSpec("twin", "acme-1", "us-central1", "gke", "gke-1"),
        MembershipSpec("twin", "acme-1", "us-east4", "gke", "gke-1"),
    ),
    subscriptions=(
        SubscriptionSpec(SUBSCRIPTION, "Production", "tenant-1"),
        SubscriptionSpec(SUBSCRIPTION[:-1] + "6", "Fresh", "tenant-1", {"Microsoft.ServiceLinker": "NotRegistered"}),
    ),
    aks=(
        AksSpec("aks-1", SUBSCRIPTION, "RG-Web", "westeurope", "aks", {"oidcIssuerProfile": {"enabled": False}}),
        AksSpec("aks-2", SUBSCRIPTION, "rg-data", "westeurope", "aks", {"disableLocalAccounts": True}, None),
        AksSpec("aks-3", SUBSCRIPTION[:-1] + "6", "rg-new", "westeurope", "aks"),
    ),
    linkers=tuple(
        LinkerSpec(name, "aks-1", f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/{target}", dict(auth))
        for name, target, auth in (
            ("orders", "Microsoft.Storage/storageAccounts/st1/blobServices/default", {"authType": "secret"}),
            ("cache", "Microsoft.Cache/redis/r1/databases/0", {"authType": "userAssignedIdentity", "clientId": "c-1"}),
            ("vault", "Microsoft.KeyVault/vaults/kv1", {"authType": "userAssignedIdentity", "clientId": "c-2"}),
        )
    ),
)


@dataclass
class ReportingCluster:
    """Answers with how it was asked. `events` are what its watches send; `refusal` is what it says instead."""

    events: list[bytes] = field(default_factory=list[bytes])
    hold: bool = True
    refusal: tuple[int, str] | None = None
    asked: list[str] = field(default_factory=list[str])
    compacted: int = 0
    rbac: SimpleNamespace = field(default_factory=SimpleNamespace)

    @property
    def store(self) -> ReportingCluster:
        return self

    @property
    def tokens(self) -> dict[str, User]:
        return {}

    def get(self, kind: object, namespace: str, name: str) -> dict[str, Any]:
        return {"metadata": {"uid": f"uid-of-{name}"}}

    def compact(self) -> None:
        self.compacted += 1

    async def handle(
        self, request: web.Request, path: str, user: User | None, *, impersonate: User | None = None
    ) -> web.StreamResponse:
        self.asked.append(path)
        if self.refusal is not None:
            return web.Response(status=self.refusal[0], text=self.refusal[1])
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._echo(request)
        if request.query.get("watch") or request.query.get("follow"):
            return await self._flow(request)
        return web.json_response(
            {
                "path": path,
                "user": user and user.name,
                "groups": list(user.groups) if user else [],
                "impersonate": impersonate and impersonate.name,
            }
        )

    async def _flow(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for event in self.events:
            await response.write(event)
        if self.hold:
            await asyncio.Event().wait()
        return response

    async def _echo(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(str(message.data))
        return socket


class Estate:
    """The world, as the clouds know it."""

    scenario = SCENARIO

    def __init__(self) -> None:
        self.clusters = {spec.name: ReportingCluster() for spec in SCENARIO.clusters}
        self.down: set[str] = set()
        self.contact = 1_790_000_000.25
        self.speed = 1.0
        self.versions = {spec.name: spec.version for spec in SCENARIO.clusters}
        self.said: list[tuple[str, str]] = []  # by agents

    def version(self, cluster: str) -> str:
        return self.versions[cluster]

    def agent_says(self, membership_id: str, words: str) -> None:
        self.said.append((membership_id, words))

    def connected(self, membership_id: str) -> bool:
        return membership_id not in self.down

    def last_connection(self, membership_id: str) -> float | None:
        return self.contact

    async def run(self) -> None:
        await asyncio.Event().wait()

    def close(self) -> None:
        """There is nothing to be left behind."""


class ShiftedClock(SystemClock):
    """The real clock, set forward by as much as a test says."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


class Clouds:
    """A running server, its estate, and a client that trusts it. `ask` adds a person's token."""

    def __init__(self, server: SimServer, estate: Estate, client: aiohttp.ClientSession, clock: ShiftedClock) -> None:
        self.server = server
        self.estate = estate
        self.client = client
        self._clock = clock

    def clock_ahead(self, seconds: float) -> None:
        self._clock.ahead += seconds

    @asynccontextmanager
    async def ask(
        self, path: str, person: str = "admin", *, method: str = "GET", **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {**({"Authorization": f"Bearer {self.server.tokens[person]}"} if person else {})}
        headers.update(options.pop("headers", {}))
        url = path if path.startswith("https:") else self.server.base_url + path
        async with self.client.request(method, url, headers=headers, **options) as response:
            yield response

    async def get(self, path: str, person: str = "admin", **options: Any) -> tuple[int, Any]:
        """(status, JSON or text)."""
        async with self.ask(path, person, **options) as response:
            text = await response.text()
            return response.status, json.loads(text) if "json" in response.content_type else text

    async def post(self, path: str, body: object, person: str = "admin", **options: Any) -> tuple[int, Any]:
        return await self.get(path, person, method="POST", json=body, **options)

    async def arm_token(self, person: str = "admin") -> str:
        header = {"X-IDENTITY-HEADER": self.server.people.identity_headers[person]}
        query = {"api-version": "2019-08-01", "resource": "https://management.azure.com"}
        async with self.client.get(self.server.token_url, params=query, headers=header) as response:
            assert response.status == 200, await response.text()
            return str((await response.json())["access_token"])

    async def arm(self, path: str, person: str = "admin", **options: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {await self.arm_token(person)}"}
        return await self.get(path, "", headers=headers, **options)


@asynccontextmanager
async def running(folder: Path, estate: Estate | None = None, port: int = 0) -> AsyncIterator[Clouds]:
    from tui.sim.server import SimServer  # only for tests which need a server

    estate = estate or Estate()
    clock = ShiftedClock()
    authority = Authority(folder)
    with reserve(port) as listening:
        server = SimServer(estate, authority, listening, clock)  # type: ignore[arg-type]
        connector = aiohttp.TCPConnector(ssl=authority.client_context())
        async with server.serving(), aiohttp.ClientSession(connector=connector) as client:
            yield Clouds(server, estate, client, clock)


@pytest.fixture
async def clouds(tmp_path: Path) -> AsyncIterator[Clouds]:
    async with running(tmp_path) as clouds:
        yield clouds


@pytest.fixture
def gke(clouds: Clouds) -> Any:
    """The cluster behind the membership that needs no agent."""
    return clouds.estate.clusters["gke-1"]


@pytest.fixture
def run_clouds() -> Any:
    """For tests that start and stop the server themselves."""
    return running
