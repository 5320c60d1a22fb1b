"""`F` in logs: marks what matches while it is typed, and hides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from tui.errors import UsageError
from widgets.prompt import Prompt

if TYPE_CHECKING:
    from widgets.log_pane import LogPane


class LogFindLine(Prompt):
    """Enter goes to the newest that was found, esc forgets it."""

    SIGN = "F"
    HINT = "find a re|gex  enter newest, then n N  esc forget"

    def __init__(self, pane: LogPane) -> None:
        super().__init__(pane.find_text)
        self.pane = pane
        self._wrong = False

    def on_mount(self) -> None:
        self.watch(self.pane, "find_refused", self._refused)

    def _refused(self, why: str) -> None:
        if why:
            self._wrong = True
            self.complain(why)

    @on(Input.Changed)
    def look(self, event: Input.Changed) -> None:
        event.stop()
        self._wrong = False
        try:
            self.pane.set_find(event.value)
        except UsageError as error:
            self._wrong = True
            self.complain(str(error))
        else:
            self.complain("")

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        if self._wrong:
            return  # it stays, for whoever typed it to see
        self.pane.log_view.action_found(-1)
        self.close()

    def action_cancel(self) -> None:
        self.pane.set_find("")
        self.close()
