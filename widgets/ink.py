"""From the present layer's style names to Textual's content. Server text goes through here as text, never as markup."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.present.parts import SEPARATOR, Part, folded
from tui.present.problems import Line
from tui.present.width import padded, text_width

INK = {
    "": "",
    "good": "$text-success",
    "warn": "$text-warning",
    "bad": "bold $text-error",
    "dim": "$text-muted",
    "accent": "$text-primary",
    "bold": "bold",
    "heading": "bold $text-primary",
}
"""Style names to Textual styles; the variables are the theme's."""

LABEL_GAP = 2
"""Columns between the labels of an explanation and its text."""


def ink(text: str, style: str = "") -> Content:
    return Content.styled(text, INK[style])


def line_of(parts: Sequence[Part], separator: str = SEPARATOR) -> Content:
    """Parts on one line."""
    return Content.assemble(*_between([(part.text, INK[part.style]) for part in parts], (separator, INK["dim"])))


def _between(items: list[tuple[str, str]], separator: tuple[str, str]) -> list[tuple[str, str]]:
    joined: list[tuple[str, str]] = []
    for item in items:
        joined.extend((separator, item) if joined else (item,))
    return joined


def block_of(lines: Sequence[Line], width: int) -> Content:
    """An explanation folded to `width` columns: labels in a column of their own, and nothing under them."""
    pieces: list[Content] = []
    for section in _sections(lines):
        indent = max((text_width(line.label) for line in section), default=0)
        indent += LABEL_GAP if indent else 0
        pieces += [Content("")] if pieces else []
        pieces += [piece for line in section for piece in _folded(line, indent, width)]
    return Content("\n").join(pieces)


def _sections(lines: Sequence[Line]) -> list[list[Line]]:
    """Cut before each heading."""
    found: list[list[Line]] = []
    for line in lines:
        if line.style == "heading" or not found:
            found.append([])
        found[-1].append(line)
    return found


def _folded(line: Line, indent: int, width: int) -> list[Content]:
    if not line.label and not line.copyable:
        return [ink(text, line.style) for text in folded(line.text, width)]
    texts = folded(line.text, width - indent)
    labels = [line.label, *[""] * (len(texts) - 1)]
    return [
        Content.assemble(ink(padded(label, indent), "dim"), ink(text, line.style))
        for label, text in zip(labels, texts, strict=True)
    ]
