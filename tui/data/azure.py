"""What Azure Resource Manager knows: subscriptions, AKS clusters, linkers, and the extension that installs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from tui.data.demand import on_demand
from tui.data.hubports import Ports
from tui.data.poller import Polled, Poller
from tui.data.ports import ArmPort
from tui.data.runtime import Runtime
from tui.data.settings import HubSettings
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.connection import AksCluster, Extension, Linker
from tui.model.feed import Gap
from tui.waits import Gate

T = TypeVar("T")

AT_ONCE = 8
NOT_INSTALLED = Problem(
    ProblemKind.NOT_FOUND,
    "the Service Connector extension is not installed",
    remedy="creating a connection installs it: az aks connection create",
)


def stopped(aks: AksCluster) -> Problem | None:
    """Why a stopped cluster is not asked: its API server does not exist, so asking for ever would help nobody."""
    if not aks.stopped:
        return None
    remedy = f"az aks start --resource-group {aks.resource_group} --name {aks.name}"
    return Problem(ProblemKind.UNREACHABLE, f"the cluster {aks.name} is stopped", remedy=remedy)


class Azure:
    """The ARM side of the connections. clusters: all AKS clusters of all configured subscriptions."""

    def __init__(self, runtime: Runtime, settings: HubSettings, ports: Callable[[], Awaitable[Ports]]) -> None:
        self._runtime = runtime
        self._settings = settings
        self._ports = ports
        self._gate = Gate(runtime.clock, AT_ONCE)
        self._linkers: dict[str, Cell[tuple[Linker, ...]]] = {}
        self._extensions: dict[str, Cell[Extension]] = {}
        self.clusters: Cell[tuple[AksCluster, ...]] = on_demand(runtime, self._clusters_poller)

    def linkers(self, aks: AksCluster) -> Cell[tuple[Linker, ...]]:
        """The connections of one cluster."""
        cell = self._linkers.get(aks.key)
        if cell is None:

            async def fetch() -> Polled[tuple[Linker, ...]]:
                found = await (await self._arm()).linkers(aks)
                return Polled(tuple(sorted(found, key=lambda linker: linker.name)))

            cell = self._linkers[aks.key] = on_demand(
                self._runtime, lambda made: self._poller(f"linkers of {aks.name}", made, fetch)
            )
        return cell

    def extension(self, aks: AksCluster) -> Cell[Extension]:
        """The Service Connector extension of one cluster; where it is not installed, a problem (NOT_FOUND)."""
        cell = self._extensions.get(aks.key)
        if cell is None:

            async def fetch() -> Polled[Extension]:
                found = await (await self._arm()).extension(aks)
                if found is None:
                    raise SourceError(NOT_INSTALLED)
                return Polled(found)

            cell = self._extensions[aks.key] = on_demand(
                self._runtime, lambda made: self._poller(f"extension of {aks.name}", made, fetch)
            )
        return cell

    def _poller(self, name: str, cell: Cell[T], fetch: Callable[[], Awaitable[Polled[T]]]) -> Poller[T]:
        return Poller(name, cell, fetch, self._runtime, every=2 * self._settings.refresh, gate=self._gate)

    def _clusters_poller(self, cell: Cell[tuple[AksCluster, ...]]) -> Poller[tuple[AksCluster, ...]]:
        every = 4 * self._settings.refresh
        return Poller("AKS clusters", cell, self._fetch_clusters, self._runtime, every=every)

    async def _fetch_clusters(self) -> Polled[tuple[AksCluster, ...]]:
        """Every subscription's clusters; a subscription that fails is a gap, unless all do."""
        arm = await self._arm()
        configured = self._settings.subscriptions
        subscriptions: Sequence[str] = configured if configured is not None else await arm.subscriptions()
        found: list[AksCluster] = []
        gaps: list[Gap] = []
        for subscription in subscriptions:
            try:
                found.extend(await arm.aks_clusters(subscription))
            except SourceError as exc:
                gaps.append(Gap(subscription, exc.problem))
        if gaps and len(gaps) == len(subscriptions):
            raise SourceError(gaps[0].problem)
        return Polled(tuple(sorted(found, key=lambda aks: (aks.name, aks.key))), tuple(gaps))

    async def _arm(self) -> ArmPort:
        port = (await self._ports()).arm
        if isinstance(port, Problem):
            raise SourceError(port)
        return port
