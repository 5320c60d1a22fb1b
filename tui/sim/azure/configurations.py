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
    "microsoft.dbforpostgresql": (("POSTGRESQL_CONNECTIONSTRING",), ("POSTGRESQL_CONNECTIONSTRING",)),
    "microsoft.dbformysql": (("MYSQL_CONNECTIONSTRING",), ("MYSQL_CONNECTIONSTRING",)),
    "microsoft.sql": (("SQL_CONNECTIONSTRING",), ("SQL_CONNECTIONSTRING",)),
    "webpubsub": (("WEBPUBSUB_CONNECTIONSTRING",), ("WEBPUBSUB_HOST", "WEBPUBSUB_CLIENTID")),
    "signalr": (("SIGNALR_CONNECTIONSTRING",), ("SIGNALR_CONNECTIONSTRING",)),
    "microsoft.cognitiveservices": (
        ("COGNITIVESERVICES_ENDPOINT", "COGNITIVESERVICES_KEY"),
        ("COGNITIVESERVICES_ENDPOINT", "COGNITIVESERVICES_CLIENTID"),
    ),
}
"""A segment of the target's ARM id, in lower case -> (names with a secret, names with an identity)."""

_PRINCIPAL = "servicePrincipal"


def names(spec: LinkerSpec) -> tuple[str, ...]:
    """The environment variables of a connection; none for a target that is not in the table."""
    segments = spec.target.lower().split("/")
    for segment, (with_secret, with_identity) in _NAMES.items():
        if segment not in segments:
            continue
        kind = str(spec.auth.get("authType", ""))
        if kind == "secret":
            return tuple(f"AZURE_{name}" for name in with_secret)
        more: tuple[str, ...] = ()
        if kind.startswith(_PRINCIPAL) and with_identity:
            prefix = with_identity[0].partition("_")[0]
            more = (f"{prefix}_CLIENTSECRET", f"{prefix}_TENANTID")
        return tuple(f"AZURE_{name}" for name in (*with_identity, *more))
    return ()
