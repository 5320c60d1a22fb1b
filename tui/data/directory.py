"""The directory of clusters: every one that is known by any road, under one set of names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tui.data.clusters import disambiguate, from_aks, from_context, from_membership, gateway_context
from tui.data.demand import on_demand
from tui.data.derived import Derived, Read
from tui.data.hubports import Ports
from tui.data.merge import Part, gaps_of, worst_of
from tui.data.poller import Polled, Poller
from tui.data.runtime import Runtime
from tui.data.settings import HubSettings
from tui.data.topic import Cell
from tui.errors import ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.connection import AksCluster
from tui.model.feed import Feed
from tui.model.fleet import Membership


def contexts(
    runtime: Runtime, settings: HubSettings, ports: Callable[[], Awaitable[Ports]]
) -> Cell[tuple[ClusterRef, ...]]:
    """The kubeconfig contexts; read again as often as the clouds are, since other tools write that file."""

    async def fetch() -> Polled[tuple[ClusterRef, ...]]:
        return Polled(tuple(await (await ports()).contexts()))

    return on_demand(runtime, lambda cell: Poller("kubeconfig", cell, fetch, runtime, every=settings.refresh))


def directory(
    runtime: Runtime,
    members: Cell[tuple[Membership, ...]],
    aks: Cell[tuple[AksCluster, ...]],
    kubeconfig: Cell[tuple[ClusterRef, ...]],
    wanted: Callable[[str], bool],
) -> Cell[tuple[ClusterRef, ...]]:
    """All clusters with a wanted name. Known as soon as one of the three roads is: one that is slow or not configured
    holds up nobody. A road that fails is a gap; one that is not configured is none, unless nothing else is there
    either."""

    def compute(read: Read) -> Feed[tuple[ClusterRef, ...]]:
        by_gateway, by_arm, by_context = read(members), read(aks), read(kubeconfig)
        # A context that gcloud wrote for a membership is the same cluster by the same road.
        doubles = {gateway_context(member) for member in by_gateway.value or ()}
        known_refs = disambiguate(
            [
                *(from_membership(member) for member in by_gateway.value or ()),
                *(from_aks(cluster) for cluster in by_arm.value or ()),
                *(from_context(ref) for ref in by_context.value or () if ref.name not in doubles),
            ]
        )
        refs = tuple(ref for ref in known_refs if wanted(ref.name))
        roads: list[Part[Any]] = [("memberships", by_gateway), ("AKS clusters", by_arm), ("kubeconfig", by_context)]
        failing = [(who, feed) for who, feed in roads if feed.problem is not None]
        known = [feed for _, feed in roads if feed.value is not None]
        gaps = tuple(gap for gap in gaps_of(failing) if gap.problem.kind is not ProblemKind.MISSING)
        if not known_refs and len(known) + sum(feed.value is None for _, feed in failing) < len(roads):
            return Feed(gaps=gaps)
        if not known_refs and by_gateway.value is None and by_arm.value is None:
            worst = worst_of(failing)
            return Feed(None, None, worst.problem, worst.failures, gaps=gaps, retry_at=worst.retry_at)
        as_of = min((feed.as_of for feed in known if feed.as_of is not None), default=None)
        return Feed(refs, as_of, gaps=gaps)

    return on_demand(runtime, lambda cell: Derived("clusters", cell, compute, runtime))
