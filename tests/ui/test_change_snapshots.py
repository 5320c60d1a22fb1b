"""How changing something looks: menu, form, plan, confirmation, progress, result, journal; at both sizes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from tests.ui import changes_world as cw
from tests.ui import world
from tests.ui.change_steps import allow, deployments, journal
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, SMALL, Story
from tui.app import ClusterviewApp
from tui.model.changes import Action

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])
Telling = Callable[[Story], Awaitable[None]]


def told(hub: FakeHub, tell: Telling) -> dict[str, object]:
    async def run(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ClusterviewApp)
        story = Story(pilot.app, hub, pilot)
        await story.settle()
        await tell(story)
        for line in pilot.app.screen.query("Input, TextArea"):
            line.cursor_blink = False  # type: ignore[attr-defined]
        await pilot.pause()

    return {"run_before": run}


def app_of(hub: FakeHub, theme: str = "dark") -> ClusterviewApp:
    return ClusterviewApp(hub, hub.clock, theme=theme)


async def menu(story: Story) -> None:
    await deployments(story)
    await story.press("m")


@SIZES
@pytest.mark.parametrize("state", ["allowed", "forbidden", "locked", "asked"])
def test_menu(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = cw.hub() if state == "locked" else cw.unlocked()
    if state != "asked":
        allow(hub, but=Action.SCALE if state == "forbidden" else None)

    async def tell(story: Story) -> None:
        await menu(story)
        if state == "forbidden":
            await story.press(*["down"] * 6)

    assert snap_compare(app_of(hub), terminal_size=size, **told(hub, tell))


@SIZES
@pytest.mark.parametrize("what", ["scale", "set image", "undo a rollout", "drain", "apply"])
def test_form(snap_compare: Compare, size: tuple[int, int], what: str) -> None:
    hub = cw.unlocked()
    allow(hub)

    async def tell(story: Story) -> None:
        if what == "drain":
            await story.press("colon")
            await story.type("nodes")
            await story.press("enter", "m")
        else:
            await menu(story)
        await story.type(what)
        await story.press("enter")
        if what == "scale":
            await story.press("backspace")
            await story.type("many")
            await story.press("enter")

    assert snap_compare(app_of(hub), terminal_size=size, **told(hub, tell))


@SIZES
@pytest.mark.parametrize(
    "state", ["diff", "confirm", "many", "typed", "mixed", "planning", "progress", "failed", "done"]
)
def test_plan(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = cw.unlocked()
    hub.changes.commands = ("kubectl scale",)
    hub.changes.steps = (cw.scaled(),) if state in {"diff", "confirm", "typed"} else cw.steps()
    hub.changes.typed = ("prod-eu",) if state == "typed" else ()
    if state == "many":
        hub.changes.steps = tuple(cw.scaled(f"app-{number}", token=number) for number in range(60))
    if state == "planning":
        hub.changes.wait, hub.changes.so_far = True, (120, 400)

    async def tell(story: Story) -> None:
        await deployments(story, "@prod-*" if state == "mixed" else "")
        if state == "mixed":
            await story.press("space", "space", "slash")
            await story.type("ledger")
            await story.press("enter")
        await story.press("ctrl+d")
        if state in {"diff", "mixed", "planning", "many"}:
            return
        await story.press("y")
        if state == "typed":
            await story.type("prod")
            await story.press("enter")
        if state not in {"progress", "failed", "done"}:
            return
        await story.press("enter")
        run = hub.changes.carried[0]
        if state == "done":
            run.finish()
        else:
            outcomes = cw.OUTCOMES if state == "failed" else cw.RUNNING
            run.tell(*outcomes, finished=state == "failed")
        await story.settle()

    assert snap_compare(app_of(hub), terminal_size=size, **told(hub, tell))


@SIZES
@pytest.mark.parametrize("state", ["empty", "live", "entry"])
def test_journal(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = cw.hub()
    if state != "empty":
        hub.changes.journal.put(cw.entries(), world.NOW)

    async def tell(story: Story) -> None:
        await journal(story)
        if state == "entry":
            await story.press("enter")

    assert snap_compare(app_of(hub), terminal_size=size, **told(hub, tell))


@SIZES
def test_by_hand(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = cw.hub()

    async def tell(story: Story) -> None:
        await deployments(story)
        await story.press("K")

    assert snap_compare(app_of(hub), terminal_size=size, **told(hub, tell))


@SIZES
@pytest.mark.parametrize("what", ["menu", "plan"])
def test_light_and_without_colour(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], what: str
) -> None:
    if what == "plan":
        monkeypatch.setenv("NO_COLOR", "1")
    hub = cw.unlocked()
    allow(hub, but=Action.SCALE)
    hub.changes.steps = cw.steps()

    async def tell(story: Story) -> None:
        await (menu(story) if what == "menu" else deployments(story))
        if what == "plan":
            await story.press("ctrl+d", "d", "y")

    assert snap_compare(app_of(hub, "light" if what == "menu" else "dark"), terminal_size=size, **told(hub, tell))
