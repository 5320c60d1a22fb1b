"""AKS: managed clusters as ARM shows them, and kubeconfigs for them."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from typing import Any, cast

import yaml
from aiohttp import web

from tui.sim.azure.errors import ArmError, not_found
from tui.sim.azure.routes import Call, Route, route
from tui.sim.azure.subscriptions import Subscriptions
from tui.sim.kube.jsonpatch import merge_patch
from tui.sim.scenario import AksSpec, ClusterSpec, Scenario

KIND = "Microsoft.ContainerService/managedClusters"
GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
ONE = f"{GROUP}/providers/{KIND}/{{cluster}}"
Kubeconfig = Callable[[str, str], dict[str, object]]
"""(cluster, email) -> a kubeconfig with a client certificate."""


class Clusters:
    """All AKS clusters of all subscriptions."""

    def __init__(self, scenario: Scenario, subscriptions: Subscriptions, kubeconfig: Kubeconfig) -> None:
        self._specs = scenario.aks
        self._kubernetes = {cluster.name: cluster for cluster in scenario.clusters}
        self._tenants = {spec.id: spec.tenant for spec in scenario.subscriptions}
        self._subscriptions = subscriptions
        self._kubeconfig = kubeconfig

    def find(self, call: Call) -> AksSpec:
        """The cluster an address names. Raises ArmError 404 for its group or itself, 409 for the provider."""
        self._subscriptions.require(call.the_subscription, "Microsoft.ContainerService")
        group, name = call.params["group"], call.params["cluster"]
        mine = self._in_group(call, group)
        for spec in mine:
            if spec.name.lower() == name.lower():
                return spec
        raise not_found(KIND, name, group)

    def _in_group(self, call: Call, group: str) -> list[AksSpec]:
        mine = [spec for spec in self._specs if spec.subscription == call.the_subscription.id]
        found = [spec for spec in mine if spec.resource_group.lower() == group.lower()]
        if not found:
            raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")
        return found

    async def list(self, call: Call) -> web.Response:
        self._subscriptions.require(call.the_subscription, "Microsoft.ContainerService")
        if "group" in call.params:
            mine = self._in_group(call, call.params["group"])
        else:
            mine = [spec for spec in self._specs if spec.subscription == call.the_subscription.id]
        return web.json_response({"value": [self.resource(spec) for spec in mine]})

    async def get(self, call: Call) -> web.Response:
        return web.json_response(self.resource(self.find(call)))

    async def user_credentials(self, call: Call) -> web.Response:
        return self._credentials(call, "clusterUser")

    async def admin_credentials(self, call: Call) -> web.Response:
        return self._credentials(call, "clusterAdmin")

    def _credentials(self, call: Call, name: str) -> web.Response:
        spec = self.find(call)
        if name == "clusterAdmin" and _property(self.resource(spec), "disableLocalAccounts"):
            message = "Getting static credential is not allowed because this cluster is set to disable local accounts."
            raise ArmError(400, "BadRequest", message)
        config = self._kubeconfig(spec.cluster, call.caller.email)
        text = yaml.safe_dump(_named(config, spec, name), sort_keys=False)
        return web.json_response({"kubeconfigs": [{"name": name, "value": base64.b64encode(text.encode()).decode()}]})

    def resource(self, spec: AksSpec) -> dict[str, object]:
        """The ManagedCluster: a healthy one, under what the scenario says of it."""
        cluster = self._kubernetes[spec.cluster]
        return {
            "id": arm_id(spec),
            "location": spec.location,
            "name": spec.name,
            "type": KIND,
            "identity": {
                "type": "SystemAssigned",
                "principalId": _uuid(spec, "principal"),
                "tenantId": self._tenants.get(spec.subscription, ""),
            },
            "sku": {"name": "Base", "tier": "Standard"},
            "properties": merge_patch(_healthy(spec, cluster), spec.properties),
        }

    def routes(self) -> list[Route]:
        read = f"{KIND}/read"
        action = f"{KIND}/list{{}}Credential/action"
        return [
            route("GET", f"/subscriptions/{{subscription}}/providers/{KIND}", read, self.list),
            route("GET", f"{GROUP}/providers/{KIND}", read, self.list),
            route("GET", ONE, read, self.get),
            route("POST", f"{ONE}/listClusterUserCredential", action.format("ClusterUser"), self.user_credentials),
            route("POST", f"{ONE}/listClusterAdminCredential", action.format("ClusterAdmin"), self.admin_credentials),
        ]


def arm_id(spec: AksSpec) -> str:
    """ARM writes this provider's group names in lower case here, and others' as given."""
    return f"/subscriptions/{spec.subscription}/resourcegroups/{spec.resource_group}/providers/{KIND}/{spec.name}"


def _healthy(spec: AksSpec, cluster: ClusterSpec) -> dict[str, object]:
    version = cluster.version.removeprefix("v")
    host = f"{spec.name}-{_uuid(spec, 'dns')[:8]}.hcp.{spec.location}.azmk8s.io"
    return {
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "kubernetesVersion": version.rsplit(".", 1)[0],
        "currentKubernetesVersion": version,
        "dnsPrefix": spec.name,
        "fqdn": host,
        "azurePortalFQDN": host.replace(".hcp.", ".portal.hcp."),
        "agentPoolProfiles": [
            {
                "name": "nodepool1",
                "count": cluster.nodes,
                "vmSize": "Standard_D4s_v5",
                "mode": "System",
                "osType": "Linux",
                "provisioningState": "Succeeded",
                "powerState": {"code": "Running"},
                "orchestratorVersion": version,
                "currentOrchestratorVersion": version,
            }
        ],
        "servicePrincipalProfile": {"clientId": "msi"},
        "nodeResourceGroup": f"MC_{spec.resource_group}_{spec.name}_{spec.location}",
        "enableRBAC": True,
        "supportPlan": "KubernetesOfficial",
        "disableLocalAccounts": False,
        "oidcIssuerProfile": {
            "enabled": True,
            "issuerURL": f"https://{spec.location}.oic.prod-aks.azure.com/{_uuid(spec, 'issuer')}/",
        },
        "securityProfile": {"workloadIdentity": {"enabled": True}},
        "addonProfiles": {
            "azureKeyvaultSecretsProvider": {
                "enabled": True,
                "config": {"enableSecretRotation": "false", "rotationPollInterval": "2m"},
            }
        },
        "identityProfile": {"kubeletidentity": {"clientId": _uuid(spec, "kubelet")}},
    }


def _named(config: dict[str, object], spec: AksSpec, name: str) -> dict[str, object]:
    """The kubeconfig with the names AKS gives: cluster and context = the cluster, user = clusterUser_GROUP_CLUSTER."""
    clusters, users = cast("list[dict[str, Any]]", config["clusters"]), cast("list[dict[str, Any]]", config["users"])
    user = f"{name}_{spec.resource_group}_{spec.name}"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": spec.name, "cluster": clusters[0]["cluster"]}],
        "contexts": [{"name": spec.name, "context": {"cluster": spec.name, "user": user}}],
        "current-context": spec.name,
        "preferences": {},
        "users": [{"name": user, "user": users[0]["user"]}],
    }


def _property(resource: dict[str, object], name: str) -> object:
    return cast("dict[str, object]", resource["properties"]).get(name)


def _uuid(spec: AksSpec, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arm_id(spec)}#{what}"))
