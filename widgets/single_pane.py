"""A table that is a screen by itself: a short list of our own, read whole from one topic."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.content import Content

from tui.clock import Clock
from tui.model.feed import Topic
from tui.present.problems import Line
from widgets.ink import ink
from widgets.table_pane import TablePane

Item = TypeVar("Item")


class SinglePane(TablePane[tuple[Item, ...], Item], Generic[Item]):
    """Sub-classes say what the rows are, and what frames them."""

    def __init__(self, topic: Topic[tuple[Item, ...]], clock: Clock) -> None:
        super().__init__(clock)
        self._topic = topic

    def on_mount(self) -> None:
        self.follow(self._topic)

    def title(self, *more: str) -> Content:
        """It has no number: no key of the overview leads here."""
        return Content.assemble(ink(self.NAME), *self.looked_for(), *(ink(f"  {text}", "dim") for text in more if text))

    def paint(self) -> None:
        self.fill(self.left(lambda: self.pick(self.items)))
        self.reframe()

    def all_items(self) -> tuple[Item, ...]:
        return self.items

    @property
    def items(self) -> tuple[Item, ...]:
        """All there are, filtered or not."""
        return self.feed.value or ()

    def nothing_matches(self) -> list[Line]:
        """What stands in place of rows that a filter hides."""
        return [Line(f"Nothing matches; {len(self.items):,} rows are hidden. esc shows them again.", "dim")]
