"""Where a cluster's agent runs, and how its pods fare: the connect agent, or Service Connector's on AKS.

Read from the same server-printed table of pods as everything else, so there is no second decoder: its columns Ready,
Status and Restarts say what `kubectl get pods` says.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from tui.data.demand import on_demand
from tui.data.derived import Derived, Read, carry
from tui.data.listwatch import Scope
from tui.data.namespaces import NAMESPACES
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.tables import Tables
from tui.data.topic import Cell
from tui.errors import ProblemKind, SourceError
from tui.model.cluster import AgentHealth, ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import PODS, Row, Table
from tui.waits import finishing

CONNECT_NAMESPACE = "gke-connect"
CONNECT_PODS = "app=gke-connect-agent"
CONNECT_LABEL = "hub.gke.io/project"
SERVICE_CONNECTOR = Scope("sc-system")
EXTENSION_NAMESPACE = "kube-system"
EXTENSION_AGENTS = ("deployments.apps/extension-agent", "deployments.apps/extension-operator")
"""What installs and updates extensions on AKS, Service Connector's too; not there before the first extension is."""
LOCATE_EVERY = 3600.0

_FINISHED = frozenset({"Completed", "Succeeded"})
_WORST_FIRST = (
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "CreateContainerConfigError",
    "OOMKilled",
    "Error",
    "Failed",
    "Evicted",
    "Unknown",
    "Pending",
    "ContainerCreating",
    "Terminating",
)


class Agents:
    """The agents of every cluster that is asked about."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]], tables: Tables) -> None:
        self._runtime = runtime
        self._connect = connect
        self._tables = tables
        self._scopes: dict[str, Cell[Scope]] = {}
        self._health: dict[str, Cell[AgentHealth]] = {}

    def scope(self, ref: ClusterRef) -> Cell[Scope]:
        """Where the agent's pods are: the namespace labelled hub.gke.io/project (else gke-connect), whose name may be
        chosen freely; sc-system on AKS."""
        cell = self._scopes.get(ref.key)
        if cell is None:
            cell = self._scopes[ref.key] = on_demand(self._runtime, lambda made: self._locator(ref, made))
        return cell

    def health(self, ref: ClusterRef) -> Cell[AgentHealth]:
        """How the agent's pods fare."""
        cell = self._health.get(ref.key)
        if cell is None:

            def compute(read: Read) -> Feed[AgentHealth]:
                scope = read(self.scope(ref))
                if scope.value is None:
                    return carry(scope, None)
                table = read(self._tables.of(ref, PODS, scope.value))
                value = None if table.value is None or not table.value.complete else health_of(table.value)
                return carry(table, value)

            cell = self._health[ref.key] = on_demand(
                self._runtime, lambda made: Derived(f"agent of {ref.name}", made, compute, self._runtime)
            )
        return cell

    def _locator(self, ref: ClusterRef, cell: Cell[Scope]) -> Poller[Scope]:
        async def locate() -> Polled[Scope]:
            if ref.via is Via.AKS:
                return Polled(SERVICE_CONNECTOR)
            return Polled(await agent_scope(await self._connect(ref), ref))

        return Poller(f"agent namespace of {ref.name}", cell, locate, self._runtime, every=LOCATE_EVERY, group=ref.key)


async def agent_scope(port: KubePort, ref: ClusterRef) -> Scope:
    """Where the agent's pods of a cluster are, by whatever road: see `Agents.scope`. Raises SourceError."""
    if ref.via is Via.AKS:
        return SERVICE_CONNECTOR
    names = await _labelled_namespaces(port)
    found = CONNECT_NAMESPACE if CONNECT_NAMESPACE in names or not names else min(names)
    return Scope(found, CONNECT_PODS)


async def _labelled_namespaces(port: KubePort) -> set[str]:
    names: set[str] = set()
    try:
        async with finishing(port.list_pages(NAMESPACES, labels=CONNECT_LABEL)) as pages:
            async for page in pages:
                names.update(row.name for row in page.rows)
    except SourceError as exc:
        # Who may not list namespaces may still see the pods in the usual one.
        if exc.problem.kind is not ProblemKind.FORBIDDEN:
            raise
    return names


def health_of(table: Table) -> AgentHealth:
    """Counts and troubles of a table of pods. Pods that have finished are neither: Service Connector's job ends when
    it has done its work."""
    index = {column.name.lower(): position for position, column in enumerate(table.columns)}

    def cell(row: Row, name: str) -> str:
        position = index.get(name, -1)
        return str(row.cells[position]) if 0 <= position < len(row.cells) else ""

    pods = [row for row in table.rows.values() if cell(row, "status") not in _FINISHED]
    troubles: list[tuple[int, str]] = []
    ready = 0
    for row in pods:
        status = cell(row, "status")
        if _all_ready(cell(row, "ready")) and not row.deleting:
            ready += 1
        else:
            reason = "Terminating" if row.deleting else status if status not in ("", "Running") else "not ready"
            troubles.append((_severity(reason), f"{row.name}: {reason}"))
    restarts = sum(_leading_number(cell(row, "restarts")) for row in pods)
    return AgentHealth(ready, len(pods), restarts, tuple(text for _, text in sorted(troubles)))


def _all_ready(cell: str) -> bool:
    """ "2/2" is ready; "1/2" and "0/0" are not."""
    ready, _, total = cell.partition("/")
    return ready == total and ready not in ("", "0")


def _leading_number(cell: str) -> int:
    """4 of "4 (115s ago)"."""
    found = re.match(r"\d+", cell)
    return int(found.group()) if found else 0


def _severity(reason: str) -> int:
    bare = reason.removeprefix("Init:")
    return _WORST_FIRST.index(bare) if bare in _WORST_FIRST else len(_WORST_FIRST)
