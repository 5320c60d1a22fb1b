"""Rows with other cells than their cluster prints: in another order, of several kinds in one list, or with more beside.

A row that has not changed is the same row again, since everything above tells by that whether it has to be looked at
anew; so what was made of each is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, ValuesView
from typing import TypeAlias

from tui.model.kube import Row

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
        self.rows: dict[tuple[str, str], tuple[Row, Row]] = {}

    def begin(self, shape: object, count: int) -> None:
        """Rows will be made in this shape, `count` of them."""
        if shape != self.shape or len(self.rows) > 2 * count + _SPARE:
            self.rows.clear()
        self.shape = shape


class Reshaped(Mapping[tuple[str, str], Row]):
    """A live view of rows in another shape."""

    def __init__(self, rows: Mapping[tuple[str, str], Row], cells: Shape, made: Made) -> None:
        self._rows = rows
        self._cells = cells
        self._made = made.rows

    def make(self) -> Iterator[None]:
        """Make the rows, a slice with each step; in between they may change. Nothing to do where nearly all are made:
        what is left then is made when it is looked at."""
        if len(self._rows) - len(self._made) < SLICE:
            return
        rows = list(self._rows.values())
        for start in range(0, len(rows), SLICE):
            for row in rows[start : start + SLICE]:
                self._shape((row.namespace, row.name), row)
            yield

    def __getitem__(self, key: tuple[str, str]) -> Row:
        return self._shape(key, self._rows[key])

    def _shape(self, key: tuple[str, str], row: Row) -> Row:
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

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def values(self) -> ValuesView[Row]:
        return _Values(self)

    def shaped(self) -> Iterator[Row]:
        """All rows in their new shape; quicker than looking each of them up."""
        made = self._made
        for row in self._rows.values():
            key = (row.namespace, row.name)
            held = made.get(key)
            yield held[1] if held is not None and held[0] is row else self._shape(key, row)


class _Values(ValuesView[Row]):
    def __init__(self, rows: Reshaped) -> None:
        super().__init__(rows)
        self._reshaped = rows

    def __iter__(self) -> Iterator[Row]:
        return self._reshaped.shaped()


def picked(order: tuple[int, ...], *before: str) -> Shape:
    """Cells at these places (-1 = none), after `before`."""

    def cells(row: Row) -> Cells:
        held = row.cells
        return (*before, *[held[at] if 0 <= at < len(held) else None for at in order])

    return cells
