"""One of a few words, chosen with the arrows: `‹ background ›`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from widgets.ink import ink


class ChoiceField(Widget, can_focus=True):
    """value: the chosen word."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "choose(-1)", "Previous choice", show=False, id="choice.previous"),
        Binding("right,l,space", "choose(1)", "Next choice", show=False, id="choice.next"),
    ]

    DEFAULT_CSS = """
    ChoiceField { height: 1; width: 1fr; }
    ChoiceField:focus { text-style: reverse; }
    """

    def __init__(self, choices: Sequence[str], value: str, *, id: str) -> None:
        super().__init__(id=id)
        self._choices = choices
        self.value = value

    def render(self) -> Content:
        words = [ink(f"‹{word}›", "bold") if word == self.value else ink(f" {word} ", "dim") for word in self._choices]
        return Content(" ").join(words)

    def action_choose(self, step: int) -> None:
        place = self._choices.index(self.value)
        self.value = self._choices[(place + step) % len(self._choices)]
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_choose(1)
