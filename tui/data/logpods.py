"""Which pods a log view is about: for each cluster one table, of all that its query picks there."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from tui.data.agents import EXTENSION_AGENTS, EXTENSION_NAMESPACE, Agents
from tui.data.derived import Read, carry
from tui.data.listwatch import Scope
from tui.data.narrowed import Narrowed
from tui.data.together import together
from tui.data.workloads import Workloads
from tui.errors import ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed, Gap
from tui.model.kube import PODS, Table
from tui.model.logs import LogPick, LogQuery


class _Place(Struct, frozen=True):
    """Where some of the pods are. who: what they are of, in messages. pick: whose names choose among them; None = all.
    may_lack: it need not be there at all."""

    who: str
    scope: Feed[Scope]
    pick: LogPick | None = None
    may_lack: bool = False


class LogPods:
    """pods: the tables of pods, by cluster and scope."""

    def __init__(self, pods: Narrowed, agents: Agents, workloads: Workloads) -> None:
        self._pods = pods
        self._agents = agents
        self._workloads = workloads

    def table(self, query: LogQuery, ref: ClusterRef, read: Read) -> Feed[Table]:
        """The pods of one cluster that are followed, and what else is known of that. What could not be found is a gap,
        as long as anything was."""
        places = self._of_agents(ref, read) if query.agents else self._picked(query, ref, read)
        unseen: list[Gap] = []
        known: dict[tuple[Scope, LogPick | None], str] = {}
        for place in places:
            if place.scope.value is not None:
                known.setdefault((place.scope.value, place.pick), place.who)
            elif place.scope.problem is None or len(places) == 1 or (query.agents and not place.may_lack):
                return carry(place.scope, None)
            elif not (place.may_lack and place.scope.problem.kind is ProblemKind.NOT_FOUND):
                unseen.append(Gap(f"{ref.name}: {place.who}", place.scope.problem))
        if not known:
            return carry(places[0].scope, None)
        feeds = [
            (f"{who} {scope.namespace} {scope.labels} {scope.fields}", self._rows(ref, scope, pick, read))
            for (scope, pick), who in known.items()
        ]
        feed = feeds[0][1] if len(feeds) == 1 else together(PODS, feeds)
        return replace(feed, gaps=(*feed.gaps, *unseen)) if unseen else feed

    def _rows(self, ref: ClusterRef, scope: Scope, pick: LogPick | None, read: Read) -> Feed[Table]:
        feed = self._pods.table(ref, PODS, scope, read)
        table = feed.value
        if table is None or pick is None:
            return feed
        rows = {row.key: row for row in table.rows.values() if pick.means(row.name)}
        return replace(feed, value=replace(table, rows=rows))

    def _picked(self, query: LogQuery, ref: ClusterRef, read: Read) -> list[_Place]:
        places: list[_Place] = []
        for pick in query.of(ref):
            places += [
                _Place(workload, self._workloads.scope(ref, pick.namespace, workload, read))
                for workload in pick.workloads
            ]
            if not pick.workloads:
                only = f"metadata.name={pick.pods[0]}" if len(pick.pods) == 1 else ""
                chosen = pick if len(pick.pods) > 1 or pick.pattern else None
                places.append(_Place(pick.title, Feed(Scope(pick.namespace, pick.labels, only)), chosen))
        return places

    def _of_agents(self, ref: ClusterRef, read: Read) -> list[_Place]:
        """Of the agent that there must be, and of those that there may be."""
        more = EXTENSION_AGENTS if ref.via is Via.AKS else ()
        return [
            _Place("agent", read(self._agents.scope(ref))),
            *(
                _Place(name, self._workloads.scope(ref, EXTENSION_NAMESPACE, name, read), may_lack=True)
                for name in more
            ),
        ]
