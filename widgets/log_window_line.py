"""`@` in logs: from when, and until when."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from tui.errors import UsageError
from tui.present.loglook import window_typed
from widgets.prompt import Prompt

if TYPE_CHECKING:
    from widgets.log_pane import LogPane


class LogWindowLine(Prompt):
    """Enter asks for these lines, esc leaves everything as it was. Times are as the pane shows them."""

    SIGN = "@"
    HINT = "14:00 14:30, or 2026-11-28T14:00Z  enter ask  esc leave"

    def __init__(self, pane: LogPane) -> None:
        super().__init__()
        self.pane = pane

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        self.complain("")

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        zone = UTC if self.pane.log_view.look.utc else self.pane.log_view.rows.timezone
        try:
            window = window_typed(event.value, self.pane.clock.now(), zone)
        except UsageError as error:
            self.complain(str(error))
            return
        self.pane.look_at(window)
        self.close()
