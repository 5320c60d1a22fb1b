"""The names of the configuration that Service Connector hands to a workload, by target and kind of authentication.

From the tables of "Service Connector: default environment variables" (learn.microsoft.com), default names, clients
other than Spring Boot. A service principal has the names of an identity and two more.
"""

from __future__ import annotations

from tui.sim.scenario import LinkerSpec

_NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "blobservices": (("STORAGEBLOB_CONNECTIONSTRING",), ("STORAGEBLOB_RESOURCEENDPOINT", "STORAGEBLOB_CLIENTID")),
    "queueservices": (("STORAGEQUEUE_CONNECTIONSTRING",), ("STORAGEQUEUE_RESOURCEENDPOINT", "STORAGEQUEUE_CLIENTID")),
    "tableservices": (("STORAGETABLE_CONNECTIONSTRING",), ("STORAGETABLE_RESOURCEENDPOINT", "STORAGETABLE_CLIENTID")),
    "fileservices": (("STORAGEFILE_CONNECTIONSTRING",), ()),
    "vaults": ((), ("KEYVAULT_RESOURCEENDPOINT", "KEYVAULT_CLIENTID", "KEYVAULT_SCOPE")),
    "configurationstores": (
        ("APPCONFIGURATION_CONNECTIONSTRING",),
        ("APPCONFIGURATION_ENDPOINT", "APPCONFIGURATION_CLIENTID"),
    ),
    "microsoft.eventhub": (
        ("EVENTHUB_CONNECTIONSTRING",),
        ("EVENTHUB_FULLYQUALIFIEDNAMESPACE", "EVENTHUB_CLIENTID"),
    ),
    "microsoft.servicebus": (
        ("SERVICEBUS_CONNECTIONSTRING",),
        ("SERVICEBUS_FULLYQUALIFIEDNAMESPACE", "SERVICEBUS_CLIENTID"),
    ),
    "mongodbdatabases": (
        ("COSMOS_CONNECTIONSTRING",),
        ("COSMOS_LISTCONNECTIONSTRINGURL", "COSMOS_SCOPE", "COSMOS_RESOURCEENDPOINT", "COSMOS_CLIENTID"),
    ),
    "redis": (("REDIS_CONNECTIONSTRING",), ("REDIS_HOST", "REDIS_CLIENTID")),
    "redisenterprise": (("REDIS_CONNECTIONSTRING",), ("REDIS_HOST", "REDIS_CLIENTID")),
    "microsoft.dbforpostgresql": (
        ("POSTGRESQL_CONNECTIONSTRING",),
        ("POSTGRESQL_CONNECTIONSTRING", "POSTGRESQL_CLIENTID"),
    ),
    "microsoft.dbformysql": (("MYSQL_CONNECTIONSTRING",), ("MYSQL_CONNECTIONSTRING", "MYSQL_CLIENTID")),
    "microsoft.sql": (("SQL_CONNECTIONSTRING",), ("SQL_CONNECTIONSTRING", "SQL_CLIENTID")),
    "webpubsub": (("WEBPUBSUB_CONNECTIONSTRING",), ("WEBPUBSUB_HOST", "WEBPUBSUB_CLIENTID")),
    "signalr": (("SIGNALR_CONNECTIONSTRING",), ("SIGNALR_CONNECTIONSTRING",)),
    "microsoft.cognitiveservices": (
        ("COGNITIVESERVICES_ENDPOINT", "COGNITIVESERVICES_KEY"),
        ("COGNITIVESERVICES_ENDPOINT", "COGNITIVESERVICES_CLIENTID"),
    ),
}
"""A segment of the target's ARM id, in lower case -> (names with a secret, names with an identity)."""

_WITHOUT_A_CLIENT = {
    "REDIS_CONNECTIONSTRING": ("REDIS_HOST", "REDIS_PORT", "REDIS_DATABASE", "REDIS_PASSWORD", "REDIS_SSL"),
}
"""What is handed over in parts where the connection names no kind of client to make a connection string for."""

_CONFLUENT = (
    "CONFLUENTCLOUDKAFKA_BOOTSTRAPSERVER",
    "CONFLUENTCLOUDKAFKA_KAFKASASLCONFIG",
    "CONFLUENTCLOUDSCHEMAREGISTRY_URL",
    "CONFLUENTCLOUDSCHEMAREGISTRY_USERINFO",
)
"""Of the one target outside Azure, which is an address and no ARM id."""

_PRINCIPAL = "servicePrincipal"


def names(spec: LinkerSpec) -> tuple[str, ...]:
    """The environment variables of a connection; none for a target that is not in the table."""
    return tuple(f"AZURE_{name}" for name in _names(spec))


def _names(spec: LinkerSpec) -> tuple[str, ...]:
    if not spec.target.startswith("/"):
        return _CONFLUENT
    segments = spec.target.lower().split("/")
    known = next((known for segment, known in _NAMES.items() if segment in segments), None)
    if known is None:
        return ()
    with_secret, with_identity = known
    kind = str(spec.auth.get("authType", ""))
    if kind == "secret":
        bare = _WITHOUT_A_CLIENT if spec.client_type == "none" else {}
        return tuple(part for name in with_secret for part in bare.get(name, (name,)))
    if not kind.startswith(_PRINCIPAL) or not with_identity:
        return with_identity
    prefix = with_identity[0].partition("_")[0]
    return (*with_identity, f"{prefix}_CLIENTSECRET", f"{prefix}_TENANTID")
