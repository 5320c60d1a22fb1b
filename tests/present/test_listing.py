"""What stands around a list: whose namespace it is, and what it is while nothing is chosen or our quota is used up."""

from __future__ import annotations

from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import PODS, ClusterTable, KindRef, ResourceQuery, ResourceView, Table
from tui.present.listing import list_status, list_title, namespace_of
from tui.present.merged import first_trouble, view_status
from tui.present.states import Shown

A, B = (ClusterRef(name, name, Via.GATEWAY) for name in "ab")
NODES = KindRef("", "v1", "nodes", "Node", namespaced=False)
OURS = Problem(ProblemKind.THROTTLED, "our share of the quota is used up", retry_after=12)
THEIRS = Problem(ProblemKind.THROTTLED, "too many requests", status=429)


def view_of(kind: KindRef | None, *feeds: Feed[Table], namespace: str = "jobs") -> Feed[ResourceView]:
    clusters = (A, B)[: len(feeds)]
    parts = tuple(ClusterTable(ref, feed) for ref, feed in zip(clusters, feeds, strict=True))
    return Feed(ResourceView(ResourceQuery("x", clusters, namespace), kind, (), parts), 1.0)


def table(kind: KindRef) -> Feed[Table]:
    return Feed(Table(kind, (), {}), 1.0)


def test_a_kind_of_the_whole_cluster_is_in_no_namespace() -> None:
    nodes, pods = view_of(NODES, table(NODES)).value, view_of(PODS, table(PODS)).value
    assert nodes is not None
    assert pods is not None
    assert (namespace_of(nodes.query, nodes), namespace_of(pods.query, pods)) == ("", "jobs")
    assert list_title(nodes.query, nodes, 1.0) == ("", "a", "", "", "", "")
    assert namespace_of(nodes.query, None) == "jobs", "nothing is known yet, so it is what was asked"


def test_nothing_is_being_loaded_where_there_is_nothing_to_ask() -> None:
    assert list_status(None, Feed(), 1.0).shown is Shown.LOADING
    assert list_status(None, Feed(), 1.0, looking=False).shown is Shown.EMPTY


def test_who_waits_for_our_own_quota_has_not_failed() -> None:
    feed = view_of(PODS, table(PODS), Feed(problem=OURS))
    assert view_status(feed, 1.0).words == "partial: 1 of 2 clusters loading"
    assert first_trouble(feed) is None
    refused = view_of(PODS, table(PODS), Feed(problem=THEIRS))
    assert "loading" not in view_status(refused, 1.0).words
    assert first_trouble(refused) is not None
