"""How a result is printed: `-o table|json|yaml|name`. stdout holds the result only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from tui.present.clean import clean

FORMATS = ("table", "json", "yaml", "name")


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO | None = None, *, gap: bool = False
) -> None:
    """Aligned columns with three spaces between them, as kubectl prints; nothing is cut. Cells are made safe. gap: an
    empty line first, since a table went before."""
    # Column by column: ten thousand rows take a third of the time that they take row by row.
    columns = [list(map(_cell, column)) for column in zip(headings, *rows, strict=True)]
    padded = [_padded(column) for column in columns[:-1]]
    lines = map("   ".join, zip(*padded, columns[-1], strict=True))
    (stream or sys.stdout).write("\n" * gap + "\n".join(lines) + "\n")


def print_names(names: Iterable[str]) -> None:
    """One in a line."""
    sys.stdout.write("".join(f"{clean(name)}\n" for name in names))


def _padded(column: Sequence[str]) -> list[str]:
    if all(map(str.isascii, column)):
        width = max(map(len, column))
        return [cell.ljust(width) for cell in column]
    from tui.present.width import padded, text_width

    widest = max(map(text_width, column))
    return [padded(cell, widest) for cell in column]


def _cell(value: object) -> str:
    if value is None:
        return "<none>"
    text = value if type(value) is str else str(value)
    return text if text.isascii() and text.isprintable() else clean(text)


def print_document(value: object, form: str, stream: TextIO | None = None) -> None:
    """One JSON or YAML document."""
    from tui.cli.documents import write_document

    write_document(value, form, stream or sys.stdout)


def print_result(
    form: str,
    *,
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    documents: Sequence[Mapping[str, object]],
    names: Sequence[str],
    nothing: str,
) -> None:
    """The same list in the form asked for. `nothing` is said on stderr when a table would be empty."""
    if form == "name":
        print_names(names)
    elif form in ("json", "yaml"):
        print_document({"items": list(documents)}, form)
    elif rows:
        print_table(headings, rows)
    else:
        say(nothing)


def say(text: str) -> None:
    """A word to the person, on stderr."""
    sys.stderr.write(clean(text, 20_000) + "\n")


def safe_line(line: bytes) -> bytes:
    """A line of a log as it is; onto a terminal, which must not be driven by what a container prints, cleaned."""
    return clean(line, 1_000_000).encode() if sys.stdout.isatty() else line
