"""A description as blocks, and how they are set on lines of a given width.

What is said is decided without knowing the width; every text goes through `clean` here, so no description can forget
to. A `Head` begins a section and has an empty line before it; `Pair`s that follow each other share the column in which
their values stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TypeAlias

from msgspec import Struct
from rich.cells import cell_len, chop_cells

from tui.present.clean import clean
from tui.present.parts import Cell, cell_text

INDENT = 2
GAP = 2
WIDEST_LABEL = 28
NARROWEST = 24
"""Columns that a value or the last cell of a row is given at least; where a grid leaves less, it goes below."""
MARK_COLUMN = 2

Segment: TypeAlias = tuple[str, str]
"""Text, cleaned, and the name of its style."""
Line: TypeAlias = tuple[Segment, ...]


class Head(Struct, frozen=True):
    """note: said behind it, dim ("9 in total", "not seen: forbidden"). depth 1 is a heading inside a section."""

    text: str
    note: str = ""
    depth: int = 0
    style: str = ""


class Pair(Struct, frozen=True):
    """A labelled value. An empty label continues the one before. bullet: the first of a list's item."""

    label: str
    value: Cell
    depth: int = 0
    bullet: bool = False


class Note(Struct, frozen=True):
    """Text on its own. whole: not folded, however long (data that must stay as it is)."""

    text: str
    style: str = ""
    depth: int = 0
    whole: bool = False


class Grid(Struct, frozen=True):
    """A table. The last column takes the room that is left, and is folded."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    depth: int = 0


Block: TypeAlias = Head | Pair | Note | Grid


def pairs(*given: tuple[str, Cell], depth: int = 0) -> list[Pair]:
    """Labelled values; empty ones are left out."""
    return [Pair(label, value, depth) for label, value in given if cell_text(value)]


def listed(label: str, values: Iterable[Cell], depth: int = 0) -> list[Pair]:
    """Several values under one label, one a line."""
    return [Pair(label if not index else "", value, depth) for index, value in enumerate(values)]


def setting(blocks: Sequence[Block], width: int) -> list[Line]:
    """The lines of a page `width` columns wide."""
    lines: list[Line] = []
    for kind, group in groupby(blocks, key=lambda block: (type(block), block.depth)):
        if kind[0] is Pair:
            lines.extend(_pairs([block for block in group if isinstance(block, Pair)], width))
            continue
        for block in group:
            if isinstance(block, Head):
                lines.extend(_head(block, bool(lines)))
            elif isinstance(block, Note):
                lines.extend(_note(block, width))
            elif isinstance(block, Grid):
                lines.extend(_grid(block, width))
    return lines


def plain(lines: Iterable[Line]) -> str:
    """The page as text."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def _head(head: Head, after: bool) -> Iterator[Line]:
    if after and not head.depth:
        yield ()
    text = (" " * INDENT * head.depth + clean(head.text, 300), head.style or ("bold" if head.depth else "heading"))
    yield (text, ("  " + clean(head.note, 300), "dim")) if head.note else (text,)


def _pairs(group: Sequence[Pair], width: int) -> Iterator[Line]:
    labels = [clean(pair.label, WIDEST_LABEL) for pair in group]
    column = min(WIDEST_LABEL, max(map(_wide, labels))) + GAP
    lead = " " * INDENT * group[0].depth
    for label, pair in zip(labels, group, strict=True):
        before = f"{lead[:-INDENT]}- " if pair.bullet else lead
        room = max(NARROWEST, width - len(lead) - column)
        text, style = _parts(pair.value)
        for index, piece in enumerate(_folded(clean(text), room)):
            shown = label if not index else ""
            yield (((lead if index else before) + _padded(shown, column), "dim"), (piece, style))


def _note(note: Note, width: int) -> Iterator[Line]:
    lead = " " * INDENT * note.depth
    text = clean(note.text)
    # A mark at the beginning hangs, so that what is folded is read as one.
    hang = " " * MARK_COLUMN if text[1:2] == " " and not text[:1].isalnum() else ""
    room = max(NARROWEST, width - len(lead) - len(hang))
    pieces = [text] if note.whole else _folded(text, room)
    for index, piece in enumerate(pieces):
        yield ((lead + (hang if index else "") + piece, note.style),)


def _grid(grid: Grid, width: int) -> Iterator[Line]:
    rows = [[(clean(text, 2000), style) for text, style in map(_parts, row)] for row in grid.rows]
    heads = [clean(name, 60) for name in grid.columns]
    last = len(heads) - 1
    widths = [max([len(heads[i]), *(_wide(row[i][0]) for row in rows)]) for i in range(last)]
    lead = " " * INDENT * grid.depth
    used = len(lead) + sum(widths) + GAP * last
    longest = max([len(heads[last]), *(_wide(row[last][0]) for row in rows)])
    beside = width - used >= min(NARROWEST, longest)
    shown = heads if beside else heads[:last]
    yield ((lead + _row(shown, widths), "dim"),)
    for row in rows:
        cells = _cells(row[:last], widths, lead)
        pieces = _folded(row[last][0], (width - used) if beside else max(NARROWEST, width - len(lead) - INDENT))
        if not beside:
            yield tuple(cells)
            yield from (((lead + " " * INDENT + piece, row[last][1]),) for piece in pieces if piece)
            continue
        yield (*cells, (pieces[0], row[last][1]))
        yield from (((" " * used + piece, row[last][1]),) for piece in pieces[1:])


def _row(texts: Sequence[str], widths: Sequence[int]) -> str:
    padded = [text.ljust(width + GAP) for text, width in zip(texts, widths, strict=False)]
    return "".join([*padded, *texts[len(widths) :]])


def _cells(row: Sequence[Segment], widths: Sequence[int], lead: str) -> list[Segment]:
    cells = [(_padded(text, width + GAP), style) for (text, style), width in zip(row, widths, strict=True)]
    return [(lead, ""), *cells] if lead else cells


def _parts(cell: Cell) -> tuple[str, str]:
    return (cell, "") if isinstance(cell, str) else cell


def _folded(text: str, room: int) -> list[str]:
    """In lines of at most `room` columns; characters that take two count as two."""
    if text.isascii():
        return [text] if len(text) <= room else wrap(text, room, break_on_hyphens=False) or [""]
    if cell_len(text) <= room:
        return [text]
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= room:
            lines[-1] = longer
            continue
        first, *more = chop_cells(word, room) or [""]
        lines[-1:] = [lines[-1], first, *more] if lines[-1] else [first, *more]
    return lines


def _wide(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _wide(text))
