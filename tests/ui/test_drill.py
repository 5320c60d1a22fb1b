"""From rows to the logs they stand for: all that are marked, wherever they are."""

from __future__ import annotations

from screens.drill import logs_of, logs_of_object
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import PODS, ClusterTable, Column, KindRef, ResourceQuery, ResourceView, Row, Table
from tui.model.logs import LogPick, LogQuery
from tui.model.objects import ObjectRef
from tui.present.navigation import View
from tui.present.resources import Entry, entries

EU, US = (ClusterRef(name, name, Via.GATEWAY) for name in ("prod-eu", "prod-us"))
DEPLOY = KindRef("apps", "v1", "deployments", "Deployment")
CRON = KindRef("batch", "v1", "cronjobs", "CronJob", verbs=frozenset({"list"}))
COLUMNS = (Column("Name", format="name"), Column("Selector", priority=1))


def listed(kind: KindRef, *held: tuple[ClusterRef, str, str, str]) -> tuple[ResourceView, list[Entry]]:
    """A list of (cluster, namespace, name, selector)."""
    parts: list[ClusterTable] = []
    for ref in (EU, US):
        rows = [Row(name, name, space, (name, selector)) for at, space, name, selector in held if at is ref]
        parts.append(ClusterTable(ref, Feed(Table(kind, COLUMNS, {row.key: row for row in rows}), 1.0)))
    view = ResourceView(ResourceQuery(kind.plural, (EU, US)), kind, COLUMNS, tuple(parts))
    return view, entries(view)


def followed(view: ResourceView, chosen: list[Entry]) -> LogQuery:
    opened = logs_of(View(), view, chosen)
    assert opened is not None
    assert opened.logs is not None
    return opened.logs


def test_one_workload_is_followed_in_every_cluster_it_is_marked_in() -> None:
    view, rows = listed(DEPLOY, (EU, "web", "api", "app=api"), (US, "web", "api", "app=api"))
    assert followed(view, rows) == LogQuery((EU, US), namespace="web", labels="app=api")


def test_several_workloads_are_each_followed_where_they_are() -> None:
    view, rows = listed(
        DEPLOY, (EU, "web", "api", "app=api"), (EU, "shop", "till", "app=till"), (US, "web", "x", "<none>")
    )
    picks = LogPick(EU, "shop", "app=till"), LogPick(EU, "web", "app=api")
    query = followed(view, rows)
    assert query == LogQuery((EU,), picks=picks)
    assert query.title == "app=till, app=api"


def test_what_selects_no_pods_has_no_logs() -> None:
    view, rows = listed(DEPLOY, (EU, "web", "api", "<none>"))
    assert logs_of(View(), view, rows) is None


def test_a_cron_job_selects_nothing_and_has_the_pods_of_its_jobs() -> None:
    view, rows = listed(CRON, (EU, "jobs", "nightly", "<none>"), (US, "jobs", "nightly", "<none>"))
    nightly = ("cronjobs.batch/nightly",)
    assert followed(view, rows) == LogQuery((EU, US), namespace="jobs", workloads=nightly)
    one = ObjectRef(EU, CRON, "jobs", "nightly")
    assert logs_of_object(one, {"spec": {}}) == LogQuery((EU,), namespace="jobs", workloads=nightly)
    view, rows = listed(CRON, (EU, "jobs", "nightly", "<none>"), (EU, "jobs", "hourly", "<none>"))
    assert [pick.workloads for pick in followed(view, rows).picks] == [("cronjobs.batch/hourly",), nightly]


def test_pods_are_asked_for_where_they_are() -> None:
    view, rows = listed(PODS, (EU, "web", "a", ""), (EU, "web", "b", ""), (US, "web", "a", ""), (US, "web", "b", ""))
    assert followed(view, rows) == LogQuery((EU, US), namespace="web", pods=("a", "b"))
    apart, rows = listed(PODS, (EU, "web", "a", ""), (EU, "shop", "a", ""), (EU, "web", "c", ""), (US, "web", "b", ""))
    query = followed(apart, rows)
    assert query.clusters == (EU, US)
    assert set(query.of(EU)) == {LogPick(EU, "shop", pods=("a",)), LogPick(EU, "web", pods=("a", "c"))}
    assert query.of(US) == (LogPick(US, "web", pods=("b",)),)
