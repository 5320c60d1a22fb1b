"""A pane with a table that is filtered: which rows are let through, and what keys do to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.clock import Clock
from tui.errors import UsageError
from tui.present.fields import Field
from tui.present.filters import Filter, parse_filter
from tui.present.parts import Cell, cell_text
from tui.present.search import admitted
from widgets.row_table import RowTable
from widgets.table_frame import TableFrame

T = TypeVar("T")
Item = TypeVar("Item")

ABOUT_ROWS = frozenset(
    {"table.open", "table.mark", "go.logs", "go.previous_logs", "pane.yaml", "pane.related", "journal.undo"}
)
"""Keys that need a row."""


class TablePane(TableFrame[T, Item], Generic[T, Item]):
    """A `TableFrame` with a filter and keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "faults", "Only rows with a fault", id="pane.faults"),
    ]

    class Opened(Message):
        """Enter on a row."""

        def __init__(self, pane: TablePane[object, object]) -> None:
            super().__init__()
            self.pane = pane

    class CursorMoved(Message):
        """Another row is under the cursor, or other rows are marked."""

        def __init__(self, pane: TablePane[object, object]) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.only_faults = False
        self.filter: Filter | None = None
        self.refused = ""
        """Why the filter cannot be answered by this list."""

    # Filtering -----------------------------------------------------------------------------------------------------

    def pick(self, items: Sequence[Item]) -> list[Item]:
        """The items that the filter lets through; for lists small enough to make every cell."""
        chosen = list(items)
        if self.only_faults:
            chosen = [item for item in chosen if any(_faulty(cell) for cell in self.cells(item))]
        if self.filter is None:
            return chosen
        names = [spec.name for spec in self.specs()]
        rows = [[cell_text(cell) for cell in self.cells(item)] for item in chosen]
        shown = admitted(self.filter, names, rows, [self.labels(item) for item in chosen], self.clock.now())
        return list(compress(chosen, shown))

    def left(self, choose: Callable[[], Sequence[Item]]) -> Sequence[Item]:
        """What `choose` leaves. Nothing, and `refused` says why, where the filter asks for what the list has not."""
        self.refused = ""
        try:
            return choose()
        except UsageError as error:
            self.refused = str(error)
            return ()

    def all_items(self) -> Sequence[Item]:
        """All rows, filtered or not."""
        raise NotImplementedError

    def filter_fields(self) -> Sequence[Field]:
        return [Field(spec.name.upper(), index) for index, spec in enumerate(self.specs())]

    def filter_values(self, field: Field) -> Mapping[str, int]:
        return Counter(cell_text(self.cells(item)[field.place]) for item in self.all_items())

    def labels(self, item: Item) -> dict[str, str]:
        """What `/-l` selects by."""
        return {}

    def set_filter(self, text: str) -> None:
        before = self.filter_text
        self.expect_filter(text)
        if self.refused:
            refused = self.refused
            self.expect_filter(before)
            raise UsageError(refused)

    def expect_filter(self, text: str) -> None:
        """The same for a list that is yet to come: what it cannot answer is said in its place."""
        self.filter = parse_filter(text, columns=True)
        self.filter_text = text.strip()
        self.paint()

    @property
    def gave_up(self) -> bool:
        return self.filter is not None and self.filter.slow

    @property
    def narrowed(self) -> bool:
        return bool(self.filter_text) or self.only_faults

    def widen(self) -> None:
        self.only_faults = False
        self.set_filter("")

    # Keys ----------------------------------------------------------------------------------------------------------

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        if self.table.cursor_key is not None:
            return self.FOOTER
        return [hint for hint in self.FOOTER if hint[0] not in ABOUT_ROWS]

    def action_faults(self) -> None:
        self.only_faults = not self.only_faults
        self.paint()

    def on_row_table_highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        self.post_message(self.CursorMoved(self))  # pyright: ignore[reportArgumentType]

    def on_row_table_marks_changed(self, message: RowTable.MarksChanged) -> None:
        message.stop()
        self.post_message(self.CursorMoved(self))  # pyright: ignore[reportArgumentType]

    def on_row_table_selected(self, message: RowTable.Selected) -> None:
        message.stop()
        self.post_message(self.Opened(self))  # pyright: ignore[reportArgumentType]


def _faulty(cell: Cell) -> bool:
    return not isinstance(cell, str) and cell[1] in {"warn", "bad"}
