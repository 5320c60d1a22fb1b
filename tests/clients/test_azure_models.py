"""ARM's JSON to our own values, over the shapes that services really send and some that they might."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tui.clients.azure_cloud import AzureCloud, read_azure_cloud
from tui.clients.azure_models import (
    aks_from_api,
    extension_from_api,
    id_parts,
    linker_from_api,
    service_connector,
    type_of,
)
from tui.model.connection import Extension, Linker

STORAGE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a/blobServices/default"
LINKER = {
    "id": "/x/linkers/orders",
    "name": "orders",
    "type": "microsoft.servicelinker/linkers",
    "systemData": None,
    "properties": {
        "provisioningState": "Succeeded",
        "clientType": "python",
        "scope": "payments",
        "targetService": {"type": "AzureResource", "id": STORAGE, "resourceProperties": None},
        "authInfo": {"authType": "userAssignedIdentity", "clientId": "c-1", "subscriptionId": "s", "roles": None},
        "vNetSolution": None,
    },
}


def test_every_field_of_a_linker_is_mapped() -> None:
    assert linker_from_api(LINKER, "cluster") == Linker(
        id="/x/linkers/orders",
        name="orders",
        cluster_id="cluster",
        namespace="payments",
        target_type="storage-blob",
        target_id=STORAGE,
        auth_type="userAssignedIdentity",
        auth_label="WI",
        client_id="c-1",
        client_type="python",
        csi=False,
        provisioning_state="Succeeded",
    )


@pytest.mark.parametrize(
    "odd", [{}, {"properties": None}, {"properties": {"authInfo": None, "targetService": None, "scope": None}}]
)
def test_an_odd_linker_is_still_a_row(odd: dict[str, Any]) -> None:
    found = linker_from_api({"name": "x", **odd}, "cluster")
    assert (found.namespace, found.auth_type, found.auth_label, found.target_type) == ("default", "", "none", "")


IN_GROUP = "/subscriptions/s/resourceGroups/r/providers"


@pytest.mark.parametrize(
    ("service", "short"),
    [
        ({"id": STORAGE}, "storage-blob"),
        ({"id": STORAGE.replace("blobServices", "QUEUESERVICES")}, "storage-queue"),
        ({"id": f"{IN_GROUP}/Microsoft.KeyVault/vaults/v"}, "keyvault"),
        ({"id": f"{IN_GROUP.lower()}/microsoft.dbforpostgresql/flexibleservers/p/databases/d"}, "postgres-flexible"),
        ({"id": f"{IN_GROUP}/Microsoft.Sql/servers/p/databases/d"}, "sql"),
        ({"id": f"{IN_GROUP}/Microsoft.DocumentDB/databaseAccounts/a/sqlDatabases/d"}, "cosmos-sql"),
        ({"id": f"{IN_GROUP}/Microsoft.Cache/redisEnterprise/a/databases/default"}, "redis-enterprise"),
        ({"id": f"{IN_GROUP}/Microsoft.Cache/Redis/a/databases/0"}, "redis"),
        ({"id": f"{IN_GROUP}/Contoso.New/things/t"}, "Contoso.New/things"),
        ({"id": "", "type": "AzureResource"}, "AzureResource"),
        ({"type": "ConfluentBootstrapServer", "endpoint": "pkc-1:9092"}, "confluent-cloud"),
        ({"type": "SelfHostedServer", "endpoint": "db.internal"}, "self-hosted"),
    ],
)
def test_the_targets_short_name(service: dict[str, Any], short: str) -> None:
    found = linker_from_api({"properties": {"targetService": {"type": "AzureResource", **service}}}, "c")
    assert found.target_type == short
    assert found.target_id == service.get("id", "") or service.get("endpoint")


@pytest.mark.parametrize(
    ("auth", "csi", "label"),
    [
        ({"authType": "userAssignedIdentity", "clientId": None}, True, "CSI"),
        ({"authType": "secret"}, False, "key"),
        ({"authType": "accessKey"}, False, "key"),
        ({"authType": "servicePrincipalSecret"}, False, "SP"),
        ({"authType": "systemAssignedIdentity"}, False, "MI"),
        ({"authType": "somethingNew"}, False, "somethingNew"),
        (None, False, "none"),
    ],
)
def test_how_a_connection_signs_in(auth: Any, csi: bool, label: str) -> None:
    service = {"resourceProperties": {"type": "KeyVault", "connectAsKubernetesCsiDriver": csi}}
    assert linker_from_api({"properties": {"authInfo": auth, "targetService": service}}, "c").auth_label == label


def test_an_aks_cluster() -> None:
    found = aks_from_api(
        {
            "id": "/subscriptions/S-1/resourcegroups/RG/providers/Microsoft.ContainerService/ManagedClusters/aks-1",
            "name": "aks-1",
            "location": "westeurope",
            "properties": {
                "provisioningState": "Updating",
                "powerState": {"code": "Running"},
                "kubernetesVersion": "1.33",
                "currentKubernetesVersion": "1.33.4",
                "oidcIssuerProfile": {"enabled": True, "issuerURL": "https://issuer/"},
                "securityProfile": {"workloadIdentity": {"enabled": True}},
                "disableLocalAccounts": True,
                "apiServerAccessProfile": {"enablePrivateCluster": True},
            },
        }
    )
    assert (found.subscription, found.resource_group, found.name) == ("S-1", "RG", "aks-1")
    assert (found.version, found.oidc_issuer, found.provisioning_state) == ("1.33.4", "https://issuer/", "Updating")
    assert found.workload_identity
    assert found.local_accounts_disabled
    assert found.private
    assert aks_from_api({}).name == ""


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        (
            {"statuses": [], "errorInfo": {"code": "X", "message": "outer", "details": [{"message": "inner"}]}},
            "outer\ninner",
        ),
        ({"statuses": None, "errorInfo": None}, None),
        ({"statuses": [{"level": "Information", "message": "ok"}], "errorInfo": {"message": "broken"}}, "broken"),
        ({"statuses": [{"level": "ERROR", "message": "told"}], "errorInfo": {"message": "again"}}, "told"),
    ],
)
def test_an_extensions_error_is_found_wherever_it_stands(properties: dict[str, Any], error: str | None) -> None:
    found = extension_from_api({"name": "sc-extension", "properties": properties}).error
    assert (found.message if found else None) == error


def test_service_connector_is_known_by_type_first_and_by_name_where_no_type_is_told() -> None:
    named = Extension("1", "sc-extension", "microsoft.flux")
    typed = Extension("2", "other-name", "MICROSOFT.SERVICELINKER.CONNECTION")
    untyped = Extension("3", "SC-Extension", "")
    assert service_connector([named, untyped, typed]) is typed
    assert service_connector([named, untyped]) is untyped
    assert service_connector([named]) is None


def test_arm_ids() -> None:
    assert type_of(STORAGE) == "Microsoft.Storage/storageAccounts/blobServices"
    assert type_of("db.internal:5432") == ""
    assert id_parts("/Subscriptions/s/ResourceGroups/rg")["resourcegroups"] == "rg"


def _cloud(folder: Path, **environ: str) -> AzureCloud:
    return read_azure_cloud({"AZURE_CONFIG_DIR": str(folder), **environ})


def test_the_public_cloud_where_nothing_is_set(tmp_path: Path) -> None:
    cloud = _cloud(tmp_path)
    assert (cloud.arm, cloud.scope) == ("https://management.azure.com", "https://management.azure.com/.default")


@pytest.mark.parametrize(
    ("name", "arm", "authority"),
    [
        ("AzureChinaCloud", "https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
        ("AzureUSGovernment", "https://management.usgovcloudapi.net", "https://login.microsoftonline.us"),
    ],
)
def test_the_national_clouds(tmp_path: Path, name: str, arm: str, authority: str) -> None:
    (tmp_path / "config").write_text(f"[cloud]\nname = {name}\n")
    cloud = _cloud(tmp_path)
    assert (cloud.name, cloud.arm, cloud.authority, cloud.scope) == (name, arm, authority, f"{arm}/.default")


def test_a_cloud_that_was_registered(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[cloud]\nname = AzureCloud\n")
    (tmp_path / "clouds.config").write_text(
        "[stack]\nendpoint_resource_manager = https://arm.local/\nendpoint_active_directory = https://login.local/\n"
        "endpoint_active_directory_resource_id = https://audience.local/\n"
    )
    cloud = _cloud(tmp_path, AZURE_CLOUD_NAME="stack")
    assert cloud == AzureCloud("stack", "https://arm.local", "https://audience.local//.default", "https://login.local")


@pytest.mark.parametrize("content", ["", "[cloud]\nname = nowhere\n", "no ini"])
def test_an_unknown_or_damaged_cloud_is_the_public_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "config").write_text(content)
    assert _cloud(tmp_path).name == "AzureCloud"
