"""Service Connector: the connections (linkers) of AKS clusters, and their validation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from tui.sim.azure.clusters import ONE, Clusters, arm_id
from tui.sim.azure.configurations import names
from tui.sim.azure.errors import ArmError
from tui.sim.azure.routes import Call, Route, route
from tui.sim.azure.subscriptions import Subscriptions
from tui.sim.scenario import AksSpec, LinkerSpec, Scenario

NAMESPACE = "Microsoft.ServiceLinker"
PAGE = 50
"""Linkers a page; `$top` asks for fewer."""
_VALIDATION_SECONDS = 3.0
_CHECKS = (
    "Target resource existence validated.",
    "Target service firewall validated.",
    "Configured connection information validated.",
)


class Linkers:
    """All connections. base_url: where nextLink and operation addresses point."""

    def __init__(
        self,
        scenario: Scenario,
        clusters: Clusters,
        subscriptions: Subscriptions,
        base_url: str,
        now: Callable[[], float],
    ) -> None:
        self._specs = scenario.linkers
        self._clusters = clusters
        self._subscriptions = subscriptions
        self._base_url = base_url
        self._now = now
        self._operations: dict[str, tuple[float, AksSpec, LinkerSpec]] = {}

    def _of(self, call: Call) -> tuple[AksSpec, list[LinkerSpec]]:
        self._subscriptions.require(call.the_subscription, NAMESPACE)
        aks = self._clusters.find(call)
        return aks, [spec for spec in self._specs if spec.aks == aks.name]

    def _one(self, call: Call) -> tuple[AksSpec, LinkerSpec]:
        aks, specs = self._of(call)
        for spec in specs:
            if spec.name.lower() == call.params["linker"].lower():
                return aks, spec
        raise ArmError(404, "ResourceNotFound", "The requested resource was not found.")

    async def list(self, call: Call) -> web.Response:
        aks, specs = self._of(call)
        query = call.request.query
        try:
            start, size = int(query.get("$skiptoken", "0")), int(query.get("$top", PAGE))
        except ValueError as error:
            raise ArmError(400, "InvalidParameter", "$skiptoken and $top must be whole numbers.") from error
        shown = [_resource(aks, spec) for spec in specs[start : start + size]]
        link = None
        if start + size < len(specs):
            more = {**query, "$skiptoken": str(start + size)}
            link = f"{self._base_url}{call.request.path}?{urlencode(more)}"
        return web.json_response({"value": shown, "nextLink": link})

    async def get(self, call: Call) -> web.Response:
        return web.json_response(_resource(*self._one(call)))

    async def configurations(self, call: Call) -> web.Response:
        """For AKS every value that is a credential comes back empty; here, none is anything else."""
        _, spec = self._one(call)
        shown = [
            {"name": name, "value": "", "configType": "Default", "keyVaultReferenceIdentity": None, "description": None}
            for name in names(spec)
        ]
        return web.json_response({"configurations": shown})

    async def validate(self, call: Call) -> web.Response:
        aks, spec = self._one(call)
        id = f"{uuid.uuid4()}*{uuid.uuid4().hex.upper()}"
        self._operations[id.lower()] = (self._now() + _VALIDATION_SECONDS, aks, spec)
        version = urlencode({"api-version": call.request.query["api-version"]})
        where = (
            f"{self._base_url}/subscriptions/{aks.subscription}/providers/{NAMESPACE}"
            f"/locations/{aks.location.upper()}/operationStatuses/{id}?{version}"
        )
        headers = {"Azure-AsyncOperation": where, "Location": where, "Retry-After": "1"}
        return web.json_response(None, status=202, headers=headers)

    async def operation(self, call: Call) -> web.Response:
        id = call.params["operation"]
        if id.lower() not in self._operations:
            raise ArmError(404, "ResourceNotFound", "The requested resource was not found.")
        due, aks, spec = self._operations[id.lower()]
        body: dict[str, object] = {
            "id": call.request.path,
            "name": id,
            "resourceId": _id(aks, spec),
            "startTime": _timestamp(due - _VALIDATION_SECONDS),
        }
        if self._now() < due:
            return web.json_response({**body, "status": "Accepted"}, status=202, headers={"Retry-After": "1"})
        result = _validation(aks, spec, due)
        return web.json_response({**body, "status": "Succeeded", "endTime": _timestamp(due), "properties": result})

    def routes(self) -> list[Route]:
        base = f"{ONE}/providers/{NAMESPACE}/linkers"
        one = base + "/{linker}"
        read = f"{NAMESPACE}/linkers/read"
        statuses = f"/subscriptions/{{subscription}}/providers/{NAMESPACE}/locations/{{region}}/operationStatuses"
        return [
            route("GET", base, read, self.list),
            route("GET", one, read, self.get),
            route("POST", f"{one}/validateLinker", f"{NAMESPACE}/linkers/validateLinker/action", self.validate),
            route(
                "POST",
                f"{one}/listConfigurations",
                f"{NAMESPACE}/linkers/listConfigurations/action",
                self.configurations,
            ),
            route("GET", f"{statuses}/{{operation}}", f"{NAMESPACE}/locations/operationStatuses/read", self.operation),
        ]


def _id(aks: AksSpec, spec: LinkerSpec) -> str:
    return f"{arm_id(aks)}/providers/{NAMESPACE}/linkers/{spec.name}"


def _resource(aks: AksSpec, spec: LinkerSpec) -> dict[str, object]:
    """The LinkerResource; unset fields are explicit nulls, the type is in lower case, as the service has them."""
    if spec.target.startswith("/"):
        target: dict[str, object] = {"type": "AzureResource", "id": spec.target}
        target["resourceProperties"] = spec.resource_properties
    else:
        target = {"type": "ConfluentBootstrapServer", "endpoint": spec.target}
    return {
        "id": _id(aks, spec),
        "name": spec.name,
        "type": "microsoft.servicelinker/linkers",
        "properties": {
            "targetService": target,
            "authInfo": spec.auth or None,
            "clientType": spec.client_type,
            "provisioningState": spec.provisioning_state,
            "vNetSolution": None,
            "secretStore": None,
            "scope": spec.namespace,
            "publicNetworkSolution": None,
            "configurationInfo": None,
        },
        "systemData": {
            "createdBy": "ana@example.com",
            "createdByType": "User",
            "createdAt": "2026-09-02T08:20:11.8347213Z",
            "lastModifiedBy": "ana@example.com",
            "lastModifiedByType": "User",
            "lastModifiedAt": "2026-09-02T08:20:11.8347213Z",
        },
    }


def _validation(aks: AksSpec, spec: LinkerSpec, end: float) -> dict[str, object]:
    """The ValidateOperationResult. The service does not look into the cluster: what is missing there goes unseen."""
    checks = [*_CHECKS, *(["Managed Identity existence validated."] if "clientId" in spec.auth else [])]
    details = [
        {"name": name, "description": None, "result": "success", "errorMessage": None, "errorCode": None}
        for name in checks
    ]
    return {
        "linkerName": spec.name,
        "isConnectionAvailable": True,
        "reportStartTimeUtc": _timestamp(end - _VALIDATION_SECONDS),
        "reportEndTimeUtc": _timestamp(end),
        "sourceId": arm_id(aks),
        "targetId": spec.target,
        "authType": spec.auth.get("authType"),
        "validationDetail": details,
    }


def _timestamp(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"
