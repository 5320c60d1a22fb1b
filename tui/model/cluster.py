"""A cluster is anything that answers the Kubernetes API, by whatever road; and what is known of that road."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from tui.errors import Problem


class Via(StrEnum):
    """The road to a cluster."""

    GATEWAY = "gateway"  # Google Connect gateway
    AKS = "aks"  # credentials that ARM hands out for an AKS cluster
    CONTEXT = "context"  # a kubeconfig context


class ClusterRef(Struct, frozen=True, order=True):
    """The identity of a cluster inside the program; hashable, comparable, carries no secret.

    key: unique and stable: the membership's resource name, the ARM resource id (lower case) or `context:NAME`.
    name: the short name on screen; made unique by `clusters.disambiguate` where two share it.
    project: of a kubeconfig context whose server is a Connect gateway what it counts on there (`GatewayPlace.quota`);
    "" of any other cluster.
    """

    key: str
    name: str
    via: Via
    project: str = ""

    @property
    def quota(self) -> str:
        """The fleet host project on whose gateway quota its requests count, by the id or number that is known without
        asking anybody; "" = it is reached directly. Which of these are one, only the clients can tell."""
        return self.key.split("/")[1] if self.via is Via.GATEWAY and "/" in self.key else self.project

    @property
    def limited(self) -> bool:
        """Whether the Connect gateway is on its road, whose streams are few, ask for a permission and are cut."""
        return self.via is Via.GATEWAY or bool(self.project)


class Reach(Struct, frozen=True):
    """The outcome of one probe: GET /version over the cluster's road.

    latency: seconds from request to answer; None when nothing answered. version: the server's gitVersion.
    problem: what stood in the way; its `layer` is told in two or three letters for the REACH column.
    layer: "", or one of "auth", "IAM", "agent", "RBAC", "URL", "net", "quota", "server": which layer refused.
    """

    latency: float | None = None
    version: str = ""
    problem: Problem | None = None
    layer: str = ""


class AgentHealth(Struct, frozen=True):
    """The connect agent's pods (namespace gke-connect) or Service Connector's (sc-system), as last watched.

    ready / total count pods; problem pods are named with their reason, worst first.
    """

    ready: int = 0
    total: int = 0
    restarts: int = 0
    troubles: tuple[str, ...] = ()
