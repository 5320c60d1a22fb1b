"""Going somewhere: what lists and logs are about, drilling in, and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, running
from tests.ui.story_parts import DEPLOYMENTS, NAMESPACES, NODES, PLAIN, WORKLOAD, ref, serve
from tui.data.clusters import context_ref
from tui.model.kube import PODS, Column, KindRef, ResourceQuery, Row
from tui.model.logs import LogQuery
from tui.present.navigation import View


async def test_the_lists_follow_the_cluster_under_the_cursor() -> None:
    async with running(states.live()) as story:
        assert story.shows("3 Pods  prod-eu", "nightly-2931")
        await story.press("down")
        assert story.shows("3 Pods  prod-us", "api-7c9f6d-kk0d2")
        assert not story.shows("nightly-2931")


async def test_a_cursor_that_does_not_rest_opens_nothing_on_its_way() -> None:
    hub = states.live()
    async with running(hub) as story:
        before = len(hub.asked), len(hub.followed)
        await story.pilot.press("down", "down", "down", "down", "down")
        await story.pilot.pause()
        assert (len(hub.asked), len(hub.followed)) == before
        await story.settle()
        assert [query.clusters[0].name for query in hub.asked[before[0] :]] == ["edge-042"]
        assert [query.clusters[0].name for query in hub.followed[before[1] :]] == ["edge-042"]


async def test_marks_choose_the_clusters_of_lists_and_logs() -> None:
    async with running(states.live()) as story:
        await story.press("space", "space")
        assert story.shows("3 Pods  prod-eu, prod-us", "2 clusters", "CLUSTER")
        await story.press("down", "space")
        assert story.shows("4 Logs  connect agents · plant-9")
        await story.press("end")
        assert story.shows("3 Pods  prod-eu, prod-us +1"), "the cursor chooses only while nothing is marked"


async def test_the_same_thing_of_several_clusters_stands_together() -> None:
    async with running(states.live()) as story:
        await story.press("space", "space", "3", "z")
        rows = [line for line in story.lines() if "ledger-0" in line]
        assert ["prod-eu" in rows[0], "prod-us" in rows[1]] == [True, True]


async def test_enter_drills_from_cluster_to_pods_to_logs_and_esc_leads_back() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("enter")
        assert story.overview.current.value == "resources"
        await story.press("down", "enter")
        wanted = LogQuery((ref("prod-eu"),), namespace="payments", pods=("api-7c9f6d-x2f1p",))
        assert hub.followed[-1] == wanted
        assert story.overview.current.value == "logs"
        assert story.shows("4 Logs  api-7c9f6d-x2f1p · prod-eu")
        await story.press("escape")
        assert story.overview.current.value == "resources"
        await story.press("escape")
        assert story.overview.current.value == "fleets"
        assert story.shows("These clusters have no connect agent")


async def test_p_follows_the_previous_run_of_a_pod() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("down", "3", "p")
        assert hub.followed[-1].previous
        assert hub.followed[-1].pods == ("api-7c9f6d-kk0d2",)


async def test_minus_goes_to_the_last_view_and_brackets_through_the_history() -> None:
    async with running(states.live()) as story:
        await story.press("enter")
        await story.press("minus")
        assert story.overview.current.value == "fleets"
        await story.press("minus")
        assert story.overview.current.value == "resources"
        await story.press("left_square_bracket")
        assert story.overview.current.value == "fleets"
        await story.press("right_square_bracket")
        assert story.overview.current.value == "resources"


async def test_enter_on_a_connection_opens_the_list_with_its_missing_object() -> None:
    hub = states.live()
    aks = world.connections()[0].cluster
    query = ResourceQuery("secret", (aks,), "shop")
    secrets = KindRef("", "v1", "secrets", "Secret", "secret")
    serve(hub, query, Row("1", "aaa", "shop", ("aaa", "1d")), Row("2", "sc-ordersblob-1", "shop", ("x", "1d")),
          kind=secrets, columns=PLAIN)  # fmt: skip
    async with running(hub) as story:
        await story.press("2", "enter")
        assert hub.asked[-1] == query
        assert story.shows("3 Secrets  aks-1  shop")
        current = story.overview.resources.current
        assert current is not None
        assert current[1] == "sc-ordersblob-1", "the cursor is on the missing object"


async def test_moving_through_connections_shows_their_clusters_pods_and_operator_logs() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("2")
        assert hub.asked[-1].clusters[0].name == "aks-1"
        assert hub.followed[-1] == LogQuery((world.connections()[0].cluster,), agents=True)
        await story.press("end")
        assert hub.asked[-1].clusters[0].name == "aks-2"


@pytest.mark.parametrize(
    ("kind", "row", "columns", "expected"),
    [
        (NAMESPACES, Row("1", "web", "", ("web", "3d")), PLAIN, {"kind": "pods", "namespace": "web"}),
        (NODES, Row("1", "n1", "", ("n1", "3d")), PLAIN, {"kind": "pods", "fields": "spec.nodeName=n1"}),
        (DEPLOYMENTS, Row("1", "api", "web", ("api", "3d", "app=api")), WORKLOAD,
         {"kind": "pods", "namespace": "web", "labels": "app=api"}),
    ],
    ids=["namespace", "node", "deployment"],
)  # fmt: skip
async def test_enter_opens_the_pods_of_a_namespace_a_node_a_workload(
    kind: KindRef, row: Row, columns: tuple[Column, ...], expected: dict[str, Any]
) -> None:
    hub = states.live()
    serve(hub, ResourceQuery(kind.plural, (ref("prod-eu"),)), row, kind=kind, columns=columns)
    async with running(hub) as story:
        await story.press("colon")
        await story.type(kind.plural)
        await story.press("enter", "enter")
        assert hub.asked[-1] == ResourceQuery(clusters=(ref("prod-eu"),), **expected)


async def test_the_context_named_at_the_start_is_what_is_shown() -> None:
    hub = states.live()
    named = context_ref("laptop")
    async with running(hub, BIG, first=View(pinned=(named,))) as story:
        await story.settle()
        assert story.overview.resources.query_shown is not None
        assert story.overview.resources.query_shown.clusters == (named,)


async def test_back_is_on_the_row_that_was_left_and_another_list_begins_at_its_top() -> None:
    hub = states.live()
    rows = (Row(str(n), f"d{n}", "web", (f"d{n}", "3d", f"app=d{n}")) for n in range(4))
    serve(hub, ResourceQuery("deploy", (ref("prod-eu"),)), *rows, kind=DEPLOYMENTS, columns=WORKLOAD)
    async with running(hub) as story:
        await story.press("colon")
        await story.type("deploy")
        await story.press("enter", "down", "down")
        pane = story.overview.resources
        assert pane.current is not None
        assert pane.current[1] == "d2"
        serve_pods(hub, "app=d2", *(f"d2-{n}" for n in range(4)))
        await story.press("enter")
        assert pane.current[1] == "d2-0"
        await story.press("down")
        await story.press("escape")
        assert pane.current[1] == "d2"
        await story.press("up", "minus")
        assert pane.current[1] == "d2-1"
        await story.press("minus")
        assert pane.current[1] == "d1"


def serve_pods(hub: FakeHub, labels: str, *names: str) -> None:
    rows = (Row(name, name, "web", (name, "3d")) for name in names)
    serve(hub, ResourceQuery("pods", (ref("prod-eu"),), "web", labels), *rows, kind=PODS, columns=PLAIN)


@pytest.mark.parametrize("key", ["l", "L"])
async def test_the_agents_of_a_connections_cluster_are_followed_whatever_is_marked_in_fleets(key: str) -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("space", "2", "down", key)
        under = story.overview.connections.current
        assert under is not None
        assert hub.followed[-1] == LogQuery((under.cluster,), agents=True)
        assert story.overview.current.value == "logs"


async def test_shift_l_follows_the_agents_of_marked_clusters_from_any_pane() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("down", "down", "space", "space", "3", "L")
        assert [cluster.name for cluster in hub.followed[-1].clusters] == ["plant-7", "plant-9"]
        assert hub.followed[-1].agents
        assert story.overview.current.value == "logs"
