"""The whole data layer over a small world: joined rows, frugality, unplugging, and a clean end."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from tests.data.fakekube import DEPLOYMENTS, REFUSED, problem
from tests.data.fakeworld import NO_ACCOUNT, Page, World, followed, linker, membership, ref_of, running, small_world
from tui.clock import ManualClock, settle
from tui.data.clusters import gateway_context
from tui.data.reach import PROBE_TIMEOUT
from tui.data.settings import HubSettings
from tui.errors import Problem, ProblemKind
from tui.model.cluster import AgentHealth, ClusterRef, Via
from tui.model.connection import AksCluster, Connection
from tui.model.feed import FeedState
from tui.model.fleet import FleetMember
from tui.model.kube import PODS, ResourceQuery
from tui.model.logs import LogQuery

GKE_0 = ref_of("projects/acme-1/locations/global/memberships/gke-0", "gke-0")
GKE_1 = ref_of("projects/acme-1/locations/global/memberships/gke-1", "gke-1")
PLANT_0 = ref_of("projects/acme-2/locations/global/memberships/plant-0", "plant-0")
PLANT_1 = ref_of("projects/acme-2/locations/global/memberships/plant-1", "plant-1")


@pytest.fixture
def world(clock: ManualClock) -> World:
    return small_world(clock)


async def test_a_fleet_row_joins_membership_reachability_and_agent(world: World, clock: ManualClock) -> None:
    world.kube(GKE_1.key).always["version"] = problem(503)
    async with running(world) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(1)
        feed = fleet.last
        assert feed.state(clock.now()) is FeedState.LIVE
        rows: dict[str, FleetMember] = {row.cluster.name: row for row in fleet.value}
        members = [f"gke-{n}" for n in range(4)] + [f"plant-{n}" for n in range(8)]
        assert list(rows) == [*members, "aks-1", "aks-2", "aks-3"]
        reach = rows["gke-0"].reach.value
        assert reach is not None
        assert (reach.version, reach.latency, reach.problem) == ("v1.33.4", 0.0, None)
        refused = rows["gke-1"].reach
        assert refused.value is not None
        assert (refused.value.latency, refused.value.layer) == (None, "server")
        assert refused.state(clock.now()) is FeedState.LIVE  # that it was refused is today's news
        assert rows["plant-3"].agent.value == AgentHealth(2, 2)
        assert rows["gke-0"].agent.state(clock.now()) is FeedState.LOADING
        assert world.kube(GKE_0.key).asked["list"] == 0  # a GKE cluster has no agent to ask about


async def test_patterns_narrow_clusters_and_fleet(world: World, clock: ManualClock) -> None:
    settings = HubSettings(projects=tuple(world.fleets), clusters=("plant-*", "^plant-1"))
    async with running(world, settings) as hub, followed(hub.fleet, hub.clusters) as (fleet, clusters):
        await clock.advance(1)
        wanted = [f"plant-{n}" for n in range(8) if n != 1]
        assert [row.cluster.name for row in fleet.value] == wanted
        assert [ref.name for ref in clusters.value if ref.via is Via.GATEWAY] == wanted
        assert world.kube(PLANT_1.key).asked["version"] == 0  # what nobody looks at is not probed


async def test_clusters_of_arm_and_of_the_kubeconfig_are_rows_that_are_probed(world: World, clock: ManualClock) -> None:
    held = world.aks["SUB"]
    assert isinstance(held, list)
    held[2] = replace(held[2], power_state="Stopped")
    world.contexts_now = [ClusterRef("context:kind", "kind", Via.CONTEXT)]
    async with running(world) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(1)
        rows: dict[str, FleetMember] = {row.cluster.name: row for row in fleet.value}
        assert list(rows)[12:] == ["aks-1", "aks-2", "aks-3", "kind"]
        for name in ("aks-1", "aks-2", "kind"):
            reach = rows[name].reach.value
            assert reach is not None
            assert reach.version == "v1.33.4"
        assert rows["aks-1"].aks == held[0]
        assert rows["aks-3"].reach.problem is not None
        assert world.kube(held[2].key).asked["version"] == 0  # a stopped cluster has nobody to ask


async def test_without_a_project_the_clusters_of_other_roads_stand_and_the_fleets_are_a_gap(clock: ManualClock) -> None:
    world = World(clock, arm_port=False)
    world.contexts_now = [ClusterRef("context:kind", "kind", Via.CONTEXT)]
    async with running(world, HubSettings()) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(1)
        assert fleet.last.state(clock.now()) is FeedState.PARTIAL
        assert [(gap.who, gap.problem.kind) for gap in fleet.last.gaps] == [("fleets", ProblemKind.MISSING)]
        (row,) = fleet.value
        assert row.reach.value.latency == 0.0


async def test_a_probe_that_is_refused_is_repeated_no_faster_than_one_that_is_answered(
    world: World, clock: ManualClock
) -> None:
    world.kube(GKE_1.key).always["version"] = problem(404)
    async with running(world) as hub, followed(hub.fleet):
        await clock.advance(299)
        assert world.kube(GKE_0.key).asked["version"] == 10
        assert world.kube(GKE_1.key).asked["version"] <= 10


async def test_a_fleet_that_fails_is_a_gap_and_a_location_too(world: World, clock: ManualClock) -> None:
    page = world.fleets["acme-1"]
    assert isinstance(page, Page)
    world.fleets["acme-1"] = Page(page.memberships, ("asia-east2",))
    world.fleets["acme-2"] = problem(403)
    async with running(world) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(1)
        assert sum(row.membership is not None for row in fleet.value) == 4
        assert fleet.last.state(clock.now()) is FeedState.PARTIAL
        assert {gap.who: gap.problem.kind for gap in fleet.last.gaps} == {
            "acme-2": ProblemKind.FORBIDDEN,
            "asia-east2": ProblemKind.UNREACHABLE,
        }
        world.fleets["acme-1"] = problem(403)
        await clock.advance(31)
        assert fleet.last.state(clock.now()) is FeedState.STALE
        assert sum(row.membership is not None for row in fleet.value) == 4


async def test_a_connection_joins_linker_extension_operator_and_objects(world: World, clock: ManualClock) -> None:
    kube = world.kube("/subscriptions/sub/resourcegroups/rg/aks-1")
    kube.absent.add("Secret/pay/sc-cache-secret")
    kube.pod("sc-job-x", "ImagePullBackOff", "0/1", namespace="sc-system")
    del world.extensions["aks-2"]
    async with running(world) as hub, followed(hub.connections) as (connections,):
        await clock.advance(1)
        rows: dict[tuple[str, str], Connection] = {(row.aks.name, row.linker.name): row for row in connections.value}
        assert len(rows) == 6
        assert connections.last.state(clock.now()) is FeedState.LIVE
        orders, cache = rows["aks-1", "orders"], rows["aks-1", "cache"]
        assert orders.cluster == ClusterRef("/subscriptions/sub/resourcegroups/rg/aks-1", "aks-1", Via.AKS)
        assert [(o.kind, o.name, o.present) for o in orders.objects.value or ()] == [
            ("Secret", "sc-orders-secret", True),
            ("ServiceAccount", "sc-account-c-1", True),
        ]
        assert [o.present for o in cache.objects.value or ()] == [False]
        assert orders.operator.value == AgentHealth(0, 1, 0, ("sc-job-x: ImagePullBackOff",))
        assert orders.extension.value == world.extensions["aks-1"]
        missing = rows["aks-2", "orders"].extension
        assert missing.problem is not None
        assert missing.problem.kind is ProblemKind.NOT_FOUND


async def test_a_stopped_aks_cluster_is_not_asked_and_one_without_rights_hides_its_objects(
    world: World, clock: ManualClock
) -> None:
    clusters = world.aks["SUB"]
    assert isinstance(clusters, list)
    clusters[0] = replace(clusters[0], power_state="Stopped")
    world.kube(clusters[1].key).always["exists"] = problem(403)
    world.linkers_of["aks-3"] = problem(500)
    async with running(world) as hub, followed(hub.connections) as (connections,):
        await clock.advance(1)
        rows: dict[tuple[str, str], Connection] = {(row.aks.name, row.linker.name): row for row in connections.value}
        stopped = rows["aks-1", "cache"]
        assert stopped.objects.problem is not None
        assert "az aks start" in stopped.objects.problem.remedy
        assert world.kube(clusters[0].key).total == 0
        hidden = rows["aks-2", "orders"].objects
        assert [o.present for o in hidden.value or ()] == [None, None]
        assert hidden.state(clock.now()) is FeedState.PARTIAL
        assert [gap.who for gap in connections.last.gaps] == ["aks-3"]


async def test_every_cluster_is_in_the_directory_under_one_name(world: World, clock: ManualClock) -> None:
    world.contexts_now = [ref_of("context:gke-0", "gke-0", Via.CONTEXT), ref_of("context:kind", "kind", Via.CONTEXT)]
    async with running(world) as hub, followed(hub.clusters, hub.fleet) as (clusters, fleet):
        await clock.advance(1)
        named = [ref.name for ref in clusters.value]
        assert named[0] == "gke-0.global"
        assert named[-2:] == ["gke-0.context", "kind"]
        assert len(named) == len(set(named)) == 17
        assert fleet.value[0].cluster.name == "gke-0.global"


async def test_a_context_that_gcloud_wrote_for_a_membership_is_no_second_cluster(
    world: World, clock: ManualClock
) -> None:
    page = world.fleets["acme-1"]
    assert not isinstance(page, Problem)
    name = gateway_context(page.memberships[0])
    world.contexts_now = [ref_of(f"context:{name}", name, Via.CONTEXT), ref_of("context:kind", "kind", Via.CONTEXT)]
    async with running(world) as hub, followed(hub.clusters) as (clusters,):
        await clock.advance(1)
        assert [ref.name for ref in clusters.value if ref.via is Via.CONTEXT] == ["kind"]


async def test_a_list_over_two_clusters_is_one_topic_and_one_watch_each(world: World, clock: ManualClock) -> None:
    query = ResourceQuery("po", (GKE_0, GKE_1))
    world.kube(GKE_1.key).hanging.add("discover")  # pods are known without
    async with running(world) as hub:
        first, second = hub.resources(query), hub.resources(ResourceQuery("po", (GKE_0, GKE_1)))
        assert first is second
        pods = hub.resources(ResourceQuery("Pod", (GKE_1,)))
        async with followed(first, pods) as (view, alone):
            await clock.advance(1)
            assert [len(part.feed.value.rows) for part in view.value.parts] == [1, 1]
            assert view.value.kind == PODS
            assert view.last.state(clock.now()) is FeedState.LIVE
            world.kube(GKE_1.key).pod("another")
            await clock.advance(1)
            assert [len(part.feed.value.rows) for part in view.value.parts] == [1, 2]
            assert len(alone.value.parts[0].feed.value.rows) == 2
        assert world.kube(GKE_1.key).asked["watch"] == 1


async def test_a_kind_is_looked_up_in_each_cluster_and_an_unknown_one_is_explained(
    world: World, clock: ManualClock
) -> None:
    world.kube(GKE_0.key).put(DEPLOYMENTS, "default", "web")
    world.kube(GKE_1.key).kinds = (PODS,)
    async with running(world) as hub, followed(hub.resources(ResourceQuery("deploy", (GKE_0, GKE_1)))) as (view,):
        assert view.feeds[0].state(clock.now()) is FeedState.LOADING
        await clock.advance(1)
        knows, does_not = view.value.parts
        assert [row.name for row in knows.feed.value.rows.values()] == ["web"]
        assert view.value.kind == DEPLOYMENTS
        assert does_not.feed.problem.kind is ProblemKind.INVALID
        assert view.last.state(clock.now()) is FeedState.PARTIAL
        assert [gap.who for gap in view.last.gaps] == ["gke-1"]


async def test_clusters_that_print_other_columns_are_shown_in_the_order_of_the_first(
    world: World, clock: ManualClock
) -> None:
    from tui.data.resources import feed_of
    from tui.model.feed import Feed
    from tui.model.kube import ClusterTable, Column, Row, Table

    one, two = (Column("Name"), Column("Status"), Column("Age")), (Column("Name"), Column("Age"), Column("Extra"))
    row = Row("u", "x", "ns", ("x", "5d", "!"), "7", "2026-01-01T00:00:00Z", "", {"a": "b"})
    parts = (
        ClusterTable(GKE_0, Feed(Table(PODS, one, {}), 1.0)),
        ClusterTable(GKE_1, Feed(Table(PODS, two, {row.key: row}), 1.0)),
    )
    view = feed_of(ResourceQuery("po", (GKE_0, GKE_1)), parts, 2.0).value
    assert view is not None
    table = view.parts[1].feed.value
    assert table is not None
    assert (view.columns, table.columns) == (one, one)
    (shown,) = table.rows.values()
    assert shown == Row("u", "x", "ns", ("x", None, "5d"), "7", "2026-01-01T00:00:00Z", "", {"a": "b"})


async def test_one_cluster_of_three_that_is_unplugged_leaves_the_others_alone(world: World, clock: ManualClock) -> None:
    query = ResourceQuery("pods", (GKE_0, GKE_1, PLANT_0))
    world.kube(GKE_0.key).kinds = (PODS,)  # nor any metrics, which are listed again and again
    async with running(world) as hub, followed(hub.resources(query), hub.fleet) as (view, fleet):
        await clock.advance(100)
        world.kube(GKE_1.key).unplug()
        await clock.advance(0.2)

        def states() -> list[FeedState]:
            return [part.feed.state(clock.now()) for part in view.value.parts]

        for _ in range(60):
            assert states() == [FeedState.LIVE, FeedState.STALE, FeedState.LIVE]
            assert len(view.value.parts[1].feed.value.rows) == 1
            assert fleet.last.state(clock.now()) is FeedState.LIVE
            world.kube(GKE_0.key).bookmark()
            await clock.advance(1)
        others = world.kube(GKE_0.key).asked
        assert (others["list"], others["watch"]) == (1, 1)
        assert others["version"] <= 8  # every 30 s, and once because its neighbour went silent
        world.kube(GKE_1.key).plug_in()
        await clock.advance(6)
        assert states() == [FeedState.LIVE] * 3


async def test_unplugged_every_pane_is_stale_in_a_second_and_live_within_ten_after(
    world: World, clock: ManualClock
) -> None:
    agents = LogQuery((PLANT_0, PLANT_1), agents=True)
    async with running(world) as hub:
        book = hub.logs(agents)
        panes = (hub.fleet, hub.connections, hub.resources(ResourceQuery("pods", (GKE_0, PLANT_0))), book.status)
        async with followed(*panes) as readers:
            await clock.advance(100)
            world.unplug()
            await clock.advance(1)
            assert [reader.last.state(clock.now()) for reader in readers] == [FeedState.STALE] * 4
            assert len(readers[0].value) == 15
            assert len(readers[1].value) == 6
            await clock.advance(600)
            assert [reader.last.state(clock.now()) for reader in readers] == [FeedState.STALE] * 4
            assert (readers[0].last.as_of or 0) < clock.now() - 600
            world.plug_in()
            await clock.advance(10)
            assert [reader.last.state(clock.now()) for reader in readers] == [FeedState.LIVE] * 4
            assert [source.state for source in readers[3].value.sources] == ["following"] * 4


async def test_an_idle_hour_over_twelve_clusters_is_frugal(world: World, clock: ManualClock) -> None:
    async with running(world) as hub:
        book = hub.logs(LogQuery((PLANT_0,), agents=True))
        panes = (
            hub.fleet,
            hub.connections,
            hub.clusters,
            hub.identity,
            hub.meter,
            hub.ticker,
            hub.resources(ResourceQuery("pods", (GKE_0, PLANT_0))),
            book.status,
        )
        async with followed(*panes):
            await clock.advance(60)
            asked, gateway = world.requests, _gateway(world)
            for _ in range(60):
                for kube in world.kubes.values():
                    kube.bookmark()
                await clock.advance(60)
            per_minute = (world.requests - asked) / 60
            through_gateway = (_gateway(world) - gateway) / 60
            assert per_minute < 60, per_minute
            assert through_gateway < 30, through_gateway
            assert all(world.asked[name] for name in ("memberships", "aks", "linkers", "extension", "identity"))


def _gateway(world: World) -> int:
    return sum(kube.total for key, kube in world.kubes.items() if key.startswith("projects/"))


async def test_a_large_fleet_is_probed_within_its_ration_and_watched_within_its_bound(clock: ManualClock) -> None:
    world = World(clock)
    world.fleets["big"] = Page([membership("big", f"m-{n:03}", agent=True) for n in range(400)])
    kubes = [world.kube(f"projects/big/locations/global/memberships/m-{n:03}") for n in range(400)]

    def probes() -> int:
        return sum(kube.asked["version"] for kube in kubes)

    async with running(world, HubSettings(projects=("big",))) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(30)
        assert 100 <= probes() <= 120  # 2.5 a second after a first 30
        await clock.advance(170)
        before = probes()
        await clock.advance(400)
        assert 700 <= probes() - before <= 860  # 120 a minute
        assert sum(bool(kube.watches) for kube in kubes) == 60
        unwatched = fleet.value[-1].agent
        assert unwatched.problem is not None
        assert "too many" in unwatched.problem.summary


async def test_a_probe_that_our_own_quota_holds_back_says_nothing_of_its_cluster(
    world: World, clock: ManualClock
) -> None:
    held_back = Problem(ProblemKind.THROTTLED, "our share of the quota is used up", retry_after=40.0)
    world.kube(GKE_0.key).refuse["version"] = [held_back]
    world.kube(GKE_1.key).refuse["version"] = [problem(429, retry_after=40)]
    async with running(world) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(5)
        own, theirs, *_ = fleet.value
        assert own.reach.state(clock.now()) is FeedState.LOADING
        assert theirs.reach.value.layer == "server"
        await clock.advance(36)
        assert [row.reach.value.latency for row in fleet.value[:2]] == [0.0, 0.0]


async def test_a_list_of_a_cluster_that_hangs_is_stale_after_its_next_probe(world: World, clock: ManualClock) -> None:
    kube = world.kube(GKE_0.key)
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (GKE_0,)))) as (pods,):
        await clock.advance(7)
        assert pods.last.state(clock.now()) is FeedState.LIVE
        kube.hanging |= {"watch", "version", "list"}
        await clock.advance(HubSettings().refresh + PROBE_TIMEOUT + 1)
        assert pods.last.state(clock.now()) is FeedState.STALE


async def test_twenty_clusters_that_hang_do_not_hold_up_the_other_hundred(clock: ManualClock) -> None:
    world = World(clock)
    world.fleets["p"] = Page([membership("p", f"m-{n:03}") for n in range(120)])
    for n in range(120):
        kube = world.kube(f"projects/p/locations/global/memberships/m-{n:03}")
        if n % 6 == 0:
            kube.hanging.add("version")
    async with running(world, HubSettings(projects=("p",))) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(45)  # 120 probes at their ration
        answered = [row for row in fleet.value if row.reach.value and row.reach.value.latency is not None]
        assert len(answered) == 100


async def test_what_is_not_configured_says_which_command_supplies_it(clock: ManualClock) -> None:
    world = World(clock, arm_port=False)
    async with running(world, HubSettings()) as hub, followed(hub.fleet, hub.connections, hub.clusters) as readers:
        await clock.advance(1)
        fleet, connections, clusters = (reader.last for reader in readers)
        assert fleet.problem is not None
        assert fleet.problem.remedy == "gcloud config set core/project PROJECT_ID"
        assert connections.problem == NO_ACCOUNT
        assert [feed.state(clock.now()) for feed in (fleet, connections, clusters)] == [FeedState.FAILED] * 3


async def test_only_a_kubeconfig_is_enough(clock: ManualClock) -> None:
    world = World(clock, arm_port=False, fleet_port=False)
    ref = ref_of("context:kind", "kind", Via.CONTEXT)
    world.contexts_now = [ref]
    world.kube(ref.key).pod("a")
    view_query = ResourceQuery("pods", (ref,))
    async with running(world, HubSettings()) as hub, followed(hub.clusters, hub.resources(view_query)) as readers:
        await clock.advance(1)
        clusters, view = readers
        assert clusters.value == (ref,)
        assert clusters.last.state(clock.now()) is FeedState.LIVE
        assert len(view.value.parts[0].feed.value.rows) == 1


async def test_topics_are_there_before_the_clients_are(world: World, clock: ManualClock) -> None:
    world.ports_wait = asyncio.Event()
    async with running(world) as hub, followed(hub.fleet, hub.identity, hub.ticker) as (fleet, identity, ticker):
        await clock.advance(3)
        assert fleet.last.state(clock.now()) is FeedState.LOADING
        assert ticker.value == clock.now()
        world.ports_wait.set()
        await clock.advance(1)
        assert len(fleet.value) == 15
        assert identity.value.google == "ana@example.com"
        assert world.asked["memberships"] == 2  # once each


async def test_clients_that_cannot_be_built_are_tried_again(world: World, clock: ManualClock) -> None:
    world.ports_problem = Problem(ProblemKind.INVALID, "the kubeconfig cannot be read")
    async with running(world) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(1)
        assert fleet.last.problem == world.ports_problem
        world.ports_problem = None
        await clock.advance(10)
        assert len(fleet.value) == 15


async def test_stopping_leaves_no_task_no_watch_no_stream_and_closes_the_clients(
    world: World, clock: ManualClock
) -> None:
    async with running(world) as hub:
        book = hub.logs(LogQuery((PLANT_0,), agents=True))
        async with followed(hub.fleet, hub.connections, hub.resources(ResourceQuery("po", (GKE_0,))), book.status):
            await clock.advance(5)
            assert sum(len(kube.watches) for kube in world.kubes.values()) > 8
            await hub.stop()  # the app ends while its panes still follow
            assert sum(len(kube.watches) for kube in world.kubes.values()) == 0
            requests = world.requests
            await clock.advance(600)
            assert world.requests == requests
    assert world.closed == 1  # though the context stops it too


async def test_when_nobody_looks_nobody_is_asked(world: World, clock: ManualClock) -> None:
    async with running(world) as hub:
        async with followed(hub.fleet, hub.connections, hub.resources(ResourceQuery("po", (GKE_0,)))):
            await clock.advance(60)
        await clock.advance(60)
        requests = world.requests
        await clock.advance(3600)
        assert world.requests == requests
        assert sum(len(kube.watches) for kube in world.kubes.values()) == 0


async def test_refresh_asks_everything_that_polls_once(world: World, clock: ManualClock) -> None:
    async with running(world) as hub, followed(hub.fleet):
        await clock.advance(10)
        before = world.asked["memberships"]
        for _ in range(50):
            hub.refresh()
        await clock.advance(0.1)
        assert world.asked["memberships"] == before + 2
        assert world.kube(GKE_0.key).asked["version"] == 2


async def test_memberships_that_come_and_go_start_and_stop_their_work(world: World, clock: ManualClock) -> None:
    async with running(world) as hub, followed(hub.fleet) as (fleet,):
        await clock.advance(5)
        world.fleets["acme-2"] = Page([membership("acme-2", "plant-9", agent=True)])
        await clock.advance(60)
        assert [row.cluster.name for row in fleet.value][4:] == ["plant-9", "aks-1", "aks-2", "aks-3"]
        assert world.kube(PLANT_0.key).watches == []
        assert len(world.kube("projects/acme-2/locations/global/memberships/plant-9").watches) == 1


async def test_new_connections_are_looked_at(world: World, clock: ManualClock) -> None:
    async with running(world) as hub, followed(hub.connections) as (connections,):
        await clock.advance(5)
        clusters = world.aks["SUB"]
        assert isinstance(clusters, list)
        world.linkers_of["aks-1"] = [linker(clusters[0], "fresh")]
        await clock.advance(61)
        rows = [row for row in connections.value if row.aks.name == "aks-1"]
        assert [row.linker.name for row in rows] == ["fresh"]
        assert rows[0].objects.value[0].present


async def test_a_derived_topic_with_a_bug_says_so_and_is_tried_again(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    from tests.data.helpers import reading, runtime
    from tui.data.demand import on_demand
    from tui.data.derived import Derived, Read
    from tui.data.topic import Cell
    from tui.model.feed import Feed

    rt = runtime(clock, strict=False)
    broken = True

    def compute(read: Read) -> Feed[int]:
        if broken:
            raise KeyError("oops")
        return Feed(7, clock.now())

    cell: Cell[int] = on_demand(rt, lambda made: Derived("seven", made, compute, rt))
    async with reading(rt, cell):
        assert cell.feed.problem is not None
        assert cell.feed.problem.kind is ProblemKind.BUG
        assert "seven died of a bug" in caplog.text
        broken = False
        await clock.advance(31)
        assert (cell.feed.value, cell.feed.problem) == (7, None)


async def test_the_first_silence_of_a_cloud_makes_the_other_panes_look(world: World, clock: ManualClock) -> None:
    async with running(world) as hub, followed(hub.fleet, hub.connections) as (fleet, connections):
        await clock.advance(10)
        world.down = True
        hub_asked = world.asked["linkers"]
        world.kube(PLANT_0.key).break_watches(REFUSED)
        world.kube(PLANT_0.key).down = True
        await clock.advance(1)
        assert fleet.last.state(clock.now()) is FeedState.STALE
        assert connections.last.state(clock.now()) is FeedState.STALE
        assert world.asked["linkers"] >= hub_asked + 3
        await settle()


def test_aks_names_are_compared_without_case() -> None:
    assert AksCluster("/Subscriptions/X", "a", "X", "g").key == "/subscriptions/x"
