"""From the present layer's style names to Textual's content. Server text goes through here as text, never as markup."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.present.parts import SEPARATOR, Part
from tui.present.problems import Line

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

LABEL_WIDTH = 14
"""Columns for the labels of an explanation."""


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


def block_of(lines: Sequence[Line]) -> Content:
    """An explanation: labels in a column of their own."""
    return Content("\n").join(_labelled(line) for line in lines)


def _labelled(line: Line) -> Content:
    if not line.label:
        return ink(line.text, line.style)
    return Content.assemble(ink(line.label.ljust(LABEL_WIDTH), "dim"), ink(line.text, line.style))
