"""Keys that come in one packet, as over a slow line, mean what they mean one by one."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult

from widgets.line_input import LineInput


class OneLine(App[None]):
    def compose(self) -> ComposeResult:
        yield LineInput()


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
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        await pilot.pause()
        assert app.query_one(LineInput).value == text
