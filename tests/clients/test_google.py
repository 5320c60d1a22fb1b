"""GKE Hub, the gateway's control plane, projects and services over real sockets; the mapper over odd answers."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
import yaml

from tests.clients.scripted import Asked, Reply, ScriptedServer
from tui.clients.gcloud_config import GcloudConfig
from tui.clients.google import ADDRESS_KEPT, GoogleFleet
from tui.clients.google_auth import GoogleCredentials
from tui.clients.google_models import membership_from_api
from tui.clients.google_sources import EnvironmentToken
from tui.clients.http import Http
from tui.clients.kube_endpoint import bearer
from tui.clients.renewing import Lease
from tui.clock import ManualClock
from tui.data.ports import FleetPort
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.fleet import Membership, MembershipKind

SERVICES = ("gkehub", "connectgateway", "cloudresourcemanager", "serviceusage")
PLANT = "projects/acme/locations/us-east1/memberships/plant-7"
LIST = "/v1/projects/acme/locations/-/memberships"


def fleet(http: Http, server: ScriptedServer, clock: ManualClock | None = None) -> GoogleFleet:
    clock = clock or ManualClock()
    config = GcloudConfig(endpoints=dict.fromkeys(SERVICES, f"{server.url}/"))
    source = EnvironmentToken("t0ken", "ana@example.com")
    return GoogleFleet(http, GoogleCredentials(lambda: source, clock), config, clock)


def membership(name: str = PLANT) -> Membership:
    return membership_from_api({"name": name})


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


def error(code: int, status: str, message: str) -> Reply:
    return Reply(code, {"error": {"code": code, "status": status, "message": message}})


FULL = {
    "name": PLANT,
    "description": "the plant",
    "state": {"code": "READY"},
    "createTime": "2026-01-02T03:04:05.123456789Z",
    "updateTime": "2026-01-03T00:00:00Z",
    "lastConnectionTime": "2026-11-22T01:00:00Z",
    "uniqueId": "u-1",
    "externalId": "x-1",
    "labels": {"env": "prod"},
    "endpoint": {
        "onPremCluster": {"resourceLink": "//gkeonprem.googleapis.com/p/vmwareClusters/c", "clusterMissing": True},
        "kubernetesMetadata": {"kubernetesApiServerVersion": "v1.31.2", "nodeCount": 4},
    },
    "somethingNew": {"from": "the future"},
}


def test_every_field_of_a_membership_is_mapped() -> None:
    found = membership_from_api(FULL)
    assert found == Membership(
        name=PLANT,
        project="acme",
        location="us-east1",
        id="plant-7",
        kind=MembershipKind.ON_PREM,
        state="READY",
        version="v1.31.2",
        node_count=4,
        last_connection=1795309200.0,
        created=1767323045.123456,
        updated=1767398400.0,
        unique_id="u-1",
        external_id="x-1",
        description="the plant",
        resource_link="//gkeonprem.googleapis.com/p/vmwareClusters/c",
        cluster_missing=True,
        uses_agent=True,
        labels={"env": "prod"},
    )


@pytest.mark.parametrize(
    ("endpoint", "kind", "agent"),
    [
        (
            {"gkeCluster": {"resourceLink": "//container.googleapis.com/projects/p/locations/l/clusters/c"}},
            "GKE",
            False,
        ),
        ({"gkeCluster": {}}, "GKE", False),
        ({"onPremCluster": {}}, "on-prem", True),
        ({"multiCloudCluster": {"resourceLink": "//gkemulticloud.googleapis.com/p/l/awsClusters/c"}}, "AWS", True),
        ({"multiCloudCluster": {"resourceLink": "//gkemulticloud.googleapis.com/p/l/azureClusters/c"}}, "Azure", True),
        (
            {"multiCloudCluster": {"resourceLink": "//gkemulticloud.googleapis.com/p/l/attachedClusters/c"}},
            "attached",
            True,
        ),
        ({"multiCloudCluster": {}}, "attached", True),
        ({"edgeCluster": {"resourceLink": "//edgecontainer.googleapis.com/p"}}, "edge", True),
        ({"applianceCluster": {}}, "appliance", True),
        ({"kubernetesMetadata": {}}, "attached", True),
        ({}, "attached", True),
        (None, "attached", True),
        ("odd", "attached", True),
        ({"gkeCluster": None, "edgeCluster": {}}, "edge", True),
    ],
)
def test_the_kind_follows_from_the_endpoint(endpoint: Any, kind: str, agent: bool) -> None:
    found = membership_from_api({"name": PLANT, "endpoint": endpoint})
    assert (found.kind, found.uses_agent) == (kind, agent)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"name": None},
        {"name": "short"},
        {"name": PLANT, "state": None, "labels": [], "createTime": "yesterday", "endpoint": {"kubernetesMetadata": 7}},
        {
            "name": PLANT,
            "labels": {"a": None, "b": 7, "c": "x"},
            "endpoint": {"kubernetesMetadata": {"nodeCount": "12"}},
        },
    ],
)
def test_no_odd_membership_raises(odd: Any) -> None:
    found = membership_from_api(odd)
    assert found.created is None
    assert found.state == ""


async def test_it_is_what_the_data_layer_asks_for(http: Http, server: ScriptedServer) -> None:
    port: FleetPort = fleet(http, server)
    assert port


async def test_all_pages_of_all_locations_and_who_could_not_be_asked(http: Http, server: ScriptedServer) -> None:
    server.on(
        LIST,
        Reply(200, {"resources": [FULL], "nextPageToken": "p 2/=", "unreachable": ["europe-west1"]}),
        Reply(200, {"resources": [{"name": "projects/acme/locations/global/memberships/b"}], "unreachable": []}),
    )
    page = await fleet(http, server).memberships("acme")
    assert [m.id for m in page.memberships] == ["plant-7", "b"]
    assert page.unreachable == ("europe-west1",)
    assert [asked.query for asked in server.asked] == [{}, {"pageToken": "p 2/="}]
    assert server.asked[0].headers["authorization"] == "Bearer t0ken"


async def test_an_empty_fleet(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, Reply(200, {}))
    assert (await fleet(http, server).memberships("acme")).memberships == ()


async def test_a_page_that_leads_back_to_itself_ends_the_list(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, Reply(200, {"resources": [], "nextPageToken": "same"}))
    assert (await failure(fleet(http, server).memberships("acme"))).kind is ProblemKind.PROTOCOL
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("reply", "kind", "remedy"),
    [
        (error(401, "UNAUTHENTICATED", "no"), ProblemKind.SIGNED_OUT, "unset CLOUDSDK_AUTH_ACCESS_TOKEN"),
        (
            error(403, "PERMISSION_DENIED", "Permission 'gkehub.memberships.list' denied on 'projects/acme/x'"),
            ProblemKind.FORBIDDEN,
            "--member=user:ana@example.com --role=roles/gkehub.viewer",
        ),
        (error(404, "NOT_FOUND", "Resource 'projects/acme' was not found"), ProblemKind.NOT_FOUND, ""),
        (error(429, "RESOURCE_EXHAUSTED", "slow"), ProblemKind.THROTTLED, ""),
        (Reply(503, "<html><title>Error 503</title>"), ProblemKind.SERVER, ""),
        (Reply(200, "<html>sign in to the hotel network</html>"), ProblemKind.PROTOCOL, ""),
        (Reply(200, '{"resources": ['), ProblemKind.PROTOCOL, ""),
    ],
)
async def test_every_refusal_is_a_problem_with_its_cure(
    http: Http, server: ScriptedServer, reply: Reply, kind: ProblemKind, remedy: str
) -> None:
    server.on(LIST, reply)
    problem = await failure(fleet(http, server).memberships("acme"))
    assert problem.kind is kind
    assert remedy in problem.remedy


async def test_a_refused_token_is_renewed_once_and_the_question_repeated(http: Http, server: ScriptedServer) -> None:
    clock = ManualClock()
    minted: list[str] = []

    class Source(EnvironmentToken):
        async def mint(self) -> Lease[str]:
            minted.append(f"t{len(minted)}")
            return Lease(minted[-1])

    def answer(asked: Asked) -> Reply:
        return Reply(200, {}) if asked.headers["authorization"] == "Bearer t1" else error(401, "UNAUTHENTICATED", "old")

    source = Source("", "")
    config = GcloudConfig(endpoints={"gkehub": f"{server.url}/"})
    google = GoogleFleet(http, GoogleCredentials(lambda: source, clock), config, clock)
    server.on(LIST, Reply(200, {}), answer)
    await google.memberships("acme")
    await clock.advance(61)
    await google.memberships("acme")
    assert minted == ["t0", "t1"]
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer t0", "Bearer t0", "Bearer t1"]


async def test_the_quota_project_of_application_default_credentials_is_named(
    http: Http, server: ScriptedServer
) -> None:
    source = EnvironmentToken("t", "")
    source.quota_project = "billing-1"
    server.on(LIST, Reply(200, {}))
    config = GcloudConfig(endpoints={"gkehub": f"{server.url}/"})
    await GoogleFleet(http, GoogleCredentials(lambda: source, ManualClock()), config).memberships("acme")
    assert server.asked[0].headers["x-goog-user-project"] == "billing-1"


def kubeconfig(server: str, ca: bytes = b"", **more: Any) -> str:
    cluster: dict[str, Any] = {"server": server}
    if ca:
        cluster["certificate-authority-data"] = base64.b64encode(ca).decode()
    config = {
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "c", "user": {"exec": {"command": "gke-gcloud-auth-plugin"}}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        "current-context": "c",
    }
    return base64.b64encode(yaml.safe_dump(config | more).encode()).decode()


GENERATE = f"/v1/{PLANT}:generateCredentials"
SERVER = "https://us-east1-connectgateway.googleapis.com/v1/projects/1/locations/us-east1/memberships/plant-7"


async def test_the_way_through_the_gateway(http: Http, server: ScriptedServer) -> None:
    server.on(GENERATE, Reply(200, {"kubeconfig": kubeconfig(SERVER + "/", b"PEM"), "endpoint": "https://other"}))
    endpoint = await fleet(http, server).gateway(membership())
    assert (endpoint.server, endpoint.tls.ca, endpoint.proxy) == (SERVER, b"PEM", None)
    assert await endpoint.auth.access() == bearer("t0ken")
    assert endpoint.auth.account == "ana@example.com"


async def test_an_answer_without_a_kubeconfig_still_names_its_endpoint(http: Http, server: ScriptedServer) -> None:
    server.on(GENERATE, Reply(200, {"endpoint": SERVER}))
    endpoint = await fleet(http, server).gateway(membership())
    assert (endpoint.server, endpoint.tls.ca) == (SERVER, b"")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kubeconfig": "!!!"},
        {"kubeconfig": base64.b64encode(b"a: [").decode()},
        {"kubeconfig": base64.b64encode(b"- 1").decode()},
        {"kubeconfig": kubeconfig("", clusters=[])},
        {"kubeconfig": kubeconfig(SERVER, clusters=[{"name": "c", "cluster": {"certificate-authority-data": "%"}}])},
    ],
)
async def test_an_answer_that_names_no_server_is_a_protocol_error(
    http: Http, server: ScriptedServer, given: Any
) -> None:
    server.on(GENERATE, Reply(200, given))
    assert (await failure(fleet(http, server).gateway(membership()))).kind is ProblemKind.PROTOCOL


async def test_the_address_is_asked_once_for_many_and_again_after_a_while(http: Http, server: ScriptedServer) -> None:
    clock = ManualClock()
    google = fleet(http, server, clock)
    server.on(
        GENERATE, Reply(200, {"endpoint": "https://one"}), Reply(503, ""), Reply(200, {"endpoint": "https://two"})
    )
    await asyncio.gather(*(google.gateway(membership()) for _ in range(10)))
    assert len(server.asked) == 1
    await clock.advance(ADDRESS_KEPT)
    assert (await google.gateway(membership())).server == "https://one", "the old one is used while none can be asked"
    await clock.advance(11)
    assert (await google.gateway(membership())).server == "https://two"


@pytest.mark.parametrize(
    ("location", "overridden", "host"),
    [
        ("global", False, "https://connectgateway.googleapis.com/"),
        ("us-east1", False, "https://us-east1-connectgateway.googleapis.com/"),
        ("us-east1", True, "https://127.0.0.1:1/"),
    ],
)
async def test_a_regional_membership_is_asked_at_its_regional_host(
    http: Http, location: str, overridden: bool, host: str
) -> None:
    config = GcloudConfig(endpoints={"connectgateway": "https://127.0.0.1:1/"} if overridden else {})
    source = EnvironmentToken("t", "")
    google = GoogleFleet(http, GoogleCredentials(lambda: source, ManualClock()), config)
    name = f"projects/acme/locations/{location}/memberships/m"
    url = google._generate_credentials(name)  # pyright: ignore[reportPrivateUsage]
    assert url == f"{host}v1/{name}:generateCredentials"


async def test_projects_permissions_and_services(http: Http, server: ScriptedServer) -> None:
    project = {"projectNumber": "123", "projectId": "acme", "name": "Acme", "lifecycleState": "ACTIVE"}
    server.on("GET /v1/projects/acme", Reply(200, project))
    server.on("POST /v1/projects/acme:testIamPermissions", Reply(200, {"permissions": ["a.get"]}), Reply(200, {}))
    server.on("/v1/projects/acme/services/connectgateway.googleapis.com", Reply(200, {"state": "DISABLED"}))
    google = fleet(http, server)
    info = await google.project("acme")
    assert (info.id, info.number, info.name, info.state) == ("acme", "123", "Acme", "ACTIVE")
    assert await google.test_permissions("acme", ("a.get", "b.get")) == {"a.get"}
    assert json.loads(server.asked[-1].body) == {"permissions": ["a.get", "b.get"]}
    assert await google.test_permissions("acme", ("a.get",)) == frozenset()
    assert await google.service_state("acme", "connectgateway.googleapis.com") == "DISABLED"


async def test_a_project_cannot_lead_the_request_elsewhere(http: Http, server: ScriptedServer) -> None:
    await failure(fleet(http, server).memberships("../../v1/evil?x=1#"))
    assert server.asked[0].target == "/v1/projects/..%2F..%2Fv1%2Fevil%3Fx%3D1%23/locations/-/memberships"
