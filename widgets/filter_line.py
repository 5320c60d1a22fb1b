"""`/`: filters the pane while it is typed."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.widgets import Input

from tui.errors import UsageError
from widgets.pane import FeedPane
from widgets.prompt import Prompt


class FilterLine(Prompt):
    """Enter keeps the filter, esc takes it away."""

    SIGN = "/"
    HINT = "enter keep  esc clear   !not  re|gex  -l label=value  -f fuzzy"

    def __init__(self, pane: FeedPane[Any]) -> None:
        super().__init__(pane.filter_text)
        self.pane = pane

    @on(Input.Changed)
    def apply(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self.pane.set_filter(event.value)
        except UsageError as error:
            self.complain(str(error))
        else:
            self.complain("")

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        self.close()

    def action_cancel(self) -> None:
        self.pane.set_filter("")
        self.close()
