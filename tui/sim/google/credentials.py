"""Connect gateway, control plane: a kubeconfig for one membership.

What the server puts into it follows gcloud's own generation (context names, exec stanza). One thing is added that the
real service does not need: the throw-away authority, since this server's certificate is not a public one.
"""

from __future__ import annotations

import base64
from pathlib import Path

import yaml

from tui.sim.google.errors import GoogleError, not_found
from tui.sim.google.memberships import Memberships
from tui.sim.google.routes import Call, Route, route
from tui.sim.scenario import MembershipSpec

SERVICE = "connectgateway.googleapis.com"
INSTALL_HINT = (
    "Install gke-gcloud-auth-plugin for use with kubectl by following "
    "https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin"
)
_YES = ("true", "1")


class Credentials:
    """`:generateCredentials` under its three versions."""

    def __init__(self, memberships: Memberships, base_url: str, ca_pem: Path) -> None:
        self._memberships = memberships
        self._base_url = base_url
        self._ca_pem = ca_pem

    async def generate(self, call: Call) -> object:
        project, location, id = call.the_project, call.params["location"], call.params["membership"]
        if call.request.host == SERVICE and location != "global":
            raise GoogleError(400, "Request contains an invalid argument.")  # the global host knows no regions
        spec = self._memberships.find(project, location, id)
        if spec is None:
            raise not_found(f"projects/{project.number}/locations/{location}/memberships/{id}")
        query = call.request.query
        by_agent = query.get("forceUseAgent", "").lower() in _YES
        endpoint = self._base_url + data_path(project.number, spec, by_agent=by_agent)
        kubeconfig = self._kubeconfig(endpoint, spec, query.get("kubernetesNamespace", ""), call)
        encoded = base64.b64encode(yaml.safe_dump(kubeconfig, sort_keys=False).encode()).decode()
        return {"kubeconfig": encoded, "endpoint": endpoint}

    def _kubeconfig(self, endpoint: str, spec: MembershipSpec, namespace: str, call: Call) -> dict[str, object]:
        cluster = f"connectgateway_{spec.project}_{spec.location}_{spec.id}"
        name = f"{cluster}_ns-{namespace}" if namespace else cluster
        windows = call.request.query.get("operatingSystem") == "OPERATING_SYSTEM_WINDOWS"
        context = {"cluster": cluster, "user": name, **({"namespace": namespace} if namespace else {})}
        ca = base64.b64encode(self._ca_pem.read_bytes()).decode()
        plugin = {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "gke-gcloud-auth-plugin.exe" if windows else "gke-gcloud-auth-plugin",
            "installHint": INSTALL_HINT,
            "provideClusterInfo": True,
        }
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": cluster, "cluster": {"certificate-authority-data": ca, "server": endpoint}}],
            "contexts": [{"name": name, "context": context}],
            "current-context": name,
            "users": [{"name": name, "user": {"exec": plugin}}],
            "preferences": {},
        }

    def routes(self) -> list[Route]:
        path = "projects/{project}/locations/{location}/memberships/{membership}:generateCredentials"
        permission = "gkehub.gateway.generateCredentials"
        return [
            route(
                "GET",
                f"/{version}/{path}",
                SERVICE,
                f"google.cloud.gkeconnect.gateway.{version}.GatewayControl.GenerateCredentials",
                permission,
                self.generate,
            )
            for version in ("v1", "v1beta1", "v1alpha1")
        ]


def data_path(number: str, spec: MembershipSpec, *, by_agent: bool = False) -> str:
    """Where the data plane serves a membership: the collection tells the transport."""
    collection = "memberships" if by_agent or spec.kind != "gke" else "gkeMemberships"
    return f"/v1/projects/{number}/locations/{spec.location}/{collection}/{spec.id}"
