"""The lines of a table: headings and rows as strips, kept for as long as what they are made of stays the same.

Textual asks for every visible line again whenever something above or below has moved; making one costs a hundred times
what finding it does, and a strip that is the same one is not turned into terminal codes again.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.present.parts import Cell
from widgets.column_widths import GAP, TableColumn, cut

GUTTER = 2
"""Columns before the first cell: the cursor bar and the mark."""
_KEPT = 600
"""Lines: more than any terminal shows."""


class Frame(Struct, frozen=True):
    """What all lines hang on. fitted: the width of each column. total: of the whole table. left: columns that are
    scrolled out on the left. width: of what is seen. base: the table's own style. cursor: the component style of the
    row under the cursor."""

    columns: tuple[TableColumn, ...]
    fitted: tuple[int, ...]
    total: int
    left: int
    width: int
    base: Style
    cursor: str


class Line(Struct, frozen=True):
    """What one row looks like. lit: the columns whose cells stand out."""

    cells: tuple[Cell, ...]
    at_cursor: bool
    marked: bool
    lit: tuple[str, ...]


class RowPainter:
    """style: gives the component style of a name, to be added to others."""

    def __init__(self, style: Callable[[str], Style]) -> None:
        self._component = style
        self._frame: Frame | None = None
        self._strips: dict[Line, Strip] = {}
        self._styles: dict[tuple[bool, str, bool], Style] = {}

    def forget(self) -> None:
        """Styles have changed."""
        self._frame = None

    def row(self, frame: Frame, line: Line) -> Strip:
        self._begin(frame)
        strip = self._strips.get(line)
        if strip is None:
            if len(self._strips) >= _KEPT:
                self._strips.clear()
            strip = self._strips[line] = self._made(frame, line)
        return strip

    def _begin(self, frame: Frame) -> None:
        if frame is self._frame:
            return
        if self._frame is None or frame.base != self._frame.base or frame.cursor != self._frame.cursor:
            self._styles.clear()
        if frame != self._frame:
            self._strips.clear()
        self._frame = frame

    def _made(self, frame: Frame, line: Line) -> Strip:
        base = self._style(frame, "", at_cursor=line.at_cursor)
        parts = [
            Segment("▌" if line.at_cursor else " ", self._style(frame, "bar", at_cursor=line.at_cursor)),
            Segment("●" if line.marked else " ", self._style(frame, "mark", at_cursor=line.at_cursor)),
        ]
        for column, cell, size in zip(frame.columns, line.cells, frame.fitted, strict=False):
            text, name = (cell, "") if isinstance(cell, str) else cell
            style = self._style(frame, name, at_cursor=line.at_cursor, lit=column.name in line.lit)
            parts.append(Segment(cut(text, size, align=column.align, middle=column.middle), style))
            parts.append(Segment(" " * GAP, base))
        return _cropped(frame, Strip(parts), base)

    def _style(self, frame: Frame, name: str, *, at_cursor: bool, lit: bool = False) -> Style:
        style = self._styles.get((at_cursor, name, lit))
        if style is None:
            style = frame.base
            for more in (frame.cursor if at_cursor else "", name, "flash" if lit else ""):
                if more:
                    style += self._component(more)
            self._styles[at_cursor, name, lit] = style
        return style

    def header(self, frame: Frame) -> Strip:
        """The headings, with a mark at each edge behind which there is more."""
        style = frame.base + self._component("header")
        names = "".join(
            cut(column.heading, size, align=column.align) + " " * GAP
            for column, size in zip(frame.columns, frame.fitted, strict=False)
        )
        strip = _cropped(frame, Strip([Segment(" " * GUTTER + names, style)]), frame.base)
        width = frame.width
        if frame.left and width:
            strip = Strip.join([Strip([Segment("‹", style)]), strip.crop(1, width)])
        if frame.total > frame.left + width and width:
            strip = Strip.join([strip.crop(0, width - 1), Strip([Segment("›", style)])])
        return strip

    def instead(self, frame: Frame, text: str) -> Strip:
        """What stands there while there are no rows."""
        line = Strip([Segment(f"  {text}", frame.base + self._component("empty"))])
        return line.adjust_cell_length(frame.width, frame.base)


def _cropped(frame: Frame, strip: Strip, style: Style) -> Strip:
    return strip.crop(frame.left, frame.left + frame.width).adjust_cell_length(frame.width, style)
