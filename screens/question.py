"""A session has broken: what has happened, and whether to open it again."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.clock import Clock
from widgets.ink import ink
from widgets.lone_keys import LoneKeys
from widgets.modal import Modal


class Question(Modal[bool]):
    """keys: what enter and escape do, for the frame. Dismissed with whether it was enter. No letters: somebody may be
    typing for what has just gone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close(False)", "Leave a session that broke", id="question.no"),
        Binding("enter", "close(True)", "Open it again; both keys alone, not while typing", id="question.yes"),
    ]

    DEFAULT_CSS = """
    Question {
        #frame { width: 80%; max-width: 90; }
    }
    """

    def __init__(self, words: str, keys: str, clock: Clock) -> None:
        super().__init__()
        self._words = words
        self._keys = keys
        self.lone_keys = LoneKeys(self, clock)

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_subtitle = self._keys
            yield Static(ink(self._words), id="text", markup=False)

    def action_close(self, yes: bool) -> None:
        self.dismiss(yes)
