"""GKE multi-cloud: the attached, AWS and Azure clusters behind some memberships, as their own API shows them."""

from __future__ import annotations

from tui.sim.google.errors import not_found
from tui.sim.google.memberships import Memberships, timestamp
from tui.sim.google.paging import page
from tui.sim.google.routes import Call, Route, route
from tui.sim.scenario import MembershipSpec, Scenario

SERVICE = "gkemulticloud.googleapis.com"
_COLLECTIONS = {"attachedClusters": "attached", "awsClusters": "aws", "azureClusters": "azure"}


class MultiCloud:
    """One cluster per membership of these kinds, named as the membership's cluster."""

    def __init__(self, scenario: Scenario, memberships: Memberships) -> None:
        self._specs = scenario.memberships
        self._memberships = memberships

    def _found(self, call: Call, collection: str) -> list[MembershipSpec]:
        location = call.params["location"]
        return [
            spec
            for spec in self._specs
            if (spec.project, spec.kind) == (call.the_project.id, _COLLECTIONS[collection])
            and location in ("-", spec.location)
        ]

    def _resource(self, call: Call, spec: MembershipSpec, collection: str) -> dict[str, object]:
        cluster = self._memberships.cluster(spec)
        created = timestamp(call.now - cluster.age)
        number = call.the_project.number
        shown: dict[str, object] = {
            "name": f"projects/{number}/locations/{spec.location}/{collection}/{spec.cluster}",
            "uid": str(self._memberships.resource(spec, call.now)["externalId"]),
            "state": "ERROR" if spec.cluster_missing else "RUNNING",
            "createTime": created,
            "updateTime": created,
            "fleet": {
                "project": f"projects/{number}",
                "membership": f"projects/{number}/locations/{spec.location}/memberships/{spec.id}",
            },
        }
        return shown | _details(collection, cluster.version.removeprefix("v"))

    def routes(self) -> list[Route]:
        return [found for collection in _COLLECTIONS for found in self._collection_routes(collection)]

    def _collection_routes(self, collection: str) -> list[Route]:
        async def listed(call: Call) -> object:
            shown = [self._resource(call, spec, collection) for spec in self._found(call, collection)]
            return page(shown, call.request.query, collection)

        async def got(call: Call) -> object:
            for spec in self._found(call, collection):
                if spec.cluster == call.params["cluster"]:
                    return self._resource(call, spec, collection)
            raise not_found(call.request.path.removeprefix("/v1/"))

        base = f"/v1/projects/{{project}}/locations/{{location}}/{collection}"
        prefix = f"google.cloud.gkemulticloud.v1.{collection[0].upper()}{collection[1:]}."
        permission = f"gkemulticloud.{collection}."
        return [
            route("GET", base, SERVICE, prefix + "List", permission + "list", listed),
            route("GET", base + "/{cluster}", SERVICE, prefix + "Get", permission + "get", got),
        ]


def _details(collection: str, version: str) -> dict[str, object]:
    match collection:
        case "attachedClusters":
            return {"distribution": "generic", "kubernetesVersion": version, "platformVersion": f"{version}-gke.1"}
        case "awsClusters":
            return {"awsRegion": "eu-west-1", "controlPlane": {"version": version, "instanceType": "m5.large"}}
        case _:
            return {"azureRegion": "westeurope", "controlPlane": {"version": version, "vmSize": "Standard_D2s_v3"}}
