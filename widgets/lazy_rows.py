"""Rows made when they are looked at: a list of fifty thousand costs what its visible part costs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar, overload

from tui.present.parts import Cell
from widgets.table_row import TableRow

T = TypeVar("T")

CACHED = 600
"""Rows kept: more than any terminal shows, so scrolling back and forth makes nothing twice."""


class LazyRows(Sequence[TableRow], Generic[T]):
    """A `Sequence[TableRow]` over items. key: what makes it the same row. cells: all its cells; of them those at
    `shown` are painted. find: a quick way from a key to its place, where the order of the items offers one. state:
    what an item is made of (see `TableRow`)."""

    def __init__(
        self,
        items: Sequence[T],
        key: Callable[[T], Hashable],
        cells: Callable[[T], Sequence[Cell]],
        shown: Sequence[int],
        find: Callable[[Hashable], int | None] | None = None,
        state: Callable[[T], object] | None = None,
    ) -> None:
        self.items = items
        self._key = key
        self._cells = cells
        self._shown = shown
        self._find = find
        self._state = state
        self._made: dict[int, TableRow] = {}
        self._positions: dict[Hashable, int] | None = None

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> TableRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[TableRow]: ...
    def __getitem__(self, index: int | slice) -> TableRow | Sequence[TableRow]:
        if isinstance(index, slice):
            return [self._row(position) for position in range(*index.indices(len(self.items)))]
        return self._row(index if index >= 0 else len(self.items) + index)

    def _row(self, index: int) -> TableRow:
        row = self._made.get(index)
        if row is None:
            if len(self._made) >= CACHED:
                self._made.clear()
            row = self._made[index] = self._make(index)
        return row

    def _make(self, index: int) -> TableRow:
        item = self.items[index]
        cells = self._cells(item)
        state = None if self._state is None else self._state(item)
        return TableRow(self._key(item), tuple(cells[position] for position in self._shown), state)

    def position(self, key: Hashable) -> int | None:
        """Where the row with this key is; without `find` an index is made at the first call."""
        if self._find is not None:
            return self._find(key)
        if self._positions is None:
            self._positions = {self._key(item): index for index, item in enumerate(self.items)}
        return self._positions.get(key)

    def item(self, key: Hashable) -> T | None:
        position = self.position(key)
        return None if position is None else self.items[position]

    def renew(self, shown: range) -> bool:
        """Make the rows at these places anew (ages go on), and forget the others; whether any of them says something
        else now."""
        changed = False
        self._made = {index: row for index, row in self._made.items() if index in shown}
        for index, old in self._made.items():
            new = self._make(index)
            if new.cells != old.cells:
                self._made[index] = new
                changed = True
        return changed
