"""Rows of the three tables, value by value."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.data.azure import NOT_INSTALLED
from tui.errors import Problem, ProblemKind
from tui.model.cluster import AgentHealth, ClusterRef, Reach, Via
from tui.model.connection import AksCluster, ExpectedObject, Extension, ExtensionStatus
from tui.model.feed import Feed
from tui.model.fleet import FleetMember, Membership, MembershipKind
from tui.model.kube import PODS, ClusterTable, Column, ResourceQuery, ResourceView, Row, Table
from tui.present import connection, fleet, resources
from tui.present.filters import parse_filter
from tui.present.parts import Cell
from tui.present.search import Search
from tui.present.tone import tone

NOW = 1795356132.0
DOWN = Problem(ProblemKind.UNREACHABLE, "no answer")


@pytest.mark.parametrize(
    ("feed", "cell"),
    [
        (Feed(), ("…", "dim")),
        (Feed(problem=DOWN), ("× ?", "bad")),
        (Feed(Reach(0.041), NOW), ("41 ms", "good")),
        (Feed(Reach(0.4999), NOW), ("500 ms", "good")),
        (Feed(Reach(0.5), NOW), ("! 500 ms", "warn")),
        (Feed(Reach(12.0), NOW), ("! 12 s", "warn")),
        (Feed(Reach(None, problem=DOWN, layer="agent"), NOW), ("× agent", "bad")),
        (Feed(Reach(None, problem=DOWN), NOW), ("× net", "bad")),
        (Feed(Reach(0.041), NOW - 100, fresh_for=90), ("○ 41 ms", "dim")),
        (Feed(Reach(0.041), NOW, problem=DOWN), ("○ 41 ms", "dim")),
    ],
)
def test_reach(feed: Feed[Reach], cell: Cell) -> None:
    assert fleet.reach(feed, NOW) == cell


@pytest.mark.parametrize(
    ("feed", "cell"),
    [
        (Feed(), ("…", "dim")),
        (Feed(problem=DOWN), ("?", "warn")),
        (Feed(AgentHealth(2, 2), NOW), ("2/2", "good")),
        (Feed(AgentHealth(1, 2), NOW), ("! 1/2", "warn")),
        (Feed(AgentHealth(0, 2), NOW), ("× 0/2", "bad")),
        (Feed(AgentHealth(0, 0), NOW), ("× none", "bad")),
        (Feed(AgentHealth(2, 2), NOW, problem=DOWN), ("○ 2/2", "dim")),
    ],
)
def test_agent(feed: Feed[AgentHealth], cell: Cell) -> None:
    assert fleet.agent(feed, NOW) == cell


@pytest.mark.parametrize(
    ("passed", "cell"), [(12, "12s"), (900, "15m"), (1900, ("! 31m", "warn")), (None, ("never", "bad")), (-30, "0s")]
)
def test_contact_warns_only_when_later_than_the_hub_refreshes_it(passed: float | None, cell: Cell) -> None:
    assert fleet.contact(None if passed is None else NOW - passed, NOW) == cell


def test_an_agent_is_not_called_late_by_us_who_have_heard_nothing() -> None:
    an_hour_ago = NOW - 3600
    assert fleet.contact(an_hour_ago, NOW, as_of=an_hour_ago + 60) == "60m"
    assert fleet.contact(an_hour_ago, NOW, as_of=NOW - 30) == ("! 60m", "warn")


def text_of(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def member(
    version: str = "v1.33.4-gke.1036000", probed: str = "", kind: MembershipKind = MembershipKind.GKE
) -> FleetMember:
    cluster = ClusterRef("projects/p/locations/l/memberships/m", "m", Via.GATEWAY)
    held = Membership(cluster.key, "p", "l", "m", kind, "READY", version, uses_agent=kind is not MembershipKind.GKE)
    return FleetMember(held, cluster, Feed(Reach(0.1, probed), NOW), Feed(AgentHealth(1, 1), NOW))


@pytest.mark.parametrize(
    ("version", "probed", "shown"),
    [("v1.33.4-gke.1036000", "", "1.33.4"), ("1.32.1", "v1.33.0+k3s1", "1.33.0"), ("", "", "–")],
)
def test_the_version_is_what_the_cluster_itself_said_last(version: str, probed: str, shown: str) -> None:
    assert fleet.version(member(version, probed)) == shown


def test_gke_has_no_agent_and_no_contact() -> None:
    entry = fleet.FleetEntry(member().cluster, member())
    assert fleet.cells(entry, NOW)[-2:] == (fleet.NONE, fleet.NONE)


def test_a_cluster_without_a_membership_says_what_arm_and_its_probe_say() -> None:
    held = AksCluster("/sub/aks-1", "aks-1", "sub", "rg", "westeurope", "Succeeded", "Running", "1.32.6")
    ref = ClusterRef(held.key, "aks-1", Via.AKS)
    row = FleetMember(None, ref, Feed(Reach(0.041, "v1.32.7"), NOW), aks=held)
    assert [text_of(cell) for cell in fleet.cells(fleet.FleetEntry(ref, row), NOW)] == [
        "aks-1", "–", "AKS", "westeurope", "1.32.7", "Running", "41 ms", "–", "–"
    ]  # fmt: skip
    off = FleetMember(None, ref, Feed(problem=DOWN), aks=replace(held, power_state="Stopped"))
    shown = [text_of(cell) for cell in fleet.cells(fleet.FleetEntry(ref, off), NOW)]
    assert shown[4:7] == ["1.32.6", "! Stopped", "stopped"]
    kind = ClusterRef("context:kind", "kind", Via.CONTEXT)
    away = FleetMember(None, kind, Feed(Reach(None, problem=DOWN, layer="net"), NOW))
    assert [text_of(cell) for cell in fleet.cells(fleet.FleetEntry(kind, away), NOW)][4:7] == ["–", "–", "× net"]


@pytest.mark.parametrize(
    ("provisioning", "on", "cell"),
    [
        ("Succeeded", "Running", ("Running", "dim")),
        ("Succeeded", "Stopped", ("! Stopped", "warn")),
        ("Failed", "Running", ("× Failed", "bad")),
        ("Upgrading", "Running", ("! Upgrading", "warn")),
        ("", "", ("–", "dim")),
    ],
)
def test_the_state_of_an_aks_cluster_is_loud_only_where_something_is_the_matter(
    provisioning: str, on: str, cell: Cell
) -> None:
    held = AksCluster("/sub/a", "a", "sub", "rg", provisioning_state=provisioning, power_state=on)
    assert fleet.power(held) == cell


def test_every_row_has_a_cell_for_every_column() -> None:
    context = fleet.FleetEntry(ClusterRef("context:kind", "kind", Via.CONTEXT))
    for entry in (context, fleet.FleetEntry(member().cluster, member(kind=MembershipKind.ON_PREM))):
        assert len(fleet.cells(entry, NOW)) == len(fleet.COLUMNS)


def test_clusters_known_by_two_roads_are_listed_once() -> None:
    one = member()
    aks = ClusterRef("/sub/aks-1", "aks-1", Via.AKS)
    context = ClusterRef("context:kind", "kind", Via.CONTEXT)
    rows = fleet.entries([one], [one.cluster, aks, context])
    assert [row.cluster.name for row in rows] == ["m", "aks-1", "kind"]
    assert fleet.counted(rows) == "1 membership, 1 AKS, 1 context"
    assert fleet.counted([]) == "0 memberships"


PODS_UP, PODS_DOWN = Feed(AgentHealth(1, 1), NOW), Feed(AgentHealth(0, 1), NOW)
ERROR = ExtensionStatus("InstallationFailed", "Error", "helm")


@pytest.mark.parametrize(
    ("feed", "operator", "cell"),
    [
        (Feed(), PODS_UP, ("…", "dim")),
        (Feed(problem=NOT_INSTALLED), PODS_UP, ("× none", "bad")),
        (Feed(problem=Problem(ProblemKind.NOT_FOUND, "no such thing", status=404)), PODS_UP, ("× none", "bad")),
        (Feed(problem=DOWN), PODS_UP, ("?", "warn")),
        (Feed(Extension("i", "n", "t", "Succeeded"), NOW), PODS_UP, ("Succeeded", "good")),
        (Feed(Extension("i", "n", "t", "Succeeded"), NOW), PODS_DOWN, ("! pods 0/1", "warn")),
        (Feed(Extension("i", "n", "t", "Succeeded", statuses=(ERROR,)), NOW), PODS_UP, ("× Failed", "bad")),
        (Feed(Extension("i", "n", "t", "Updating"), NOW), PODS_UP, ("! Updating", "warn")),
        (Feed(Extension("i", "n", "t", "Failed"), NOW, problem=DOWN), PODS_UP, ("○ × Failed", "dim")),
    ],
)
def test_extension(feed: Feed[Extension], operator: Feed[AgentHealth], cell: Cell) -> None:
    assert connection.extension(feed, operator, NOW) == cell


@pytest.mark.parametrize(
    ("present", "cell"),
    [
        ((True, True), ("2 of 2", "good")),
        ((True, False), ("! 1 of 2", "warn")),
        ((False, False), ("× 0 of 2", "bad")),
        ((None, None), ("? of 2", "dim")),
        ((True, None), ("? 1+ of 2", "dim")),
        ((), ("none due", "dim")),
    ],
)
def test_objects(present: tuple[bool | None, ...], cell: Cell) -> None:
    expected = tuple(ExpectedObject("Secret", "ns", str(n), there) for n, there in enumerate(present))
    assert connection.objects(Feed(expected, NOW), NOW) == cell


@pytest.mark.parametrize(
    ("column", "text", "style"),
    [
        ("STATUS", "Running", "good"), ("STATUS", "CrashLoopBackOff", "bad"), ("STATUS", "Pending", "warn"),
        ("STATUS", "Completed", "dim"), ("STATUS", "Init:0/2", "warn"), ("STATUS", "Init:CrashLoopBackOff", "bad"),
        ("STATUS", "ErrImagePull", "bad"), ("STATUS", "Ready,SchedulingDisabled", "warn"),
        ("STATUS", "NotReady,SchedulingDisabled", "bad"), ("STATUS", "Ready", "good"), ("STATUS", "Bound", "good"),
        ("STATUS", "ExitCode:137", "bad"), ("STATUS", "Frobnicated", ""), ("NAME", "error", ""),
        ("READY", "2/2", ""), ("READY", "1/2", "warn"), ("READY", "False", "bad"), ("READY", "3", ""),
        ("TYPE", "Warning", "warn"), ("TYPE", "ClusterIP", ""), ("COMPLETIONS", "0/1", "warn"),
    ],
)  # fmt: skip
def test_printed_cells_are_judged_by_their_column(column: str, text: str, style: str) -> None:
    assert tone(column, text) == style


COLUMNS = (Column("Name", format="name"), Column("Ready"), Column("Status"), Column("Age"), Column("Node", priority=1))
CLUSTERS = (ClusterRef("k0", "prod-eu", Via.GATEWAY), ClusterRef("k1", "prod-us", Via.GATEWAY))


def row(
    namespace: str, name: str, ready: str = "1/1", status: str = "Running", labels: dict[str, str] | None = None
) -> Row:
    return Row(name, name, namespace, (name, ready, status, "5m", "n1"), created="2026-11-22T14:01:12Z", labels=labels)


def view(*rows: tuple[Row, ...], namespace: str = "") -> ResourceView:
    clusters = CLUSTERS[: len(rows)]
    feeds = [Feed(Table(PODS, COLUMNS, {one.key: one for one in part}), NOW) for part in rows]
    parts = tuple(ClusterTable(cluster, feed) for cluster, feed in zip(clusters, feeds, strict=True))
    return ResourceView(ResourceQuery("pods", clusters, namespace), PODS, COLUMNS, parts)


def painted(shown: ResourceView, *, wide: bool = False, stale: frozenset[int] = frozenset()) -> list[tuple[Cell, ...]]:
    plan = resources.layout(shown, wide=wide)
    return [resources.cells(entry, shown, plan, NOW, stale) for entry in resources.entries(shown)]


def headings(shown: ResourceView, *, wide: bool = False) -> list[str]:
    return [spec.name for spec in resources.layout(shown, wide=wide).specs]


def test_cluster_and_namespace_are_columns_only_where_they_differ() -> None:
    one, two = view((row("a", "x"),)), view((row("a", "x"),), (row("a", "x"),))
    assert headings(one) == ["NAMESPACE", "NAME", "READY", "STATUS", "AGE"]
    assert headings(two)[:2] == ["CLUSTER", "NAMESPACE"]
    assert headings(view((row("a", "x"),), namespace="a")) == ["NAME", "READY", "STATUS", "AGE"]
    assert headings(one, wide=True)[-1] == "NODE"


def test_rows_of_several_clusters_interleave_by_namespace_and_name() -> None:
    shown = view((row("b", "x"), row("a", "z")), (row("a", "y"), row("b", "x")))
    assert [(one[1], CLUSTERS[one[2]].name) for one in resources.entries(shown)] == [
        ("y", "prod-us"), ("z", "prod-eu"), ("x", "prod-eu"), ("x", "prod-us"),
    ]  # fmt: skip


def test_ages_are_counted_from_the_creation_time_and_not_copied() -> None:
    assert painted(view((row("a", "x"),)))[0][-1] == "60s"


def test_a_row_of_a_stale_cluster_is_marked_and_dimmed() -> None:
    rows = painted(view((row("a", "x"),), (row("a", "y"),)), stale=frozenset({1}))
    assert rows[0][0] == ("prod-eu", "dim")
    assert rows[1][0] == ("○ prod-us", "dim")
    assert {cell[1] for cell in rows[1] if isinstance(cell, tuple)} == {"dim"}
    assert all(isinstance(cell, tuple) for cell in rows[1])


def test_a_finished_pod_is_no_warning_though_it_is_not_ready() -> None:
    assert painted(view((row("a", "x", "0/1", "Completed"),)))[0][2] == ("0/1", "dim")


def test_cells_that_are_missing_or_not_texts_are_painted() -> None:
    short = Row("u", "x", "a", ("x", 3, None))
    assert painted(view((short,)))[0][1:] == ("x", "3", "", "")


def test_control_characters_in_cells_are_made_visible() -> None:
    bad = row("a", "\x1b[31mx")
    assert "\x1b" not in str(painted(view((bad,))))


def test_faults_leaves_only_rows_that_need_a_person() -> None:
    shown = view(
        (row("a", "ok"), row("a", "done", "0/1", "Completed"), row("a", "bad", "0/1", "Error"), row("a", "half", "1/2"))
    )
    assert [one[1] for one in resources.faults(resources.entries(shown), shown)] == ["bad", "half"]


def found(search: Search, shown: ResourceView, text: str, *, cluster: bool = False) -> list[str]:
    wanted = parse_filter(text)
    assert wanted is not None
    names = [part.cluster.name if cluster else "" for part in shown.parts]
    return [one[1] for one in search.select(resources.entries(shown), names, wanted)]


MIXED = view(
    (row("web", "front-1"), row("web", "Front-2", labels={"app": "f"})),
    (row("pay", "api", status="Error"),),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("front", ["Front-2", "front-1"]),
        ("Front", ["Front-2"]),
        ("web front-1", ["front-1"]),
        ("err", ["api"]),
        ("pay", ["api"]),
        ("!error", ["Front-2", "front-1"]),
        ("front-[12]", ["Front-2", "front-1"]),
        ("-l app=f", ["Front-2"]),
        ("-f fr2", ["Front-2"]),
        ("nothing", []),
        ("1/1\nRun", []),
    ],
)
def test_the_quick_search_finds_what_the_filter_means(text: str, names: list[str]) -> None:
    wanted = parse_filter(text)
    assert wanted is not None
    slow = [
        one[1]
        for one in resources.entries(MIXED)
        if wanted.matches(["", one[0], *map(str, one[3].cells)], one[3].labels or {})
    ]
    if "\n" not in text:
        assert slow == names
    assert found(Search(), MIXED, text) == slow


def test_a_cluster_is_searched_only_where_its_column_is_shown() -> None:
    assert found(Search(), MIXED, "prod-us") == []
    assert found(Search(), MIXED, "prod-us", cluster=True) == ["api"]


def test_a_changed_row_is_searched_anew_by_the_same_search() -> None:
    search = Search()
    before = view((row("a", "x", status="Running"),))
    assert found(search, before, "error") == []
    assert found(search, view((row("a", "x", status="Error"),)), "error") == ["x"]


def test_a_warmed_search_finds_the_same() -> None:
    search, listed = Search(), resources.entries(MIXED)
    at = 0
    while at < len(listed):
        at = search.warm(listed, ["", ""], at, 2)
    assert found(search, MIXED, "front") == ["Front-2", "front-1"]


def test_a_workloads_selector_is_read_from_its_wide_column() -> None:
    columns = (Column("Name"), Column("Selector", priority=1))
    one, none = Row("u", "d", "a", ("d", "app=web")), Row("v", "e", "a", ("e", "<none>"))
    shown = replace(view((one, none)), columns=columns)
    assert [resources.selector_of(entry, shown) for entry in resources.entries(shown)] == ["app=web", ""]
    assert resources.selector_of(resources.entries(MIXED)[0], MIXED) == ""
