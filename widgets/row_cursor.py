"""Where the cursor of a table is: on a row, by its key, wherever that row stands now. No widget."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from widgets.table_row import TableRow


class RowCursor:
    """index: its place among the rows. key: of the row it is on, None where there is none. moved: somebody has put it
    there, so that it stays with its row; before that it stays at the top while a list is being read."""

    def __init__(self) -> None:
        self.index = 0
        self.key: Hashable | None = None
        self.moved = False

    def follow(self, rows: Sequence[TableRow]) -> bool:
        """These are the rows now. Whether it is on another row than before."""
        found = self.find(rows, self.key) if self.moved and self.key is not None else None
        return self.put(rows, found if found is not None else min(self.index, max(0, len(rows) - 1)))

    def put(self, rows: Sequence[TableRow], index: int) -> bool:
        """To this place. Whether another row is there than before."""
        self.index = index
        before, self.key = self.key, rows[index].key if 0 <= index < len(rows) else None
        return self.key != before

    def find(self, rows: Sequence[TableRow], key: Hashable) -> int | None:
        """Where the row of this key is. Rows that have `position(key) -> int | None` are asked for it instead of being
        searched."""
        if self.index < len(rows) and rows[self.index].key == key:
            return self.index
        lookup: Callable[[Hashable], int | None] | None = getattr(rows, "position", None)
        if lookup is not None:
            return lookup(key)
        return next((index for index, row in enumerate(rows) if row.key == key), None)
