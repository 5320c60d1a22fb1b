"""How far a long piece of work has come, on the last line of a terminal; nothing where stderr is none."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from tui.model.changes import Tell

FEW = 10
"""So many are done before anybody has read the line."""


@contextmanager
def counting(words: str, stream: TextIO) -> Generator[Tell]:
    """Gives what is to be told "so many of so many"; the line is taken away in the end. words: what has been done to
    them."""
    shown = ""

    def tell(done: int, of: int) -> None:
        nonlocal shown
        text = f"{done} of {of} {words}"
        if of <= FEW or not stream.isatty():
            return
        stream.write(f"\r{text}")  # grows only, so it covers what was there
        stream.flush()
        shown = text

    try:
        yield tell
    finally:
        if shown:
            stream.write(f"\r{' ' * len(shown)}\r")
            stream.flush()
