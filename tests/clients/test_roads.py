"""On whose quotas a road counts: a kubeconfig's context that leads to the Connect gateway is one more way to the
membership that it names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.clients.kubeconfigs import config, failure, write
from tui.clients.answers import Answer
from tui.clients.gcloud_config import read_gcloud_config
from tui.clients.kube_endpoint import FixedAccess, KubeEndpoint, bearer
from tui.clients.lent_token import granted_to
from tui.clients.roads import CONTEXT, Clients
from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.errors import ProblemKind
from tui.model.addresses import gateway_at
from tui.model.cluster import ClusterRef, Via
from tui.sim.google.credentials import data_path
from tui.sim.loading import load
from tui.sim.server import SimServer
from tui.wiring import projects_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROJECT, MEMBER, STREAM = "acme-prod", "prod-eu", "gkehub.gateway.stream"
HEALTHY = load("healthy")
SPEC = next(spec for spec in HEALTHY.memberships if spec.id == MEMBER)
NUMBER = next(project.number for project in HEALTHY.projects if project.id == PROJECT)
BY_GCLOUD = f"connectgateway_{PROJECT}_{SPEC.location}_{MEMBER}"
BY_NOBODY = "mine"
WRONGLY = f"connectgateway_other-project_{SPEC.location}_{MEMBER}"
CALLED = [BY_GCLOUD, BY_NOBODY, WRONGLY]
"""What the entries of a kubeconfig may be called: by gcloud, by their owner, and as another project's would be."""
EXEC = ("/api/v1/namespaces/payments/pods/ledger-db-0/exec", (("command", "cat"), ("stdin", "true")))
MEMBERSHIP = ClusterRef(f"projects/{PROJECT}/locations/{SPEC.location}/memberships/{MEMBER}", MEMBER, Via.GATEWAY)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sim() -> AsyncIterator[SimServer]:
    async with SimServer.start(HEALTHY, seed=7) as server:
        yield server


@asynccontextmanager
async def clients(
    sim: SimServer, home: Path, called: str, *, token: str = "", server: str = ""
) -> AsyncIterator[Clients]:
    """With a kubeconfig whose only context leads to the membership, and is called so, as are its cluster and user."""
    environ = {"PATH": "/nonexistent", "HOME": str(home), **sim.environment("admin")}
    user = {"token": token or environ["CLOUDSDK_AUTH_ACCESS_TOKEN"]}
    document = config(server or sim.base_url + data_path(NUMBER, SPEC), user, None, called)
    path = write(home / "kubeconfig", document)
    settings = load_settings(environ, {"kubeconfig": (path,)})
    gcloud = read_gcloud_config(environ)
    made = Clients(settings, projects_of(settings, gcloud), gcloud, environ, SystemClock())
    try:
        yield made
    finally:
        await made.close()


async def the_context(made: Clients) -> ClusterRef:
    (ref,) = await made.contexts()
    return ref


def counted(made: Clients) -> dict[str, int]:
    return {usage.project: usage.last_minute for usage in made.governor.usage()}


def quota(sim: SimServer) -> str:
    """On what all of the project counts at the simulated gateway."""
    return f"{NUMBER}@{urlsplit(sim.base_url).netloc}"


async def test_the_current_context_is_read_with_the_others_and_not_once_more(sim: SimServer, tmp_path: Path) -> None:
    async with clients(sim, tmp_path, BY_NOBODY) as made:
        ref = await the_context(made)
        (tmp_path / "kubeconfig").unlink()
        assert made.current_context == ref.name


@pytest.mark.parametrize("called", CALLED)
@pytest.mark.parametrize("background", [False, True])
async def test_requests_by_a_context_count_on_the_membership_s_project(
    sim: SimServer, tmp_path: Path, background: bool, called: str
) -> None:
    async with clients(sim, tmp_path, called) as made:
        ref = await the_context(made)
        assert (ref.quota, ref.limited) == (quota(sim), True)
        client = await (made.background(ref) if background else made.cluster(ref))
        await client.version()
        assert counted(made) == {quota(sim): 1}
        await (await made.cluster(MEMBERSHIP)).version()
        assert counted(made) == {quota(sim): 3}, "its address was asked for too"
        await client.version()
        await (await made.cluster(ref)).version()
        assert counted(made) == {quota(sim): 5}


@pytest.mark.parametrize("called", CALLED)
@pytest.mark.parametrize("first", list(Via))
async def test_streams_by_a_context_take_the_slots_of_the_membership_s_project(
    sim: SimServer, tmp_path: Path, called: str, first: Via
) -> None:
    async with clients(sim, tmp_path, called) as made:
        roads = sorted((await the_context(made), MEMBERSHIP), key=lambda ref: ref.via is not first)
        share = made.slots.share
        async with AsyncExitStack() as stack:
            for number, road in enumerate(roads, 1):
                client, facts = await made.cluster(road), await made.stream_facts(road)
                path, query = EXEC
                await stack.enter_async_context(client.socket(path, query, ("v5.channel.k8s.io",)))
                assert [slot.project for slot in made.slots.held()] == [quota(sim)] * number
                assert await facts.slots() == (share - number, share)
        assert await made.queues() == (quota(sim),), "of all processes that have this home"


async def test_all_roads_of_another_process_lead_to_the_same_queue(sim: SimServer, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        for number, called in enumerate(CALLED, 1):  # three processes
            made = await stack.enter_async_context(clients(sim, tmp_path, called))
            client = await made.cluster(await the_context(made))
            path, query = EXEC
            await stack.enter_async_context(client.socket(path, query, ("v5.channel.k8s.io",)))
            assert await made.slots.used(quota(sim)) == number
            assert await (await made.stream_facts(MEMBERSHIP)).slots() == (made.slots.share - number, made.slots.share)


async def test_a_gateway_of_google_s_is_one_wherever_it_is_and_whatever_gcloud_is_set_to() -> None:
    hosts = ("connectgateway.googleapis.com", "europe-west1-connectgateway.googleapis.com:443", "g-x.p.googleapis.com")
    places = [gateway_at(f"https://{host}{data_path(NUMBER, SPEC)}") for host in hosts]
    assert [place and place.quota for place in places] == [NUMBER] * 3


@pytest.mark.parametrize(
    ("called", "before", "words"),
    [(BY_GCLOUD, NUMBER, PROJECT), (BY_NOBODY, NUMBER, NUMBER), (WRONGLY, NUMBER, "other-project")],
)
async def test_the_name_of_an_entry_is_shown_until_the_gateway_has_told_and_never_acted_on(
    sim: SimServer, tmp_path: Path, called: str, before: str, words: str
) -> None:
    async with clients(sim, tmp_path, called) as made:
        ref = await the_context(made)
        assert (await made.stream_facts(ref)).project == before
        assert made.shown(ref.quota) == words
        await made.cluster(MEMBERSHIP)
        await made.cluster(ref)
        assert (await made.stream_facts(ref)).project == PROJECT
        assert made.shown(ref.quota) == made.shown(MEMBERSHIP.quota) == PROJECT
        assert made.counted(MEMBERSHIP.quota) == ref.quota


async def test_who_asks_for_the_fleet_by_its_number_counts_on_the_same(sim: SimServer, tmp_path: Path) -> None:
    by_number = ClusterRef(MEMBERSHIP.key.replace(PROJECT, NUMBER), MEMBER, Via.GATEWAY)
    async with clients(sim, tmp_path, BY_NOBODY) as made:
        for ref in (MEMBERSHIP, by_number, await the_context(made)):
            await (await made.cluster(ref)).version()
        assert counted(made) == {quota(sim): 5}
        assert made.shown(by_number.quota) == PROJECT


async def test_a_context_that_leads_elsewhere_counts_nowhere(sim: SimServer, tmp_path: Path) -> None:
    async with clients(sim, tmp_path, BY_GCLOUD, server=f"{sim.base_url}/clusters/prod-eu") as made:
        ref = await the_context(made)
        facts = await made.stream_facts(ref)
        assert (ref, facts.project, await facts.slots()) == (
            ClusterRef(CONTEXT + BY_GCLOUD, BY_GCLOUD, Via.CONTEXT),
            "",
            None,
        )
        assert counted(made) == {}


@pytest.mark.parametrize(("person", "granted"), [("admin", True), ("viewer", False)])
async def test_whether_streams_are_granted_is_asked_of_the_context_s_own_account(
    sim: SimServer, tmp_path: Path, person: str, granted: bool
) -> None:
    token = sim.environment(person)["CLOUDSDK_AUTH_ACCESS_TOKEN"]
    async with clients(sim, tmp_path, BY_GCLOUD, token=token) as made:
        facts = await made.stream_facts(await the_context(made))
        assert facts.project == NUMBER
        assert await facts.granted(STREAM) is granted


class Asked:
    """Fits `Http`: whom a token was shown."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def request(self, method: str, url: str, **options: Any) -> Answer:
        self.urls.append(url)
        return Answer(url, 200, {}, b'{"permissions":["gkehub.gateway.stream"]}')


def overridden(service: str, url: str) -> dict[str, str]:
    return {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}": url}


GOOGLE, OWN, EVIL = "https://connectgateway.googleapis.com", "http://127.0.0.1:1", "http://evil"
IAM = "cloudresourcemanager"


@pytest.mark.parametrize(
    ("gateway", "settings"),
    [
        ("https://gateway.example", {}),
        ("https://evil-googleapis.com", {}),
        (OWN, {}),
        (GOOGLE, overridden(IAM, f"{EVIL}/")),
        (f"{GOOGLE}:443", overridden(IAM, f"{EVIL}/")),
        ("https://europe-west1-connectgateway.googleapis.com", overridden(IAM, f"{EVIL}/")),
        (GOOGLE, overridden(IAM, "https://evil-googleapis.com/")),
        (GOOGLE, overridden("connectgateway", f"{GOOGLE}/") | overridden(IAM, f"{EVIL}/")),
        (GOOGLE, overridden(IAM, "https://x.googleapis.com@evil/")),
        (GOOGLE, overridden(IAM, "https://x.googleapis.com:port@[evil/")),
        (EVIL, overridden("connectgateway", f"{OWN}/") | overridden(IAM, f"{OWN}/")),
        (f"{OWN}1", overridden("connectgateway", f"{OWN}/") | overridden(IAM, f"{OWN}/")),
    ],
)
async def test_a_token_for_a_gateway_is_shown_to_no_other_cloud(gateway: str, settings: dict[str, str]) -> None:
    asked = Asked()
    problem = await failure(allowed(asked, gateway, settings))
    assert problem.kind is ProblemKind.MISSING
    assert asked.urls == []


@pytest.mark.parametrize(
    ("gateway", "settings", "iam"),
    [
        (GOOGLE, {}, f"https://{IAM}.googleapis.com/"),
        (f"{GOOGLE}:443", {}, f"https://{IAM}.googleapis.com/"),
        ("https://europe-west1-connectgateway.googleapis.com", {}, f"https://{IAM}.googleapis.com/"),
        (GOOGLE, overridden("connectgateway", f"{OWN}/"), f"https://{IAM}.googleapis.com/"),
        (OWN, overridden("connectgateway", f"{OWN}/") | overridden(IAM, f"{OWN}/"), f"{OWN}/"),
        (
            "https://Own.example:443",
            overridden("connectgateway", "https://own.example/"),
            f"https://{IAM}.googleapis.com/",
        ),
    ],
)
async def test_a_token_for_a_gateway_is_shown_to_its_own_cloud(
    gateway: str, settings: dict[str, str], iam: str
) -> None:
    asked = Asked()
    assert await allowed(asked, gateway, settings) == {STREAM}
    assert asked.urls == [f"{iam}v1/projects/{NUMBER}:testIamPermissions"]


async def allowed(asked: Asked, gateway: str, settings: dict[str, str]) -> frozenset[str]:
    server = gateway + data_path(NUMBER, SPEC)
    place = gateway_at(server)
    assert place is not None
    http: Any = asked
    endpoint = KubeEndpoint(server, FixedAccess(bearer("secret")))
    gcloud = read_gcloud_config({"HOME": "/nonexistent", **settings})
    return await granted_to(http, gcloud, SystemClock(), endpoint, place, (STREAM,))
