"""Where to save: a path to change or to agree to."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.message import Message
from textual.widgets import Input

from widgets.prompt import Prompt


class SaveLine(Prompt):
    """Enter saves, esc does not."""

    SIGN = "→"
    HINT = "enter save  esc leave it"

    class Entered(Message):
        """A path was agreed to."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(self.Entered(Path(event.value.strip()).expanduser()))
        self.close()
