"""The last line: the keys that work here, and only those."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.present.parts import Part, fit
from widgets.ink import ink

GAP = "  "


class KeyBar(Widget):
    """Keys with what they do; what has no room is left out from the right. A click presses the key."""

    DEFAULT_CSS = """
    KeyBar { height: 1; width: 100%; padding: 0 1; }
    """

    class Pressed(Message):
        """A key of the bar was clicked. hint: its place in what `show` was given."""

        def __init__(self, hint: int) -> None:
            super().__init__()
            self.hint = hint

    def __init__(self) -> None:
        super().__init__()
        self._hints: tuple[tuple[str, str], ...] = ()

    def show(self, hints: Sequence[tuple[str, str]]) -> None:
        """hints: (key as a person reads it, what it does), the important ones first."""
        wanted = tuple(hints)
        if wanted != self._hints:
            self._hints = wanted
            self.refresh()

    def render(self) -> Content:
        pieces = [
            Content.assemble(Content.styled(key, "bold $text-primary"), " ", ink(words, "dim"))
            for key, words in self._fitting()
        ]
        return Content(GAP).join(pieces)

    def _fitting(self) -> Sequence[tuple[str, str]]:
        parts = [Part(f"{key} {words}", "", index) for index, (key, words) in enumerate(self._hints)]
        return self._hints[: len(fit(parts, self.size.width, len(GAP)))]

    def on_click(self, event: events.Click) -> None:
        column = event.get_content_offset(self)
        if column is None:
            return
        start = 0
        for index, (key, words) in enumerate(self._fitting()):
            end = start + len(key) + 1 + len(words)
            if start <= column.x < end:
                self.post_message(self.Pressed(index))
                return
            start = end + len(GAP)
