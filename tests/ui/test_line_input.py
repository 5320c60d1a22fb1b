"""Keys that come in one packet, as over a slow line, mean what they mean one by one."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from screens.form import Form
from tui.app import DARK
from tui.present.forms import Field
from widgets.line_input import LineInput


class OneLine(App[None]):
    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield LineInput()


class Own(App[None]):
    """An app whose user has other keys."""

    def compose(self) -> ComposeResult:
        yield LineInput()

    def on_mount(self) -> None:
        self.set_keymap({"line.delete_left_all": "ctrl+g,ctrl+y"})


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("a", "b", "backspace", "c"), "ac"),
        (("a", "b", "ctrl+u", "c", "d"), "cd"),
        (("b", "home", "a", "end", "c"), "abc"),
        (("a", "c", "left", "b"), "abc"),
    ],
)
async def test_keys_act_in_the_order_in_which_they_came(keys: tuple[str, ...], text: str) -> None:
    app = OneLine()
    async with app.run_test() as pilot:
        await type_at_once(pilot, keys)
        assert app.query_one(LineInput).value == text


async def test_what_is_typed_behind_a_tab_belongs_to_the_next_field_of_a_form() -> None:
    app = OneLine()
    async with app.run_test() as pilot:
        form = Form("Two", [Field("one", "one"), Field("two", "two")], lambda values: {})
        await app.push_screen(form)
        await type_at_once(pilot, ("a", "tab", "b", "c", "backspace", "shift+tab", "d"))
        assert [line.value for line in form.query(LineInput)] == ["ad", "b"]


@pytest.mark.parametrize(("key", "text"), [("ctrl+y", "b"), ("ctrl+g", "b"), ("ctrl+u", "ab"), ("home", "ba")])
async def test_keys_may_be_bound_anew(key: str, text: str) -> None:
    app = Own()
    async with app.run_test() as pilot:
        await type_at_once(pilot, ("a", key, "b"))
        assert app.query_one(LineInput).value == text


async def type_at_once(pilot: Pilot[None], keys: tuple[str, ...]) -> None:
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await pilot.pause()
    await pilot.pause()
