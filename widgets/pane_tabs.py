"""The tabs of a small (or zoomed) screen: which panes there are, which one is shown, and how the others fare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.present.navigation import PaneId
from widgets.ink import ink


class Tab(NamedTuple):
    """number and name are as in the pane's title; words: count and state mark; active: the one that is shown."""

    pane: PaneId
    name: str
    words: str
    active: bool


class PaneTabs(Widget):
    """One line; a click chooses."""

    DEFAULT_CSS = """
    PaneTabs { height: 1; width: 100%; }
    """

    class Chosen(Message):
        def __init__(self, pane: PaneId) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self) -> None:
        super().__init__()
        self._tabs: tuple[Tab, ...] = ()

    def show(self, tabs: Sequence[Tab]) -> None:
        if tuple(tabs) != self._tabs:
            self._tabs = tuple(tabs)
            self.refresh()

    def render(self) -> Content:
        return Content(" ").join([self._tab(tab) for tab in self._tabs])

    def _tab(self, tab: Tab) -> Content:
        text = f" {tab.pane.number} {tab.name} "
        if tab.active:
            return Content.assemble(Content.styled(f"▌{text.strip()} ", "bold $text-primary"), ink(f"{tab.words} "))
        return Content.assemble(ink(text, "dim"), ink(f"{tab.words} ", "dim"))

    def on_click(self, event: events.Click) -> None:
        start = 0
        for tab in self._tabs:
            end = start + self._tab(tab).cell_length + 1
            if start <= event.x < end:
                self.post_message(self.Chosen(tab.pane))
                return
            start = end
