"""A button of one line that shows its focus without colour: `▸ Cancel ◂`."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from widgets.ink import ink


class PushButton(Widget, can_focus=True):
    """danger: what it does cannot simply be taken back; said in the style of warnings."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "press", "Press", show=False, id="button.press")]

    DEFAULT_CSS = """
    PushButton {
        width: auto;
        height: 1;
        margin-right: 2;
        &:focus { text-style: reverse; }
    }
    """

    class Pressed(Message):
        """Enter or a click."""

        def __init__(self, button: PushButton) -> None:
            super().__init__()
            self.button = button

        @property
        def control(self) -> PushButton:
            return self.button

    def __init__(self, words: str, *, danger: bool = False, id: str) -> None:
        super().__init__(id=id)
        self._words = words
        self._danger = danger

    def say(self, words: str, *, danger: bool = False) -> None:
        self._words, self._danger = words, danger
        self.refresh(layout=True)

    def render(self) -> Content:
        left, right = ("▸", "◂") if self.has_focus else ("[", "]")
        return ink(f"{left} {self._words} {right}", "warn" if self._danger else "bold")

    def get_content_width(self, container: object, viewport: object) -> int:
        return len(self._words) + 4

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_press()

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))
