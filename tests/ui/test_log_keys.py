"""The keys of the Logs pane: find, lines around matches, windows of time, what a known line means, saving."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.ui import states, world
from tests.ui.run import Story, running
from tests.ui.story_parts import ref
from tui.errors import Problem, ProblemKind
from tui.model.logs import LogLine, LogQuery, Saved
from tui.present.loglook import EVERYTHING

AGENTS = LogQuery((ref("plant-7"),), agents=True)


async def follow_agents(story: Story) -> None:
    await story.press("down", "down", "4")


async def test_a_find_counts_hides_nothing_and_goes_on_with_n() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        await story.press("F")
        await story.type("dial|websocket")
        assert story.shows("dial|websocket: 2 found", "dialer: dial failed", "failed to create the web")
        await story.press("enter")
        assert story.shows("dial|websocket: 2 of 2", "paused")
        await story.press("N")
        assert story.shows("1 of 2")
        await story.press("escape")
        assert not story.shows("find dial")


async def test_a_find_that_is_no_pattern_says_so() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        await story.press("F")
        await story.type("di(al")
        assert story.shows("not a valid regular expression")
        await story.press("enter", "escape")
        assert not story.shows("di(al")


EXPLODES = r"(.*)(.*)(.*)(.*)(.*)(.*)\1[#!]"
"""Takes for ever on a line with neither of # and !."""


async def test_a_find_that_explodes_is_given_up_and_says_so() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        shown = story.text
        await story.press("F")
        await story.type(EXPLODES)
        assert story.shows("× too slow a pattern: (.*)")
        await story.press("enter")
        assert story.shows("× too slow a pattern: (.*)"), "it stays, for whoever typed it to see"
        await story.press("escape")
        assert not story.shows("too slow")
        assert shown == story.text


async def test_a_filter_that_explodes_is_given_up_and_shows_every_line() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        await story.press("slash")
        await story.type(EXPLODES)
        assert story.shows("× too slow a pattern: (.*)", "dialer: dial failed", "failed to create the web")
        await story.press("escape")
        assert not story.shows("too slow")


async def test_escape_forgets_the_find_before_the_filter() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        await story.press("slash")
        await story.type("dial")
        await story.press("enter", "F")
        await story.type("timeout")
        await story.press("enter", "escape")
        assert story.shows("/dial")
        assert not story.shows("find timeout")
        await story.press("escape")
        assert story.shows("failed to create the web")


async def test_windows_ask_again_and_another_cluster_begins_with_the_tail() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        assert hub.followed[-1] == AGENTS
        await story.press("greater_than_sign")
        assert hub.followed[-1] == replace(AGENTS, tail=EVERYTHING, since_seconds=60)
        await story.press("6")
        assert hub.followed[-1] == replace(AGENTS, tail=EVERYTHING, since_seconds=3600)
        assert story.shows("1h")
        await story.press("0", "less_than_sign")
        assert hub.followed[-1] == replace(AGENTS, tail=EVERYTHING)
        assert story.shows("head")
        await story.press("1", "down", "4")
        assert hub.followed[-1].tail == 100
        assert hub.followed[-1].since_seconds is None


async def test_a_stretch_of_time_is_typed() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        await story.press("u", "at")
        await story.type("noon")
        await story.press("enter")
        assert story.shows("noon is no time")
        await story.press("ctrl+u")
        await story.type("0:10 0:20")
        await story.press("enter")
        query = hub.followed[-1]
        assert query.until - query.since == 600 * 10**9
        assert query.tail == EVERYTHING
        assert story.shows("0:10 to 0:20")
        await story.press("0")
        assert hub.followed[-1] == AGENTS


async def test_fields_of_json_lines_are_chosen() -> None:
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        book = hub.books[AGENTS]
        status = book.cell.feed.value
        assert status is not None
        book.lines.append(LogLine(2, 1_700_049_600_000_000_000, 0, b'{"level":"info","order":7,"took":1}'))
        book.cell.put(replace(status, next_seq=3), world.NOW)
        await story.press("v")
        await story.type("took,order")
        await story.press("enter")
        assert story.shows("took=1 order=7")
        await story.press("v", "ctrl+u", "enter")
        assert story.shows("INFO", "order=7 took=1")


async def test_y_shows_a_line_whole() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        await story.press("F")
        await story.type("dial failed")
        await story.press("enter", "y")
        assert story.shows("dialer: dial failed", "esc close · c copy")


async def test_enter_explains_the_known_lines_on_screen() -> None:
    async with running(states.live()) as story:
        await follow_agents(story)
        assert story.shows("[CV112] dialer", "[CV107] failed to create")
        await story.press("enter")
        assert story.shows(
            "CV107  the agent could not open a WebSocket", "CV112  dialling out failed", "means", "to fix"
        )


async def test_lines_are_saved_to_a_file_from_then_on_until_that_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    hub = states.live()
    async with running(hub) as story:
        await follow_agents(story)
        await story.press("ctrl+s")
        assert story.shows("enter save")
        await story.press("enter")
        ((book, path),) = hub.saved
        assert book is hub.books[AGENTS]
        assert path.parent == tmp_path / "clusterview" / "logs"
        (saving,) = hub.savings
        saving.cell.put(Saved(path, 1_234), world.NOW)
        await story.advance(1)
        assert story.shows("1,234 saved")
        full = Problem(ProblemKind.THROTTLED, "the disk is full")
        saving.cell.put(Saved(path, 1_234, problem=full), world.NOW)
        await story.advance(1)
        assert story.shows("1,234 saved, waits", "the disk is full")
        saving.cell.put(Saved(path, 2_000), world.NOW)
        await story.press("ctrl+s")
        assert saving.stopped
        assert story.shows("saved 2,000 lines to")
        await story.press("ctrl+s")
        assert story.shows("enter save")


async def test_a_saved_file_is_told_of_with_its_own_log_and_each_log_has_one() -> None:
    hub = states.live()
    async with running(hub, size=(160, 40)) as story:
        await follow_agents(story)
        await story.press("f", "ctrl+s", "enter")
        ((first, path),) = hub.saved
        hub.savings[0].cell.put(Saved(path, 837), world.NOW)
        await story.advance(1)
        assert story.shows(f"837 saved in {path.name}")
        await story.press("6")
        assert story.shows(f"another log saved in {path.name}")
        assert not story.shows("837 saved")
        await story.press("d")
        assert story.shows("another", path.name)
        await story.press("escape", "ctrl+s")
        assert story.shows("enter save")
        await story.press("enter")
        assert not hub.savings[0].stopped
        assert hub.saved[1][0] is not first
        await story.press("ctrl+s")
        assert [saving.stopped for saving in hub.savings] == [False, True]
        await story.press("0")
        assert story.shows("837 saved in")
        await story.press("ctrl+s")
        assert hub.savings[0].stopped


async def test_marked_clusters_without_an_agent_are_named() -> None:
    async with running(states.live(), size=(160, 40)) as story:
        await story.press("space", "down", "space", "down", "space", "L", "f")
        assert story.shows("no agent")
        await story.press("d")
        assert story.shows("Not followed", "no connect agent runs there")
