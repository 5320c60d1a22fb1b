"""Azure's own SDKs against the simulated Resource Manager, signed in by managed identity as the environment says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential
from azure.mgmt.kubernetesconfiguration.v2023_05_01.aio import SourceControlConfigurationClient

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
CLUSTER = ("RG-Web", "Microsoft.ContainerService", "managedClusters", "aks-1")


def signed_in(monkeypatch: pytest.MonkeyPatch, clouds: Clouds, person: str = "admin") -> None:
    for name, value in clouds.server.environment(person).items():
        monkeypatch.setenv(name, value)


def client(clouds: Clouds, credential: ManagedIdentityCredential) -> SourceControlConfigurationClient:
    return SourceControlConfigurationClient(
        credential,
        SUBSCRIPTION,
        base_url=clouds.server.base_url,
        credential_scopes=[f"{clouds.server.base_url}/.default"],
        connection_verify=str(clouds.server.ca_pem),
        retry_total=0,
    )


async def test_the_extension_through_the_sdk(clouds: Clouds, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, clouds)
    async with ManagedIdentityCredential() as credential, client(clouds, credential) as sdk:
        extension = await sdk.extensions.get(*CLUSTER, "sc-extension")
        assert extension.extension_type == "microsoft.servicelinker.connection"
        assert extension.scope is not None
        assert extension.scope.cluster is not None
        assert extension.scope.cluster.release_namespace == "sc-system"
        assert [one.name async for one in sdk.extensions.list(*CLUSTER)] == ["sc-extension"]
        with pytest.raises(ResourceNotFoundError) as caught:
            await sdk.extensions.get(*CLUSTER, "other")
        assert caught.value.error is not None
        assert caught.value.error.code == "ResourceNotFound"


async def test_who_has_no_role_gets_arms_refusal(clouds: Clouds, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, clouds, "nobody")
    async with ManagedIdentityCredential() as credential, client(clouds, credential) as sdk:
        with pytest.raises(HttpResponseError) as caught:
            await sdk.extensions.get(*CLUSTER, "sc-extension")
    assert (caught.value.status_code, caught.value.error and caught.value.error.code) == (403, "AuthorizationFailed")


async def test_the_default_credential_chain_finds_the_identity(clouds: Clouds, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, clouds)
    async with DefaultAzureCredential() as credential:
        token = await credential.get_token("https://management.azure.com/.default")
    caller = clouds.server.people.by_token(token.token, azure=True)
    assert caller is not None
    assert caller.email == "ana@example.com"
