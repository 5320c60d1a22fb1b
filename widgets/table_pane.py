"""A pane whose body is the table: which rows match the filter, which columns have room, what is copied and marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import compress
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.clock import Clock
from tui.errors import UsageError
from tui.present.columns import ColumnSpec, kept
from tui.present.fields import Field
from tui.present.filters import Filter, parse_filter
from tui.present.parts import Cell, cell_text
from tui.present.search import admitted
from tui.present.width import text_width
from widgets.column_widths import GAP, TableColumn
from widgets.lazy_rows import LazyRows
from widgets.pane import FeedPane
from widgets.row_paint import GUTTER
from widgets.row_table import RowTable

T = TypeVar("T")
Item = TypeVar("Item")

ABOUT_ROWS = frozenset(
    {"table.open", "table.mark", "go.logs", "go.previous_logs", "pane.yaml", "pane.related", "journal.undo"}
)
"""Keys that need a row."""
SAMPLE = 60
"""Rows looked at to learn how wide a column is."""


class TablePane(FeedPane[T], Generic[T, Item]):
    """Sub-classes say which columns and items there are; this one paints them."""

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
        self.table = RowTable()
        self.only_faults = False
        self.filter: Filter | None = None
        self.refused = ""
        """Why the filter cannot be answered by this list."""
        self._rows: LazyRows[Item] | None = None
        self._widths: dict[str, int] = {}

    def body(self) -> RowTable:
        return self.table

    # What a sub-class says -----------------------------------------------------------------------------------------

    def specs(self) -> Sequence[ColumnSpec]:
        """The columns, before those without room are dropped."""
        raise NotImplementedError

    def key(self, item: Item) -> Hashable:
        raise NotImplementedError

    def finder(self, items: Sequence[Item]) -> Callable[[Hashable], int | None] | None:
        """A quick way from a row's key to its place among `items`, where their order offers one."""
        return None

    def state(self, item: Item) -> object:
        """What the cells of an item are made of, where that can be told from what they say."""
        return None

    def cells(self, item: Item) -> Sequence[Cell]:
        """One for each of `specs`, as of now."""
        raise NotImplementedError

    # Painting ------------------------------------------------------------------------------------------------------

    def fill(self, items: Sequence[Item], changed_at: float | None = None) -> None:
        """Show these items. changed_at: see `RowTable.show`."""
        specs = self.specs() if items or self.narrowed else ()
        shown = self._fitting(specs, items)
        self._rows = LazyRows(items, self.key, self.cells, shown, self.finder(items), self.state)
        self.table.show([self._column(specs[index]) for index in shown], self._rows, changed_at)

    def _column(self, spec: ColumnSpec) -> TableColumn:
        mark = self.sort_mark(spec)
        least = max(text_width(spec.name) + len(mark), min(spec.min, self._widths.get(spec.name, 0)))
        return TableColumn(
            spec.name,
            None,
            least,
            spec.max,
            align=spec.align,
            flexible=spec.flexible,
            middle=spec.middle,
            mark=mark,
            flashes=spec.name != "AGE",
        )

    def sort_mark(self, spec: ColumnSpec) -> str:
        """What stands behind a heading, where the rows are sorted by that column."""
        return ""

    def _fitting(self, specs: Sequence[ColumnSpec], items: Sequence[Item]) -> Sequence[int]:
        top = max(0, int(self.table.scroll_offset.y))
        for item in items[top : top + SAMPLE]:
            for spec, cell in zip(specs, self.cells(item), strict=True):
                length = text_width(cell_text(cell))
                if length > self._widths.get(spec.name, 0):
                    self._widths[spec.name] = length
        room = self.table.scrollable_content_region.width - GUTTER
        if room <= 0:
            return range(len(specs))
        return kept(specs, [self._widths.get(spec.name, 0) for spec in specs], room, GAP)

    def tick(self) -> None:
        if self._rows is not None and self._rows.renew(self.table.shown):
            self.table.refresh()
        self.reframe()

    def reframe(self) -> None:
        """Title and border as of now."""
        raise NotImplementedError

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

    # Rows and keys -------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        key = self.table.cursor_key
        return None if key is None or self._rows is None else self._rows.item(key)

    @property
    def marked(self) -> list[Item]:
        """The marked items that are among the rows, in their order."""
        if self._rows is None or not self.table.marks:
            return []
        found = [(self._rows.position(key), key) for key in self.table.marks]
        return [self._rows.items[position] for position, _ in sorted((p, str(k)) for p, k in found if p is not None)]

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
    def narrowed(self) -> bool:
        return bool(self.filter_text) or self.only_faults

    def widen(self) -> None:
        self.only_faults = False
        self.set_filter("")

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
