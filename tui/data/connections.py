"""Service Connector connections: each linker joined with its cluster's extension, its operator's pods, and the objects
that it should have made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from tui.data.agents import Agents
from tui.data.azure import Azure, stopped
from tui.data.clusters import from_aks
from tui.data.demand import on_demand
from tui.data.derived import Derived, Read, carry
from tui.data.merge import merged
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import ProblemKind, SourceError
from tui.model.cluster import AgentHealth, ClusterRef
from tui.model.connection import AksCluster, Connection, ExpectedObject, Extension, Linker
from tui.model.expected import expected_objects
from tui.model.feed import Feed, Gap
from tui.model.kube import KindRef

SECRETS = KindRef("", "v1", "secrets", "Secret", "secret")
SERVICE_ACCOUNTS = KindRef("", "v1", "serviceaccounts", "ServiceAccount", "serviceaccount", True, ("sa",))
_KINDS = {kind.kind: kind for kind in (SECRETS, SERVICE_ACCOUNTS)}


class Connections:
    """The rows of the Connections pane. objects_every: seconds between two looks for a connection's objects. wanted:
    of a cluster's name."""

    def __init__(
        self,
        runtime: Runtime,
        azure: Azure,
        clusters: Cell[tuple[ClusterRef, ...]],
        agents: Agents,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        objects_every: float,
        wanted: Callable[[str], bool],
    ) -> None:
        self._runtime = runtime
        self._azure = azure
        self._clusters = clusters
        self._agents = agents
        self._connect = connect
        self._objects_every = objects_every
        self._wanted = wanted
        self._objects: dict[tuple[str, Linker], Cell[tuple[ExpectedObject, ...]]] = {}
        self.rows: Cell[tuple[Connection, ...]] = on_demand(
            runtime, lambda cell: Derived("connections", cell, self._compute, runtime)
        )

    def _compute(self, read: Read) -> Feed[tuple[Connection, ...]]:
        aks = read(self._azure.clusters)
        if aks.value is None:
            return carry(aks, None)
        refs = {ref.key: ref for ref in read(self._clusters).value or ()}
        shown = [(cluster, refs.get(cluster.key) or from_aks(cluster).ref) for cluster in aks.value]
        parts = [(one.name, self._of_cluster(one, ref, read)) for one, ref in shown if self._wanted(ref.name)]
        whole = merged(parts, lambda rows: tuple(row for held in rows for row in held))
        if aks.problem is not None:
            return replace(carry(aks, whole.value), gaps=whole.gaps + aks.gaps)
        oldest = min((at for at in (aks.as_of, whole.as_of) if at is not None), default=None)
        return replace(whole, as_of=oldest, gaps=whole.gaps + aks.gaps, fresh_for=aks.fresh_for)

    def _of_cluster(self, aks: AksCluster, ref: ClusterRef, read: Read) -> Feed[tuple[Connection, ...]]:
        linkers = read(self._azure.linkers(aks))
        extension: Feed[Extension] = read(self._azure.extension(aks)) if linkers.value else Feed()
        rows: list[Connection] = []
        for linker in linkers.value or ():
            operator: Feed[AgentHealth] = Feed(problem=stopped(aks))
            objects: Feed[tuple[ExpectedObject, ...]] = Feed(expected_objects(linker), problem=stopped(aks))
            if not aks.stopped:
                operator = read(self._agents.health(ref))
                objects = read(self._objects_of(ref, linker))
            rows.append(Connection(linker, aks, ref, extension, operator, objects))
        return carry(linkers, None if linkers.value is None else tuple(rows))

    def _objects_of(self, ref: ClusterRef, linker: Linker) -> Cell[tuple[ExpectedObject, ...]]:
        key = (ref.key, linker)
        cell = self._objects.get(key)
        if cell is None:
            cell = self._objects[key] = on_demand(self._runtime, lambda made: self._poller(ref, linker, made))
        return cell

    def _poller(
        self, ref: ClusterRef, linker: Linker, cell: Cell[tuple[ExpectedObject, ...]]
    ) -> Poller[tuple[ExpectedObject, ...]]:
        async def look() -> Polled[tuple[ExpectedObject, ...]]:
            return await _look(await self._connect(ref), expected_objects(linker))

        name = f"objects of {linker.name} on {ref.name}"
        return Poller(name, cell, look, self._runtime, every=self._objects_every, group=ref.key)


async def _look(port: KubePort, expected: tuple[ExpectedObject, ...]) -> Polled[tuple[ExpectedObject, ...]]:
    """Which of `expected` are there. One that we may not look at stays unknown and is a gap."""
    found: list[ExpectedObject] = []
    gaps: list[Gap] = []
    for wanted in expected:
        try:
            present = await port.exists(_KINDS[wanted.kind], wanted.namespace, wanted.name)
        except SourceError as exc:
            if exc.problem.kind is not ProblemKind.FORBIDDEN:
                raise
            gaps.append(Gap(f"{wanted.kind} {wanted.namespace}/{wanted.name}", exc.problem))
            present = None
        found.append(replace(wanted, present=present))
    return Polled(tuple(found), tuple(gaps))
