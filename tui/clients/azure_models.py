"""ARM's JSON to our own values, pure and tolerant: resource providers add, null and drop fields as they like (facts:
"Service Linker REST", "Kubernetes extension", "AKS managed cluster")."""

from __future__ import annotations

import base64
import binascii
from typing import Any, cast

import yaml

from tui.clients.json_fields import JsonObject, as_object, child, children, flag, text, value_at
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.connection import AksCluster, Extension, ExtensionStatus, Linker

EXTENSION_TYPE = "microsoft.servicelinker.connection"
EXTENSION_NAME = "sc-extension"

_TARGETS = {  # provider/type, then the last child type where that decides; all in lower case
    "microsoft.storage/storageaccounts/blobservices": "storage-blob",
    "microsoft.storage/storageaccounts/queueservices": "storage-queue",
    "microsoft.storage/storageaccounts/tableservices": "storage-table",
    "microsoft.storage/storageaccounts/fileservices": "storage-file",
    "microsoft.keyvault/vaults": "keyvault",
    "microsoft.appconfiguration/configurationstores": "appconfig",
    "microsoft.eventhub/namespaces": "eventhub",
    "microsoft.servicebus/namespaces": "servicebus",
    "microsoft.documentdb/databaseaccounts/mongodbdatabases": "cosmos-mongo",
    "microsoft.documentdb/databaseaccounts/sqldatabases": "cosmos-sql",
    "microsoft.documentdb/databaseaccounts/gremlindatabases": "cosmos-gremlin",
    "microsoft.documentdb/databaseaccounts/cassandrakeyspaces": "cosmos-cassandra",
    "microsoft.documentdb/databaseaccounts/tables": "cosmos-table",
    "microsoft.cache/redis": "redis",
    "microsoft.cache/redisenterprise": "redis-enterprise",
    "microsoft.dbforpostgresql/servers": "postgres",
    "microsoft.dbforpostgresql/flexibleservers": "postgres-flexible",
    "microsoft.dbformysql/servers": "mysql",
    "microsoft.dbformysql/flexibleservers": "mysql-flexible",
    "microsoft.sql/servers": "sql",
    "microsoft.signalrservice/signalr": "signalr",
    "microsoft.signalrservice/webpubsub": "webpubsub",
    "microsoft.cognitiveservices/accounts": "cognitiveservices",
    "microsoft.insights/components": "app-insights",
    "neon.postgres/organizations": "neon-postgres",
    "mongodb.atlas/organizations": "mongodb-atlas",
}
_SERVICES = {
    "ConfluentBootstrapServer": "confluent-cloud",
    "ConfluentSchemaRegistry": "confluent-cloud",
    "SelfHostedServer": "self-hosted",
    "FabricPlatform": "fabric",
}
_AUTH = {
    "userAssignedIdentity": "WI",  # on AKS this is what workload identity is on the wire
    "systemAssignedIdentity": "MI",
    "secret": "key",
    "accessKey": "key",
    "servicePrincipalSecret": "SP",
    "servicePrincipalCertificate": "SP",
    "userAccount": "user",
    "easyAuthMicrosoftEntraID": "Entra",
}


def linker_from_api(api: JsonObject, cluster_id: str) -> Linker:
    """One Microsoft.ServiceLinker/linkers resource of an AKS cluster."""
    properties = child(api, "properties")
    auth = text(properties, "authInfo", "authType")
    csi = flag(properties, "targetService", "resourceProperties", "connectAsKubernetesCsiDriver")
    kind, target = _target(child(properties, "targetService"))
    return Linker(
        id=text(api, "id"),
        name=text(api, "name"),
        cluster_id=cluster_id,
        namespace=text(properties, "scope") or "default",
        target_type=kind,
        target_id=target,
        auth_type=auth,
        auth_label="CSI" if csi else _AUTH.get(auth, auth) or "none",
        client_id=text(properties, "authInfo", "clientId"),
        client_type=text(properties, "clientType"),
        csi=csi,
        provisioning_state=text(properties, "provisioningState"),
    )


def _target(service: JsonObject) -> tuple[str, str]:
    """The target's short name, else its provider type as written; and its ARM id or endpoint."""
    kind = text(service, "type")
    target = text(service, "id") or text(service, "endpoint")
    if kind in _SERVICES:
        return _SERVICES[kind], target
    resource_type = type_of(target)
    lower = resource_type.lower()
    for known in (lower, "/".join(lower.split("/")[:2])):
        if known in _TARGETS:
            return _TARGETS[known], target
    return resource_type or kind, target


def type_of(resource_id: str) -> str:
    """The resource type of an ARM id: `Microsoft.Sql/servers/databases`; "" where it is no ARM id."""
    provider = (
        resource_id[resource_id.lower().rfind("/providers/") :].split("/")[2:]
        if "/providers/" in (resource_id.lower())
        else []
    )
    return "/".join(provider[:1] + provider[1::2])


def aks_from_api(api: JsonObject) -> AksCluster:
    """One Microsoft.ContainerService/managedClusters resource."""
    properties = child(api, "properties")
    place = id_parts(text(api, "id"))
    return AksCluster(
        id=text(api, "id"),
        name=text(api, "name") or place.get("managedclusters", ""),
        subscription=place.get("subscriptions", ""),
        resource_group=place.get("resourcegroups", ""),
        location=text(api, "location"),
        provisioning_state=text(properties, "provisioningState"),
        power_state=text(properties, "powerState", "code"),
        version=text(properties, "currentKubernetesVersion") or text(properties, "kubernetesVersion"),
        oidc_issuer=text(properties, "oidcIssuerProfile", "issuerURL"),
        workload_identity=flag(properties, "securityProfile", "workloadIdentity", "enabled"),
        local_accounts_disabled=flag(properties, "disableLocalAccounts"),
        private=flag(properties, "apiServerAccessProfile", "enablePrivateCluster"),
        hosts=tuple(filter(None, (text(properties, "fqdn"), text(properties, "privateFQDN")))),
    )


def id_parts(resource_id: str) -> dict[str, str]:
    """The names in an ARM id by their lower-case types; ids come in any case."""
    pieces = resource_id.strip("/").split("/")
    return {key.lower(): value for key, value in zip(pieces[::2], pieces[1::2], strict=False)}


def extension_from_api(api: JsonObject) -> Extension:
    """One Microsoft.KubernetesConfiguration/extensions resource. `statuses` may be empty though it failed; `errorInfo`
    is then what there is to say."""
    properties = child(api, "properties")
    statuses = [
        ExtensionStatus(
            text(status, "code"),
            text(status, "level"),
            text(status, "message"),
            text(status, "displayStatus"),
            text(status, "time"),
        )
        for status in children(properties, "statuses")
    ]
    error = child(properties, "errorInfo")
    if error and not any(status.level.lower() == "error" for status in statuses):
        statuses.append(ExtensionStatus(text(error, "code"), "Error", _error_words(error)))
    return Extension(
        id=text(api, "id"),
        name=text(api, "name"),
        extension_type=text(properties, "extensionType"),
        provisioning_state=text(properties, "provisioningState"),
        version=text(properties, "currentVersion") or text(properties, "version"),
        release_train=text(properties, "releaseTrain"),
        release_namespace=text(properties, "scope", "cluster", "releaseNamespace")
        or text(properties, "scope", "namespace", "targetNamespace"),
        auto_upgrade=value_at(properties, "autoUpgradeMinorVersion") is not False,
        statuses=tuple(statuses),
    )


def _error_words(error: JsonObject) -> str:
    inner = [text(detail, "message") for detail in children(error, "details")]
    return "\n".join(line for line in (text(error, "message"), *inner) if line)


def service_connector(extensions: list[Extension]) -> Extension | None:
    """Service Connector's extension: by its type, whose case varies; by its usual name where no type is told."""
    by_type = (one for one in extensions if one.extension_type.lower() == EXTENSION_TYPE)
    by_name = (one for one in extensions if not one.extension_type and one.name.lower() == EXTENSION_NAME)
    return next(by_type, None) or next(by_name, None)


def kubeconfig_from_api(api: JsonObject, target: str) -> JsonObject:
    """The kubeconfig in an answer of listClusterUserCredential. Raises SourceError (PROTOCOL)."""
    given = children(api, "kubeconfigs")
    try:
        content = base64.b64decode(text(given[0], "value"), validate=True) if given else b""
        document = cast("Any", yaml).load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (binascii.Error, yaml.YAMLError, UnicodeDecodeError) as exc:
        raise _no_kubeconfig(target) from exc
    found = as_object(document)
    if not found:
        raise _no_kubeconfig(target)
    return found


def _no_kubeconfig(target: str) -> SourceError:
    return SourceError(Problem(ProblemKind.PROTOCOL, "the answer holds no kubeconfig", target=target))
