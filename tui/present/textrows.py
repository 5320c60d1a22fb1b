"""Long texts as rows of a screen, made when they are looked at: a megabyte costs what its visible part costs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

from tui.present.describe.page import Line, plain
from tui.present.yamltext import YamlLine

PIECE = 4_000
"""Characters of one line that are shown where long lines are not folded."""


class TextRows(Protocol):
    """A text as rows."""

    def __len__(self) -> int: ...

    def row(self, index: int) -> Line:
        """The segments of one row."""
        ...

    def search(self, needle: re.Pattern[str]) -> list[int]:
        """The rows in which something that matches begins."""
        ...

    def text(self) -> str:
        """All of it, for copying."""
        ...


class PageRows:
    """A page that has been set to a width (`tui.present.describe.page`)."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def row(self, index: int) -> Line:
        return self._lines[index]

    def search(self, needle: re.Pattern[str]) -> list[int]:
        texts = ("".join(text for text, _ in line) for line in self._lines)
        return [index for index, text in enumerate(texts) if needle.search(text)]

    def text(self) -> str:
        return plain(self._lines)


class YamlRows:
    """YAML; a line longer than `width` takes several rows, or one where width is None."""

    def __init__(self, lines: Sequence[YamlLine], width: int | None) -> None:
        self._lines = lines
        self._width = max(10, width) if width is not None else None
        # The short ones are told apart here: asked one by one, half a million of them hold the loop.
        short = self._width // 2 if self._width is not None else 0
        self._ends = (
            list(accumulate([1 if len(line.text) <= short else self._rows_of(line) for line in lines]))
            if short
            else list(range(1, len(lines) + 1))
        )

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _piece(self, line: YamlLine) -> int:
        """Characters of a line on one row: half as many where some may take two columns."""
        if self._width is None:
            return PIECE
        return self._width if line.text.isascii() else max(1, self._width // 2)

    def _rows_of(self, line: YamlLine) -> int:
        length = len(line.text)
        if self._width is None or length * (1 if line.text.isascii() else 2) <= self._width:
            return 1
        piece = self._piece(line)
        return (length + piece - 1) // piece

    def row(self, index: int) -> Line:
        number, part = self._place(index)
        line = self._lines[number]
        if self._width is None or self._rows_of(line) == 1:
            return _painted(line, 0, PIECE)
        piece = self._piece(line)
        return _painted(line, part * piece, (part + 1) * piece)

    def _place(self, index: int) -> tuple[int, int]:
        """The line that a row is of, and which row of it."""
        number = bisect_right(self._ends, index)
        return number, index - (self._ends[number - 1] if number else 0)

    def search(self, needle: re.Pattern[str]) -> list[int]:
        found: dict[int, None] = {}
        search = needle.search
        for number in [number for number, line in enumerate(self._lines) if search(line.text)]:
            line = self._lines[number]
            first = self._ends[number - 1] if number else 0
            piece = self._piece(line) if self._rows_of(line) > 1 else len(line.text) + 1
            found.update((first + match.start() // piece, None) for match in needle.finditer(line.text))
        return list(found)

    def text(self) -> str:
        return "".join(f"{line.text}\n" for line in self._lines)


def _painted(line: YamlLine, start: int, end: int) -> Line:
    if line.comment:
        return ((line.text[start:end], "dim"),)
    key, value = line.text[start : min(end, line.key)], line.text[max(start, line.key) : end]
    style = "warn" if value.startswith(" # ") else ""
    return tuple(part for part in ((key, "accent"), (value, style)) if part[0])
