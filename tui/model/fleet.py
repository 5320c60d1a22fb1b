"""Memberships of GKE Hub fleets, as clusterview shows them (GKE Hub v1 `Membership`)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from tui.model.cluster import AgentHealth, ClusterRef, Reach
from tui.model.connection import AksCluster
from tui.model.feed import Feed


class MembershipKind(StrEnum):
    """What stands behind a membership, from its `endpoint` one-of (and the platform in its resourceLink)."""

    GKE = "GKE"
    ON_PREM = "on-prem"
    AWS = "AWS"
    AZURE = "Azure"
    ATTACHED = "attached"
    EDGE = "edge"
    APPLIANCE = "appliance"


class Membership(Struct, frozen=True):
    """One GKE Hub membership.

    name: full resource name `projects/P/locations/L/memberships/ID`. state: `state.code` as sent ("READY" means
    registered, not reachable). version: endpoint.kubernetesMetadata.kubernetesApiServerVersion or "".
    last_connection: epoch seconds of `lastConnectionTime`; None where the API leaves it out (GKE, never connected).
    uses_agent: reached through a connect agent (every kind but GKE).
    """

    name: str
    project: str
    location: str
    id: str
    kind: MembershipKind
    state: str = ""
    version: str = ""
    node_count: int | None = None
    last_connection: float | None = None
    created: float | None = None
    updated: float | None = None
    unique_id: str = ""
    external_id: str = ""
    description: str = ""
    resource_link: str = ""
    cluster_missing: bool = False
    uses_agent: bool = True
    labels: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def key(self) -> str:
        """The `ClusterRef.key` of this membership's cluster."""
        return self.name


class FleetMember(Struct, frozen=True):
    """A row of the Fleets pane: a cluster with how it answers, joined with its membership or, where it has none, with
    what its cloud says of it. A kubeconfig context has neither."""

    membership: Membership | None
    cluster: ClusterRef
    reach: Feed[Reach] = field(default_factory=Feed[Reach])
    agent: Feed[AgentHealth] = field(default_factory=Feed[AgentHealth])
    aks: AksCluster | None = None

    @property
    def uses_agent(self) -> bool:
        """Whether a connect agent stands on the way to it."""
        return self.membership is not None and self.membership.uses_agent
