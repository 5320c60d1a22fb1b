"""A person at the real screen: keys in, text out, over the real settings, clients, hub and desk; and somebody with the
real kubectl beside them. What is waited for is what is painted, never a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.console import RenderableType
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from tests.sim.kubectl import Kubectl
from tui.app import ClusterviewApp
from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.wiring import build_hub
from widgets.resource_pane import ResourcePane

PATIENCE = 60.0
"""Seconds after which what must come is held to be missing; much, since all tests share a machine."""
SIZE = (120, 30)


class PaintedApp(ClusterviewApp):
    """The app, which tells when it has painted."""

    painted: asyncio.Event

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self.painted.set()


class Person:
    """What somebody does at the keyboard. kubectl: by cluster."""

    def __init__(self, app: PaintedApp, pilot: Pilot[None], kubectl: dict[str, Kubectl]) -> None:
        self.app = app
        self._pilot = pilot
        self._kubectl = kubectl

    # Looking -------------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self._lines())

    def front(self) -> str:
        """The text of what stands in front of it, "" where nothing does."""
        return "\n".join(line for frame in self.app.screen.query("#frame") for line in self._within(frame))

    def _within(self, widget: Widget) -> list[str]:
        box = widget.region
        return [line[box.x : box.right] for line in self._lines()[box.y : box.bottom]]

    def _lines(self) -> list[str]:
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until `true` holds of what is painted."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    self.app.painted.clear()
                    await self.app.painted.wait()
        except TimeoutError:
            pytest.fail(f"never on screen: {what}\n{self.text()}")

    async def sees(self, *texts: str) -> None:
        """Wait until all of these are on screen."""
        await self.until(lambda: all(one in self.text() for one in texts), str(texts))

    async def faces(self, *texts: str) -> str:
        """Wait until all of these stand in the modal that is in front. Its text."""
        await self.until(lambda: all(one in self.front() for one in texts), f"{texts} in front")
        return self.front()

    async def get(self, *arguments: str, cluster: str = "prod-eu") -> Any:
        """What is there, as kubectl sees it."""
        return await asyncio.to_thread(self._kubectl[cluster].json, "get", *arguments)

    async def by_hand(self, *arguments: str, cluster: str = "prod-eu", text: str | None = None) -> str:
        """Somebody else, who uses kubectl."""
        return await asyncio.to_thread(self._kubectl[cluster].ok, *arguments, text=text)

    async def fails(self, *arguments: str, cluster: str = "prod-eu") -> str:
        """What kubectl complains of."""
        done = await asyncio.to_thread(self._kubectl[cluster], *arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr

    # Keys ----------------------------------------------------------------------------------------------------------

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def type(self, text: str) -> None:
        """All of it at once, as a paste or a fast typist."""
        for char in text:
            self.app.post_message(events.Key("space" if char == " " else char, char))
        await self._pilot.pause()

    async def command(self, line: str) -> None:
        await self.press("colon")
        await self.type(line)
        await self.press("enter")

    async def unlock(self) -> None:
        await self.press("W")
        await self.sees("WRITE ")

    async def list(self, line: str, *rows: str) -> None:
        """To the list of a `:` line, until it is live and has these rows: names, or clusters of a column."""
        await self.command(line)

        def there() -> bool:
            *body, border = self._within(self.app.screen.query_one(ResourcePane))
            words = [line.replace("▌", " ").split() for line in body]
            return "● live" in border and all(any(row in line for line in words) for row in rows)

        await self.until(there, f"a live list of {rows}")

    async def choose(self, words: str) -> None:
        """From the menu, once it is known whether it may be done."""
        await self.press("m")
        await self.faces("type to find")
        await self.type(words)
        chosen = re.compile("▌.*…")
        await self.until(lambda: chosen.search(self.front()) is None, "whether it may be done")
        await self.press("enter")

    async def fill_in(self, text: str, *keys: str) -> None:
        """The form: these keys, then this text in the field where they lead."""
        await self.faces("enter the plan, nothing is changed yet")
        await self.press(*keys)
        await self.type(text)
        await self.press("enter")

    async def confirm(self, *expected: str, typed: str = "") -> str:
        """Wait for the plan, which shows these, and do it. The text of the result."""
        plan = await self.faces("Cancel ◂", "enter", *expected)
        assert ("y, the name, enter" in plan) is bool(typed), plan
        await self.press("y")
        await self.type(typed)
        await self.press("enter")
        return await self.faces("▸ Close ◂", " done")

    async def carry_out(self, *expected: str, typed: str = "") -> None:
        """The same, all of it well, and back to where it was begun."""
        result = await self.confirm(*expected, typed=typed)
        assert "✓ " in result.splitlines()[1], result
        await self.press("enter")
        await self.until(lambda: not self.front(), "the way back")

    async def undo(self, *expected: str, changes: int = 1, typed: str = "") -> None:
        """Take back the newest change of the journal (of several, each), and come back. expected: in the plan."""
        await self.journal()
        for place in range(changes):
            await self.press("home", *["down"] * (2 * place), "u")
            await self.carry_out(*expected, typed=typed)
        await self.leave_journal()

    async def cannot_undo(self) -> None:
        """The newest change of the journal says that nothing takes it back."""
        await self.journal()
        await self.press("home", "u")
        await self.sees("nothing takes this back")
        await self.leave_journal()

    async def journal(self) -> None:
        await self.command("journal")
        await self.sees("WHO")

    async def leave_journal(self) -> None:
        await self.press("escape")
        await self.sees("1 Fleets")


@asynccontextmanager
async def sitting(
    environ: dict[str, str], clusters: Sequence[str], kubectl: dict[str, Kubectl]
) -> AsyncIterator[Person]:
    """Somebody at the app, as the settings of this environment make it, once it knows the clusters."""
    settings, clock = load_settings(environ), SystemClock()
    app = PaintedApp(build_hub(settings, environ, clock), clock, views=settings.views)
    app.painted = asyncio.Event()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        person = Person(app, pilot, kubectl)
        await person.sees(*clusters)
        yield person
