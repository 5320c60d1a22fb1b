"""How many cells of a terminal a text takes: Chinese, Japanese and Korean characters and emoji take two, marks that
combine with the character before them none."""

from __future__ import annotations


def text_width(text: str) -> int:
    """Cells of a cleaned text."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only where there is something to look up

    return cell_len(text)


def padded(text: str, cells: int) -> str:
    """`text` with spaces behind it up to that many cells."""
    return text + " " * (cells - text_width(text))
