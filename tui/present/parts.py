"""One-line texts made of parts that give way by importance, so that a narrow screen loses the least.

A pane's border, the header and the footer all have too little room at 80 columns; each says its parts in the order
they are read and how much each matters, and `fit` drops whole parts, never half a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TypeAlias

from msgspec import Struct

from tui.present.width import text_width

Cell: TypeAlias = str | tuple[str, str]
"""Text, or text and the name of a style: "good", "warn", "bad", "dim", "accent"."""

SEPARATOR = " · "


class Part(Struct, frozen=True):
    """text: cleaned. style: "", "good", "warn", "bad", "dim" or "accent". importance: 0 is kept to the last.
    short: what is said in its stead before the part is dropped; worth two degrees more."""

    text: str
    style: str = ""
    importance: int = 0
    short: str = ""


def fit(parts: Sequence[Part], room: int, separator: int = len(SEPARATOR)) -> tuple[Part, ...]:
    """The parts that fit into `room` columns: of the least important the last goes first. One always stays."""
    kept = [part for part in parts if part.text]
    while len(kept) > 1 and _length(kept, separator) > room:
        least = max(part.importance for part in kept)
        last = max(index for index, part in enumerate(kept) if part.importance == least)
        part = kept.pop(last)
        if part.short:
            kept.insert(last, Part(part.short, part.style, max(0, part.importance - 2)))
    return tuple(kept)


def _length(parts: Sequence[Part], separator: int) -> int:
    return sum(text_width(part.text) for part in parts) + separator * (len(parts) - 1)


def folded(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` characters, broken between words where it can be; never empty."""
    return wrap(text, max(8, width), break_on_hyphens=False) or [""]


def joined(parts: Sequence[Part]) -> str:
    """The line as plain text."""
    return SEPARATOR.join(part.text for part in parts if part.text)


def cell_text(cell: Cell) -> str:
    """A cell without its style."""
    return cell if isinstance(cell, str) else cell[0]


def count(number: int, singular: str, plural: str = "") -> str:
    """ "1 membership", "2,310 memberships"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
