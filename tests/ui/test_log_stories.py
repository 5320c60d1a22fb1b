"""Logs: whose they are, how they go on, and what a pause and a filter do to them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui import states, world
from tests.ui.run import Story, running
from tests.ui.story_parts import DEPLOYMENTS, WORKLOAD, ref, serve
from tui.errors import Problem, ProblemKind
from tui.model.kube import ResourceQuery, Row
from tui.model.logs import LogLine, LogQuery, LogSource, LogStatus
from widgets.log_frame import FLOODED
from widgets.log_pane import LogPane
from widgets.log_view import LogView


async def follow_agents(story: Story) -> None:
    await story.press("down", "down", "4")


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


async def test_marked_pods_of_several_namespaces_are_followed_together() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("3", "home", "space", "space", "l")
        picks = hub.followed[-1].picks
        assert len({pick.namespace for pick in picks}) == len(picks) == 2


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
        book.cell.put(replace(status, next_seq=3, received=1205, gaps=1), world.NOW)
        await story.settle()
        assert story.shows("tunnel: reconnected", "1,205 received", "1 gap")


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


@pytest.mark.parametrize("look", ["filter", "find"])
async def test_a_log_that_is_looked_through_holds_its_streams_up_while_it_is_on_screen(look: str) -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        book = hub.books[LogQuery((ref("plant-7"),), agents=True)]
        assert not any(reader.here for reader in book.readers), "who follows wants the newest, however much comes"
        begin = story.overview.logs.set_filter if look == "filter" else story.overview.logs.set_find
        begin("dial")
        await story.settle()
        assert [reader.name for reader in book.readers if reader.here] == ["the screen"]
        assert next(reader.position for reader in book.readers if reader.here) == 2
        await story.press("1", "z")  # another pane alone
        assert not any(reader.here for reader in book.readers)
        await story.press("z")
        assert [reader.position for reader in book.readers if reader.here] == [2]
        await story.press("up")  # the agents of another cluster
        await story.settle()
        assert not any(reader.here for reader in book.readers)


async def test_a_new_filter_or_find_holds_the_streams_up_from_the_oldest_line_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        book = hub.books[LogQuery((ref("plant-7"),), agents=True)]
        pane = story.overview.logs
        pane.set_filter("di")
        change = LogView.advance

        def held(view: LogView, status: LogStatus) -> None:
            assert [reader.here for reader in book.readers[-2:]] == [False, True], "lines leave before they are held"
            change(view, status)

        monkeypatch.setattr(LogView, "advance", held)
        for look in (lambda: pane.set_filter("dial"), lambda: pane.set_find("dial"), pane.action_context):
            before = book.readers[-1]
            look()
            assert not before.here
            assert book.readers[-1].here
        monkeypatch.undo()
        await story.settle()
        pane.set_filter("")
        assert book.readers[-1].here, "the find is still there"
        pane.set_find("")
        assert not any(reader.here for reader in book.readers)


@pytest.mark.parametrize("look", ["filter", "find"])
async def test_what_is_given_up_as_too_slow_holds_nothing_up(monkeypatch: pytest.MonkeyPatch, look: str) -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        book = hub.books[LogQuery((ref("plant-7"),), agents=True)]
        pane = story.overview.logs
        monkeypatch.setattr("tui.present.guarded.LONGEST", 1e-9)
        (pane.set_filter if look == "filter" else pane.set_find)(r"(.*)(.*)(.*)(.*)(.*)(.*)\1[#!]")
        await story.settle()
        assert pane.refused or pane.find_refused
        assert not any(reader.here for reader in book.readers)
        assert pane.log_view.unsearched == (0, 0)


async def test_the_border_is_painted_with_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a search goes on these come with what it finds."""
    async with running(states.live()) as story:
        await follow_agents(story)
        pane = story.overview.logs
        framed: list[bool] = []
        shown = False
        monkeypatch.setattr(pane, "reframe", lambda: framed.append(shown))
        monkeypatch.setattr(pane.log_view, "go_on", lambda status: shown)
        pane.paint()
        assert framed == []
        pane.log_view.post_message(LogView.Sought())
        await story.settle()
        assert framed
        framed.clear()
        shown = True
        pane.paint()
        assert framed == [True]


async def test_logs_of_what_is_typed_are_followed_and_filtered() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("colon")
        await story.type("logs deploy/web -n pay -c app --since 5m @prod-* /error")
        await story.press("enter")
        clusters = (ref("prod-eu"), ref("prod-us"))
        assert hub.followed[-1] == LogQuery(
            clusters, "pay", workloads=("deploy/web",), containers=("app",), tail=None, since_seconds=300
        )
        assert story.overview.logs.filter_text == "error"
        assert story.shows("deploy/web only app", "last 5m")


async def test_what_is_wrong_with_the_words_behind_logs_is_said_where_they_are_typed() -> None:
    async with running(states.live()) as story:
        await story.press("colon")
        await story.type("logs web --tial 3")
        await story.press("enter")
        assert story.shows("--tial: :logs knows -n -A")


async def test_a_container_that_no_pod_has_is_said_and_those_that_there_are_are_offered() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        await story.press("C", "ctrl+u")
        await story.type("tpyo")
        await story.press("enter")
        query = hub.followed[-1]
        there = ("app", "proxy")
        source = LogSource(0, query.clusters[0], "web", "web-0", "", "waiting", lacks=True, there=there)
        hub.books[query].cell.put(LogStatus((source,), complete=True), hub.clock.now())
        await story.settle()
        assert story.shows("no such container", "The pod web-0 does not have")
        await story.press("C")
        assert story.shows("C tpyo")
        assert story.shows("app", "proxy", "1 pod"), "nothing has to be deleted first"
        await story.press("tab", "enter")
        assert hub.followed[-1].containers == ("app",)


async def test_a_container_that_is_typed_already_is_not_taken_for_a_wrong_one() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        query = hub.followed[-1]
        source = LogSource(0, query.clusters[0], "web", "web-0", "app", "live", there=("app", "proxy"))
        hub.books[query].cell.put(LogStatus((source,), complete=True), hub.clock.now())
        await story.press("C")
        await story.type("nope,app")
        assert not story.shows("proxy")
        await story.type(",nix")
        assert story.shows("proxy")


async def test_containers_are_chosen_by_name_and_all_again() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        whole = hub.followed[-1]
        status = hub.books[whole].cell.feed.value
        assert status is not None
        container = status.sources[0].container
        await story.press("C")
        assert story.shows(container, "1 pod")
        await story.press("tab", "enter")
        assert hub.followed[-1] == replace(whole, containers=(container,))
        assert story.shows(f"only {container}")
        await story.press("C", "ctrl+u", "enter")
        assert hub.followed[-1] == whole


async def test_a_log_that_nobody_can_read_as_fast_as_it_is_written_is_painted_less_often() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        book = hub.books[LogQuery((ref("plant-7"),), agents=True)]
        status = book.cell.feed.value
        assert status is not None
        for more, rest in ((1, LogPane.PACE), (1_000, FLOODED), (1, LogPane.PACE)):
            for received in (0, 1):  # the second finds the pane at rest
                last = book.lines[-1].seq + 1
                book.lines.extend(LogLine(last + n, int(world.NOW * 1e9), 0, b"more") for n in range(more))
                status = replace(status, next_seq=last + more, received=status.received + 1)
                book.cell.put(status, world.NOW)
                await story.pilot.pause()
                assert story.shows(f"{status.received:,} received") is not bool(received)
            await hub.clock.advance(rest - 0.01)
            await story.pilot.pause()
            assert not story.shows(f"{status.received:,} received")
            await hub.clock.advance(0.011)
            await story.pilot.pause()
            assert story.shows(f"{status.received:,} received")
            await story.settle()


async def test_who_has_trouble_is_named_before_those_that_wait_for_their_turns() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        query = hub.followed[-1]
        problem = Problem(ProblemKind.INVALID, "it waits for its turn")
        open_one = LogSource(0, query.clusters[0], "load", "worker-0", "app", "following", read=True, every=240.0)
        queued = [
            replace(open_one, index=number, pod=f"worker-{number}", state="waiting", queued=True, problem=problem)
            for number in range(1, 51)
        ]
        crowd = "50 of 51 logs wait for their turns"
        for read in (0, 1):  # nothing is there yet, then a line is
            hub.books[query].cell.put(LogStatus((open_one, *queued), next_seq=read, complete=True), hub.clock.now())
            await story.settle()
            assert story.shows(crowd)
        refused = replace(open_one, index=51, state="waiting", problem=Problem(ProblemKind.SERVER, "out of order"))
        hub.books[query].cell.put(LogStatus((open_one, *queued, refused), next_seq=1, complete=True), hub.clock.now())
        await story.settle()
        assert story.shows("out of order")
        assert not story.shows(crowd)
