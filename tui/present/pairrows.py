"""Paired lines as rows of a screen: in two columns, or one below the other with signs before them.

Texts are cleaned before they are measured, so that wide, combining and hostile characters cannot move the columns.
Which lines differ is told by a sign in both, never by colour alone: ≠ < > in two columns, - + in one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby, pairwise, zip_longest

from msgspec import Struct

from tui.present.clean import clean
from tui.present.describe.page import Line as Row
from tui.present.pairing import Pair, changed, differences, stretches
from tui.present.parts import count, folded
from tui.present.problems import Line
from tui.present.width import text_width
from tui.present.yamltext import YamlLine

MOST = 10_000
"""Lines that are shown."""
LONGEST = 2_000_000
"""Characters of a line that are shown; more than an API server stores."""
MIDDLE = 3
"""Columns between the two texts: the sign and a space on each side."""
SIGNS = 2
"""Columns before the text where both stand below each other."""


class Cell(Struct, frozen=True, gc=False):
    """One cleaned text. key: characters at its beginning that are a key. mark: how the part is shown in which it
    differs from the other, from and to `span`."""

    text: str
    style: str = ""
    key: int = 0
    mark: str = ""
    span: tuple[int, int] = (0, 0)


class Entry(Struct, frozen=True, gc=False):
    """One line of the view: two cells have a column each, a single one goes over the whole width. place: the number of
    the difference that it is part of, -1 = of none."""

    sign: str
    cells: tuple[Cell | None, ...]
    place: int = -1


class PairRows:
    """`TextRows` over entries. width: of the whole. here: the difference that the reader is at."""

    def __init__(self, entries: Sequence[Entry], width: int, here: int = -1) -> None:
        self.here = here
        self._entries = entries
        self._width = max(24, width)
        self._half = (self._width - MIDDLE) // 2
        self._ends = list(accumulate(self._height(entry) for entry in entries))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _room(self, entry: Entry) -> int:
        return self._half if len(entry.cells) > 1 else self._width - SIGNS

    def _height(self, entry: Entry) -> int:
        room = self._room(entry)
        return max(1, *(_rows_of(cell, room) for cell in entry.cells))

    def row(self, index: int) -> Row:
        number = bisect_right(self._ends, index)
        entry, part = self._entries[number], index - (self._ends[number - 1] if number else 0)
        room = self._room(entry)
        style = "here" if 0 <= entry.place == self.here else "warn" if entry.place >= 0 else "dim"
        sign = (entry.sign, style if entry.sign else "")
        if len(entry.cells) == 1:
            (cell,) = entry.cells
            return (*((sign, (" ", "")) if entry.sign else (("  ", ""),)), *_painted(cell, part, room)[0])
        left, right = entry.cells
        text, used = _painted(left, part, room)
        return (*text, (" " * (room - used + 1), ""), sign, (" ", ""), *_painted(right, part, room)[0])

    def first_row(self, place: int) -> int:
        """The row at which a difference begins: of a long line the one in which it does."""
        number = next((at for at, entry in enumerate(self._entries) if entry.place == place), 0)
        entry = self._entries[number]
        room = self._room(entry)
        inside = [cell.span[0] // _piece(cell, room) for cell in entry.cells if cell is not None and cell.mark]
        return (self._ends[number - 1] if number else 0) + min(inside, default=0)

    def search(self, needle: re.Pattern[str]) -> list[int]:
        ends = [0, *self._ends]
        return [
            ends[number]
            for number, entry in enumerate(self._entries)
            if any(cell is not None and needle.search(cell.text) for cell in entry.cells)
        ]

    def text(self) -> str:
        rows = ("".join(text for text, _ in self.row(index)) for index in range(len(self)))
        return "".join(f"{row.rstrip()}\n" for row in rows)


def _piece(cell: Cell, room: int) -> int:
    """Characters of a cell on one row: half as many where some may take two columns."""
    if cell.text.isascii():
        return room
    wide = len(cell.text) > room or text_width(cell.text) > room
    return max(1, room // 2) if wide else room


def _rows_of(cell: Cell | None, room: int) -> int:
    if cell is None or len(cell.text) * 2 <= room:
        return 1
    piece = _piece(cell, room)
    return max(1, (len(cell.text) + piece - 1) // piece)


def _painted(cell: Cell | None, part: int, room: int) -> tuple[list[tuple[str, str]], int]:
    """One piece of a cell as segments, and the columns that they take."""
    if cell is None:
        return [], 0
    piece = _piece(cell, room)
    start, end = part * piece, min(len(cell.text), (part + 1) * piece)
    first, last = cell.span if cell.mark else (0, 0)
    key = 0 if cell.style else cell.key
    cuts = [start, *sorted(cut for cut in {key, first, last} if start < cut < end), end]
    segments = [
        (cell.text[a:b], cell.mark if first <= a < last else "accent" if a < key else cell.style)
        for a, b in pairwise(cuts)
        if a < b
    ]
    return segments, text_width(cell.text[start:end])


# What is on them ------------------------------------------------------------------------------------------------------


def line_cell(line: YamlLine | None, style: str = "") -> Cell | None:
    if line is None:
        return None
    key = clean(line.text[: line.key], LONGEST)
    text = key + clean(line.text[line.key :], LONGEST)
    return Cell(text, style or ("dim" if line.comment else ""), len(key))


def _marked(cell: Cell | None, other: Cell | None, mark: str) -> Cell | None:
    """With the part in which it differs; all of it where the other has no such line."""
    if cell is None:
        return None
    if other is None:
        return Cell(cell.text, mark, cell.key)
    span = changed(cell.text, other.text)
    if span[0] >= span[1]:  # nothing in it is different; the other says more
        return cell
    return Cell(cell.text, cell.style, cell.key, mark, span)


def entries(pairs: Sequence[Pair], *, columns: bool, everything: bool, dim: tuple[bool, bool]) -> list[Entry]:
    """columns: beside each other. everything: also what is far from a difference. dim: whose lines may be no more."""
    places = differences(pairs)
    runs = [(0, len(pairs), True)] if everything else stretches(len(pairs), places)
    number = {at: place for place, (first, end) in enumerate(places) for at in range(first, end)}
    made: list[Entry] = []
    for first, end, shown in runs:
        if not shown:
            made.append(Entry("", (Cell(f"⋯ {count(end - first, 'line')} the same", "dim"),)))
        elif columns:
            made += [_beside(pairs[at], number.get(at, -1), dim) for at in range(first, min(end, first + MOST))]
        else:
            made += _below(pairs, first, min(end, first + MOST), number, dim)
        if len(made) > MOST:
            return [*made[:MOST], Entry("", (Cell("… and more lines; c copies them all", "dim"),))]
    return made


def _beside(pair: Pair, place: int, dim: tuple[bool, bool]) -> Entry:
    left, right = (line_cell(one, "dim" if old else "") for one, old in zip((pair.left, pair.right), dim, strict=True))
    if pair.same:
        return Entry("│", (left, right))
    sign = "<" if right is None else ">" if left is None else "≠"
    return Entry(sign, (_marked(left, right, "bad"), _marked(right, left, "good")), place)


def _below(
    pairs: Sequence[Pair], first: int, end: int, number: dict[int, int], dim: tuple[bool, bool]
) -> Iterator[Entry]:
    """Of each difference first the lines of the one, then those of the other."""
    for place, run in groupby(range(first, end), lambda at: number.get(at, -1)):
        both = [_beside(pairs[at], place, dim) for at in run]
        if place < 0:
            yield from (Entry("", entry.cells[:1]) for entry in both)
            continue
        for side, sign in ((0, "-"), (1, "+")):
            yield from (Entry(sign, (entry.cells[side],), place) for entry in both if entry.cells[side] is not None)


def note_cells(lines: Iterable[Line], width: int) -> list[Cell]:
    """An explanation folded to a column."""
    made: list[Cell] = []
    for line in lines:
        said = f"{line.label}: {line.text}" if line.label else line.text
        made += [Cell(text, line.style) for text in folded(clean(said, LONGEST), width)]
    return made


def one_sided(
    lines: Sequence[YamlLine] | None, notes: Sequence[Line], *, columns: bool, width: int, right: bool
) -> list[Entry]:
    """One that can be read, and why the other cannot. right: the other is the right one."""
    shown = [line_cell(line) for line in (lines or ())[:MOST]]
    if not columns:
        said = [Entry("+" if right else "-", (cell,)) for cell in note_cells(notes, width - SIGNS)]
        return [*said, Entry("", (Cell(""),)), *(Entry("", (cell,)) for cell in shown)]
    noted = note_cells(notes, (width - MIDDLE) // 2)
    both = zip_longest(shown, noted) if right else zip_longest(noted, shown)
    return [Entry("│", pair) for pair in both]


def unread(notes: tuple[Sequence[Line], Sequence[Line]], *, columns: bool, width: int) -> list[Entry]:
    """Neither can be read."""
    if columns:
        half = (width - MIDDLE) // 2
        return [Entry("│", pair) for pair in zip_longest(*(note_cells(one, half) for one in notes))]
    return [
        Entry(sign, (cell,))
        for one, sign in zip(notes, "-+", strict=True)
        for cell in (*note_cells(one, width - SIGNS), Cell(""))
    ]
