"""What pods use, beside what they are: absent where nobody tells, blank when it is old."""

from __future__ import annotations

import pytest

from tests.data.fakekube import METRICS, FakeKube, problem
from tests.data.fakeworld import World, followed, ref_of, running
from tests.data.helpers import Reader
from tui.clock import ManualClock
from tui.data.bounds import MOST, bounds_in
from tui.data.namespaces import NAMESPACES
from tui.data.usage import EVERY, MOST_NAMESPACES, measured_by
from tui.model.kube import PODS, Column, KindRef, ResourceQuery, Row
from tui.model.usage import Bounds, amount, mebibytes, millicores
from tui.present.listing import unmeasured
from tui.present.merged import view_status
from tui.present.states import Shown

ONE, TWO = ref_of("context:one", "one"), ref_of("context:two", "two")
FIGURES = (Column("Name", format="name"), Column("cpu"), Column("memory"), Column("Window"))


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
        assert [name for name in names if "%" not in name] == [
            "Name", "Ready", "Status", "Restarts", "CPU", "MEM", "Age",
        ]  # fmt: skip
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


async def test_no_figures_are_asked_for_while_the_list_is_being_read(world: World, clock: ManualClock) -> None:
    """Those of all would be many megabytes, and hold up the rest of it."""
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


async def test_it_is_said_once_why_there_are_none(world: World, clock: ManualClock) -> None:
    kube_of(world).broken[METRICS.qualified] = problem(403)
    async with running(world) as hub:
        async with followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
            await clock.advance(1)
            assert "CPU" not in [column.name for column in reader.value.columns]
            assert unmeasured(reader.value) == "no metrics: forbidden (403)"
            assert view_status(reader.last, clock.now()).shown is Shown.LIVE
        async with followed(hub.resources(ResourceQuery("pods", (ONE, TWO)))) as (both,):
            await clock.advance(1)
            assert unmeasured(both.value) == "no metrics of one: forbidden (403)"


async def test_more_than_ten_thousand_rows_have_figures_too(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    for number in range(12_000):
        name = f"pod-{number}"
        kube.rows[PODS.qualified]["default", name] = Row(name, name, "default", (name, "1/1", "Running", "0", "1m"))
        kube.rows[METRICS.qualified]["default", name] = Row("", name, "default", (name, "5m", "1Mi", "10s"))
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        await clock.advance(10)
        assert shown(reader)["pod-11999"] == ("5m", "1Mi")
        asked = len(kube.listed)
        await clock.advance(EVERY + 1)
        assert len(kube.listed) == asked  # a longer list is asked for less often
        await clock.advance(EVERY)
        assert len(kube.listed) == asked + 1


async def test_where_some_namespaces_answer_each_is_asked_for_its_figures(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    kube.only = frozenset({"pay", "web"})
    for namespace in ("pay", "web", "secret"):
        kube.put(NAMESPACES, "", namespace)
        kube.pod("api", namespace=namespace)
        kube.put(METRICS, namespace, "api", ("api", "10m", f"{len(namespace)}Mi", "10s"))
    query = ResourceQuery("pods", (ONE,), namespace="pay,web")
    async with running(world) as hub:
        async with followed(hub.resources(query)) as (reader,):
            await clock.advance(1)
            found = {row.namespace: row.cells for row in reader.value.parts[0].feed.value.rows.values()}
            at = [column.name for column in reader.value.columns].index("CPU")
            assert {name: cells[at] for name, cells in found.items()} == {"pay": "10m", "web": "10m"}
        async with followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (fallen,):
            await clock.advance(5)
            assert fallen.value.parts[0].feed.value.namespaces
            assert shown(fallen)["api"] == ("10m", "3Mi")
            assert unmeasured(fallen.value) == ""


async def test_more_namespaces_are_not_more_requests(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    few, many = ([f"team-{number}" for number in range(count)] for count in (12, MOST_NAMESPACES + 1))
    for name in many:
        kube.pod("api", namespace=name)
        kube.put(METRICS, name, "api", ("api", "10m", "1Mi", "10s"))
    async with running(world) as hub:
        async with followed(hub.resources(ResourceQuery("pods", (ONE,), namespace=",".join(few)))) as (reader,):
            await clock.advance(1)
            assert set(shown(reader).values()) == {("10m", "1Mi")}
            listed = len(kube.listed)
            await clock.advance(3 * EVERY - 10)
            assert len(kube.listed) == listed
            await clock.advance(20)
            assert len(kube.listed) == listed + len(few)
        async with followed(hub.resources(ResourceQuery("pods", (ONE,), namespace=",".join(many)))) as (reader,):
            await clock.advance(1)
            assert unmeasured(reader.value) == f"no metrics: asked for up to {MOST_NAMESPACES} namespaces"


def bounded(kube: FakeKube, name: str, cpu: str, memory: str = "100Mi") -> None:
    """A pod of which the whole can be read."""
    kube.pod(name)
    resources = {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": "1Gi"}}
    spec = {"containers": [{"name": "a", "resources": resources}, {"name": "b"}]}
    kube.bodies.put(PODS, {"metadata": {"name": name, "namespace": "default"}, "spec": spec})


def shares(reader: Reader) -> dict[str, tuple[object, ...]]:
    view = reader.value
    at = [column.name for column in view.columns].index("%CPU/R")
    return {row.name: row.cells[at : at + 4] for row in view.parts[0].feed.value.rows.values()}


async def test_it_is_told_how_much_of_request_and_limit_that_is(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    kube.rows[PODS.qualified].clear()
    bounded(kube, "web", "200m")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        await clock.advance(2)
        wide = [column.name for column in reader.value.columns if column.priority]
        assert wide == ["%CPU/R", "%CPU/L", "%MEM/R", "%MEM/L"]
        assert shares(reader) == {"web": ("46%", "n/a", "501%", "49%")}
        listed = len(kube.listed)
        await clock.advance(20)
        bounded(kube, "new", "1")
        kube.put(METRICS, "default", "new", ("new", "500m", "10Mi", "10s"))
        await clock.advance(EVERY + 1)
        assert shares(reader)["new"] == ("50%", "n/a", "10%", "0%")
        assert kube.bodies.asked.count("get pods") == 1  # it alone is read
        assert len(kube.listed) == listed + 1  # of metrics


async def test_whole_objects_are_read_for_short_lists_only(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    for number in range(MOST + 1):
        kube.pod(f"pod-{number}")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        await clock.advance(5)
        assert shown(reader)["web"] == ("94m", "501Mi")
        assert "%CPU/R" not in [column.name for column in reader.value.columns]
        assert kube.listed == [("pods", ""), ("pods", "")]  # the pods, and their metrics


async def test_nodes_tell_how_much_of_what_they_have(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    node = KindRef("", "v1", "nodes", "Node", "node", False, verbs=frozenset({"list", "watch"}))
    metrics = KindRef("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", "", False, verbs=frozenset({"list"}))
    kube.kinds = (PODS, node, metrics)
    kube.columns[metrics.qualified] = FIGURES
    kube.columns[node.qualified] = (Column("Name"), Column("Status"), Column("Age"))
    kube.put(node, "", "n1", ("n1", "Ready", "3d"))
    kube.put(metrics, "", "n1", ("n1", "93310215n", "514032Ki", "10s"))
    kube.bodies.put(node, {"metadata": {"name": "n1"}, "status": {"allocatable": {"cpu": "2", "memory": "1Gi"}}})
    async with running(world) as hub, followed(hub.resources(ResourceQuery("nodes", (ONE,)))) as (reader,):
        await clock.advance(2)
        assert [column.name for column in reader.value.columns] == [
            "Name", "Status", "CPU", "MEM", "%CPU", "%MEM", "Age",
        ]  # fmt: skip
        (row,) = reader.value.parts[0].feed.value.rows.values()
        assert row.cells == ("n1", "Ready", "94m", "501Mi", "4%", "49%", "3d")


async def test_a_list_with_figures_is_mended_and_not_made_anew(world: World, clock: ManualClock) -> None:
    kube = kube_of(world)
    for number in range(MOST + 1):  # with no bounds, whose coming does make it anew
        kube.pod(f"pod-{number}")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        await clock.advance(5)
        table = reader.value.parts[0].feed.value
        log, count = table.log, table.log.count
        before = table.rows["default", "db"]
        kube.pod("web", "Failed")
        await clock.advance(1)
        after = reader.value.parts[0].feed.value
        assert after.log is log
        assert list(log.since(count)) == [("default", "web")]
        assert after.rows["default", "db"] is before
        count = log.count
        kube.put(METRICS, "default", "db", ("db", "1", "2Gi", "10s"))
        await clock.advance(EVERY + 1)
        assert list(log.since(count)) == [("default", "db")]
        assert reader.value.parts[0].feed.value.rows["default", "db"].cells[4:6] == ("1000m", "2048Mi")
        assert log.since(count - 50) is None  # nobody has asked for that count


@pytest.mark.parametrize(
    ("quantity", "cpu", "memory"),
    [("0", "0m", "0Mi"), ("5", "5000m", "0Mi"), ("1u", "1m", "0Mi"), ("232Ki", "237568000m", "0Mi"), ("x", "", "")],
)
def test_quantities_are_said_as_kubectl_top_says_them(quantity: str, cpu: str, memory: str) -> None:
    assert (millicores(amount(quantity)), mebibytes(amount(quantity))) == (cpu, memory)
    assert (millicores(amount("12m")), mebibytes(amount("1.5Gi"))) == ("12m", "1536Mi")
    assert (amount("1e3"), amount("2E"), amount("1.2.3"), amount("")) == (1000.0, 2e18, None, None)


@pytest.mark.parametrize(
    ("spec", "bounds"),
    [
        ({"containers": [{}]}, Bounds("u")),
        (
            {
                "containers": [{"resources": {"requests": {"cpu": "100m"}}}, {"resources": {"requests": {"cpu": "1"}}}],
                "initContainers": [
                    {"resources": {"requests": {"cpu": "7"}}},
                    {"restartPolicy": "Always", "resources": {"requests": {"cpu": "400m"}}},
                ],
            },
            Bounds("u", 1.5),
        ),
        (
            {
                "resources": {"limits": {"cpu": "2"}},
                "containers": [{"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "9"}}}],
            },
            Bounds("u", 1.0, 2.0),
        ),
    ],
)
def test_bounds_of_a_pod_are_those_of_what_runs_in_it(spec: dict[str, object], bounds: Bounds) -> None:
    assert bounds_in("pods", {"metadata": {"uid": "u"}, "spec": spec}) == bounds


def test_only_the_metrics_api_measures() -> None:
    nodes = KindRef("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", verbs=frozenset({"list"}))
    assert measured_by(PODS, (PODS, METRICS, nodes)) == METRICS
    assert measured_by(KindRef("", "v1", "nodes", "Node"), (METRICS, nodes)) == nodes
    assert measured_by(KindRef("x", "v1", "pods", "Pod"), (METRICS,)) is None
    assert measured_by(PODS, (PODS,)) is None
