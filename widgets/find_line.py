"""`/` over a text: marks what matches while it is typed."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from widgets.prompt import Prompt
from widgets.text_view import TextView


class FindLine(Prompt):
    """Enter keeps the marks, esc takes them away."""

    SIGN = "/"
    HINT = "enter keep  esc clear"

    def __init__(self, view: TextView, words: str = "") -> None:
        super().__init__(words)
        self.view = view

    @on(Input.Changed)
    def look(self, event: Input.Changed) -> None:
        event.stop()
        self.view.find(event.value)
        nothing = bool(event.value) and not self.view.found[1]
        self.complain("not found" if nothing else "")

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        self.close()

    def action_cancel(self) -> None:
        self.view.find("")
        self.close()
