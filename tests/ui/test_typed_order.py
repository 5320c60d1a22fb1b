"""Keys that come in one packet, as over a slow line, do what they do one by one, whoever has the focus in the end."""

from __future__ import annotations

import asyncio
from threading import Thread
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import Static

from tests.ui import changes_world as cw
from tests.ui import states
from tests.ui.run import Story, running
from tui.present.navigation import PaneId
from widgets.row_table import RowTable
from widgets.typed_order import AFTERWARDS, PATIENCE, TypedOrder, telling_at_once


def under_way(app: TypedOrder) -> bool:
    """Whether a key is."""
    return app._under_way is not None


async def taken(story: Story) -> None:
    """Wait until all keys have been."""
    while under_way(story.app):
        await story.pilot.pause()
    await story.settle()


async def one_by_one(story: Story, *keys: str) -> None:
    for key in keys:
        await story.press(key)


async def at_once(story: Story, *keys: str) -> None:
    await story.burst(*keys)
    await taken(story)


WAYS = pytest.mark.parametrize("send", [one_by_one, at_once])


@WAYS
async def test_marks_are_made_in_the_pane_that_had_the_focus(send) -> None:
    async with running(states.live()) as story:
        await story.press("3")
        await send(story, "1", "down", "space", "down", "space", "3", "down")
        fleets = story.overview.panes[PaneId.FLEETS].body()
        assert isinstance(fleets, RowTable)
        assert len(fleets.marks) == 2
        assert story.overview.current is PaneId.RESOURCES


@WAYS
async def test_what_is_typed_behind_the_key_of_a_menu_chooses_in_it(send) -> None:
    async with running(cw.hub()) as story:
        await story.press("3")
        await send(story, "m", *"hand", "enter")
        assert story.shows("The same by hand")


@WAYS
@pytest.mark.parametrize(("key", "typed"), [("slash", "websocket"), ("F", "websocket"), ("F", "(dial)+")])
async def test_all_that_is_typed_behind_the_key_of_a_line_is_in_it(send, key: str, typed: str) -> None:
    async with running(states.live()) as story:
        await story.press("down", "down", "4")
        await send(story, key, *typed, "enter")
        logs = story.overview.logs
        assert (logs.filter_text if key == "slash" else logs.find_text) == typed


@WAYS
async def test_keys_behind_one_that_opens_a_screen_are_for_that_screen(send) -> None:
    async with running(states.live()) as story:
        await story.press("3")
        await send(story, "question_mark", "escape", "1")
        assert len(story.app.screen_stack) == 1
        assert story.overview.current is PaneId.FLEETS


class Slow(Static, can_focus=True):
    """Hears one key, and does not come to an end with it."""

    def __init__(self) -> None:
        super().__init__()
        self.hears = asyncio.Event()
        self.let_go = asyncio.Event()

    async def on_key(self, event: events.Key) -> None:
        self.hears.set()
        await self.let_go.wait()


class Stand(TypedOrder):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("2", "note('2')", priority=True),
        Binding("ctrl+c", "note('ctrl+c')", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: asyncio.Queue[str] = asyncio.Queue()
        self.hurried: list[float] = []

    def hurry(self, seconds: float) -> None:
        self.hurried.append(seconds)

    def compose(self) -> ComposeResult:
        yield Slow()

    def action_note(self, what: str) -> None:
        self.noted.put_nowait(what)


async def test_a_key_that_takes_long_keeps_the_others_for_a_moment_only_and_the_way_out_not_at_all() -> None:
    app = Stand()
    async with app.run_test() as pilot:
        slow = app.query_one(Slow)
        app.set_focus(slow)
        for key in ("x", "2", "ctrl+c"):
            app.post_message(events.Key(key, None))
        await slow.hears.wait()
        assert await app.noted.get() == "ctrl+c"
        assert under_way(app)
        assert await app.noted.get() == "2"
        assert not slow.let_go.is_set()
        slow.let_go.set()
        await pilot.pause()


async def test_a_key_whose_widget_goes_does_not_hold_up_the_next() -> None:
    app = Stand()
    async with app.run_test() as pilot:
        slow = app.query_one(Slow)
        app.set_focus(slow)
        slow.let_go.set()
        app.post_message(events.Key("x", None))
        await slow.remove()
        app.post_message(events.Key("2", None))
        assert await app.noted.get() == "2"
        await pilot.pause()
        assert not under_way(app)


async def test_what_can_wait_is_told_while_a_key_is_answered_and_until_that_is_painted() -> None:
    app = Stand()
    async with app.run_test() as pilot:
        assert app.quiet == float("inf")
        slow = app.query_one(Slow)
        app.set_focus(slow)
        app.post_message(events.Key("x", None))
        await slow.hears.wait()
        assert (app.hurried, app.quiet) == ([PATIENCE], 0.0)
        slow.let_go.set()
        while under_way(app):
            await pilot.pause()
        assert app.hurried == [PATIENCE, AFTERWARDS]
        assert 0 <= app.quiet < 5


async def test_a_key_is_told_of_by_the_thread_that_hears_it() -> None:
    app = Stand()
    async with app.run_test() as pilot:
        app.query_one(Slow).let_go.set()
        driver = telling_at_once(HeadlessDriver)(app)
        heard = Thread(target=lambda: driver.process_message(events.Key("2", None)))
        heard.start()
        heard.join()
        assert app.hurried == [PATIENCE]
        assert await app.noted.get() == "2"
        await pilot.pause()
        app.hurried.clear()
        driver.process_message(events.MouseMove(None, 1, 1, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert app.hurried == []


async def test_what_is_read_on_and_on_makes_way_for_a_key() -> None:
    async with running(states.live()) as story:
        await story.press("3")
        assert story.hub.ways == [PATIENCE, AFTERWARDS]
