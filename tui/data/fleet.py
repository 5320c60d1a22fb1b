"""The fleets: memberships of every configured project; and the rows that join every cluster, by whatever road, with how
it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from tui.data.agents import Agents
from tui.data.azure import stopped
from tui.data.clusters import from_membership
from tui.data.demand import on_demand
from tui.data.derived import Derived, Read, carry
from tui.data.hubports import Ports
from tui.data.merge import merged
from tui.data.poller import Polled, Poller
from tui.data.reach import Reachability
from tui.data.runtime import Runtime
from tui.data.settings import HubSettings
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import AgentHealth, ClusterRef, Reach, Via
from tui.model.connection import AksCluster
from tui.model.feed import Feed, Gap
from tui.model.fleet import FleetMember, Membership

NO_PROJECT = Problem(
    ProblemKind.MISSING,
    "no Google Cloud project is configured",
    remedy="gcloud config set core/project PROJECT_ID",
)
TOO_MANY = Problem(ProblemKind.MISSING, "not watched: too many agents at once", remedy="narrow the projects shown")


def memberships(
    runtime: Runtime, settings: HubSettings, ports: Callable[[], Awaitable[Ports]]
) -> Cell[tuple[Membership, ...]]:
    """All memberships of all configured projects, in the order of the projects and then of their names."""
    projects = {
        project: on_demand(runtime, _poller_of(project, runtime, settings, ports)) for project in settings.projects
    }
    nobody = None if projects else on_demand(runtime, _poller_of("", runtime, settings, ports))

    def compute(read: Read) -> Feed[tuple[Membership, ...]]:
        if nobody is not None:
            return read(nobody)
        parts = [(project, read(cell)) for project, cell in projects.items()]
        return parts[0][1] if len(parts) == 1 else merged(parts, lambda lists: tuple(m for held in lists for m in held))

    return on_demand(runtime, lambda cell: Derived("memberships", cell, compute, runtime))


def _poller_of(
    project: str, runtime: Runtime, settings: HubSettings, ports: Callable[[], Awaitable[Ports]]
) -> Callable[[Cell[tuple[Membership, ...]]], Poller[tuple[Membership, ...]]]:
    async def fetch() -> Polled[tuple[Membership, ...]]:
        port = (await ports()).fleet
        if isinstance(port, Problem):
            raise SourceError(port)
        if not project:
            raise SourceError(NO_PROJECT)
        page = await port.memberships(project)
        members = tuple(sorted(page.memberships, key=lambda member: (member.id, member.location)))
        return Polled(members, tuple(_unreachable(place) for place in page.unreachable))

    def make(cell: Cell[tuple[Membership, ...]]) -> Poller[tuple[Membership, ...]]:
        return Poller(f"memberships of {project or 'no project'}", cell, fetch, runtime, every=settings.refresh)

    return make


def _unreachable(location: str) -> Gap:
    return Gap(location, Problem(ProblemKind.UNREACHABLE, f"GKE Hub could not ask the location {location}"))


class Fleet:
    """The rows of the Fleets pane. agents_watched: see `HubSettings`. wanted: of a cluster's name."""

    def __init__(
        self,
        runtime: Runtime,
        members: Cell[tuple[Membership, ...]],
        clusters: Cell[tuple[ClusterRef, ...]],
        aks: Cell[tuple[AksCluster, ...]],
        reach: Reachability,
        agents: Agents,
        agents_watched: int,
        wanted: Callable[[str], bool],
    ) -> None:
        self._members = members
        self._clusters = clusters
        self._aks = aks
        self._reach = reach
        self._agents = agents
        self._watched = agents_watched
        self._wanted = wanted
        self.rows: Cell[tuple[FleetMember, ...]] = on_demand(
            runtime, lambda cell: Derived("fleet", cell, self._compute, runtime)
        )

    def _compute(self, read: Read) -> Feed[tuple[FleetMember, ...]]:
        members, clusters = read(self._members), read(self._clusters)
        refs = {ref.key: ref for ref in clusters.value or ()}
        rows = self._member_rows(members.value or (), refs, read)
        others = self._other_rows(refs, read)
        if members.value is not None:
            return carry(members, tuple(rows + others))
        if members.problem is None or not others:
            return carry(members, None)
        # Other roads lead somewhere, so what GKE Hub did not tell is a part that is missing and not a failure of all.
        return Feed(tuple(others), clusters.as_of, gaps=(Gap("fleets", members.problem),))

    def _member_rows(
        self, members: Iterable[Membership], refs: Mapping[str, ClusterRef], read: Read
    ) -> list[FleetMember]:
        rows: list[FleetMember] = []
        watched = 0
        for member in members:
            # Where the directory has not come to it yet, its own name must do.
            ref = refs.get(member.key) or from_membership(member).ref
            if not self._wanted(ref.name):
                continue
            agent: Feed[AgentHealth] = Feed()
            if member.uses_agent:
                watched += 1
                agent = read(self._agents.health(ref)) if watched <= self._watched else Feed(problem=TOO_MANY)
            rows.append(FleetMember(member, ref, read(self._reach.of(ref)), agent))
        return rows

    def _other_rows(self, refs: Mapping[str, ClusterRef], read: Read) -> list[FleetMember]:
        """Clusters without a membership: of ARM, and of the kubeconfig."""
        clouds = {aks.key: aks for aks in read(self._aks).value or ()}
        rows: list[FleetMember] = []
        for ref in refs.values():
            if ref.via is not Via.GATEWAY:
                aks = clouds.get(ref.key)
                off = stopped(aks) if aks is not None else None
                reach: Feed[Reach] = read(self._reach.of(ref)) if off is None else Feed(problem=off)
                rows.append(FleetMember(None, ref, reach, aks=aks))
        return rows
