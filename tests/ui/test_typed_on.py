"""Who was cut off types on: nothing of it acts on the screen, nor reaches the shell that is opened again."""

from __future__ import annotations

import pytest
from textual import events

from screens.locked import Locked
from screens.question import Question
from screens.waiting import Unhurried
from tests.ui import streams_world as sw
from tests.ui.handed import CUT, KILLED, Handed, answered
from tests.ui.run import Story, running
from tui.errors import Problem, ProblemKind
from tui.wire.status import Ended
from widgets.command_line import CommandLine
from widgets.lone_keys import QUIET

LINE = (*"yes | grep nq -- Wz", "enter", "colon", "question_mark", "ctrl+q", "ctrl+p", "ctrl+c", "ctrl+d", "tab", "3")
"""A line that somebody types, with keys that mean much elsewhere, each a moment behind the one before."""


@pytest.fixture(params=[CUT, KILLED], ids=["cut", "killed"])
def end(request: pytest.FixtureRequest) -> Problem | Ended:
    """How a session ended without the person's doing."""
    return request.param


async def cut(story: Story) -> None:
    """A shell that has just ended so."""
    await story.press("3")
    await story.pilot.press("s")
    await story.pilot.pause()
    await story.hub.clock.advance(QUIET)  # the longest pause of somebody who types
    assert isinstance(story.app.screen, Question)


async def typed(story: Story, *keys: str) -> None:
    """One by one, with hardly a pause."""
    for key in keys:
        await story.pilot.press("space" if key == " " else key)
        await story.hub.clock.advance(QUIET / 2)
        await story.pilot.pause()


@pytest.mark.parametrize("key", ["y", "n", "q", "W", "question_mark", "colon", "ctrl+q", "ctrl+p", "3", "tab", "space"])
async def test_no_other_key_answers_nor_does_what_it_does_elsewhere(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = Handed(monkeypatch, CUT)
    async with running(sw.hub()) as story:
        await cut(story)
        await answered(story, key)
        assert isinstance(story.app.screen, Question)
        assert len(story.app.screen_stack) == 2
        assert handed.opened == 1
        assert story.app.is_running


async def test_what_is_typed_on_goes_nowhere_and_enter_within_it_opens_nothing(
    end: Problem | Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = Handed(monkeypatch, end)
    async with running(sw.hub()) as story:
        await cut(story)
        await typed(story, *LINE)
        await story.advance(QUIET)
        assert handed.opened == 1
        assert isinstance(story.app.screen, Question)
        await answered(story, "enter")
        assert handed.opened == 2
        assert story.app.screen is story.overview


@pytest.mark.parametrize("first", ["enter", "escape"])
async def test_an_answer_with_another_key_close_behind_it_was_none(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = Handed(monkeypatch, CUT)
    async with running(sw.hub()) as story:
        await cut(story)
        await typed(story, first, "l", "s", "enter")
        await story.advance(QUIET)
        assert handed.opened == 1
        assert isinstance(story.app.screen, Question)


async def test_an_answer_counts_only_once_it_is_quiet_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = Handed(monkeypatch, CUT)
    async with running(sw.hub()) as story:
        await cut(story)
        await typed(story, "enter", "enter", "enter")
        assert handed.opened == 1, "it is held down"
        await story.advance(QUIET)
        assert handed.opened == 2


async def test_an_answer_right_after_the_cut_was_meant_for_the_shell(
    end: Problem | Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = Handed(monkeypatch, end)
    async with running(sw.hub()) as story:
        await story.press("3")
        await story.pilot.press("s")
        await story.pilot.pause()
        await story.pilot.press("enter")
        await story.advance(QUIET)
        assert handed.opened == 1
        assert isinstance(story.app.screen, Question)


async def test_what_is_pasted_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = Handed(monkeypatch, CUT)
    async with running(sw.hub()) as story:
        await cut(story)
        story.app.post_message(events.Paste("\r"))
        await story.advance(QUIET)
        assert handed.opened == 1
        assert isinstance(story.app.screen, Question)


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_it_can_be_left(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = Handed(monkeypatch, CUT)
    async with running(sw.hub()) as story:
        await cut(story)
        await answered(story, key)
        assert story.app.screen is story.overview
        assert story.app.is_running
        assert handed.opened == 1


async def test_a_key_within_a_line_unlocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = sw.hub()
    handed = Handed(monkeypatch, CUT, before=hub.changes.relock)
    async with running(hub) as story:
        await cut(story)
        await answered(story, "enter")
        assert isinstance(story.app.screen, Locked)
        await typed(story, *"WHERE id=3;", *LINE)
        await story.advance(QUIET)
        await typed(story, *"quit", "n")
        await story.advance(QUIET)
        assert isinstance(story.app.screen, Locked)
        assert story.shows("READ-ONLY")
        await answered(story, "W")
        assert handed.opened == 2


async def test_why_it_was_refused_is_not_taken_away_by_who_types_on(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Problem(ProblemKind.FORBIDDEN, "not allowed here")
    handed = Handed(monkeypatch, CUT, refusals=[None, refused])
    async with running(sw.hub()) as story:
        await cut(story)
        await answered(story, "enter")
        assert isinstance(story.app.screen, Unhurried)
        await typed(story, *LINE, "q", "enter")
        await answered(story, "q")
        assert story.shows("it was refused", "not allowed here")
        await answered(story, "enter")
        assert story.app.screen is story.overview
        assert handed.opened == 1


async def test_who_was_killed_is_told_so_and_may_go_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = Handed(monkeypatch, KILLED)
    async with running(sw.hub()) as story:
        await cut(story)
        assert story.shows("killed after 0s (exit code 137, signal 9): its container was ended", "enter opens it again")
        await answered(story, "enter")
        assert handed.opened == 2
        assert story.app.screen is story.overview


@pytest.mark.parametrize("end", [Ended(0), Ended(130), Ended(137), Ended(None, "no such file")])
async def test_who_left_by_himself_is_back_at_once_and_every_key_counts(
    end: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    Handed(monkeypatch, end)
    async with running(sw.hub()) as story:
        await story.press("3")
        await story.pilot.press("s", "colon")
        await story.settle()
        assert story.app.screen is story.overview
        assert story.overview.query(CommandLine)
