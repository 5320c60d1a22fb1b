"""The four panes: moving between them, zoom and sizes, and what is asked for each."""

from __future__ import annotations

from tests.ui import states, world
from tests.ui.run import SMALL, running
from tests.ui.story_parts import ref
from widgets.prompt import Prompt


async def test_the_first_frame_is_there_before_the_hub_is_started() -> None:
    hub = states.loading()
    async with running(hub) as story:
        assert hub.lifecycle == ["started"]
        assert story.shows("1 Fleets", "2 Connections", "3 Resources", "4 Logs", "Asking GKE Hub")
    assert hub.lifecycle == ["started", "stopped"]


async def test_tab_and_numbers_move_between_the_panes() -> None:
    async with running(states.live()) as story:
        seen = [story.overview.current]
        for key in ("tab", "tab", "tab", "tab", "shift+tab", "2"):
            await story.press(key)
            seen.append(story.overview.current)
        assert [pane.value for pane in seen] == [
            "fleets", "connections", "resources", "logs", "fleets", "logs", "connections",
        ]  # fmt: skip


async def test_what_is_typed_ahead_goes_where_it_was_meant() -> None:
    async with running(states.live()) as story:
        await story.burst("colon", "d", "l", "q", "z", "2")
        assert [line.input.value for line in story.overview.query(Prompt)] == ["dlqz2"]
        assert story.overview.current.value == "fleets"
        await story.press("escape")
        await story.burst("3", "slash", "n", "s", ":", "1")
        assert [line.input.value for line in story.overview.query(Prompt)] == ["ns:1"]
        assert story.overview.resources.filter_text == "ns:1"
        await story.press("escape")
        await story.burst("2", "d")
        assert story.shows("Kubernetes objects it should have made")


async def test_zoom_shows_one_pane_with_tabs_and_z_again_all_four() -> None:
    async with running(states.live()) as story:
        await story.press("z")
        assert story.shows("1 Fleets", "PROJECT", "LOCATION")
        assert not story.shows("OBJECTS")
        await story.press("2")
        assert story.shows("OBJECTS")
        await story.press("z")
        assert story.shows("OBJECTS", "CONTACT", "4 Logs  ")


async def test_a_small_terminal_shows_one_pane_at_a_time() -> None:
    async with running(states.live(), SMALL) as story:
        assert story.shows("1 Fleets 8 ●", "CONTACT")
        assert not story.shows("OBJECTS")
        assert not story.shows("2 Connections 4"), "nobody follows what is not seen, so its tab claims nothing"
        await story.press("2")
        assert story.shows("2 Connections 4 ●", "OBJECTS")
        assert not story.shows("CONTACT")
        assert not story.shows("1 Fleets 6")


async def test_growing_the_terminal_brings_all_panes_back() -> None:
    async with running(states.live(), SMALL) as story:
        await story.pilot.resize_terminal(120, 40)
        await story.settle()
        assert story.shows("CONTACT", "OBJECTS", "nightly-2931")


async def test_nothing_is_asked_for_a_pane_that_nobody_sees() -> None:
    hub = states.live()
    async with running(hub) as story:
        pods = hub.lists[world.pods_query(ref("prod-eu"))]
        assert pods.readers == 1
        await story.press("z")
        assert pods.readers == 0
        await story.press("3")
        assert pods.readers == 1


async def test_the_topics_are_left_when_another_cluster_is_chosen() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("down")
        assert hub.lists[world.pods_query(ref("prod-eu"))].readers == 0
        assert hub.lists[world.pods_query(ref("prod-us"))].readers == 1


async def test_everything_is_left_when_the_app_ends() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("q")
    cells = [hub.fleet, hub.connections, hub.clusters, hub.identity, hub.meter, hub.ticker, *hub.lists.values()]
    assert [cell.readers for cell in cells] == [0] * len(cells)
    assert hub.lifecycle == ["started", "stopped"]


async def test_wide_shows_the_columns_of_lower_priority() -> None:
    async with running(states.live()) as story:
        await story.press("3", "z")
        assert not story.shows("10.8.0.4")
        await story.press("w")
        assert story.shows("10.8.0.4", "wide")


async def test_copy_puts_the_name_into_the_clipboard() -> None:
    async with running(states.live()) as story:
        await story.press("3", "down", "c")
        assert story.app.clipboard == "api-7c9f6d-x2f1p"
        assert story.shows("copied api-7c9f6d-x2f1p")


async def test_the_key_bar_offers_only_what_works_here() -> None:
    async with running(states.live()) as story:
        assert "space mark" in story.lines()[-1]
        assert "enter pods" in story.lines()[-1]
        await story.press("4")
        assert "p pause" in story.lines()[-1]
        assert "space" not in story.lines()[-1]
    async with running(states.loading()) as story:
        assert "enter" not in story.lines()[-1]


async def test_a_click_in_the_key_bar_is_the_key() -> None:
    async with running(states.live()) as story:
        column = story.lines()[-1].index("z zoom")
        await story.pilot.click(offset=(column, 39))
        await story.settle()
        assert story.overview.zoomed
