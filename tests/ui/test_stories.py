"""The screen as a person uses it: keys in, what is on screen out."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, SMALL, Story, running
from tui.data.clusters import context_ref
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import Column, KindRef, ResourceQuery, Row
from tui.model.logs import LogLine, LogQuery
from tui.present.navigation import View
from widgets.prompt import Prompt


def ref(name: str) -> ClusterRef:
    return next(one.cluster for one in world.members() if one.cluster.name == name)


def serve(hub: FakeHub, query: ResourceQuery, *rows: Row, kind: KindRef, columns: tuple[Column, ...]) -> None:
    table = world.table(rows, kind, columns)
    hub.resources(query).put(world.view_of(query, *(world.live(table) for _ in query.clusters)), world.NOW)


DEPLOYMENTS = KindRef("apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",))
NAMESPACES = KindRef("", "v1", "namespaces", "Namespace", "namespace", False, ("ns",))
NODES = KindRef("", "v1", "nodes", "Node", "node", False, ("no",))
PLAIN = (Column("Name", format="name"), Column("Age"))
WORKLOAD = (*PLAIN, Column("Selector", priority=1))


async def test_the_first_frame_is_there_before_the_hub_is_started() -> None:
    hub = states.loading()
    async with running(hub) as story:
        assert hub.lifecycle == ["started"]
        assert story.shows("1 Fleets", "2 Connections", "3 Resources", "4 Logs", "Asking GKE Hub")
    assert hub.lifecycle == ["started", "stopped"]


async def test_tab_and_numbers_move_between_the_panes() -> None:
    async with running(states.live()) as story:
        seen = [story.overview.current]
        for key in ("tab", "tab", "tab", "tab", "shift+tab", "2"):
            await story.press(key)
            seen.append(story.overview.current)
        assert [pane.value for pane in seen] == [
            "fleets", "connections", "resources", "logs", "fleets", "logs", "connections",
        ]  # fmt: skip


async def test_what_is_typed_ahead_goes_where_it_was_meant() -> None:
    async with running(states.live()) as story:
        await story.burst("colon", "d", "l", "q", "z", "2")
        assert [line.input.value for line in story.overview.query(Prompt)] == ["dlqz2"]
        assert story.overview.current.value == "fleets"
        await story.press("escape")
        await story.burst("3", "slash", "n", "s", ":", "1")
        assert [line.input.value for line in story.overview.query(Prompt)] == ["ns:1"]
        assert story.overview.resources.filter_text == "ns:1"
        await story.press("escape")
        await story.burst("2", "d")
        assert story.shows("Kubernetes objects it should have made")


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


async def test_logs_of_a_workload_follow_its_selector() -> None:
    hub = states.live()
    query = ResourceQuery("deploy", (ref("prod-eu"),))
    serve(hub, query, Row("1", "api", "web", ("api", "3d", "app=api")), kind=DEPLOYMENTS, columns=WORKLOAD)
    async with running(hub) as story:
        await story.press("colon")
        await story.type("deploy")
        await story.press("enter", "l")
        assert hub.followed[-1] == LogQuery((ref("prod-eu"),), namespace="web", labels="app=api")


async def test_logs_of_several_marked_pods_are_followed_together() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("3", "end", "space", "up", "space", "l")
        assert hub.followed[-1].pods == ("front-59b7d-4hq2z", "front-59b7d-tt71c")


async def test_marked_pods_of_several_namespaces_are_refused_with_the_reason() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("3", "home", "space", "space")
        before = len(hub.followed)
        await story.press("l")
        assert story.shows("several namespaces")
        assert len(hub.followed) == before


async def test_filter_narrows_while_typing_and_esc_takes_it_away() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("front")
        assert story.shows("2 of 5", "/front")
        assert not story.shows("ledger-0")
        await story.press("enter")
        assert story.overview.focused is story.overview.resources.table
        assert story.shows("2 of 5"), "enter keeps the filter"
        await story.press("escape")
        assert story.shows("ledger-0")
        assert not story.shows("/front")


async def test_a_filter_that_hides_everything_says_so() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("nowhere")
        assert story.shows("Nothing matches; 5 rows are hidden. esc shows them again.", "0 of 5")


async def test_a_wrong_filter_is_explained_and_the_rows_stay() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("api(")
        assert story.shows("not a valid regular expression", "api-7c9f6d-x2f1p")


async def test_inverse_and_label_filters() -> None:
    async with running(states.live()) as story:
        await story.press("3", "slash")
        await story.type("!Running")
        assert story.shows("1 of 5", "nightly-2931")
        await story.press("escape", "slash")
        await story.type("-l app=ledger")
        assert story.shows("1 of 5", "ledger-0")


async def test_a_filter_in_fleets_matches_labels_and_cells() -> None:
    async with running(states.live()) as story:
        await story.press("slash")
        await story.type("-l env=prod")
        assert story.shows("2 of 6 memberships")
        assert not story.shows("edge-042")


async def test_faults_only_shows_what_needs_a_person() -> None:
    async with running(states.live()) as story:
        await story.press("down", "3", "ctrl+z")
        assert story.shows("2 of 3", "faults only", "CrashLoop", "Pending")
        await story.press("escape")
        assert story.shows("ledger-0")


async def test_a_command_shows_a_kind_with_namespace_labels_and_clusters() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("po payments app=api @prod-* /kk0d2")
        await story.press("enter")
        assert hub.asked[-1] == ResourceQuery("po", (ref("prod-eu"), ref("prod-us")), "payments", "app=api")
        assert story.overview.resources.filter_text == "kk0d2"


async def test_a_command_for_clusters_that_do_not_exist_is_refused() -> None:
    async with running(states.live()) as story:
        await story.press("colon")
        await story.type("pods @mars")
        await story.press("enter")
        assert story.shows(": pods @mars", "no cluster matches @mars", "3 Pods  prod-eu")


async def test_tab_completes_kinds_that_the_cluster_serves() -> None:
    hub = states.live()
    hub.kinds(ref("prod-eu")).put((world.PODS, DEPLOYMENTS, NAMESPACES), world.NOW)
    async with running(hub) as story:
        await story.press("colon")
        await story.type("dep")
        assert story.shows("deployments", "deploy apps/v1")
        await story.press("tab")
        await story.type("web")
        await story.press("tab", "enter")
        assert hub.asked[-1].kind == "deployments"
        assert hub.asked[-1].namespace == "web"


async def test_completions_come_when_discovery_answers() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("dep")
        assert not story.shows("apps/v1")
        hub.kinds(ref("prod-eu")).put((DEPLOYMENTS,), world.NOW)
        await story.settle()
        assert story.shows("deploy apps/v1")


async def test_esc_closes_the_command_line_and_gives_the_focus_back() -> None:
    async with running(states.live()) as story:
        await story.press("3", "colon")
        await story.type("pods")
        await story.press("escape")
        assert story.overview.focused is story.overview.resources.table
        assert story.shows("? help")


async def test_an_unknown_kind_is_named_once_every_cluster_has_answered() -> None:
    hub = states.live()
    query = ResourceQuery("gizmos", (ref("prod-eu"),))
    view = replace(world.view_of(query, Feed()), kind=None)
    async with running(hub) as story:
        await story.press("colon")
        await story.type("gizmos")
        await story.press("enter")
        hub.resources(query).put(view, world.NOW)
        await story.settle()
        assert story.shows("Reading gizmos of prod-eu")
        empty = world.live(world.table(()))
        hub.resources(query).put(replace(world.view_of(query, empty), kind=None), world.NOW)
        await story.settle()
        assert story.shows("No kind is called “gizmos” in prod-eu")


async def test_without_any_cluster_both_panes_name_the_commands_that_bring_some() -> None:
    async with running(states.failed()) as story:
        for key, what in (("3", "so there are no resources"), ("4", "so there are no logs")):
            await story.press(key, "z")
            assert story.shows(
                what, "gcloud auth application-default login", "az login", "clusterview --kubeconfig FILE"
            )
            await story.press("z")


async def test_zero_shows_all_namespaces_again() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("pods web")
        await story.press("enter")
        assert story.shows("0 all namespaces")
        await story.press("0")
        assert hub.asked[-1].namespace == ""


async def test_zoom_shows_one_pane_with_tabs_and_z_again_all_four() -> None:
    async with running(states.live()) as story:
        await story.press("z")
        assert story.shows("1 Fleets", "PROJECT", "LOCATION")
        assert not story.shows("OBJECTS")
        await story.press("2")
        assert story.shows("OBJECTS")
        await story.press("z")
        assert story.shows("OBJECTS", "CONTACT", "4 Logs  ")


async def test_a_small_terminal_shows_one_pane_at_a_time() -> None:
    async with running(states.live(), SMALL) as story:
        assert story.shows("1 Fleets 8 ●", "CONTACT")
        assert not story.shows("OBJECTS")
        assert not story.shows("2 Connections 4"), "nobody follows what is not seen, so its tab claims nothing"
        await story.press("2")
        assert story.shows("2 Connections 4 ●", "OBJECTS")
        assert not story.shows("CONTACT")
        assert not story.shows("1 Fleets 6")


async def test_growing_the_terminal_brings_all_panes_back() -> None:
    async with running(states.live(), SMALL) as story:
        await story.pilot.resize_terminal(120, 40)
        await story.settle()
        assert story.shows("CONTACT", "OBJECTS", "nightly-2931")


async def test_nothing_is_asked_for_a_pane_that_nobody_sees() -> None:
    hub = states.live()
    async with running(hub) as story:
        pods = hub.lists[world.pods_query(ref("prod-eu"))]
        assert pods.readers == 1
        await story.press("z")
        assert pods.readers == 0
        await story.press("3")
        assert pods.readers == 1


async def test_the_topics_are_left_when_another_cluster_is_chosen() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("down")
        assert hub.lists[world.pods_query(ref("prod-eu"))].readers == 0
        assert hub.lists[world.pods_query(ref("prod-us"))].readers == 1


async def test_everything_is_left_when_the_app_ends() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("q")
    cells = [hub.fleet, hub.connections, hub.clusters, hub.identity, hub.meter, hub.ticker, *hub.lists.values()]
    assert [cell.readers for cell in cells] == [0] * len(cells)
    assert hub.lifecycle == ["started", "stopped"]


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quits_cleanly(key: str) -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.pilot.press(key)
        await story.pilot.pause()
        assert story.app.return_code in (0, None)
        assert not story.app.is_running


async def test_q_is_a_letter_while_typing() -> None:
    async with running(states.live()) as story:
        await story.press("slash", "q")
        assert story.app.is_running
        assert story.shows("/q")


async def test_ages_go_on_with_the_ticker_and_nothing_else() -> None:
    async with running(states.live()) as story:
        await story.press("down")
        assert story.shows(" 40s")
        await story.advance(10)
        assert story.shows(" 50s")


async def test_a_source_that_fails_keeps_its_rows_and_tells_since_when() -> None:
    hub = states.live()
    async with running(hub) as story:
        hub.fleet.fail(replace(world.THROTTLED, summary="GKE Hub throttles"), hub.clock.now() + 30)
        await story.settle()
        assert story.shows("prod-eu", "○ stale since 14:02:00", "GKE Hub throttles")
        assert story.overview.fleets.has_class("-stale")
        hub.fleet.put(world.members(), hub.clock.now(), fresh_for=90)
        await story.settle()
        assert not story.shows("stale")
        assert not story.overview.fleets.has_class("-stale")


async def test_a_source_that_falls_silent_turns_stale_by_itself() -> None:
    async with running(states.live()) as story:
        await story.advance(120)
        assert story.shows("○ stale since 14:02:00 · no news since")


async def test_one_dead_cluster_of_three_leaves_the_others_alone() -> None:
    async with running(states.partial()) as story:
        await story.press("space", "space", "down", "space", "3", "z")
        assert story.shows("◐ partial: prod-us forbidden", "○ prod-us", "pods is forbidden", "Running")


async def test_details_explain_a_failure_in_the_servers_words_with_its_cure() -> None:
    hub = states.loading()
    hub.fleet.fail(world.FORBIDDEN, world.NOW + 30)
    async with running(hub) as story:
        await story.press("d")
        assert story.shows("Permission 'gkehub.memberships.list' denied on", "gcloud projects add-iam-policy-binding")
        await story.press("c")
        assert story.app.clipboard == world.FORBIDDEN.remedy
        await story.press("escape")
        assert not story.shows("to fix  gcloud projects") or story.shows("1 Fleets")


async def test_details_of_a_connection_name_the_extensions_error() -> None:
    async with running(states.live()) as story:
        await story.press("2", "d")
        assert story.shows("InstallationFailed", "Helm installation failed", "× missing")
        await story.press("end")
        assert story.shows("az aks connection show --connection orders-blob -g rg-shop -n aks-1")


async def test_wide_shows_the_columns_of_lower_priority() -> None:
    async with running(states.live()) as story:
        await story.press("3", "z")
        assert not story.shows("10.8.0.4")
        await story.press("w")
        assert story.shows("10.8.0.4", "wide")


async def test_copy_puts_the_name_into_the_clipboard() -> None:
    async with running(states.live()) as story:
        await story.press("3", "down", "c")
        assert story.app.clipboard == "api-7c9f6d-x2f1p"
        assert story.shows("copied api-7c9f6d-x2f1p")


async def test_help_is_made_from_the_bindings_and_honours_rebound_keys() -> None:
    async with running(states.live(), (120, 60), keymap={"screen.zoom": "ctrl+x"}) as story:
        await story.press("question_mark")
        assert story.shows("Zoom the pane, and back", "ctrl+x", "All namespaces")
        await story.press("escape", "ctrl+x")
        assert story.overview.zoomed


async def test_every_binding_has_an_id_and_no_id_is_used_twice_for_different_things() -> None:
    from textual.binding import Binding

    from tui.app import HELP_GROUPS, ClusterviewApp

    owners = [ClusterviewApp, *(part for _, part in HELP_GROUPS)]
    bindings = [one for owner in owners for one in vars(owner).get("BINDINGS", [])]
    assert all(isinstance(one, Binding) and one.id for one in bindings)
    actions: dict[str, str] = {}
    for one in bindings:
        assert actions.setdefault(one.id, one.action) == one.action


async def test_the_palette_offers_what_the_keys_offer() -> None:
    async with running(states.live()) as story:
        titles = {command.title for command in story.app.get_system_commands(story.overview)}
        assert {"Zoom the pane, and back", "Command line", "Ask everything anew", "Help", "Quit"} <= titles
        await story.press("ctrl+p")
        await story.type("zoom")
        await story.press("enter")
        assert story.overview.zoomed


async def test_the_key_bar_offers_only_what_works_here() -> None:
    async with running(states.live()) as story:
        assert "space mark" in story.lines()[-1]
        assert "enter pods" in story.lines()[-1]
        await story.press("4")
        assert "p pause" in story.lines()[-1]
        assert "space" not in story.lines()[-1]
    async with running(states.loading()) as story:
        assert "enter" not in story.lines()[-1]


async def test_a_click_in_the_key_bar_is_the_key() -> None:
    async with running(states.live()) as story:
        column = story.lines()[-1].index("z zoom")
        await story.pilot.click(offset=(column, 39))
        await story.settle()
        assert story.overview.zoomed


async def test_refresh_asks_the_data_layer() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("ctrl+r")
        assert hub.refreshed == 1


async def follow_agents(story: Story) -> None:
    await story.press("down", "down", "4")


async def test_logs_go_on_and_say_how_many_came() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        assert story.shows("● following", "1,204 received", "0 lost")
        query = LogQuery((ref("plant-7"),), agents=True)
        book = hub.books[query]
        status = book.cell.feed.value
        assert status is not None
        book.lines.append(LogLine(2, int(world.NOW * 1e9), 0, b"tunnel: reconnected"))
        book.cell.put(replace(status, next_seq=3, received=1205, lost=1), world.NOW)
        await story.settle()
        assert story.shows("tunnel: reconnected", "1,205 received", "1 lost")


async def test_p_pauses_the_logs_and_counts_what_came_meanwhile() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        await story.press("p")
        assert story.shows("● paused")
        book = hub.books[LogQuery((ref("plant-7"),), agents=True)]
        status = book.cell.feed.value
        assert status is not None
        book.lines.extend(LogLine(2 + n, int(world.NOW * 1e9), 0, b"more") for n in range(5))
        book.cell.put(replace(status, next_seq=7, received=1209), world.NOW)
        await story.settle()
        assert story.shows("5 new")
        await story.press("p")
        assert story.shows("● following")
        assert not story.shows("5 new")


async def test_a_filter_in_logs_shows_only_matching_lines() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        await story.press("slash")
        await story.type("websocket")
        assert story.shows("create the websocket")
        assert not story.shows("dialer")


async def test_hostile_text_from_a_server_is_shown_and_never_sent() -> None:
    hub = states.live()
    evil = "\x1b[2J\x1b]0;pwned\x07[bold red]x[/]\u202e"
    query = world.pods_query(ref("prod-eu"))
    row = replace_row(world.PODS_EU[0], name=evil, namespace=evil)
    hub.resources(query).put(world.view_of(query, world.live(world.table((row,)))), world.NOW)
    hub.identity.put(replace(hub.identity.feed.value, google=evil), world.NOW)  # type: ignore[arg-type]
    problem = Problem(ProblemKind.SERVER, evil, evil, evil, target=evil)
    hub.connections.fail(problem, None)
    async with running(hub) as story:
        for keys in ((), ("2", "d"), ("escape", "3", "d"), ("escape", "z"), ("slash", "[", "x")):
            await story.press(*keys)
            assert "\x1b" not in story.text()
            assert "\x07" not in story.text()
            assert "\u202e" not in story.text()
        assert "[bold red]x[/]" in story.text()


def replace_row(row: Row, name: str, namespace: str) -> Row:
    return Row(row.uid, name, namespace, (name, *row.cells[1:]), row.version, row.created, "", {name: name})


async def test_a_bug_in_a_widget_ends_the_app_and_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = states.live()
    async with running(hub) as story:
        pass
    app = story.app
    assert app.crash is None

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("widgets.fleet_pane.cells", broken)
    hub = states.live()
    with pytest.raises(RuntimeError, match="a bug"):
        async with running(hub) as story:
            pass
    assert hub.lifecycle[-1] == "stopped"


async def test_clusters_of_a_kubeconfig_alone_are_enough() -> None:
    hub = states.failed()
    kind = ClusterRef("context:kind", "kind", Via.CONTEXT)
    query = world.pods_query(kind)
    hub.resources(query).put(world.view_of(query, world.live(world.table(world.PODS_US))), world.NOW)
    hub.clusters.put((kind,), world.NOW)
    async with running(hub) as story:
        assert story.shows("▌ kind ", "context", "3 Pods  kind", "api-7c9f6d-kk0d2", "1 context")
        await story.press("d")
        assert story.shows("gcloud auth application-default login")


async def test_without_any_account_every_pane_says_what_is_missing() -> None:
    async with running(states.failed()) as story:
        assert story.shows("gcloud auth application-default login", "az login", "× not signed in", "--kubeconfig")


async def test_the_context_named_at_the_start_is_what_is_shown() -> None:
    hub = states.live()
    named = context_ref("laptop")
    async with running(hub, BIG, first=View(pinned=(named,))) as story:
        await story.settle()
        assert story.overview.resources.query_shown is not None
        assert story.overview.resources.query_shown.clusters == (named,)
