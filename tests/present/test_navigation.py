"""Back, forward and last, as in a browser; and which clusters a view is about."""

from __future__ import annotations

from msgspec.structs import replace

from tui.model.cluster import ClusterRef, Reach, Via
from tui.model.connection import AksCluster, Connection, Linker
from tui.model.feed import Feed
from tui.model.fleet import FleetMember, Membership, MembershipKind
from tui.model.logs import LogQuery
from tui.present.fleet import FleetEntry
from tui.present.navigation import History, PaneId, View
from tui.present.scope import agent_logs, chosen_clusters

A, B, C = (View(kind=kind) for kind in ("pods", "nodes", "secrets"))


def test_back_and_forward() -> None:
    history = History(A)
    history.visit(B)
    history.visit(C)
    assert history.step(-1)
    assert history.current == B
    assert history.step(-1)
    assert not history.step(-1), "nothing before the first"
    assert history.step(1)
    assert history.current == B


def test_a_new_step_forgets_what_lay_ahead() -> None:
    history = History(A)
    history.visit(B)
    history.step(-1)
    history.visit(C)
    assert not history.step(1)
    assert history.step(-1)
    assert history.current == A


def test_last_goes_to_and_fro() -> None:
    history = History(A)
    assert not history.swap()
    history.visit(B)
    assert history.swap()
    assert history.current == A
    assert history.swap()
    assert history.current == B


def test_the_same_view_again_is_no_step() -> None:
    history = History(A)
    history.visit(A)
    assert not history.deep


def test_amending_changes_where_we_come_back_to() -> None:
    history = History(A)
    history.amend(replace(A, pane=PaneId.LOGS))
    history.visit(B)
    history.step(-1)
    assert history.current.pane is PaneId.LOGS


def test_history_is_bounded() -> None:
    history = History(A)
    for number in range(200):
        history.visit(View(kind=str(number)))
    steps = 0
    while history.step(-1):
        steps += 1
    assert steps == History.LENGTH - 1


def entry(name: str, kind: MembershipKind = MembershipKind.ON_PREM) -> FleetEntry:
    cluster = ClusterRef(name, name, Via.GATEWAY)
    held = Membership(name, "p", "l", name, kind, uses_agent=kind is not MembershipKind.GKE)
    reach: Feed[Reach] = Feed()
    return FleetEntry(cluster, FleetMember(held, cluster, reach, Feed()))


ROWS = [entry("gke", MembershipKind.GKE), entry("plant-1"), entry("plant-2")]
AKS = ClusterRef("/sub/aks", "aks", Via.AKS)
UNDER = Connection(Linker("l", "l", "/sub/aks"), AksCluster("/sub/aks", "aks", "s", "g"), AKS, Feed(), Feed(), Feed())


def names(view: View, marks: set[str], cursor: str | None, under: Connection | None = None) -> list[str]:
    return [cluster.name for cluster in chosen_clusters(view, ROWS, marks, cursor, under)]


def test_pinned_before_marked_before_connection_before_cursor() -> None:
    assert names(View(), set(), "plant-1") == ["plant-1"]
    assert names(View(), set(), "plant-1", UNDER) == ["aks"]
    assert names(View(), {"plant-2", "gke"}, "plant-1", UNDER) == ["gke", "plant-2"], "in the order of the rows"
    assert names(View(pinned=(AKS,)), {"plant-2"}, "plant-1") == ["aks"]


def test_marks_of_clusters_that_are_gone_choose_nothing() -> None:
    assert names(View(), {"gone"}, "plant-1") == ["plant-1"]
    assert names(View(), set(), None) == []


def test_agent_logs_leave_out_clusters_without_an_agent() -> None:
    clusters = [row.cluster for row in ROWS]
    assert agent_logs(clusters, ROWS) == LogQuery((clusters[1], clusters[2]), agents=True, agentless=(clusters[0],))
    assert agent_logs(clusters[:1], ROWS) is None
    assert agent_logs([AKS], ROWS) == LogQuery((AKS,), agents=True), "Service Connector's pods"
    assert agent_logs([ClusterRef("context:k", "k", Via.CONTEXT)], ROWS) is None
