"""A text to read in front of the panes: details, a failure that explains itself, the help."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.present.details import Details
from widgets.ink import block_of, ink
from widgets.modal import Modal
from widgets.pane import FeedPane

WIDEST = 110
SHARE = 92
"""Per cent of the screen's width; both as in the style sheet below."""
FRAME = 8
"""Columns of border, padding and scrollbar."""


class Reader(Modal[None]):
    """Scrolls; `c` copies the commands (or all of it); esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,d,enter", "close", "Close", id="reader.close", priority=True),
        Binding("c", "copy", "Copy the commands", id="reader.copy"),
        Binding("j,down", "scroll(1)", "Down", id="reader.down", show=False),
        Binding("k,up", "scroll(-1)", "Up", id="reader.up", show=False),
    ]

    DEFAULT_CSS = """
    Reader {
        #frame { width: 92%; max-width: 110; max-height: 90%; scrollbar-size-vertical: 1; }
    }
    """

    def __init__(self, details: Details) -> None:
        super().__init__()
        self.details = details

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame") as frame:
            frame.border_title = ink(self.details.title)  # pyright: ignore[reportAttributeAccessIssue]
            frame.border_subtitle = "esc close · c copy · ↑ ↓ scroll"
            yield Static(id="text", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        width = min(WIDEST, event.size.width * SHARE // 100) - FRAME
        self.query_one("#text", Static).update(block_of(self.details.lines, width))

    def action_close(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#frame", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        self.post_message(FeedPane.CopyWanted(self.details.copy))
