"""A pane whose body is the table: which columns have room, what their cells say, and which row is under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from tui.clock import Clock
from tui.present.columns import ColumnSpec, kept
from tui.present.parts import Cell, cell_text
from tui.present.width import text_width
from widgets.column_widths import GAP, TableColumn
from widgets.lazy_rows import LazyRows
from widgets.pane import FeedPane
from widgets.row_paint import GUTTER
from widgets.row_table import RowTable

T = TypeVar("T")
Item = TypeVar("Item")

SAMPLE = 60
"""Rows looked at to learn how wide a column is."""


class TableFrame(FeedPane[T], Generic[T, Item]):
    """Sub-classes say which columns and items there are; this one paints them. Filter and keys are
    `widgets.table_pane`'s."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.table = RowTable()
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
            self.table.redraw()
        self.reframe()

    def reframe(self) -> None:
        """Title and border as of now."""
        raise NotImplementedError

    # Rows ----------------------------------------------------------------------------------------------------------

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
