"""No key of any screen ends the program, whatever is on the screen."""

from __future__ import annotations

import pytest

from screens.forwards import ForwardScreen
from screens.journal import JournalScreen
from screens.menu import Menu
from screens.object import ObjectScreen
from screens.overview import Overview
from screens.reader import Reader
from tests.ui import changes_world as cw
from tests.ui import objects, world
from tests.ui import streams_world as sw
from tests.ui.fake import FakeHub
from tests.ui.run import Story, running
from tui.model.changes import Lock

LEAVE = {"app.quit", "app.interrupt"}
"""What ends the program because it is asked to."""


def filled() -> FakeHub:
    made = sw.hub()
    made.streams.forwards.put(sw.forwards(), sw.NOW)
    made.changes.journal.put(cw.entries(), world.NOW)
    return made


def of_an_object() -> FakeHub:
    made = objects.live_hub()
    made.changes.lock.put(Lock(until=world.NOW + 300), world.NOW)
    return made


WAYS = {
    "fleets": (filled, "1"),
    "connections": (filled, "2"),
    "resources": (cw.unlocked, "3"),
    "logs": (filled, "4"),
    "forwards": (filled, "f"),
    "journal": (filled, "colon", *"journal", "enter"),
    "object": (of_an_object, "home", "down", "3", "d"),
    "yaml": (of_an_object, "home", "down", "3", "y"),
    "events": (of_an_object, "home", "down", "3", "d", "3"),
    "related": (of_an_object, "home", "down", "3", "u"),
    "details": (filled, "home", "d"),
    "menu": (cw.unlocked, "3", "m"),
    "help": (filled, "?"),
}
SCREENS = {
    "forwards": ForwardScreen,
    "journal": JournalScreen,
    **dict.fromkeys(("object", "yaml", "events", "related"), ObjectScreen),
    **dict.fromkeys(("details", "help"), Reader),
    "menu": Menu,
}
"""What the ways lead to; the overview, where it is not said."""


def keys_of(story: Story) -> list[str]:
    """The first key of each thing that would be done here."""
    found = {
        one.binding.id or one.binding.action: key
        for key, one in story.app.screen.active_bindings.items()
        if one.enabled
    }
    return [key for id, key in found.items() if id not in LEAVE]


@pytest.mark.parametrize("name", WAYS)
async def test_no_key_ends_the_program(name: str) -> None:
    (hub, *keys), wanted = WAYS[name], SCREENS.get(name, Overview)
    async with running(hub()) as story:
        await story.press(*keys)
        assert isinstance(story.app.screen, wanted)
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
