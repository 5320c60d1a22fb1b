"""One of several lines, chosen with the arrows: what a rollout goes back to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from widgets.ink import ink

MOST = 8
"""Lines that are shown at once."""


class ListField(Widget, can_focus=True):
    """value: the chosen one of `choices`, of which `lines` are the words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", "Previous line", show=False, id="list.previous"),
        Binding("down,j", "choose(1)", "Next line", show=False, id="list.next"),
    ]

    DEFAULT_CSS = """
    ListField { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, choices: Sequence[str], lines: Sequence[str], value: str, *, id: str) -> None:
        super().__init__(id=id)
        self._choices = choices
        self._lines = lines
        self._chosen = choices.index(value) if value in choices else 0
        self._top = 0
        self.styles.height = min(MOST, len(choices))

    @property
    def value(self) -> str:
        return self._choices[self._chosen]

    def render(self) -> Content:
        self._top = max(self._chosen - MOST + 1, min(self._top, self._chosen))
        shown = list(enumerate(self._lines))[self._top : self._top + MOST]
        return Content("\n").join([self._line(place, words) for place, words in shown])

    def _line(self, place: int, words: str) -> Content:
        if place != self._chosen:
            return ink(f"  {words}", "dim")
        return Content.assemble(ink("▌ ", "accent"), ink(words, "bold" if self.has_focus else ""))

    def action_choose(self, step: int) -> None:
        self._chosen = max(0, min(self._chosen + step, len(self._choices) - 1))
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self._chosen = max(0, min(self._top + event.y, len(self._choices) - 1))
        self.refresh()
