"""The five lights before a stream: shown while they are found out, gone by themselves where all is well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.model.preflight import Preflight, Shade
from tui.present.problems import Line
from tui.present.streams import light_lines
from widgets.ink import block_of, ink
from widgets.modal import Modal


class Lights(Modal[bool]):
    """look: finds the lights. Dismissed with whether the stream is to be opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close(False)", "Leave", id="lights.close"),
        Binding("enter", "close(True)", "Open it all the same", id="lights.open"),
    ]

    DEFAULT_CSS = """
    Lights {
        #frame { width: 92%; max-width: 100; max-height: 92%; }
    }
    """

    def __init__(self, title: str, look: Callable[[], Awaitable[Preflight]]) -> None:
        super().__init__()
        self._title = title
        self._look = look
        self._found: Preflight | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = ink(self._title)  # pyright: ignore[reportAttributeAccessIssue]
            frame.border_subtitle = "esc leave"
            yield Static(ink("… looking what stands in its way", "dim"), id="text", markup=False)

    def on_mount(self) -> None:
        self._find()

    def on_resize(self) -> None:
        self.call_after_refresh(self._paint)

    @work(exclusive=True)
    async def _find(self) -> None:
        self._found = await self._look()
        shades = {light.shade for light in self._found.lights}
        if not shades & {Shade.BAD, Shade.WAIT}:
            self.dismiss(True)
            return
        self.query_one("#frame").border_subtitle = "enter opens it all the same · esc leave"
        self.call_after_refresh(self._paint)  # there may be no frame yet to fit it in

    def _paint(self) -> None:
        if self._found is None or not self.query("#text"):  # it may have been left meanwhile; what is inside goes first
            return
        width = max(20, self.query_one("#frame").size.width - 6)
        bad = bool(self._found.bad)
        said = "It would be refused:" if bad else "It has to wait:"
        lines = [Line(said, "bad" if bad else "warn"), Line("", ""), *light_lines(self._found)]
        self.query_one("#text", Static).update(block_of(lines, width))

    def action_close(self, opened: bool) -> None:
        if self._found is not None or not opened:
            self.dismiss(opened)
