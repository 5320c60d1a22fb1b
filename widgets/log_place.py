"""Where a log view looks: a line, and a row of it where lines are folded. Numbers only, so that it can be reasoned
about; what a line looks like is asked for through `rows_of`, and only for lines on the screen or beside it."""

from __future__ import annotations

from collections.abc import Callable

RowsOf = Callable[[int], int]
"""How many rows the line of this index takes, at least one."""


class Place:
    """top, skip: the line in the first row of the screen, and how many of its rows are above. following: the last line
    is kept at the bottom, whatever comes."""

    def __init__(self) -> None:
        self.top = 0
        self.skip = 0
        self.following = True

    def layout(self, count: int, height: int, rows_of: RowsOf) -> list[tuple[int, int]]:
        """For each row of the screen the line and which of its rows, from the place on. count: lines there are."""
        if self.following:
            self.top, self.skip = self.end(count, height, rows_of)
        rows = self._from(count, height, rows_of)
        if len(rows) < height and (self.top or self.skip):
            self.top, self.skip = self.end(count, height, rows_of)  # lines have gone: no more blank rows than needed
            rows = self._from(count, height, rows_of)
        return rows

    def _from(self, count: int, height: int, rows_of: RowsOf) -> list[tuple[int, int]]:
        rows: list[tuple[int, int]] = []
        for index in range(self.top, count):
            first = self.skip if index == self.top else 0
            rows.extend((index, row) for row in range(first, rows_of(index)))
            if len(rows) >= height:
                break
        return rows[:height]

    def end(self, count: int, height: int, rows_of: RowsOf) -> tuple[int, int]:
        """The place from which the last line ends in the last row."""
        left = height
        for index in range(count - 1, -1, -1):
            rows = rows_of(index)
            if rows >= left:
                return index, rows - left
            left -= rows
        return 0, 0

    def move(self, rows: int, count: int, height: int, rows_of: RowsOf) -> None:
        """So many rows down, or up; at the end it follows."""
        top, skip = self.top, self.skip + rows
        while skip < 0 and top > 0:
            top -= 1
            skip += rows_of(top)
        while top < count - 1 and skip >= rows_of(top):
            skip -= rows_of(top)
            top += 1
        self.go((top, max(0, skip)), count, height, rows_of)

    def go(self, place: tuple[int, int], count: int, height: int, rows_of: RowsOf) -> None:
        """To this line and row of it; at the end it follows."""
        end = self.end(count, height, rows_of)
        self.following = place >= end
        self.top, self.skip = min(place, end)

    def show(self, index: int, height: int, seen: range) -> None:
        """Stay where this line is seen, or go where it is a third from the top. seen: lines on the screen."""
        self.following = False
        if index not in seen:
            self.top, self.skip = max(0, index - height // 3), 0

    def gone(self, lines: int) -> int:
        """The first lines have gone; how many of those that were still to be looked at, from here on."""
        passed = 0 if self.following else max(0, lines - self.top)
        if lines > self.top:
            self.skip = 0
        self.top = max(0, self.top - lines)
        return passed
