"""Kubernetes extensions: the `sc-extension` that Service Connector installs on a cluster."""

from __future__ import annotations

from aiohttp import web

from tui.sim.azure.clusters import KIND as CLUSTER
from tui.sim.azure.clusters import ONE, Clusters, arm_id
from tui.sim.azure.errors import not_found
from tui.sim.azure.routes import Call, Route, route
from tui.sim.azure.subscriptions import Subscriptions
from tui.sim.scenario import AksSpec

NAMESPACE = "Microsoft.KubernetesConfiguration"
NAME = "sc-extension"


class Extensions:
    """At most one per cluster: Service Connector's."""

    def __init__(self, clusters: Clusters, subscriptions: Subscriptions) -> None:
        self._clusters = clusters
        self._subscriptions = subscriptions

    async def list(self, call: Call) -> web.Response:
        spec = self._cluster(call)
        return web.json_response({"value": [] if spec.extension is None else [_resource(spec)], "nextLink": None})

    async def get(self, call: Call) -> web.Response:
        spec, name = self._cluster(call), call.params["extension"]
        if spec.extension is None or name.lower() != NAME:
            raise not_found(f"{CLUSTER}/{spec.name}/providers/{NAMESPACE}/extensions", name, spec.resource_group)
        return web.json_response(_resource(spec))

    def _cluster(self, call: Call) -> AksSpec:
        self._subscriptions.require(call.the_subscription, NAMESPACE)
        return self._clusters.find(call)

    def routes(self) -> list[Route]:
        base = f"{ONE}/providers/{NAMESPACE}/extensions"
        read = f"{NAMESPACE}/extensions/read"
        return [route("GET", base, read, self.list), route("GET", base + "/{extension}", read, self.get)]


def _resource(spec: AksSpec) -> dict[str, object]:
    """A healthy extension (api-version 2023-05-01), under what the scenario says of it."""
    properties: dict[str, object] = {
        "extensionType": "microsoft.servicelinker.connection",
        "autoUpgradeMinorVersion": True,
        "releaseTrain": "prod",
        "version": None,
        "currentVersion": "0.6.0",
        "scope": {"cluster": {"releaseNamespace": "sc-system"}},
        "configurationSettings": {},
        "configurationProtectedSettings": {"connection": "", "correlationid": "", "operation": "", "resources": ""},
        "provisioningState": "Succeeded",
        "statuses": [],
        "errorInfo": None,
        "customLocationSettings": None,
        "packageUri": None,
        "aksAssignedIdentity": {"principalId": None, "tenantId": None, "type": None},
        "isSystemExtension": False,
    }
    return {
        "id": f"{arm_id(spec)}/providers/{NAMESPACE}/extensions/{NAME}",
        "name": NAME,
        "type": f"{NAMESPACE}/extensions",
        "properties": properties | (spec.extension or {}),
        "identity": None,
        "plan": None,
        "systemData": {
            "createdBy": None,
            "createdByType": None,
            "createdAt": "2026-09-02T08:21:40.1234567+00:00",
            "lastModifiedBy": None,
            "lastModifiedByType": None,
            "lastModifiedAt": "2026-11-12T16:05:02.7654321+00:00",
        },
    }
