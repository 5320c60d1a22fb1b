"""How wide the columns of a table are, and how a text is cut to its column; no widget, so tables of cases test it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from tui.present.parts import Cell, cell_text

GAP = 1
"""Columns between two cells."""
MIN_WIDTH = 3


class TableColumn(Struct, frozen=True):
    """name: its heading. width: fixed, or None to grow with what is seen, between min and max. flexible: gives way
    first when the table is wider than its pane. middle: cut in the middle, for names whose ends tell them apart.
    mark: stands behind the heading; the column that the table is sorted by. flashes: a change in it is news."""

    name: str
    width: int | None = None
    min: int = MIN_WIDTH
    max: int = 60
    align: str = "left"
    flexible: bool = False
    middle: bool = False
    mark: str = ""
    flashes: bool = False

    @property
    def heading(self) -> str:
        return self.name + self.mark


class ColumnWidths:
    """Widths that grow with what is seen and never shrink again, so that nothing jumps, and are then fitted."""

    def __init__(self) -> None:
        self.columns: Sequence[TableColumn] = ()
        self.fitted: list[int] = []
        self._natural: list[int] = []

    def begin(self, columns: Sequence[TableColumn]) -> bool:
        """Take over these columns; whether they are others than before, and so begin narrow again."""
        others = [column.name for column in columns] != [column.name for column in self.columns]
        if others:
            self._natural = [column.width or column.min for column in columns]
        for index, column in enumerate(columns):
            if column.width is None:
                self._natural[index] = max(self._natural[index], cell_len(column.heading))
        self.columns = columns
        return others

    def grow(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Make room for these cells."""
        for cells in rows:
            for index, cell in enumerate(cells[: len(self.columns)]):
                column = self.columns[index]
                if column.width is None:
                    wanted = min(column.max, cell_len(cell_text(cell)))
                    self._natural[index] = max(self._natural[index], wanted)

    def fit(self, room: int) -> int:
        """Narrow flexible columns, the widest first, until the table fits into `room`; the width it then has."""
        widths = list(self._natural)
        gaps = GAP * max(0, len(widths) - 1)
        flexible = [index for index, column in enumerate(self.columns) if column.flexible]
        over = sum(widths) + gaps - room if room > gaps and flexible else 0
        while over > 0:
            widest = max(flexible, key=lambda index: widths[index] - self.columns[index].min)
            if widths[widest] <= self.columns[widest].min:
                break
            widths[widest] -= 1
            over -= 1
        self.fitted = widths
        return sum(widths) + gaps


def cut(text: str, width: int, *, align: str = "left", middle: bool = False) -> str:
    """Exactly `width` terminal cells: padded, or cut with an ellipsis. Wide characters are never cut in half."""
    length = len(text) if text.isascii() else cell_len(text)
    if length <= width:
        padding = " " * (width - length)
        return padding + text if align == "right" else text + padding
    if width <= 0:
        return ""
    tail = _end(text, (width - 1) // 3) if middle else ""
    return set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail


def _end(text: str, width: int) -> str:
    """As many of the last characters as have room."""
    start = len(text)
    while start and width - cell_len(text[start - 1]) >= 0:
        start -= 1
        width -= cell_len(text[start])
    return text[start:]
