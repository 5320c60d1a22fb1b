"""The app itself: the keys that work everywhere, help, palette, quitting; and what a bug or a hostile text does."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from msgspec.structs import replace
from textual.binding import Binding

import screens
import widgets
from screens.help_sections import sections
from tests.ui import states, world
from tests.ui.run import running
from tests.ui.story_parts import ref
from tui.app import ClusterviewApp
from tui.errors import Problem, ProblemKind
from tui.model.kube import Row


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


async def test_help_is_made_from_the_bindings_and_honours_rebound_keys() -> None:
    async with running(states.live(), (120, 60), keymap={"screen.zoom": "ctrl+x"}) as story:
        await story.press("question_mark")
        assert story.shows("Zoom the pane, and back", "ctrl+x", "All namespaces")
        await story.press("escape", "ctrl+x")
        assert story.overview.zoomed


def _parts() -> list[type]:
    """Every screen and part of one that has keys of its own."""
    names = [
        f"{package.__name__}.{found.name}" for package in (screens, widgets) for found in iter_modules(package.__path__)
    ]
    parts = [part for name in names for part in vars(import_module(name)).values() if isinstance(part, type)]
    return [part for part in dict.fromkeys(parts) if part.__module__ in names and vars(part).get("BINDINGS")]


def test_every_key_is_in_the_help() -> None:
    told = {(one.id, one.action) for _, bindings in sections() for one in bindings}
    has = {(one.id, one.action) for part in _parts() for one in vars(part)["BINDINGS"]}
    assert len(has) > 100
    assert has - told == set()


def test_every_binding_has_an_id_and_no_id_is_used_twice_for_different_things() -> None:
    bindings = [one for owner in (ClusterviewApp, *_parts()) for one in vars(owner).get("BINDINGS", [])]
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


async def test_refresh_asks_the_data_layer() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("ctrl+r")
        assert hub.refreshed == 1


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
