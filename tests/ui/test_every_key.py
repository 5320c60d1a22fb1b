"""No key of any screen ends the program, whatever is on the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui import changes_world as cw
from tests.ui import streams_world as sw
from tests.ui import world
from tests.ui.fake import FakeHub
from tests.ui.run import Story, running

LEAVE = {"app.quit", "app.interrupt"}
"""What ends the program because it is asked to."""


def filled() -> FakeHub:
    made = sw.hub()
    made.streams.forwards.put(sw.forwards(), sw.NOW)
    made.changes.journal.put(cw.entries(), world.NOW)
    return made


WAYS = {
    "fleets": (filled, "1"),
    "connections": (filled, "2"),
    "resources": (cw.unlocked, "3"),
    "logs": (filled, "4"),
    "forwards": (filled, "f"),
    "journal": (filled, "J"),
}


def keys_of(story: Story) -> list[str]:
    """The first key of each thing that would be done here."""
    found = {
        one.binding.id or one.binding.action: key
        for key, one in story.app.screen.active_bindings.items()
        if one.enabled
    }
    return [key for id, key in found.items() if id not in LEAVE]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_no_key_ends_the_program(way: tuple[Callable[[], FakeHub], str]) -> None:
    hub, *keys = way
    async with running(hub()) as story:
        await story.press(*keys)
        there, left = type(story.app.screen), keys_of(story)
        assert len(left) > 3
        for key in left:
            await story.press(key)
            assert story.app.crash is None, key
            if type(story.app.screen) is not there:
                while len(story.app.screen_stack) > 1:
                    await story.app.pop_screen()
            if len(story.app.screen_stack) == 1:
                await story.pilot.press("escape", "1", *keys)
