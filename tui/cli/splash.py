"""The first bytes on screen, before anything heavy is imported: a person at the far end of an SSH line sees at once
that it starts. Textual then paints over it."""

import os
import sys

_ENTER = "\x1b[?1049h\x1b[2J\x1b[H\x1b[?25l"
_LEAVE = "\x1b[?25h\x1b[?1049l"

_painted = False


def in_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def paint(words: str = "starting …") -> None:
    """Enter the alternate screen and write one line; once more replaces the line."""
    global _painted
    _painted = True
    _write(f"{_ENTER}\x1b[1m clusterview \x1b[0m\x1b[2m {words}\x1b[0m")


def hand_over() -> None:
    """Textual has the screen from here on, and leaves it by itself."""
    global _painted
    _painted = False


def wipe() -> None:
    """Leave the alternate screen again, where Textual never came to do it."""
    global _painted
    if _painted:
        _painted = False
        _write(_LEAVE)


def _write(text: str) -> None:
    try:
        os.write(1, text.encode())
    except OSError:
        pass  # a terminal that is gone is found out by the driver, with a better message
