"""What Service Connector hands to a workload, by Microsoft's tables of default names."""

from __future__ import annotations

import pytest

from tui.sim.azure.configurations import names
from tui.sim.scenario import LinkerSpec

BLOB = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default"
REDIS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Cache/redis/r/databases/0"
POSTGRES = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/p/databases/d"
UNKNOWN = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/w"


@pytest.mark.parametrize(
    ("target", "auth", "client", "expected"),
    [
        (BLOB, "secret", "none", "STORAGEBLOB_CONNECTIONSTRING"),
        (BLOB, "userAssignedIdentity", "none", "STORAGEBLOB_RESOURCEENDPOINT STORAGEBLOB_CLIENTID"),
        (
            BLOB,
            "servicePrincipalSecret",
            "none",
            "STORAGEBLOB_RESOURCEENDPOINT STORAGEBLOB_CLIENTID STORAGEBLOB_CLIENTSECRET STORAGEBLOB_TENANTID",
        ),
        (REDIS, "secret", "python", "REDIS_CONNECTIONSTRING"),
        (REDIS, "secret", "none", "REDIS_HOST REDIS_PORT REDIS_DATABASE REDIS_PASSWORD REDIS_SSL"),
        (POSTGRES, "userAssignedIdentity", "java", "POSTGRESQL_CONNECTIONSTRING POSTGRESQL_CLIENTID"),
        (
            "pkc-1.westeurope.azure.confluent.cloud:9092",
            "secret",
            "none",
            "CONFLUENTCLOUDKAFKA_BOOTSTRAPSERVER CONFLUENTCLOUDKAFKA_KAFKASASLCONFIG "
            "CONFLUENTCLOUDSCHEMAREGISTRY_URL CONFLUENTCLOUDSCHEMAREGISTRY_USERINFO",
        ),
        (UNKNOWN, "secret", "none", ""),
    ],
)
def test_the_variables_follow_from_target_authentication_and_client(
    target: str, auth: str, client: str, expected: str
) -> None:
    spec = LinkerSpec("l", "aks", target, {"authType": auth}, client_type=client)
    assert names(spec) == tuple(f"AZURE_{name}" for name in expected.split())
