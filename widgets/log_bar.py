"""The scrollbar of a log: painted anew where it looks different, and not whenever lines have come. Its handle stands at
the end of a hundred thousand lines, and a column of rows takes as long to paint as the rows of a table do."""

from __future__ import annotations

from math import ceil

from textual.scrollbar import ScrollBar

PARTS = 8
"""Of a row: what a handle's ends are drawn in."""


def move_bar(bar: ScrollBar, lines: int, position: float) -> None:
    """It stands for so many lines now, of which the one at `position` is the first on the screen."""
    before = handle(bar.size.height, bar.window_size, bar.window_virtual_size, bar.position)
    bar.set_reactive(ScrollBar.window_virtual_size, lines)
    bar.set_reactive(ScrollBar.position, position)
    if handle(bar.size.height, bar.window_size, lines, position) != before:
        bar.refresh()


def handle(rows: int, window: int, lines: int, position: float) -> tuple[int, int]:
    """Where the handle begins and ends, in parts of a row, as Textual's `ScrollBarRender` draws it; (0, 0) where there
    is none. rows: of the bar; window: lines that are seen at once."""
    if not 0 < window < lines or not rows:
        return 0, 0
    size = max(1.0, window * rows / lines)
    begin = int((rows - size) * position / (lines - window) * PARTS)
    return begin, begin + ceil(size * PARTS)
