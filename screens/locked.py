"""What was about to be opened is not, since writing has been locked: says so, and unlocks it with the usual key."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.clock import Clock
from tui.errors import SourceError
from tui.present.clean import clean
from widgets.ink import ink
from widgets.lone_keys import LoneKeys
from widgets.modal import Modal


class Locked(Modal[bool]):
    """Dismissed with whether writing was unlocked. Enter does nothing, nor does W within what somebody types: that was
    meant for what came before. unlock: raises SourceError where it may not be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "Leave it locked", id="locked.close"),
        Binding("W", "unlock", "Unlock writing, and open it", id="locked.unlock"),
    ]

    DEFAULT_CSS = """
    Locked {
        #frame { width: 80%; max-width: 90; }
    }
    """

    def __init__(self, words: str, unlock: Callable[[], None], clock: Clock) -> None:
        super().__init__()
        self.lone_keys = LoneKeys(self, clock)
        self._words = words
        self._unlock = unlock

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_subtitle = "W unlock and open · esc leave"
            yield Static(ink(self._words), id="text", markup=False)

    def action_close(self) -> None:
        self.dismiss(False)

    def action_unlock(self) -> None:
        try:
            self._unlock()
        except SourceError as error:
            self.notify(clean(error.problem.summary, 300), severity="warning", markup=False)
        else:
            self.dismiss(True)
