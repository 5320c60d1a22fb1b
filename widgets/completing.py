"""A prompt that offers what the word being typed could become, in a short list above the border of the pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui.present.completions import Completion
from tui.present.width import padded
from widgets.ink import ink
from widgets.prompt import Prompt

LABEL_WIDTH = 27
BORDER = 1
"""Rows left free above the line: the pane's border there tells how many rows a filter lets through."""


class CompletingPrompt(Prompt):
    """tab takes the marked completion, up and down choose another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", "Complete", id="prompt.complete", show=False, priority=True),
        Binding("up", "choose(-1)", "Previous completion", id="prompt.previous", show=False),
        Binding("down", "choose(1)", "Next completion", id="prompt.next", show=False),
    ]

    DEFAULT_CSS = """
    CompletingPrompt #choices {
        overlay: screen;
        constrain: inside inside;
        height: auto;
        padding: 0 1;
        background: $surface;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.found: Sequence[Completion] = ()
        self.chosen = 0
        self.picked = False
        """Whether the marked completion was chosen with the arrows, so that enter means it."""
        self._choices = Static(id="choices", markup=False)
        self._painted: Sequence[Content] | None = None

    def compose(self) -> ComposeResult:
        yield self._choices
        yield from super().compose()

    def offer(self, found: Sequence[Completion]) -> None:
        """Show these completions, the first of them marked."""
        self.found, self.chosen, self.picked = found, 0, False
        self._show()

    def explain(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show texts with what they mean, of which none can be taken."""
        self.found, self.chosen, self.picked = (), 0, False
        self._paint(
            [Content.assemble("  ", ink(padded(label, LABEL_WIDTH) + " "), ink(text, "dim")) for label, text in lines]
        )

    def _show(self) -> None:
        self._paint([self._line(index, found) for index, found in enumerate(self.found)])

    def _paint(self, lines: list[Content]) -> None:
        if lines == self._painted:  # each time has the whole screen laid out anew, which a key would wait for
            return
        self._painted = lines
        self._choices.update(Content("\n").join(lines))
        self._choices.display = bool(lines)
        self._choices.styles.offset = (0, -len(lines) - BORDER)

    def _line(self, index: int, found: Completion) -> Content:
        chosen = index == self.chosen
        bar = ink("▌ " if chosen else "  ", "accent")
        label = ink(padded(found.label, LABEL_WIDTH) + " ", "bold" if chosen else "")
        return Content.assemble(bar, label, ink(found.detail, "dim"))

    def action_choose(self, step: int) -> None:
        if self.found:
            self.chosen, self.picked = (self.chosen + step) % len(self.found), True
            self._show()

    def action_take(self) -> None:
        """Put the marked completion into the line."""
        if self.found:
            self.put(self.found[self.chosen])

    def put(self, completion: Completion) -> None:
        """The completion is taken; ready for the next word."""
        self.input.value = f"{completion.line} "
        self.input.cursor_position = len(self.input.value)
