"""The first bytes on screen, before anything heavy is imported: a person at the far end of an SSH line sees at once
that it starts. Textual then paints over it."""

from __future__ import annotations

import os
import sys

ENTER = "\x1b[?1049h\x1b[2J\x1b[H"
LEAVE = "\x1b[?1049l"


def paint(words: str = "starting …") -> None:
    """Enter the alternate screen and write one line."""
    _write(f"{ENTER}\x1b[?25l\x1b[1m clusterview \x1b[0m\x1b[2m {words}\x1b[0m")


def wipe() -> None:
    """Leave the alternate screen again, where Textual never came to do it."""
    _write(f"\x1b[?25h{LEAVE}")


def _write(text: str) -> None:
    try:
        os.write(sys.__stdout__.fileno() if sys.__stdout__ else 1, text.encode())
    except OSError:
        pass  # a terminal that is gone is found out by the driver, with a better message
