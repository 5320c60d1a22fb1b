"""Running the app in a test: keys in, the screen's text out; time moves only by the hub's clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from screens.linked_panes import REST
from screens.overview import Overview
from tests.ui.fake import FakeHub
from tui.app import ClusterviewApp

BIG = (120, 40)
SMALL = (80, 24)


class Story:
    """What a test tells: keys, waits, and reading the screen."""

    def __init__(self, app: ClusterviewApp, hub: FakeHub, pilot: Pilot[None]) -> None:
        self.app = app
        self.hub = hub
        self.pilot = pilot

    @property
    def overview(self) -> Overview:
        """The screen below whatever is in front of it."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, Overview)
        return screen

    async def settle(self) -> None:
        """Let the cursor's rest pass, and everything be painted."""
        await self.pilot.pause()
        await self.hub.clock.advance(REST + 0.1)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def burst(self, *keys: str) -> None:
        """Keys that are all there before the first is looked at: a fast typist, a paste, a slow line."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else {"colon": ":", "slash": "/"}.get(key)))
        await self.settle()

    async def type(self, text: str) -> None:
        await self.press(*("space" if char == " " else char for char in text))

    async def advance(self, seconds: float) -> None:
        """Time goes on, and the ticker with it."""
        await self.hub.clock.advance(seconds)
        self.hub.tick()
        await self.settle()

    def lines(self) -> list[str]:
        """The screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]

    def text(self) -> str:
        return "\n".join(self.lines())

    def shows(self, *texts: str) -> bool:
        screen = self.text()
        return all(text in screen for text in texts)


@asynccontextmanager
async def running(hub: FakeHub, size: tuple[int, int] = BIG, **settings: object) -> AsyncIterator[Story]:
    app = ClusterviewApp(hub, hub.clock, **settings)  # type: ignore[arg-type]
    async with app.run_test(size=size, notifications=True) as pilot:
        story = Story(app, hub, pilot)
        await story.settle()
        yield story


def keys(hub: FakeHub, *pressed: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """For `snap_compare(run_before=…)`."""

    async def press(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ClusterviewApp)
        story = Story(pilot.app, hub, pilot)
        await story.settle()
        for key in pressed:
            await story.press(key)

    return press
