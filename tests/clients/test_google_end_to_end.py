"""Google and Kubernetes clients against the simulated clouds, over TLS and through the gateway, as each person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from tui.clients.gcloud_config import read_gcloud_config
from tui.clients.google import GoogleFleet
from tui.clients.google_auth import google_credentials
from tui.clients.governor import Governor
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kubeconfig import ContextLoader
from tui.clients.problems import reach_layer
from tui.clock import SystemClock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.fleet import MembershipKind
from tui.model.kube import PODS, EventType, KindRef, Row, RowEvent
from tui.sim.loading import load
from tui.sim.scenario import PersonSpec, ProjectSpec
from tui.sim.server import SimServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROJECT = "acme-prod"
ROBOT = "robot@acme-prod.iam.gserviceaccount.com"
CONFIG_MAPS = KindRef("", "v1", "configmaps", "ConfigMap")
SECRETS = KindRef("", "v1", "secrets", "Secret")


@dataclass
class Session:
    """One person's clients."""

    http: Http
    fleet: GoogleFleet
    governor: Governor

    async def kube(self, membership_id: str) -> KubeClient:
        page = await self.fleet.memberships(PROJECT)
        member = next(one for one in page.memberships if one.id == membership_id)
        lane = self.governor.lane(member.project)
        endpoint = await self.fleet.gateway(member, lane)
        return KubeClient(self.http, endpoint, ClusterRef(member.key, member.id, Via.GATEWAY), lane)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sim() -> AsyncIterator[SimServer]:
    healthy = load("healthy")
    robot = PersonSpec("robot", ROBOT, ("roles/gkehub.gatewayReader", "roles/gkehub.viewer"))
    minter = PersonSpec("minter", "mina@example.com", ("roles/iam.serviceAccountTokenCreator",))
    bare = ProjectSpec("bare-1", "222222222222", ("serviceusage.googleapis.com",))
    scenario = replace(healthy, people=(*healthy.people, robot, minter), projects=(*healthy.projects, bare))
    async with SimServer.start(scenario, seed=7) as server:
        yield server


@asynccontextmanager
async def signed_in(sim: SimServer, person: str) -> AsyncIterator[Session]:
    environ = {"PATH": "/nonexistent", **sim.environment(person)}
    clock = SystemClock()
    http = Http(environ)
    try:
        fleet = GoogleFleet(http, google_credentials(http, environ, clock), read_gcloud_config(environ))
        yield Session(http, fleet, Governor(clock))
    finally:
        await http.close()


@pytest_asyncio.fixture(loop_scope="module")
async def admin(sim: SimServer) -> AsyncIterator[Session]:
    async with signed_in(sim, "admin") as session:
        yield session
    sim.faults.clear()


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


async def rows(kube: KubeClient, kind: KindRef = PODS, **options: Any) -> list[Row]:
    return [row async for page in kube.list_pages(kind, **options) for row in page.rows]


async def listed(kube: KubeClient, kind: KindRef) -> str:
    return [page.version async for page in kube.list_pages(kind)][-1]


async def drain(kube: KubeClient, into: list[RowEvent], kind: KindRef = PODS, **options: Any) -> None:
    async for batch in kube.watch(kind, **options):
        into += batch


async def test_the_fleet_with_all_its_kinds(admin: Session) -> None:
    page = await admin.fleet.memberships(PROJECT)
    kinds = {member.kind for member in page.memberships}
    assert {MembershipKind.GKE, MembershipKind.ON_PREM, MembershipKind.AWS, MembershipKind.AZURE} <= kinds
    assert page.unreachable == ()
    assert all(member.project == PROJECT and member.version and member.created for member in page.memberships)
    assert all((member.last_connection is None) == (not member.uses_agent) for member in page.memberships)


async def test_a_location_that_cannot_be_asked_is_told(sim: SimServer, admin: Session) -> None:
    sim.faults.add("location-unreachable", {"location": "europe-west3"})
    page = await admin.fleet.memberships(PROJECT)
    assert page.unreachable == ("europe-west3",)
    assert page.memberships


@pytest.mark.parametrize("membership", ["prod-eu", "plant-7", "stores-aws"])
async def test_version_discovery_and_lists_through_the_gateway(admin: Session, membership: str) -> None:
    kube = await admin.kube(membership)
    assert (await kube.version()).startswith("v1.3")
    kinds = {kind.qualified: kind for kind in await kube.discover()}
    assert {"pods", "deployments.apps", "roles.rbac.authorization.k8s.io"} <= set(kinds)
    assert kinds["pods"].short_names == ("po",)
    pages = [page async for page in kube.list_pages(PODS, limit=3)]
    assert len(pages) > 1
    assert [column.name for column in pages[0].columns][:3] == ["Name", "Ready", "Status"]
    everything = await rows(kube)
    assert sum(len(page.rows) for page in pages) == len(everything)
    assert all(row.uid and row.created and row.version for row in everything)
    assert admin.governor.usage()[0].project == PROJECT


async def test_selectors_and_one_namespace(admin: Session) -> None:
    kube = await admin.kube("prod-eu")
    web = await rows(kube, namespace="web")
    assert web
    assert {row.namespace for row in web} == {"web"}
    found = await rows(kube, labels="app=storefront", fields="status.phase=Running")
    assert found
    assert all((row.labels or {}).get("app") == "storefront" for row in found)


async def test_a_change_arrives_as_events_of_an_open_watch(admin: Session) -> None:
    kube = await admin.kube("prod-eu")
    version = await listed(kube, CONFIG_MAPS)
    events: list[RowEvent] = []
    path = "/api/v1/namespaces/web/configmaps"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "seen"}, "data": {"a": "b"}}

    async def change() -> None:
        access = await kube.endpoint.auth.access()
        for method, at, content in (("POST", path, json.dumps(body).encode()), ("DELETE", f"{path}/seen", None)):
            answer = await admin.http.request(
                method,
                kube.endpoint.server + at,
                headers=(*access.headers, ("Content-Type", "application/json")),
                body=content,
                tls=kube.endpoint.tls,
            )
            answer.checked()

    async with aclosing(kube.watch(CONFIG_MAPS, version=version)) as batches:
        assert await anext(batches) == []
        await change()
        async with asyncio.timeout(10):
            async for batch in batches:
                events += batch
                if any(event.type is EventType.DELETED for event in events):
                    break
    seen = [event for event in events if event.row is not None and event.row.name == "seen"]
    assert [event.type for event in seen] == [EventType.ADDED, EventType.DELETED]
    assert seen[0].row is not None
    assert seen[0].row.cells[:2] == ("seen", 1)


async def test_a_watch_ends_when_the_server_was_asked_to_end_it(admin: Session) -> None:
    events: list[RowEvent] = []
    kube = await admin.kube("prod-eu")
    async with asyncio.timeout(20):
        await drain(kube, events, CONFIG_MAPS, version=await listed(kube, CONFIG_MAPS), timeout=1)
    assert all(event.type is EventType.BOOKMARK for event in events)


async def test_a_version_too_old_is_expired(sim: SimServer, admin: Session) -> None:
    kube = await admin.kube("prod-eu")
    sim.faults.add("expire", {"cluster": "*"})
    assert (await failure(drain(kube, [], version="1"))).kind is ProblemKind.EXPIRED


async def test_a_watch_closed_at_once_simply_ends(sim: SimServer, admin: Session) -> None:
    kube = await admin.kube("prod-eu")
    sim.faults.add("close-watch", {"watch": "*"})
    events: list[RowEvent] = []
    async with asyncio.timeout(5):
        await drain(kube, events, version=await listed(kube, PODS))
    assert events == []


@pytest.mark.parametrize(
    ("action", "options", "kind"),
    [
        ("answer", {"status": 429, "retry_after": 3}, ProblemKind.THROTTLED),
        ("answer", {"status": 500}, ProblemKind.SERVER),
        ("cut", {}, ProblemKind.UNREACHABLE),
        ("malformed", {}, ProblemKind.PROTOCOL),
    ],
)
async def test_faults_of_a_cluster_are_problems_of_their_kind(
    sim: SimServer, admin: Session, action: str, options: dict[str, Any], kind: ProblemKind
) -> None:
    kube = await admin.kube("prod-eu")
    sim.faults.add(action, {"path": "*/pods"}, **options)
    problem = await failure(rows(kube))
    assert problem.kind is kind
    assert problem.retry_after == (3.0 if kind is ProblemKind.THROTTLED else None)


async def test_a_throttled_project_rests(sim: SimServer, admin: Session) -> None:
    kube = await admin.kube("prod-eu")
    sim.faults.add("answer", {"path": "*/version"}, status=429, retry_after=60, times=1)
    await failure(kube.version())
    problem = await failure(kube.version())
    assert (problem.kind, reach_layer(problem)) == (ProblemKind.THROTTLED, "quota")
    assert problem.retry_after == pytest.approx(60, abs=2)
    assert f"{PROJECT} goes on in" in problem.summary


async def test_a_cluster_whose_agent_is_down_says_so(admin: Session) -> None:
    problem = await failure((await admin.kube("plant-3")).version())
    assert (problem.kind, reach_layer(problem)) == (ProblemKind.UNREACHABLE, "agent")
    assert "cannot find active connections" in problem.server_words


async def test_logs_of_the_connect_agent(admin: Session) -> None:
    kube = await admin.kube("plant-7")
    agents = await rows(kube, namespace="gke-connect", labels="app=gke-connect-agent")
    assert agents
    async with kube.log("gke-connect", agents[0].name, tail=5, timestamps=True) as chunks:
        text = b"".join([chunk async for chunk in chunks])
    assert 0 < len(text.splitlines()) <= 5
    async with kube.log("gke-connect", agents[0].name, follow=True, tail=1) as chunks:
        assert await asyncio.wait_for(anext(aiter(chunks)), 10)


async def test_existence_without_reading(admin: Session) -> None:
    kube = await admin.kube("prod-eu")
    assert await kube.exists(PODS, "web", (await rows(kube, namespace="web"))[0].name)
    assert not await kube.exists(SECRETS, "web", "no-such-secret")


async def test_the_impersonation_rule_of_an_agent_cluster(sim: SimServer) -> None:
    """Rui holds gateway rights in IAM and none in any cluster: GKE refuses him by RBAC, an agent refuses to be him."""
    async with signed_in(sim, "reader") as rui:
        for membership, words in (("prod-eu", "cannot list resource"), ("plant-7", "cannot impersonate")):
            problem = await failure(rows(await rui.kube(membership)))
            assert (problem.kind, reach_layer(problem)) == (ProblemKind.FORBIDDEN, "RBAC")
            assert words in problem.server_words
            assert problem.remedy.startswith("kubectl create" if membership == "prod-eu" else "gcloud container fleet")


async def test_nobody_is_told_which_role_he_lacks(sim: SimServer) -> None:
    async with signed_in(sim, "nobody") as nils:
        problem = await failure(nils.fleet.memberships(PROJECT))
        assert (problem.kind, reach_layer(problem)) == (ProblemKind.FORBIDDEN, "IAM")
        assert problem.remedy.startswith(f"gcloud projects add-iam-policy-binding {PROJECT} ")


async def test_an_api_that_is_not_enabled_names_the_command(admin: Session) -> None:
    problem = await failure(admin.fleet.memberships("bare-1"))
    assert problem.kind is ProblemKind.FORBIDDEN
    assert problem.remedy == "gcloud services enable gkehub.googleapis.com --project 222222222222"


async def test_projects_permissions_and_services(sim: SimServer, admin: Session) -> None:
    assert (await admin.fleet.project(PROJECT)).number == "415104041262"
    assert await admin.fleet.service_state(PROJECT, "connectgateway.googleapis.com") == "ENABLED"
    wanted = ("gkehub.gateway.get", "gkehub.gateway.stream")
    assert await admin.fleet.test_permissions(PROJECT, wanted) == set(wanted)
    async with signed_in(sim, "viewer") as victor:
        assert await victor.fleet.test_permissions(PROJECT, wanted) == {"gkehub.gateway.get"}


async def test_a_wrong_token_is_signed_out(sim: SimServer) -> None:
    environ = {**sim.environment("admin"), "CLOUDSDK_AUTH_ACCESS_TOKEN": "made-up"}
    http = Http(environ)
    try:
        fleet = GoogleFleet(http, google_credentials(http, environ, SystemClock()), read_gcloud_config(environ))
        assert (await failure(fleet.memberships(PROJECT))).kind is ProblemKind.SIGNED_OUT
    finally:
        await http.close()


@pytest.mark.parametrize(("person", "allowed"), [("minter", True), ("viewer", False)])
async def test_impersonation_acts_as_the_service_account(sim: SimServer, person: str, allowed: bool) -> None:
    environ = {**sim.environment(person), "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT": ROBOT}
    http = Http(environ)
    try:
        credentials = google_credentials(http, environ, SystemClock())
        if allowed:
            fleet = GoogleFleet(http, credentials, read_gcloud_config(environ))
            assert (await fleet.memberships(PROJECT)).memberships
            assert credentials.account == ROBOT
            assert credentials.expires is not None
        else:
            problem = await failure(credentials.token())
            assert problem.kind is ProblemKind.FORBIDDEN
            assert problem.remedy.endswith("--role=roles/iam.serviceAccountTokenCreator")
    finally:
        await http.close()


@pytest.mark.parametrize("certificate", [False, True])
async def test_a_plain_kubeconfig_with_a_token_or_a_certificate(sim: SimServer, certificate: bool) -> None:
    cluster = sim.scenario.clusters[0].name
    path = sim.kubeconfig(cluster, "admin", certificate=certificate)
    http = Http({})
    try:
        endpoint = await ContextLoader({}).load_endpoint([path])
        kube = KubeClient(http, endpoint, ClusterRef("context:x", "x", Via.CONTEXT))
        assert await kube.version()
        assert await rows(kube)
    finally:
        await http.close()


async def test_unplugged_and_plugged_in_again(sim: SimServer, admin: Session) -> None:
    kube = await admin.kube("prod-eu")
    events: list[RowEvent] = []
    following = asyncio.create_task(failure(drain(kube, events, version=await listed(kube, PODS))))
    await asyncio.sleep(0)
    await sim.unplug()
    try:
        assert (await asyncio.wait_for(following, 10)).kind is ProblemKind.UNREACHABLE
        problem = await failure(kube.version())
        assert (problem.kind, reach_layer(problem)) == (ProblemKind.UNREACHABLE, "net")
    finally:
        await sim.plug()
    assert await kube.version()
