"""One sentence and a yes: what has happened, and whether to go on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from widgets.ink import ink
from widgets.modal import Modal


class Question(Modal[bool]):
    """keys: what enter and escape do, for the frame. Dismissed with whether it was enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,n", "close(False)", "No", id="question.no"),
        Binding("enter,y", "close(True)", "Yes", id="question.yes"),
    ]

    DEFAULT_CSS = """
    Question {
        #frame { width: 80%; max-width: 90; }
    }
    """

    def __init__(self, words: str, keys: str) -> None:
        super().__init__()
        self._words = words
        self._keys = keys

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_subtitle = self._keys
            yield Static(ink(self._words), id="text", markup=False)

    def action_close(self, yes: bool) -> None:
        self.dismiss(yes)
