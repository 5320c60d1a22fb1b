"""Resource Manager as azure-core and az see it: addresses, versions, refusals, AKS, extension, connections."""

from __future__ import annotations

import base64
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yaml

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

SUB = "/subscriptions/11111111-2222-3333-4444-555555555555"
FRESH = SUB[:-1] + "6"
AKS = f"{SUB}/resourceGroups/RG-Web/providers/Microsoft.ContainerService/managedClusters/aks-1"
LINKERS = f"{AKS}/providers/Microsoft.ServiceLinker/linkers"
EXTENSION = f"{AKS}/providers/Microsoft.KubernetesConfiguration/extensions/sc-extension"
V = "?api-version=2024-07-01-preview"


async def code(clouds: Clouds, path: str, person: str = "admin", **options: Any) -> tuple[int, str]:
    status, body = await clouds.arm(path, person, **options)
    return status, body["error"]["code"]


async def test_addresses_are_compared_without_regard_to_case(clouds: Clouds) -> None:
    for path in (AKS, AKS.lower(), AKS.upper().replace("/SUBSCRIPTIONS", "/Subscriptions"), AKS + "/"):
        status, body = await clouds.arm(path + V)
        assert (status, body["name"]) == (200, "aks-1"), path


@pytest.mark.parametrize("version", ["2026-08-01", "1999-01-01-preview"])
async def test_any_api_version_will_do(clouds: Clouds, version: str) -> None:
    assert (await clouds.arm(f"{AKS}?api-version={version}"))[0] == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (AKS, (400, "MissingApiVersionParameter")),
        (f"{SUB[:-1]}9{V}", (404, "SubscriptionNotFound")),
        (AKS.replace("RG-Web", "ghost") + V, (404, "ResourceGroupNotFound")),
        (AKS.replace("aks-1", "ghost") + V, (404, "ResourceNotFound")),
        (f"{LINKERS}/ghost{V}", (404, "ResourceNotFound")),
        (EXTENSION.replace("RG-Web", "rg-data").replace("aks-1", "aks-2") + V, (404, "ResourceNotFound")),
        (f"{SUB}/providers/Microsoft.Ghost{V}", (404, "InvalidResourceNamespace")),
        (f"{AKS}/ghosts/one{V}", (404, "InvalidResourceType")),
    ],
)
async def test_refusals_carry_arms_codes(clouds: Clouds, path: str, expected: tuple[int, str]) -> None:
    assert await code(clouds, path) == expected


async def test_every_answer_carries_ids_and_what_is_left_of_the_quota(clouds: Clouds) -> None:
    headers = {"Authorization": f"Bearer {await clouds.arm_token()}"}
    for path in (AKS + V, AKS.replace("aks-1", "ghost") + V):
        async with clouds.ask(path, "", headers=headers) as response:
            assert response.headers["x-ms-request-id"]
            assert response.headers["x-ms-correlation-request-id"]
            assert int(response.headers["x-ms-ratelimit-remaining-subscription-reads"]) > 0


async def test_tokens_of_another_cloud_or_of_nobody_are_refused(clouds: Clouds) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer {clouds.server.tokens['admin']}"},
    ):
        async with clouds.ask(AKS + V, "", headers=headers) as response:
            body = await response.json()
            assert response.status == 401
            assert body["error"]["code"] in ("AuthenticationFailed", "InvalidAuthenticationToken")
            assert response.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


async def test_a_token_ends(clouds: Clouds) -> None:
    token, _ = clouds.server.people.mint("ana@example.com", -1, aud="https://management.azure.com")
    async with clouds.ask(AKS + V, "", headers={"Authorization": f"Bearer {token}"}) as response:
        assert (await response.json())["error"]["code"] == "ExpiredAuthenticationToken"


async def test_a_token_with_a_changed_claim_is_worthless(clouds: Clouds) -> None:
    head, body, signature = (await clouds.arm_token("nobody")).split(".")
    claims = base64.urlsafe_b64decode(body + "==").replace(b"nils@example.com", b"ana@example.com")
    forged = f"{head}.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.{signature}"
    async with clouds.ask(AKS + V, "", headers={"Authorization": f"Bearer {forged}"}) as response:
        assert response.status == 401


async def test_the_identity_endpoint_speaks_as_app_service_does(clouds: Clouds) -> None:
    token = await clouds.arm_token()
    assert token.count(".") == 2
    async with clouds.client.get(clouds.server.token_url, params={"resource": "x"}) as response:
        assert response.status == 403
    header = {"X-IDENTITY-HEADER": clouds.server.people.identity_headers["viewer"]}
    async with clouds.client.get(clouds.server.token_url, params={"resource": "r"}, headers=header) as response:
        body = await response.json()
    assert (body["token_type"], body["resource"]) == ("Bearer", "r")
    assert 3500 < int(body["expires_on"]) - time.time() <= 3600


async def test_subscriptions_are_those_one_has_a_role_on(clouds: Clouds) -> None:
    _, mine = await clouds.arm(f"/subscriptions{V}")
    _, nobodys = await clouds.arm(f"/subscriptions{V}", "nobody")
    assert [one["displayName"] for one in mine["value"]] == ["Production", "Fresh"]
    assert nobodys["value"] == []


async def test_who_has_no_role_is_told_action_and_scope(clouds: Clouds) -> None:
    status, body = await clouds.arm(AKS + V, "nobody")
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
    assert "perform action 'Microsoft.ContainerService/managedClusters/read' over scope" in body["error"]["message"]
    assert "If access was recently granted, please refresh your credentials." in body["error"]["message"]
    validate = f"{LINKERS}/orders/validateLinker{V}"
    assert await code(clouds, validate, "viewer", method="POST") == (403, "AuthorizationFailed")


async def test_a_cluster_is_healthy_but_for_what_the_scenario_says(clouds: Clouds) -> None:
    _, body = await clouds.arm(AKS + V)
    properties = body["properties"]
    assert (properties["provisioningState"], properties["powerState"]["code"]) == ("Succeeded", "Running")
    assert properties["currentKubernetesVersion"] == "1.34.1"
    assert properties["oidcIssuerProfile"]["enabled"] is False
    assert properties["oidcIssuerProfile"]["issuerURL"].startswith("https://westeurope.oic.prod-aks.azure.com/")


async def test_clusters_are_listed_by_subscription_and_by_group(clouds: Clouds) -> None:
    _, all_of_them = await clouds.arm(f"{SUB}/providers/Microsoft.ContainerService/managedClusters{V}")
    _, of_group = await clouds.arm(
        f"{SUB}/resourcegroups/RG-DATA/providers/Microsoft.ContainerService/managedClusters{V}"
    )
    assert [one["name"] for one in all_of_them["value"]] == ["aks-1", "aks-2"]
    assert [one["name"] for one in of_group["value"]] == ["aks-2"]


async def test_user_credentials_reach_the_cluster_with_a_certificate(clouds: Clouds, tmp_path: Path) -> None:
    status, body = await clouds.arm(f"{AKS}/listClusterUserCredential{V}", "viewer", method="POST")
    assert status == 200
    config = yaml.safe_load(base64.b64decode(body["kubeconfigs"][0]["value"]))
    assert config["contexts"][0]["context"] == {"cluster": "aks-1", "user": "clusterUser_RG-Web_aks-1"}
    server, user = config["clusters"][0]["cluster"]["server"], config["users"][0]["user"]
    pair = tmp_path / "pair.pem"
    pair.write_bytes(b"".join(base64.b64decode(user[key]) for key in ("client-certificate-data", "client-key-data")))
    context = ssl.create_default_context(cafile=str(clouds.server.ca_pem))
    context.load_cert_chain(pair)
    async with aiohttp.ClientSession() as client, client.get(f"{server}/api/v1/pods", ssl=context) as response:
        assert await response.json() == {
            "path": "/api/v1/pods",
            "user": "vera@example.com",
            "groups": ["system:authenticated"],
            "impersonate": None,
        }


async def test_admin_credentials_need_the_right_and_local_accounts(clouds: Clouds) -> None:
    admin = AKS + "/listClusterAdminCredential" + V
    assert (await clouds.arm(admin, method="POST"))[0] == 200
    assert await code(clouds, admin, "viewer", method="POST") == (403, "AuthorizationFailed")
    without = admin.replace("RG-Web", "rg-data").replace("aks-1", "aks-2")
    status, body = await clouds.arm(without, method="POST")
    assert (status, "disable local accounts" in body["error"]["message"]) == (400, True)


async def test_the_extension_of_service_connector(clouds: Clouds) -> None:
    status, body = await clouds.arm(EXTENSION + V)
    properties = body["properties"]
    assert (status, properties["extensionType"], properties["scope"]) == (
        200,
        "microsoft.servicelinker.connection",
        {"cluster": {"releaseNamespace": "sc-system"}},
    )
    _, listed = await clouds.arm(EXTENSION.rsplit("/", 1)[0] + V)
    assert [one["name"] for one in listed["value"]] == ["sc-extension"]
    _, none = await clouds.arm(EXTENSION.rsplit("/", 1)[0].replace("RG-Web", "rg-data").replace("aks-1", "aks-2") + V)
    assert none["value"] == []


async def test_connections_come_in_pages_with_a_next_link(clouds: Clouds) -> None:
    found: list[str] = []
    link = f"{LINKERS}{V}&$top=2"
    while link:
        status, body = await clouds.arm(link)
        assert status == 200
        found += [one["name"] for one in body["value"]]
        link = body["nextLink"]
    assert found == ["orders", "cache", "vault"]


async def test_a_connection_in_the_services_own_form(clouds: Clouds) -> None:
    _, body = await clouds.arm(f"{LINKERS}/CACHE{V}")
    assert (body["name"], body["type"]) == ("cache", "microsoft.servicelinker/linkers")
    assert body["properties"]["authInfo"] == {"authType": "userAssignedIdentity", "clientId": "c-1"}
    assert body["properties"]["scope"] == "default"
    assert body["properties"]["vNetSolution"] is None


@pytest.mark.parametrize(
    ("linker", "names"),
    [
        ("orders", ["AZURE_STORAGEBLOB_CONNECTIONSTRING"]),
        ("cache", ["AZURE_REDIS_HOST", "AZURE_REDIS_CLIENTID"]),
        ("vault", ["AZURE_KEYVAULT_RESOURCEENDPOINT", "AZURE_KEYVAULT_CLIENTID", "AZURE_KEYVAULT_SCOPE"]),
    ],
)
async def test_configurations_name_what_a_workload_gets_and_no_secret(
    clouds: Clouds, linker: str, names: list[str]
) -> None:
    status, body = await clouds.arm(f"{LINKERS}/{linker}/listConfigurations{V}", method="POST")
    assert status == 200
    assert [one["name"] for one in body["configurations"]] == names
    assert {one["value"] for one in body["configurations"]} == {""}


async def test_validation_is_a_long_running_operation(clouds: Clouds) -> None:
    headers = {"Authorization": f"Bearer {await clouds.arm_token()}"}
    async with clouds.ask(f"{LINKERS}/cache/validateLinker{V}", "", method="POST", headers=headers) as response:
        assert (response.status, await response.json(), response.headers["Retry-After"]) == (202, None, "1")
        where = response.headers["Azure-AsyncOperation"]
        assert response.headers["Location"] == where
    status, body = await clouds.arm(where)
    assert (status, body["status"]) == (202, "Accepted")
    clouds.clock_ahead(4)
    status, body = await clouds.arm(where)
    assert (status, body["status"], body["properties"]["isConnectionAvailable"]) == (200, "Succeeded", True)
    assert {one["result"] for one in body["properties"]["validationDetail"]} == {"success"}


async def test_a_provider_must_be_registered_and_registering_takes_its_time(clouds: Clouds) -> None:
    linkers = f"{FRESH}/resourceGroups/rg-new/providers/Microsoft.ContainerService/managedClusters/aks-3"
    linkers += f"/providers/Microsoft.ServiceLinker/linkers{V}"
    status, body = await clouds.arm(linkers)
    assert (status, body["error"]["code"]) == (409, "MissingSubscriptionRegistration")
    assert "is not registered to use namespace 'Microsoft.ServiceLinker'" in body["error"]["message"]
    provider = f"{FRESH}/providers/microsoft.servicelinker"
    assert (await clouds.arm(provider + V))[1]["registrationState"] == "NotRegistered"
    assert (await clouds.arm(f"{provider}/register{V}", method="POST"))[1]["registrationState"] == "Registering"
    clouds.clock_ahead(6)
    assert (await clouds.arm(provider + V))[1]["registrationState"] == "Registered"
    assert (await clouds.arm(linkers))[0] == 200


async def test_a_cloud_can_be_registered_from_its_metadata(clouds: Clouds) -> None:
    status, body = await clouds.get("/metadata/endpoints?api-version=2022-09-01", "")
    assert status == 200
    assert body["resourceManager"] == f"{clouds.server.base_url}/"
    assert body["authentication"]["audiences"] == [f"{clouds.server.base_url}/"]
