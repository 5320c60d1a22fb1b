"""The screen of one object in every state, at both sizes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from tests.ui import objects, world
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, SMALL, Story
from tui.app import ClusterviewApp
from tui.model.objects import ObjectRef
from widgets.resource_pane import ResourcePane

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])


def app_of(hub: FakeHub) -> ClusterviewApp:
    return ClusterviewApp(hub, hub.clock)


def looking(
    hub: FakeHub, ref: ObjectRef, tab: str = "Describe", *keys: str, then: Callable[[], None] = lambda: None
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Open an object, press keys; `then` happens to the world afterwards."""

    async def look(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ClusterviewApp)
        story = Story(pilot.app, hub, pilot)
        await story.settle()
        pilot.app.post_message(ResourcePane.ObjectWanted(ref, tab))
        await story.settle()
        for key in keys:
            await story.press(key)
        then()
        await story.advance(1)
        await story.settle()

    return look


@SIZES
@pytest.mark.parametrize("tab", ["Describe", "YAML", "Events", "Related"])
def test_live(snap_compare: Compare, size: tuple[int, int], tab: str) -> None:
    hub = objects.live_hub()
    assert snap_compare(app_of(hub), run_before=looking(hub, objects.POD, tab), terminal_size=size)


@SIZES
def test_loading(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = world.live_hub()
    assert snap_compare(app_of(hub), run_before=looking(hub, objects.POD), terminal_size=size)


@SIZES
def test_stale(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = objects.live_hub()

    def outage() -> None:
        hub.object(objects.POD).fail(world.UNREACHABLE, world.NOW + 30)

    assert snap_compare(app_of(hub), run_before=looking(hub, objects.POD, then=outage), terminal_size=size)


@SIZES
def test_failed(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = world.live_hub()
    objects.never(hub, objects.POD)
    assert snap_compare(app_of(hub), run_before=looking(hub, objects.POD), terminal_size=size)


@SIZES
def test_deleted(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = objects.live_hub()
    gone = looking(hub, objects.POD, then=lambda: objects.gone(hub, objects.POD))
    assert snap_compare(app_of(hub), run_before=gone, terminal_size=size)


@SIZES
def test_no_such_object(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = objects.live_hub()
    objects.put(hub, objects.POD, None)
    assert snap_compare(app_of(hub), run_before=looking(hub, objects.POD), terminal_size=size)


@SIZES
@pytest.mark.parametrize("tab", ["Describe", "YAML"])
def test_secret(snap_compare: Compare, size: tuple[int, int], tab: str) -> None:
    hub = objects.live_hub()
    assert snap_compare(app_of(hub), run_before=looking(hub, objects.SECRET, tab), terminal_size=size)


@SIZES
def test_secret_shown(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = objects.live_hub()
    assert snap_compare(app_of(hub), run_before=looking(hub, objects.SECRET, "YAML", "x"), terminal_size=size)


@SIZES
def test_found(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = objects.live_hub()
    keys = ("slash", *"image", "enter")
    assert snap_compare(app_of(hub), run_before=looking(hub, objects.POD, "YAML", *keys), terminal_size=size)
