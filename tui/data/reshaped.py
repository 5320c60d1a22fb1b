"""Rows with other cells than their cluster prints: in another order, of several kinds in one list, or with more beside.

A row that has not changed is the same row again, since everything above tells by that whether it has to be looked at
anew; so what was made of each is kept.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, Sized, ValuesView
from typing import TypeAlias

from tui.model.kube import Row, RowKey

Cells: TypeAlias = tuple[str | int | float | bool | None, ...]
Shape: TypeAlias = Callable[[Row], Cells]
"""The cells that a row shows instead of its own."""

SLICE = 2_000
"""Rows that are made at a time: some milliseconds."""
_SPARE = 1_000
"""Rows that may be kept beyond those there are, before the ones that are gone are let go."""


class Made:
    """What was made of the rows of one table. shape: names the way they were made: another one makes them anew."""

    def __init__(self) -> None:
        self.shape: object = None
        self.rows: dict[RowKey, tuple[Row, Row]] = {}

    def begin(self, shape: object, count: int) -> None:
        """Rows will be made in this shape, `count` of them."""
        if shape != self.shape or len(self.rows) > 2 * count + _SPARE:
            self.rows.clear()
        self.shape = shape


class MadeRows(Mapping[RowKey, Row]):
    """A live view of rows, each made of one of `rows` when it is looked at. made: those that are kept, by key."""

    def __init__(self, rows: Mapping[RowKey, Row], made: Sized) -> None:
        self._rows = rows
        self._kept = made

    def make(self) -> Iterator[None]:
        """Make the rows, a slice with each step; in between they may change. Nothing to do where nearly all are made:
        what is left then is made when it is looked at."""
        if isinstance(self._rows, MadeRows):
            yield from self._rows.make()
        if len(self._rows) - len(self._kept) < SLICE:
            return
        rows = list(self._rows.items())
        for start in range(0, len(rows), SLICE):
            for key, row in rows[start : start + SLICE]:
                self._row(key, row)
            yield

    def _row(self, key: RowKey, row: Row) -> Row:
        """What is shown in the place of `row`."""
        raise NotImplementedError

    def __getitem__(self, key: RowKey) -> Row:
        return self._row(key, self._rows[key])

    def __iter__(self) -> Iterator[RowKey]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def items(self) -> ItemsView[RowKey, Row]:
        return _Items(self)

    def values(self) -> ValuesView[Row]:
        return _Values(self)

    def each(self) -> Iterator[tuple[RowKey, Row]]:
        """All of them; quicker than looking each of them up."""
        for key, row in self._rows.items():
            yield key, self._row(key, row)


class _Items(ItemsView[RowKey, Row]):
    def __init__(self, rows: MadeRows) -> None:
        super().__init__(rows)
        self._made = rows

    def __iter__(self) -> Iterator[tuple[RowKey, Row]]:
        return self._made.each()


class _Values(ValuesView[Row]):
    def __init__(self, rows: MadeRows) -> None:
        super().__init__(rows)
        self._made = rows

    def __iter__(self) -> Iterator[Row]:
        return (row for _, row in self._made.each())


class Reshaped(MadeRows):
    """A live view of rows in another shape."""

    def __init__(self, rows: Mapping[RowKey, Row], cells: Shape, made: Made) -> None:
        super().__init__(rows, made.rows)
        self._cells = cells
        self._made = made.rows

    def _row(self, key: RowKey, row: Row) -> Row:
        held = self._made.get(key)
        if held is not None and held[0] is row:
            return held[1]
        new = Row(
            row.uid,
            row.name,
            row.namespace,
            self._cells(row),
            row.version,
            row.created,
            row.deleting,
            row.labels,
            row.printed,
        )
        self._made[key] = (row, new)
        return new


def picked(order: tuple[int, ...], *before: str) -> Shape:
    """Cells at these places (-1 = none), after `before`."""

    def cells(row: Row) -> Cells:
        held = row.cells
        return (*before, *[held[at] if 0 <= at < len(held) else None for at in order])

    return cells
