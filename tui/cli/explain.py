"""`clusterview explain`: what a line of a log, an event or an error means, by the table that the screen uses."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence

from tui.cli.output import say
from tui.diagnose.known import BY_CODE
from tui.errors import UsageError
from tui.present.explained import explained, of_lines
from tui.present.problems import Line

LONGEST = 64 << 10
"""Bytes of one line that are read; the rest of a longer one is looked at as a line of its own."""


def run(arguments: argparse.Namespace) -> int:
    """1 where nothing of it is known. Raises UsageError where there is nothing to explain."""
    words = " ".join(arguments.text).strip()
    piped = words == "-" or (not words and not sys.stdin.isatty())
    if not words and not piped:
        raise UsageError("give the text, a code such as CV107, or - to read from a pipe")
    code = BY_CODE.get(words.upper())
    if code is not None:
        _print(explained(code))
        return 0
    details = of_lines(_piped() if piped else words.splitlines())
    if details is None:
        say("nothing in it is known")
        return 1
    _print(details.lines)
    return 0


def _piped() -> Iterator[str]:
    while line := sys.stdin.buffer.readline(LONGEST):
        yield line.decode(errors="replace").rstrip("\n")


def _print(lines: Sequence[Line]) -> None:
    sys.stdout.writelines(_texts(lines))


def _texts(lines: Iterable[Line]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if line.style == "heading":
            yield f"{chr(10) * (number > 0)}{line.text}\n"
        else:
            yield f"  {line.label:<6}  {line.text}\n"
