"""The line that is typed into, in place of the key bar: `:` for commands, `/` for filters. It covers nothing."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from widgets.ink import ink
from widgets.line_input import LineInput


class Prompt(Vertical):
    """A one-line input behind a sign, with a hint on its right; errors replace the hint."""

    SIGN: ClassVar[str] = ""
    HINT: ClassVar[str] = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="prompt.cancel", show=False),
    ]

    DEFAULT_CSS = """
    Prompt {
        dock: bottom;
        height: auto;
        width: 100%;
        background: $background;
        #line { height: 1; padding: 0 1; }
        #sign { width: 2; color: $text-primary; text-style: bold; }
        #hint { width: auto; max-width: 70%; height: 1; padding-left: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        Input { border: none; height: 1; padding: 0; width: 1fr; background: $background; }
        Input:focus { border: none; }
    }
    """

    class Closed(Message):
        """The line is done with; the screen removes it and gives the focus back."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.input = LineInput(text, select_on_focus=False)
        self._hint = Static(ink(self.HINT, "dim"), id="hint", markup=False)
        self._hinted = (self.HINT, "dim")

    def compose(self) -> ComposeResult:
        with Horizontal(id="line"):
            yield Static(self.SIGN, id="sign", markup=False)
            yield self.input
            yield self._hint

    def on_mount(self) -> None:
        self.input.focus()

    def complain(self, text: str) -> None:
        """Say what is wrong with what is typed; "" puts the hint back."""
        self._say(*((f"× {text}", "bad") if text else (self.HINT, "dim")))

    def hint(self, text: str) -> None:
        """Say something else beside the line, until the next complaint."""
        self._say(text, "dim")

    def _say(self, text: str, style: str) -> None:
        """Only where it is something else: each time has the whole screen laid out anew, which a key would wait for."""
        if (text, style) != self._hinted:
            self._hinted = (text, style)
            self._hint.update(ink(text, style))

    def close(self) -> None:
        self.post_message(self.Closed())

    def action_cancel(self) -> None:
        self.close()
