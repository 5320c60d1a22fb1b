"""Resource Manager, Service Usage and IAM credentials: what decides who may do what, and how it is changed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tui.sim.google.conditions import holds, valid
from tui.sim.google.policy import Policy

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

V3 = {"options": {"requestedPolicyVersion": 3}}
LIST = "/v1/projects/acme-1/locations/-/memberships"


async def policy(clouds: Clouds, **options: Any) -> dict[str, Any]:
    status, body = await clouds.post("/v1/projects/acme-1:getIamPolicy", V3, **options)
    assert status == 200, body
    return body


def binding(role: str, member: str, **condition: str) -> dict[str, Any]:
    return {"role": role, "members": [member], **({"condition": condition} if condition else {})}


async def test_a_project_under_both_versions(clouds: Clouds) -> None:
    _, v1 = await clouds.get("/v1/projects/acme-1")
    _, v3 = await clouds.get("/v3/projects/111111111111")
    assert (v1["projectNumber"], v1["projectId"], v1["lifecycleState"]) == ("111111111111", "acme-1", "ACTIVE")
    assert (v3["name"], v3["projectId"], v3["state"]) == ("projects/111111111111", "acme-1", "ACTIVE")
    assert "projectNumber" not in v3


async def test_projects_are_listed_to_who_may_see_them(clouds: Clouds) -> None:
    for path in ("/v1/projects", "/v3/projects:search"):
        _, mine = await clouds.get(path)
        assert [one["projectId"] for one in mine["projects"]] == ["acme-1", "bare-1"]
        assert await clouds.get(path, "reader") == (200, {})


async def test_the_policy_holds_what_the_scenario_gave(clouds: Clouds) -> None:
    found = {one["role"]: one["members"] for one in (await policy(clouds))["bindings"]}
    assert found["roles/owner"] == ["user:ana@example.com"]
    assert found["roles/gkehub.gatewayAdmin"] == ["serviceAccount:robot@acme-1.iam.gserviceaccount.com"]
    assert found["roles/gkehub.gatewayReader"] == ["user:rui@example.com", "user:vera@example.com"]


@pytest.mark.parametrize("version", ["v1", "v3"])
async def test_a_grant_takes_effect_at_once_and_its_etag_is_spent(clouds: Clouds, version: str) -> None:
    assert (await clouds.get(LIST, "nobody"))[0] == 403
    before = await policy(clouds)
    base64.b64decode(before["etag"], validate=True)
    wanted = {**before, "bindings": [*before["bindings"], binding("roles/gkehub.viewer", "user:nils@example.com")]}
    status, after = await clouds.post(f"/{version}/projects/acme-1:setIamPolicy", {"policy": wanted})
    assert status == 200
    assert after["etag"] != before["etag"]
    assert (await clouds.get(LIST, "nobody"))[0] == 200
    status, body = await clouds.post(f"/{version}/projects/acme-1:setIamPolicy", {"policy": before})
    assert (status, body["error"]["status"]) == (409, "ABORTED")
    broken = {**before, "etag": "a"}
    assert (await clouds.post(f"/{version}/projects/acme-1:setIamPolicy", {"policy": broken}))[0] == 400
    assert "concurrent policy changes" in body["error"]["message"]


def test_an_etag_may_come_back_in_base64s_other_alphabet() -> None:
    """gcloud does so; one policy in ten has an etag that shows it."""
    for number in range(200):
        policy = Policy([("roles/viewer", f"user:{number}@example.com")])
        policy.write({"bindings": [], "etag": policy.etag.translate(str.maketrans("+/", "-_"))})
        assert policy.read(3)["bindings"] == []


async def test_a_condition_needs_version_3_to_be_written_and_to_be_seen(clouds: Clouds) -> None:
    before = await policy(clouds)
    soon = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    temporary = binding(
        "roles/gkehub.viewer",
        "user:nils@example.com",
        title="on call",
        expression=f'request.time < timestamp("{soon}")',
    )
    wanted = {**before, "bindings": [*before["bindings"], temporary]}
    status, body = await clouds.post("/v3/projects/acme-1:setIamPolicy", {"policy": {**wanted, "version": 1}})
    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")
    status, body = await clouds.post("/v3/projects/acme-1:setIamPolicy", {"policy": {**wanted, "version": 3}})
    assert (status, body["version"]) == (200, 3)
    assert (await clouds.get(LIST, "nobody"))[0] == 200
    _, old = await clouds.post("/v1/projects/acme-1:getIamPolicy", {})
    assert old["version"] == 1
    assert not any("condition" in one for one in old["bindings"])
    assert any(one["role"].startswith("roles/gkehub.viewer_withcond_") for one in old["bindings"])


async def test_access_whose_time_is_over_is_no_access(clouds: Clouds) -> None:
    before = await policy(clouds)
    over = binding(
        "roles/gkehub.viewer",
        "user:nils@example.com",
        title="last week",
        expression="request.time < timestamp('2020-01-01T00:00:00Z')",
    )
    wanted = {**before, "version": 3, "bindings": [*before["bindings"], over]}
    assert (await clouds.post("/v3/projects/acme-1:setIamPolicy", {"policy": wanted}))[0] == 200
    assert (await clouds.get(LIST, "nobody"))[0] == 403


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (binding("roles/gkehub", "user:a@example.com"), "is not supported"),
        (binding("nonsense", "user:a@example.com"), "is not supported"),
        (binding("roles/viewer", "a@example.com"), "unknown type"),
        (binding("roles/viewer", "user:a@example.com", title="t"), "expression"),
    ],
)
async def test_a_malformed_binding_is_refused_and_changes_nothing(clouds: Clouds, bad: Any, words: str) -> None:
    before = await policy(clouds)
    wanted = {**before, "version": 3, "bindings": [bad]}
    status, body = await clouds.post("/v1/projects/acme-1:setIamPolicy", {"policy": wanted})
    assert status == 400
    assert words in body["error"]["message"]
    assert await policy(clouds) == before


@pytest.mark.parametrize("person", ["viewer", "nobody"])
async def test_who_may_not_write_the_policy_is_told_which_permission_is_missing(clouds: Clouds, person: str) -> None:
    status, body = await clouds.post("/v1/projects/acme-1:setIamPolicy", {"policy": {"bindings": []}}, person)
    assert status == 403
    assert body["error"]["message"] == (
        "Permission 'resourcemanager.projects.setIamPolicy' denied on resource "
        "'//cloudresourcemanager.googleapis.com/projects/acme-1' (or it may not exist)."
    )


async def test_permissions_are_tested_for_the_caller(clouds: Clouds) -> None:
    asked = ["gkehub.gateway.get", "gkehub.gateway.post", "gkehub.gateway.stream"]
    expected = {"admin": asked, "viewer": asked[:1], "editor": asked[:2], "robot": asked, "nobody": None}
    for person, granted in expected.items():
        status, body = await clouds.post("/v1/projects/acme-1:testIamPermissions", {"permissions": asked}, person)
        assert (status, body.get("permissions")) == (200, granted), person
    _, body = await clouds.post("/v1/projects/no-such:testIamPermissions", {"permissions": asked})
    assert body == {}
    status, _ = await clouds.post("/v1/projects/acme-1:testIamPermissions", {"permissions": ["nonsense"]})
    assert status == 400


async def test_a_disabled_api_says_so_in_the_sentence_gcloud_looks_for(clouds: Clouds) -> None:
    status, body = await clouds.get("/v1/projects/bare-1/locations/-/memberships")
    error = body["error"]
    assert (status, error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"].startswith(
        "GKE Hub API has not been used in project 222222222222 before or it is disabled. Enable it by visiting "
        "https://console.developers.google.com/apis/api/gkehub.googleapis.com/overview?project=222222222222 then retry."
    )
    info = error["details"][1]
    assert (info["reason"], info["metadata"]["service"]) == ("SERVICE_DISABLED", "gkehub.googleapis.com")


async def test_enabling_an_api_is_an_operation_that_ends(clouds: Clouds) -> None:
    name = "gkehub.googleapis.com"
    _, before = await clouds.get(f"/v1/projects/bare-1/services/{name}")
    assert (before["state"], before["config"]["title"]) == ("DISABLED", "GKE Hub API")
    status, operation = await clouds.post(f"/v1/projects/bare-1/services/{name}:enable", {})
    assert status == 200
    assert operation["name"].startswith("operations/acf.")
    assert "done" not in operation
    assert await clouds.get(f"/v1/{operation['name']}") == (200, {"name": operation["name"]})
    clouds.clock_ahead(3)
    _, ended = await clouds.get(f"/v1/{operation['name']}")
    assert (ended["done"], ended["response"]["service"]["state"]) == (True, "ENABLED")
    assert (await clouds.get("/v1/projects/bare-1/locations/-/memberships"))[0] == 200
    _, again = await clouds.post(f"/v1/projects/bare-1/services/{name}:enable", {})
    assert (again["done"], again["response"]["service"]["state"]) == (True, "ENABLED")


async def test_services_are_listed_by_state_and_several_enabled_at_once(clouds: Clouds) -> None:
    async def enabled() -> list[str]:
        _, body = await clouds.get("/v1/projects/bare-1/services?filter=state:ENABLED&pageSize=200")
        return [one["config"]["name"] for one in body["services"]]

    assert await enabled() == ["serviceusage.googleapis.com"]
    wanted = {"serviceIds": ["gkehub.googleapis.com", "connectgateway.googleapis.com"]}
    assert (await clouds.post("/v1/projects/bare-1/services:batchEnable", wanted))[0] == 200
    assert await enabled() == ["connectgateway.googleapis.com", "gkehub.googleapis.com", "serviceusage.googleapis.com"]
    query = "names=projects/bare-1/services/gkehub.googleapis.com&names=projects/bare-1/services/iam.googleapis.com"
    _, body = await clouds.get(f"/v1/projects/bare-1/services:batchGet?{query}")
    assert [one["state"] for one in body["services"]] == ["ENABLED", "DISABLED"]
    assert (await clouds.post("/v1/projects/bare-1/services/nonsense.example.com:enable", {}))[0] == 403


async def test_a_service_account_is_impersonated_only_by_who_may(clouds: Clouds) -> None:
    path = "/v1/projects/-/serviceAccounts/robot@acme-1.iam.gserviceaccount.com:generateAccessToken"
    body = {"scope": ["https://www.googleapis.com/auth/cloud-platform"], "lifetime": "600s"}
    status, answer = await clouds.post(path, body)  # an owner may not, as in life
    assert (status, answer["error"]["details"][0]["metadata"]["permission"]) == (
        403,
        "iam.serviceAccounts.getAccessToken",
    )
    status, answer = await clouds.post(path, body, "editor")
    assert status == 200
    headers = {"Authorization": f"Bearer {answer['accessToken']}"}
    asked = {"permissions": ["gkehub.gateway.stream"]}
    _, granted = await clouds.post("/v1/projects/acme-1:testIamPermissions", asked, "", headers=headers)
    assert granted == asked
    left = datetime.fromisoformat(answer["expireTime"]) - datetime.now(UTC)
    assert timedelta(seconds=590) < left <= timedelta(seconds=600)


async def test_an_impersonation_that_asks_too_much_or_for_nobody_is_refused(clouds: Clouds) -> None:
    path = "/v1/projects/-/serviceAccounts/{}:generateAccessToken"
    robot = "robot@acme-1.iam.gserviceaccount.com"
    status, _ = await clouds.post(path.format(robot), {"scope": ["s"], "lifetime": "7200s"}, "editor")
    assert status == 400
    status, _ = await clouds.post(path.format("ghost@acme-1.iam.gserviceaccount.com"), {"scope": ["s"]}, "editor")
    assert status == 404


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('request.time < timestamp("2026-01-01T00:00:01Z")', True),
        ('request.time <= timestamp("2026-01-01T00:00:00Z")', True),
        ('request.time < timestamp("2026-01-01T00:00:00Z")', False),
        ("request.time > timestamp('2025-12-31T23:59:59Z')", True),
        ('request.time >= timestamp("2026-01-01T01:00:00+01:00")', True),
        ('request.time > timestamp("2025-01-01T00:00:00Z") && request.time < timestamp("2025-06-01T00:00:00Z")', False),
        ('resource.name.startsWith("projects/")', False),
        ('request.time < timestamp("soon")', False),
        ("true || true", False),
    ],
)
def test_conditions_hold_or_refuse(expression: str, expected: bool) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert holds(expression, moment) is expected


def test_what_cannot_be_evaluated_is_known() -> None:
    assert valid('request.time < timestamp("2026-01-01T00:00:01Z")')
    assert not valid('resource.name == "x"')
