"""`/`: filters the pane while it is typed, and completes columns and the values seen in them."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.widgets import Input

from tui.errors import UsageError
from tui.present.completions import Completion
from tui.present.filter_help import LOG_OVERVIEW, OVERVIEW, complete_filter, hint
from widgets.completing import CompletingPrompt
from widgets.pane import FeedPane

HELP = "?"
"""Typed alone it asks what can be typed; no filter could mean it."""


class FilterLine(CompletingPrompt):
    """Enter keeps the filter, esc takes it away."""

    SIGN = "/"

    def __init__(self, pane: FeedPane[Any]) -> None:
        super().__init__(pane.filter_text)
        self.pane = pane
        self.wrong = ""
        """Why what is typed is no filter; "" where it is one."""

    def on_mount(self) -> None:
        self.watch(self.input, "selection", self._help)
        self.watch(self.pane, "refused", self._refused)

    def _refused(self, why: str) -> None:
        if why:
            self.wrong = why
            self.complain(why)

    @on(Input.Changed)
    def apply(self, event: Input.Changed) -> None:
        event.stop()
        self.wrong = ""
        if event.value.strip() != HELP:
            try:
                self.pane.set_filter(event.value)
            except UsageError as error:
                self.wrong = str(error)
        self._help()

    def _help(self) -> None:
        """What stands above and beside the line, for the word before the cursor."""
        typed = self.input.value[: self.input.cursor_position]
        if typed.strip() == HELP:
            self.explain(OVERVIEW if self.pane.filter_fields() else LOG_OVERVIEW)
        else:
            self.offer(complete_filter(typed, self.pane))
        if self.wrong:
            self.complain(self.wrong)
        else:
            self.hint(hint(typed.strip(HELP) if typed.strip() == HELP else typed, self.pane))

    def put(self, completion: Completion) -> None:
        """A column waits for its value; behind a value the next word begins."""
        rest = self.input.value[self.input.cursor_position :]
        line = completion.line if completion.line.endswith(":") else f"{completion.line} "
        self.input.value = line + rest.lstrip()
        self.input.cursor_position = len(line)
        self._help()

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        if self.picked and self.found:
            self.put(self.found[self.chosen])
            if self.input.value.endswith(":"):
                return
        elif self.wrong:
            return  # it stays, for whoever typed it to see
        if self.input.value.strip() == HELP:
            self.input.value = ""
            return
        self.close()

    def action_cancel(self) -> None:
        self.pane.set_filter("")
        self.close()
