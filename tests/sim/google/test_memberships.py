"""GKE Hub as its clients see it: versions, locations, pages, filters, and the members' own JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui.sim.google.memberships import timestamp

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

LIST = "/v1/projects/acme-1/locations/-/memberships"


def ids(body: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["name"].split("/", 2)[2] for one in body.get("resources", [])]


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1beta1", "v1alpha", "v1alpha2"])
@pytest.mark.parametrize("project", ["acme-1", "111111111111"])
async def test_every_version_lists_all_locations_by_id_or_number(clouds: Clouds, version: str, project: str) -> None:
    status, body = await clouds.get(f"/{version}/projects/{project}/locations/-/memberships")
    assert status == 200
    assert ids(body) == [
        "locations/europe-west1/memberships/prod-eu",
        "locations/global/memberships/plant-7",
        "locations/us-central1/memberships/aws-1",
        "locations/us-central1/memberships/twin",
        "locations/us-east4/memberships/twin",
    ]


async def test_one_location_shows_only_its_own(clouds: Clouds) -> None:
    _, body = await clouds.get("/v1/projects/acme-1/locations/global/memberships")
    assert ids(body) == ["locations/global/memberships/plant-7"]


async def test_pages_join_to_the_whole(clouds: Clouds) -> None:
    found: list[str] = []
    token, pages = "", 0
    while pages == 0 or token:
        _, body = await clouds.get(LIST, params={"pageSize": "2", "pageToken": token})
        found += ids(body)
        token, pages = body.get("nextPageToken", ""), pages + 1
    assert (len(found), len(set(found)), pages) == (5, 5, 3)


@pytest.mark.parametrize("query", [{"pageToken": "nonsense"}, {"pageToken": "b2Zmc2V0"}, {"pageSize": "-1"}])
async def test_a_page_that_makes_no_sense_is_an_invalid_argument(clouds: Clouds, query: dict[str, str]) -> None:
    status, body = await clouds.get(LIST, params=query)
    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("labels.env=prod", 1),
        ("labels.env:*", 2),
        ("NOT labels.env:*", 3),
        ('state = "READY" AND labels.env != prod', 4),
        ("name:twin", 2),
        ("state=DELETING", 0),
    ],
)
async def test_filters(clouds: Clouds, expression: str, count: int) -> None:
    _, body = await clouds.get(LIST, params={"filter": expression})
    assert len(ids(body)) == count


async def test_a_filter_nobody_understands_is_refused(clouds: Clouds) -> None:
    status, body = await clouds.get(LIST, params={"filter": "labels.env="})
    assert status == 400
    assert "filter" in body["error"]["message"]


async def test_order_can_be_turned_round(clouds: Clouds) -> None:
    _, body = await clouds.get(LIST, params={"orderBy": "name desc"})
    assert ids(body)[0] == "locations/us-east4/memberships/twin"


async def test_a_gke_membership_has_no_agent_and_so_no_last_connection(clouds: Clouds) -> None:
    _, gke = await clouds.get("/v1/projects/acme-1/locations/europe-west1/memberships/prod-eu")
    _, plant = await clouds.get("/v1/projects/acme-1/locations/global/memberships/plant-7")
    assert "lastConnectionTime" not in gke
    assert gke["endpoint"]["gkeCluster"]["resourceLink"].startswith("//container.googleapis.com/projects/acme-1/")
    assert plant["lastConnectionTime"] == "2026-09-21T14:13:20.250Z"
    assert plant["endpoint"]["onPremCluster"]["clusterType"] == "USER"
    assert plant["endpoint"]["kubernetesMetadata"]["kubernetesApiServerVersion"] == "v1.31.2"
    assert gke["state"] == {"code": "READY"}


async def test_what_does_not_exist_is_not_found(clouds: Clouds) -> None:
    status, body = await clouds.get("/v1/projects/acme-1/locations/global/memberships/prod-eu")
    assert status == 404
    assert body["error"]["message"] == "Resource 'projects/acme-1/locations/global/memberships/prod-eu' was not found"


async def test_a_location_that_does_not_answer_is_named_and_the_rest_is_shown(clouds: Clouds) -> None:
    clouds.server.faults.add("location-unreachable", {"location": "us-central1"})
    status, body = await clouds.get(LIST)
    assert (status, body["unreachable"]) == (200, ["us-central1"])
    assert len(body["resources"]) == 3
    status, body = await clouds.get("/v1/projects/acme-1/locations/us-central1/memberships/twin")
    assert (status, body["error"]["status"]) == (503, "UNAVAILABLE")


async def test_a_gateway_role_alone_may_look_but_not_list(clouds: Clouds) -> None:
    status, body = await clouds.get(LIST, "reader")
    assert status == 403
    assert body["error"]["message"] == (
        "Permission 'gkehub.memberships.list' denied on 'projects/acme-1/locations/-/memberships'"
    )
    info = body["error"]["details"][0]
    assert (info["reason"], info["metadata"]["permission"]) == ("IAM_PERMISSION_DENIED", "gkehub.memberships.list")
    status, _ = await clouds.get("/v1/projects/acme-1/locations/us-east4/memberships/twin", "reader")
    assert status == 200


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({}, "CREDENTIALS_MISSING"), ({"Authorization": "Bearer wrong"}, "ACCESS_TOKEN_TYPE_UNSUPPORTED")],
)
async def test_without_a_good_token_nothing_is_told(clouds: Clouds, headers: dict[str, str], reason: str) -> None:
    async with clouds.ask(LIST, "", headers=headers) as response:
        error = (await response.json())["error"]
        assert (response.status, error["status"]) == (401, "UNAUTHENTICATED")
        assert error["details"][0]["reason"] == reason
        assert response.headers["WWW-Authenticate"].startswith("Bearer realm=")


async def test_an_address_that_no_api_has_is_the_front_ends_html(clouds: Clouds) -> None:
    status, text = await clouds.get("/v1/fleets")
    assert status == 404
    assert "<title>Error 404 (Not Found)!!1</title>" in text
    assert "The requested URL /v1/fleets was not found on this server." in text


async def test_the_front_end_escapes_what_it_repeats(clouds: Clouds) -> None:
    _, text = await clouds.get("/<script>")
    assert "<script>" not in text


async def test_multi_cloud_clusters_name_their_membership(clouds: Clouds) -> None:
    status, body = await clouds.get("/v1/projects/acme-1/locations/us-central1/attachedClusters?pageSize=100")
    assert status == 200
    assert [one["name"].rsplit("/", 1)[1] for one in body["attachedClusters"]] == ["eks"]
    assert body["attachedClusters"][0]["fleet"]["membership"].endswith("/memberships/aws-1")
    status, _ = await clouds.get("/v1/projects/acme-1/locations/us-central1/awsClusters/eks")
    assert status == 404


@pytest.mark.parametrize(("fraction", "shown"), [(0.0, ""), (0.25, ".250"), (0.000125, ".000125")])
def test_times_have_no_more_digits_than_needed(fraction: float, shown: str) -> None:
    assert timestamp(1_000_000_000 + fraction) == f"2001-09-09T01:46:40{shown}Z"
