"""What pods use, beside what they are: absent where nobody tells, blank when it is old."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.data.fakekube import METRICS, FakeKube, problem
from tests.data.fakeworld import World, followed, ref_of, running
from tests.data.helpers import Reader
from tui.clients.kube_decode import decode_page
from tui.clock import ManualClock
from tui.data.usage import EVERY, measured_by, mebibytes, millicores
from tui.model.kube import PODS, Column, KindRef, ResourceQuery

ONE, TWO = ref_of("context:one", "one"), ref_of("context:two", "two")
FIGURES = (Column("Name", format="name"), Column("cpu"), Column("memory"), Column("Window"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def world(clock: ManualClock) -> World:
    made = World(clock)
    for ref in (ONE, TWO):
        kube = made.kube(ref.key)
        kube.columns[METRICS.qualified] = FIGURES
        kube.pod("web")
        kube.pod("db")
        kube.put(METRICS, "default", "web", ("web", "93310215n", "514032Ki", "10s"))
    return made


def shown(reader: Reader, part: int = 0) -> dict[str, tuple[object, ...]]:
    view = reader.value
    at = [column.name for column in view.columns].index("CPU")
    return {row.name: row.cells[at : at + 2] for row in view.parts[part].feed.value.rows.values()}


def kube_of(world: World) -> FakeKube:
    return world.kube(ONE.key)


async def test_usage_stands_before_the_age_and_goes_on(world: World, clock: ManualClock) -> None:
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        await clock.advance(1)
        names = [column.name for column in reader.value.columns]
        assert names == ["Name", "Ready", "Status", "Restarts", "CPU", "MEM", "Age"]
        assert shown(reader) == {"web": ("94m", "501Mi"), "db": ("", "")}
        kube_of(world).put(METRICS, "default", "web", ("web", "1", "2Gi", "10s"))
        await clock.advance(EVERY + 1)
        assert shown(reader)["web"] == ("1000m", "2048Mi")


async def test_a_cluster_that_tells_none_has_no_such_columns(world: World, clock: ManualClock) -> None:
    kube_of(world).kinds = (PODS,)
    async with running(world) as hub:
        async with followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
            await clock.advance(1)
            assert "CPU" not in [column.name for column in reader.value.columns]
        async with followed(hub.resources(ResourceQuery("pods", (ONE, TWO)))) as (both,):
            await clock.advance(1)
            assert shown(both, 0) == {"web": (None, None), "db": (None, None)}
            assert shown(both, 1)["web"] == ("94m", "501Mi")


async def test_figures_that_are_old_are_left_out(world: World, clock: ManualClock) -> None:
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        await clock.advance(1)
        kube_of(world).broken[METRICS.qualified] = problem(503)
        await clock.advance(EVERY + 1)
        assert shown(reader)["web"] == ("94m", "501Mi")
        await clock.advance(2 * EVERY)
        assert shown(reader) == {"web": ("", ""), "db": ("", "")}
        assert reader.last.problem is None  # the pods themselves are as live as ever


async def test_no_figures_are_asked_for_a_list_that_is_going_to_be_long(
    world: World, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its first page has come: the figures of all would be many megabytes, and hold up the rest of it."""
    monkeypatch.setattr("tui.data.resources.MOST", 600)
    kube = kube_of(world)
    for number in range(700):
        kube.pod(f"worker-{number}")
    kube.hanging.add("page")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        await clock.advance(1)
        assert (len(reader.value.parts[0].feed.value.rows), reader.value.parts[0].feed.value.complete) == (500, False)
        assert kube.listed == [("pods", "")]  # and not those of the metrics API


async def test_nobody_is_asked_for_figures_that_nobody_sees(world: World, clock: ManualClock) -> None:
    async with running(world) as hub:
        async with followed(hub.resources(ResourceQuery("pods", (ONE,)))):
            await clock.advance(10)
        await clock.advance(60)
        asked = len(kube_of(world).listed)
        await clock.advance(600)
        assert len(kube_of(world).listed) == asked


@pytest.mark.parametrize(
    ("quantity", "cpu", "memory"),
    [("0", "0m", "0Mi"), ("5", "5000m", "0Mi"), ("1u", "1m", "0Mi"), ("232Ki", "237568000m", "0Mi"), ("x", "", "")],
)
def test_quantities_are_said_as_kubectl_top_says_them(quantity: str, cpu: str, memory: str) -> None:
    assert (millicores(quantity), mebibytes(quantity)) == (cpu, memory)
    assert (millicores("12m"), mebibytes("1.5Gi")) == ("12m", "1536Mi")


def test_only_the_metrics_api_measures() -> None:
    nodes = KindRef("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", verbs=frozenset({"list"}))
    assert measured_by(PODS, (PODS, METRICS, nodes)) == METRICS
    assert measured_by(KindRef("", "v1", "nodes", "Node"), (METRICS, nodes)) == nodes
    assert measured_by(KindRef("x", "v1", "pods", "Pod"), (METRICS,)) is None
    assert measured_by(PODS, (PODS,)) is None


def test_a_recorded_table_tells_both(recordings: Path) -> None:
    body = json.loads((recordings / "metrics-pods-table.json").read_text())["body"]
    page = decode_page(json.dumps(body).encode(), "recorded")
    assert [column.name for column in page.columns] == [column.name for column in FIGURES]
    assert (page.rows[0].namespace, millicores(page.rows[0].cells[1])) == ("default", "0m")
