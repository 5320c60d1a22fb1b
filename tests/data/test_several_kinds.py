"""Several kinds in one list: common columns, each row's own kind, and one kind that fails costs the others nothing."""

from __future__ import annotations

import pytest

from tests.data.fakekube import DEPLOYMENTS, FakeKube
from tests.data.fakeworld import World, followed, ref_of, running
from tui.clock import ManualClock
from tui.data.reshaped import SLICE, Cells, Made, Reshaped, picked
from tui.data.severalkinds import common_columns, places
from tui.errors import ProblemKind
from tui.model.feed import FeedState
from tui.model.kube import PODS, Column, KindRef, ResourceQuery, ResourceView, Row, Table
from tui.present.merged import view_status
from tui.present.parts import joined

ONE, TWO = ref_of("context:one", "one"), ref_of("context:two", "two")
LIST = frozenset({"list"})
SETS = KindRef("apps", "v1", "statefulsets", "StatefulSet", "statefulset", True, ("sts",), ("all",), LIST)


def table(kind: KindRef, *columns: str, wide: tuple[str, ...] = ()) -> Table:
    named = [Column(name, "string", 0, "name" if name == "Name" else "") for name in columns]
    return Table(kind, (*named, *(Column(name, "string", 1) for name in wide)), {})


PODS_TABLE = table(PODS, "Name", "Ready", "Status", "Restarts", "Age", wide=("IP", "Node"))
SETS_TABLE = table(SETS, "Name", "Ready", "Age", wide=("Containers", "Images"))
JOBS_TABLE = table(KindRef("batch", "v1", "jobs", "Job"), "Name", "Completions", "Age", wide=("Selector",))


@pytest.mark.parametrize(
    ("tables", "columns"),
    [
        ([PODS_TABLE, SETS_TABLE], ["Kind", "Name", "Ready", "Status", "Age"]),
        ([SETS_TABLE, JOBS_TABLE], ["Kind", "Name", "Ready", "Age", "Selector"]),
        ([JOBS_TABLE], ["Kind", "Name", "Ready", "Age", "Selector"]),
        ([SETS_TABLE, SETS_TABLE], ["Kind", "Name", "Ready", "Age", "Containers", "Images"]),
        ([], []),
    ],
)
def test_columns_are_those_that_mean_the_same_to_all(tables: list[Table], columns: list[str]) -> None:
    assert [column.name for column in common_columns(tables)] == columns


def test_a_column_that_a_kind_does_not_print_is_empty() -> None:
    columns = common_columns([PODS_TABLE, SETS_TABLE, JOBS_TABLE])[1:]
    assert places(PODS_TABLE, columns) == (0, 1, 2, 4, -1)
    assert places(JOBS_TABLE, columns) == (0, 1, -1, 2, 3)


def test_an_unchanged_row_stays_the_same_row() -> None:
    rows = {("ns", name): Row(name, name, "ns", (name, "1/1", "Running")) for name in "ab"}
    made = Made()
    shape = ((0, 2), ("Pod",))
    made.begin(shape, 2)
    first = list(Reshaped(rows, picked((0, 2), "Pod"), made).values())
    assert [row.cells for row in first] == [("Pod", "a", "Running"), ("Pod", "b", "Running")]
    rows["ns", "b"] = Row("b", "b", "ns", ("b", "0/1", "Failed"))
    made.begin(shape, 2)
    view = Reshaped(rows, picked((0, 2), "Pod"), made)
    second = list(view.values())
    assert second[0] is first[0]
    assert second[1].cells == ("Pod", "b", "Failed")
    assert view["ns", "a"] is first[0]
    made.begin(((0,), ()), 2)
    assert [row.cells for row in Reshaped(rows, picked((0,)), made).values()] == [("a",), ("b",)]


@pytest.fixture
def world(clock: ManualClock) -> World:
    made = World(clock)
    for ref in (ONE, TWO):
        kube: FakeKube = made.kube(ref.key)
        kube.kinds = (PODS, DEPLOYMENTS, SETS)
        kube.pod("web-1")
        kube.put(DEPLOYMENTS, "default", "web", ("web",))
        kube.put(SETS, "default", "db", ("db",))
    return made


def rows(view: ResourceView) -> list[tuple[str, str, object]]:
    return [
        (part.cluster.name, part.kind.plural if part.kind else "", row.cells[:2])
        for part in view.parts
        if part.feed.value is not None
        for row in part.feed.value.rows.values()
    ]


async def test_each_row_says_what_it_is(world: World, clock: ManualClock) -> None:
    query = ResourceQuery("deploy,sts", (ONE, TWO))
    async with running(world) as hub, followed(hub.resources(query)) as (reader,):
        await clock.advance(1)
        assert reader.value.kind is None
        assert [kind.plural for kind in reader.value.kinds] == ["deployments", "statefulsets"]
        assert rows(reader.value) == [
            (name, plural, (kind, row))
            for name in ("one", "two")
            for plural, kind, row in (("deployments", "Deployment", "web"), ("statefulsets", "StatefulSet", "db"))
        ]


async def test_a_category_holds_what_each_cluster_serves_in_it(world: World, clock: ManualClock) -> None:
    world.kube(TWO.key).kinds = (PODS,)
    async with running(world) as hub, followed(hub.resources(ResourceQuery("all", (ONE, TWO)))) as (reader,):
        await clock.advance(1)
        assert [(cluster, kind) for cluster, kind, _ in rows(reader.value)] == [
            ("one", "pods"),
            ("one", "statefulsets"),
            ("two", "pods"),
        ]


async def test_one_kind_that_is_refused_leaves_the_others_live(world: World, clock: ManualClock) -> None:
    world.kube(ONE.key).forbidden.add("deployments")
    query = ResourceQuery("deploy,po,nosuch", (ONE,))
    async with running(world) as hub, followed(hub.resources(query)) as (reader,):
        await clock.advance(1)
        parts = {part.asked: part.feed for part in reader.value.parts}
        assert parts["pods"].state(clock.now()) is FeedState.LIVE
        assert {asked: feed.problem.kind for asked, feed in parts.items() if feed.problem} == {
            "deployments": ProblemKind.FORBIDDEN,
            "nosuch": ProblemKind.INVALID,
        }
        assert joined(view_status(reader.last, clock.now()).parts()[:1]) == "◐ partial: 2 of 3 kinds not seen"


async def test_a_kind_that_is_named_twice_is_listed_once(world: World, clock: ManualClock) -> None:
    async with running(world) as hub, followed(hub.resources(ResourceQuery("sts,all", (ONE,)))) as (reader,):
        await clock.advance(1)
        assert [part.asked for part in reader.value.parts] == ["statefulsets", "pods"]


def test_many_rows_are_made_in_slices_and_may_change_in_between() -> None:
    rows = {("ns", f"p{at}"): Row(f"p{at}", f"p{at}", "ns", (f"p{at}",)) for at in range(3 * SLICE)}
    made, count = Made(), [0]

    def cells(row: Row) -> Cells:
        count[0] += 1
        return row.cells

    view = Reshaped(rows, cells, made)
    before = 0
    for _ in view.make():
        assert count[0] - before <= SLICE
        before = count[0]
        rows.pop(("ns", "p0"), None)
    assert count[0] == 3 * SLICE
    assert len(list(view.values())) == 3 * SLICE - 1
    assert count[0] == 3 * SLICE, "all had been made"
    assert list(view.make()) == []


async def test_a_long_list_of_several_kinds_is_made_before_it_is_told(world: World, clock: ManualClock) -> None:
    for at in range(2 * SLICE):
        world.kube(ONE.key).pod(f"p{at}")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("po,sts", (ONE,)))) as (reader,):
        await clock.advance(5)
        made = reader.value.parts[0].feed.value.rows
        assert isinstance(made, Reshaped)
        assert len(made) > 2 * SLICE
        assert list(made.make()) == []
