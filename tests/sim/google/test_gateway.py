"""The data plane: each check in its order, each refusal with its own body, and who arrives at the cluster."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yaml

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

GKE = "/v1/projects/111111111111/locations/europe-west1/gkeMemberships/prod-eu"
PLANT = "/v1/projects/111111111111/locations/global/memberships/plant-7"
PODS = "/api/v1/pods"
EXEC = "/api/v1/namespaces/a/pods/b/exec?command=sh"


async def test_to_gke_the_caller_comes_himself(clouds: Clouds) -> None:
    status, body = await clouds.get(GKE + PODS, "reader")
    assert (status, body) == (
        200,
        {"path": PODS, "user": "rui@example.com", "groups": [], "impersonate": None},
    )


async def test_elsewhere_the_agent_comes_for_him(clouds: Clouds) -> None:
    _, body = await clouds.get(PLANT + PODS, "reader")
    assert (body["user"], body["impersonate"]) == (
        "system:serviceaccount:gke-connect:connect-agent-sa",
        "rui@example.com",
    )


@pytest.mark.parametrize(
    ("method", "person", "permission"),
    [
        ("GET", "nobody", "get"),
        ("POST", "reader", "post"),
        ("PUT", "reader", "put"),
        ("PATCH", "reader", "patch"),
        ("DELETE", "reader", "delete"),
    ],
)
async def test_each_verb_needs_its_permission(clouds: Clouds, method: str, person: str, permission: str) -> None:
    status, body = await clouds.get(PLANT + PODS, person, method=method)
    assert status == 403
    assert body["error"]["message"] == (
        f"Permission 'gkehub.gateway.{permission}' denied on resource '//gkehub.googleapis.com/projects/111111111111"
        "/locations/global/memberships/plant-7' (or it may not exist)."
    )
    assert clouds.estate.clusters["plant"].asked == []
    status, _ = await clouds.get(PLANT + PODS, "editor", method=method)
    assert status == 200


async def test_no_token_is_googles_401_and_not_the_clusters(clouds: Clouds) -> None:
    status, body = await clouds.get(PLANT + PODS, "")
    assert (status, body["error"]["status"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/projects/acme-1/locations/global/memberships/plant-7/api",  # the id instead of the number
        "/v1/projects/111111111111/locations/global/gkeMemberships/plant-7/api",  # the wrong collection
        "/v1/projects/111111111111/locations/us-east4/memberships/plant-7/api",  # the wrong region
        "/v1/projects/111111111111/locations/global/memberships/ghost/api",
        "/v1/projects/111111111111/memberships/plant-7/api",  # as old gcloud wrote it
        "/api/v1/pods",  # what `kubectl get --raw` makes of a gateway context
    ],
)
async def test_a_wrong_address_gets_the_front_ends_page(clouds: Clouds, path: str) -> None:
    status, text = await clouds.get(path)
    assert status == 404
    assert "<title>Error 404 (Not Found)!!1</title>" in text
    assert f"The requested URL {path} was not found on this server." in text


async def test_an_agent_without_a_connection(clouds: Clouds) -> None:
    clouds.estate.down.add("plant-7")
    status, body = await clouds.get(PLANT + PODS)
    assert (status, body["error"]["message"]) == (
        404,
        "cannot find active connections for cluster(project: 111111111111, membership: plant-7)",
    )
    assert (await clouds.get(GKE + PODS))[0] == 200


async def test_a_gke_cluster_that_is_gone_is_nobodys_agents_fault(clouds: Clouds) -> None:
    clouds.estate.down.add("prod-eu")
    status, body = await clouds.get(GKE + PODS)
    assert (status, body["error"]["status"]) == (503, "UNAVAILABLE")


async def test_gke_asked_for_by_agent_has_none(clouds: Clouds) -> None:
    status, body = await clouds.get(GKE.replace("gkeMemberships", "memberships") + PODS)
    assert status == 404
    assert "cannot find active connections" in body["error"]["message"]


async def test_a_disabled_gateway_api(clouds: Clouds) -> None:
    clouds.server.google.projects["acme-1"].services.discard("connectgateway.googleapis.com")
    status, body = await clouds.get(PLANT + PODS)
    assert (status, body["error"]["details"][1]["reason"]) == (403, "SERVICE_DISABLED")
    assert "Connect Gateway API has not been used in project 111111111111" in body["error"]["message"]


async def test_the_minutes_requests_are_shared_by_everybody(clouds: Clouds) -> None:
    clouds.server.google.gateway.quotas["111111111111"].requests_per_minute = 2
    answers = [
        await clouds.get(path + PODS, person) for path, person in ((GKE, "admin"), (PLANT, "reader"), (GKE, "viewer"))
    ]
    assert [status for status, _ in answers] == [200, 200, 429]
    error = answers[2][1]["error"]
    assert (error["status"], error["details"][0]["reason"]) == ("RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
    assert error["message"].startswith("Quota exceeded for quota metric 'Requests'")


async def test_headers_above_8_kb_do_not_pass(clouds: Clouds) -> None:
    status, text = await clouds.get(PLANT + PODS, headers={"X-Groups": "g" * 9000})
    assert (status, "Error 413 (Request Entity Too Large)!!1" in text) == (413, True)
    assert clouds.estate.clusters["plant"].asked == []


async def test_what_the_cluster_refuses_passes_unchanged(clouds: Clouds) -> None:
    clouds.estate.clusters["plant"].refusal = (403, "forbidden by the cluster")
    assert await clouds.get(PLANT + PODS) == (403, "forbidden by the cluster")


async def dial(clouds: Clouds, path: str, person: str) -> aiohttp.ClientWebSocketResponse:
    headers = {"Authorization": f"Bearer {clouds.server.tokens[person]}"}
    return await clouds.client.ws_connect(clouds.server.base_url + path, headers=headers)


async def upgrade(clouds: Clouds, path: str, person: str, protocol: str = "websocket") -> tuple[int, Any]:
    headers = {"Connection": "Upgrade", "Upgrade": protocol, "Sec-WebSocket-Version": "13"}
    headers["Sec-WebSocket-Key"] = base64.b64encode(bytes(16)).decode()
    return await clouds.get(path, person, headers=headers)


async def test_a_stream_passes_both_ways_for_who_may_stream(clouds: Clouds) -> None:
    async with await dial(clouds, PLANT + EXEC, "admin") as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"


async def test_reading_alone_is_not_streaming(clouds: Clouds) -> None:
    status, text = await upgrade(clouds, PLANT + EXEC, "reader")
    assert status == 400
    assert "generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource" in text


async def test_spdy_does_not_pass(clouds: Clouds) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1"}
    status, text = await clouds.get(PLANT + EXEC, method="POST", headers=headers)
    assert (status, "Error 400 (Bad Request)" in text) == (400, True)


async def test_the_eleventh_stream_of_a_project_has_to_wait(clouds: Clouds) -> None:
    clouds.server.google.gateway.quotas["111111111111"].active_streams = 2
    first = await dial(clouds, PLANT + EXEC, "admin")
    second = await dial(clouds, GKE + EXEC, "robot")
    status, text = await upgrade(clouds, PLANT + EXEC, "robot")
    assert status == 400
    assert "generic::resource_exhausted" in text
    assert "connectgateway.googleapis.com/active_streams" in text
    await first.close()
    third = await dial(clouds, PLANT + EXEC, "robot")
    assert not second.closed
    assert not third.closed


async def test_a_handshake_the_cluster_refuses_is_told_as_the_agents_failure(clouds: Clouds) -> None:
    clouds.estate.clusters["plant"].refusal = (403, 'pods "b" is forbidden')
    status, text = await upgrade(clouds, PLANT + EXEC, "admin")
    assert status == 400
    assert "generic::failed_precondition: failed to connect to the cluster's API Server with response" in text
    assert "(status=403 Forbidden" in text


async def test_a_stream_to_a_lost_agent(clouds: Clouds) -> None:
    clouds.estate.down.add("plant-7")
    status, text = await upgrade(clouds, PLANT + EXEC, "admin")
    assert (status, "generic::failed_precondition: connection to the agent failed" in text) == (400, True)


@pytest.mark.parametrize("version", ["v1", "v1beta1", "v1alpha1"])
async def test_credentials_point_back_at_this_gateway(clouds: Clouds, version: str) -> None:
    path = f"/{version}/projects/acme-1/locations/europe-west1/memberships/prod-eu:generateCredentials"
    status, body = await clouds.get(path, "reader", params={"forceUseAgent": "False"})
    assert status == 200
    assert body["endpoint"] == clouds.server.base_url + GKE
    config = yaml.safe_load(base64.b64decode(body["kubeconfig"]))
    assert config["current-context"] == "connectgateway_acme-1_europe-west1_prod-eu"
    plugin = config["users"][0]["user"]["exec"]
    assert (plugin["command"], plugin["apiVersion"], plugin["provideClusterInfo"]) == (
        "gke-gcloud-auth-plugin",
        "client.authentication.k8s.io/v1beta1",
        True,
    )
    authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
    assert authority == clouds.server.ca_pem.read_bytes()


async def test_credentials_for_a_namespace_and_by_agent(clouds: Clouds) -> None:
    path = "/v1/projects/111111111111/locations/europe-west1/memberships/prod-eu:generateCredentials"
    _, body = await clouds.get(path, params={"forceUseAgent": "True", "kubernetesNamespace": "shop"})
    config = yaml.safe_load(base64.b64decode(body["kubeconfig"]))
    assert "/memberships/prod-eu" in body["endpoint"]
    name = "connectgateway_acme-1_europe-west1_prod-eu"
    assert config["contexts"] == [
        {"name": f"{name}_ns-shop", "context": {"cluster": name, "user": f"{name}_ns-shop", "namespace": "shop"}}
    ]


async def test_credentials_are_refused_where_they_must_be(clouds: Clouds) -> None:
    path = "/v1/projects/acme-1/locations/europe-west1/memberships/prod-eu:generateCredentials"
    status, body = await clouds.get(path, "nobody")
    assert (status, "gkehub.gateway.generateCredentials" in body["error"]["message"]) == (403, True)
    assert (await clouds.get(path.replace("prod-eu", "ghost")))[0] == 404
    status, body = await clouds.get(path, headers={"Host": "connectgateway.googleapis.com"})
    assert (status, body["error"]["message"]) == (400, "Request contains an invalid argument.")
