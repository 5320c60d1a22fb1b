"""GKE Hub: the memberships of a project's fleet, listed and looked up."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from tui.sim.estate import Estate
from tui.sim.google.errors import GoogleError, not_found
from tui.sim.google.filters import matching, ordered
from tui.sim.google.paging import page
from tui.sim.google.project import Project
from tui.sim.google.routes import Call, Route, route
from tui.sim.scenario import ClusterSpec, MembershipSpec, Scenario

SERVICE = "gkehub.googleapis.com"
VERSIONS = ("v1", "v1beta", "v1beta1", "v1alpha", "v1alpha2")
AGENT_KINDS = ("vmware", "baremetal", "aws", "azure", "attached", "edge")
_ENDPOINTS = {
    "gke": ("gkeCluster", "container", "clusters"),
    "vmware": ("onPremCluster", "gkeonprem", "vmwareClusters"),
    "baremetal": ("onPremCluster", "gkeonprem", "bareMetalClusters"),
    "aws": ("multiCloudCluster", "gkemulticloud", "awsClusters"),
    "azure": ("multiCloudCluster", "gkemulticloud", "azureClusters"),
    "attached": ("multiCloudCluster", "gkemulticloud", "attachedClusters"),
    "edge": ("edgeCluster", "edgecontainer", "clusters"),
}
"""Membership kind -> (the `endpoint` key, the API and the collection its resourceLink names)."""


class Memberships:
    """The fleets of all projects. unreachable: locations that do not answer at present. cluster_id: by cluster name."""

    def __init__(
        self,
        scenario: Scenario,
        estate: Estate,
        projects: dict[str, Project],
        started: float,
        unreachable: Callable[[], frozenset[str]],
        cluster_id: Callable[[str], str],
    ) -> None:
        self._estate = estate
        self._projects = projects
        self._specs = scenario.memberships
        self._clusters = {cluster.name: cluster for cluster in scenario.clusters}
        self._started = started
        self._unreachable = unreachable
        self._cluster_id = cluster_id

    def find(self, project: Project, location: str, id: str) -> MembershipSpec | None:
        """By the parts of its name."""
        wanted = (project.id, location, id)
        return next((spec for spec in self._specs if (spec.project, spec.location, spec.id) == wanted), None)

    def cluster(self, spec: MembershipSpec) -> ClusterSpec:
        return self._clusters[spec.cluster]

    async def list(self, call: Call) -> object:
        location = call.params["location"]
        down = self._unreachable()
        if location in down:
            raise GoogleError(503, f"Location {location} is currently unreachable.")
        mine = [spec for spec in self._specs if spec.project == call.the_project.id]
        shown = [
            self.resource(spec, call.now)
            for spec in mine
            if location in ("-", spec.location) and spec.location not in down
        ]
        query = call.request.query
        shown = ordered(matching(shown, query.get("filter", "")), query.get("orderBy", "name"))
        body = page(shown, query, "resources")
        silent = sorted(down & {spec.location for spec in mine})
        if location == "-" and silent:
            body["unreachable"] = silent
        return body

    async def get(self, call: Call) -> object:
        location, id = call.params["location"], call.params["membership"]
        if location in self._unreachable():
            raise GoogleError(503, f"Location {location} is currently unreachable.")
        spec = self.find(call.the_project, location, id)
        if spec is None:
            raise not_found(f"projects/{call.the_project.id}/locations/{location}/memberships/{id}")
        return self.resource(spec, call.now)

    def resource(self, spec: MembershipSpec, now: float) -> dict[str, object]:
        """The Membership as v1 shows it (facts: cloud.google.com/kubernetes-engine/fleet-management reference)."""
        cluster = self._clusters[spec.cluster]
        external = self._cluster_id(cluster.name)
        created = self._started - cluster.age
        shown: dict[str, object] = {
            "name": f"projects/{spec.project}/locations/{spec.location}/memberships/{spec.id}",
            "createTime": timestamp(created),
            "updateTime": timestamp(max(created, now - now % 3600)),
            "state": {"code": spec.state},
            "externalId": external,
            "uniqueId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{spec.project}/{spec.location}/{spec.id}")),
            "endpoint": self._endpoint(spec, cluster, now),
            "authority": self._authority(spec),
            "monitoringConfig": {
                "projectId": spec.project,
                "location": spec.location,
                "cluster": spec.cluster,
                "kubernetesMetricsPrefix": "kubernetes.io" if spec.kind == "gke" else "kubernetes.io/anthos",
                "clusterHash": external,
            },
        }
        if spec.labels:
            shown["labels"] = dict(spec.labels)
        contact = self._estate.last_connection(spec.id) if spec.kind in AGENT_KINDS else None
        if contact is not None:
            shown["lastConnectionTime"] = timestamp(contact)
        if spec.kind in ("vmware", "baremetal"):
            shown["infrastructureType"] = "ON_PREM"
        elif spec.kind in ("aws", "azure", "attached"):
            shown["infrastructureType"] = "MULTI_CLOUD"
        return shown

    def _endpoint(self, spec: MembershipSpec, cluster: ClusterSpec, now: float) -> dict[str, object]:
        key, api, collection = _ENDPOINTS[spec.kind]
        link = f"//{api}.googleapis.com/projects/{spec.project}/locations/{spec.location}/{collection}/{spec.cluster}"
        target: dict[str, object] = {"resourceLink": link}
        if spec.cluster_missing:
            target["clusterMissing"] = True
        if key == "onPremCluster":
            target["clusterType"] = "USER"
        metadata = {
            "kubernetesApiServerVersion": cluster.version,
            "nodeProviderId": {"gke": "gce", "aws": "aws", "azure": "azure"}.get(spec.kind, spec.kind),
            "nodeCount": cluster.nodes,
            "vcpuCount": 4 * cluster.nodes,
            "memoryMb": 16_384 * cluster.nodes,
            "updateTime": timestamp(now - now % 300),
        }
        endpoint: dict[str, object] = {key: target, "kubernetesMetadata": metadata}
        if spec.kind == "gke":
            endpoint["googleManaged"] = True
        return endpoint

    def _authority(self, spec: MembershipSpec) -> dict[str, object]:
        pool = f"{spec.project}.svc.id.goog"
        if spec.kind == "gke":
            base = f"https://container.googleapis.com/v1/projects/{spec.project}/locations/{spec.location}"
            return {
                "issuer": f"{base}/clusters/{spec.cluster}",
                "identityProvider": f"{base}/clusters/{spec.cluster}",
                "workloadIdentityPool": pool,
            }
        name = f"projects/{spec.project}/locations/{spec.location}/memberships/{spec.id}"
        keys = json.dumps({"keys": []}).encode()
        return {
            "issuer": f"https://gkehub.googleapis.com/{name}",
            "identityProvider": f"https://gkehub.googleapis.com/{name}",
            "workloadIdentityPool": pool,
            "oidcJwks": base64.b64encode(keys).decode(),
        }

    def routes(self) -> list[Route]:
        found: list[Route] = []
        for version in VERSIONS:
            base = f"/{version}/projects/{{project}}/locations/{{location}}/memberships"
            prefix = f"google.cloud.gkehub.{version}.GkeHub."
            listing, get = "gkehub.memberships.list", "gkehub.memberships.get"
            found += [
                route("GET", base, SERVICE, prefix + "ListMemberships", listing, self.list, short=True),
                route("GET", base + "/{membership}", SERVICE, prefix + "GetMembership", get, self.get, short=True),
            ]
        return found


def timestamp(seconds: float) -> str:
    """RFC 3339 with as many digits as needed, by threes, as proto3 JSON has it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    micros = moment.microsecond
    fraction = "" if not micros else f".{micros // 1000:03d}" if micros % 1000 == 0 else f".{micros:06d}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
