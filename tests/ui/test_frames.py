"""A pane's frame says something else without the rest of the pane being painted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from tui.clock import ManualClock
from tui.present.navigation import PaneId
from tui.present.parts import Part
from tui.present.states import Shown, Status
from widgets.framed import Framed

if TYPE_CHECKING:
    from textual.pilot import Pilot


class Pane(Framed[int]):
    PANE = PaneId.LOGS
    NAME = "Logs"

    def __init__(self) -> None:
        super().__init__(ManualClock())
        self.rows = Widget()
        self.painted: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.painted.append(y)
        return super().render_line(y)

    def body(self) -> Widget:
        return self.rows

    def paint(self) -> None:
        self.say([])

    def tick(self) -> None:
        pass


class OnePane(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.pane = Pane()

    def compose(self) -> ComposeResult:
        yield self.pane


def framed(app: OnePane) -> tuple[str, str]:
    """What stands in the first and the last row of the screen."""
    lines = [strip.text for strip in app.screen._compositor.render_strips()]  # pyright: ignore[reportPrivateUsage]
    return lines[0], lines[-1]


async def say(pilot: Pilot[None], pane: Pane, title: str, words: str) -> None:
    pane.frame(Content(title), [Part("7 rows")], Status(Shown.LIVE, words))
    await pilot.pause()


async def test_other_words_in_the_frame_leave_what_is_within_alone() -> None:
    app = OnePane()
    async with app.run_test(size=(40, 10)) as pilot:
        await say(pilot, app.pane, "4 Logs", "following")
        app.pane.painted.clear()
        await say(pilot, app.pane, "4 Logs  web", "paused")
        above, below = framed(app)
        assert "4 Logs  web" in above
        assert "paused" in below
        assert not app.pane.painted


async def test_a_frame_that_has_changed_its_size_is_whole() -> None:
    app = OnePane()
    async with app.run_test(size=(40, 10)) as pilot:
        await say(pilot, app.pane, "4 Logs", "following")
        await pilot.resize_terminal(60, 14)
        await say(pilot, app.pane, "4 Logs  web", "paused")
        above, below = framed(app)
        assert (above[0], above[-1], below[0], below[-1]) == ("╭", "╮", "╰", "╯")
        assert "paused" in below
