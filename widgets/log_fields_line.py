"""`v` in logs: which fields of JSON lines are shown, and in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.widgets import Input

from widgets.prompt import Prompt

if TYPE_CHECKING:
    from widgets.log_pane import LogPane


class LogFieldsLine(Prompt):
    """Enter shows them, esc leaves everything as it was."""

    SIGN = "v"
    HINT = "level,msg,order  empty: all  enter show  esc leave"

    def __init__(self, pane: LogPane) -> None:
        super().__init__(",".join(pane.log_view.look.chosen))
        self.pane = pane

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        names = tuple(dict.fromkeys(name for name in re.split(r"[,\s]+", event.value) if name))
        self.pane.log_view.set_look(replace(self.pane.log_view.look, fields=True, chosen=names))
        self.close()
