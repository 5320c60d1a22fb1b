"""Escape and a key behind it in one packet are two keys; what a terminal sends by itself stays what it is."""

from __future__ import annotations

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver

from screens.comparing import CompareScreen
from tests.ui import objects, states
from tests.ui.run import running
from tui.app import ClusterviewApp
from widgets.escape_keys import APART, TypedParser
from widgets.log_view import LogView
from widgets.prompt import Prompt
from widgets.scroll_keys import scroll_keys
from widgets.text_view import TextView


def heard(parser: XTermParser, sent: str) -> list[str]:
    return [message.key for message in parser.feed(sent) if isinstance(message, events.Key)]


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1b:", ["escape", "colon"]),
        ("\x1b/", ["escape", "slash"]),
        ("\x1b?", ["escape", "question_mark"]),
        ("\x1b-", ["escape", "minus"]),
        ("\x1b0", ["escape", "0"]),
        ("\x1b:po\r", ["escape", "colon", "p", "o", "enter"]),
        ("\x1b[A\x1bOP\x1b[1;3C:", ["up", "f1", "alt+right", "colon"]),
    ],
)
def test_what_is_typed_behind_escape_is_heard(sent: str, keys: list[str]) -> None:
    assert heard(TypedParser(False), sent) == keys


def test_nothing_that_textual_knows_is_taken_from_it() -> None:
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    known = [one for one in ANSI_SEQUENCES_KEYS if not (len(one) == 2 and one[0] == "\x1b" and one[1] in APART)]
    assert len(known) > 300
    for sequence in known:
        assert heard(TypedParser(False), f"{sequence}z") == heard(XTermParser(False), f"{sequence}z"), repr(sequence)


def test_the_app_reads_keys_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_driver, "XTermParser", XTermParser)
    hub = states.live()
    ClusterviewApp(hub, hub.clock)
    assert vars(linux_driver)["XTermParser"] is TypedParser


def test_views_of_text_are_moved_through_by_the_same_keys() -> None:
    def keys(bindings: object, view: str) -> dict[str, str]:
        assert isinstance(bindings, list)
        mine = [one for one in bindings if one.id.split(".")[1] in MOVES]
        assert all(one.id.startswith(f"{view}.") for one in mine)
        return {one.id.split(".")[1]: one.key for one in mine}

    MOVES = [one.id.split(".")[1] for one in scroll_keys("x")]  # type: ignore[union-attr]
    assert keys(TextView.BINDINGS, "text") == keys(LogView.BINDINGS, "log")
    assert len(MOVES) == 8


@pytest.mark.parametrize("opened", ["reader", "object", "compared"])
async def test_what_is_typed_behind_escape_is_for_the_screen_below(opened: str) -> None:
    """All keys are there before the first is looked at: they must not reach the screen that escape closes."""
    async with running(objects.live_hub()) as story:
        await story.press("down", "3")
        if opened == "reader":
            await story.press("K")
        elif opened == "object":
            await story.press("d")
        else:
            refs = (objects.POD, objects.SECRET)
            story.app.push_screen(CompareScreen(story.hub, story.hub.clock, refs))
            await story.settle()
        assert story.app.screen is not story.overview
        await story.burst("escape", "colon", "d", "q")
        assert story.app.screen is story.overview
        assert [line.input.value for line in story.overview.query(Prompt)] == ["dq"]


async def test_escape_in_a_find_line_is_the_find_lines() -> None:
    async with running(objects.live_hub()) as story:
        await story.press("down", "3", "d", "slash", "q", "escape")
        assert story.app.screen is not story.overview
        assert not story.app.screen.query(Prompt)
        await story.press("escape")
        assert story.app.screen is story.overview
