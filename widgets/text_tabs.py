"""The tabs of a screen over one thing: which ways there are to look at it, and which is shown."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from widgets.ink import ink


class TextTabs(Widget):
    """One line; a click chooses. Tabs are (key as a person reads it, name)."""

    DEFAULT_CSS = """
    TextTabs { height: 1; width: 100%; padding: 0 1; }
    """

    class Chosen(Message):
        """place: among the tabs."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, tabs: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._tabs = tuple(tabs)
        self._active = 0

    def show(self, active: int) -> None:
        if active != self._active:
            self._active = active
            self.refresh()

    def render(self) -> Content:
        return Content("  ").join([self._tab(place) for place in range(len(self._tabs))])

    def _tab(self, place: int) -> Content:
        key, name = self._tabs[place]
        if place == self._active:
            return Content.assemble(ink("▌", "accent"), ink(f"{key} {name}", "heading"))
        return Content.assemble(ink(f" {key} {name}", "dim"))

    def on_click(self, event: events.Click) -> None:
        column = event.get_content_offset(self)
        if column is None:
            return
        start = 0
        for place in range(len(self._tabs)):
            end = start + self._tab(place).cell_length
            if start <= column.x < end:
                self.post_message(self.Chosen(place))
                return
            start = end + 2
