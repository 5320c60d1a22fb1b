"""How a result is printed: `-o table|json|yaml|name`. stdout holds the result only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, TextIO, cast

from tui.present.clean import clean

if TYPE_CHECKING:
    from tui.model.streams import Queued

FORMATS = ("table", "json", "yaml", "name")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO | None = None) -> None:
    """Aligned columns with three spaces between them, as kubectl prints; nothing is cut. Cells are made safe."""
    print_columns(list(zip(headings, *rows, strict=True)), stream)


def print_columns(columns: Sequence[Sequence[object]], stream: TextIO | None = None, *, gap: bool = False) -> None:
    """The same, each column with its heading first: fifty thousand rows take a fifth of the time that they take row by
    row. gap: an empty line first, since a table went before."""
    if not columns:
        return
    *padded, last = map(_texts, columns)
    lines = map("   ".join, zip(*map(_padded, padded), last, strict=True))
    (stream or sys.stdout).write("\n" * gap + "\n".join(lines) + "\n")


def print_names(names: Iterable[str]) -> None:
    """One in a line."""
    sys.stdout.write("".join(f"{clean(name)}\n" for name in names))


def _texts(column: Sequence[object]) -> Sequence[str]:
    """The cells, made safe: one by one only where something in the column asks for it."""
    try:
        texts = cast("Sequence[str]", column)
        whole = "".join(texts)
    except TypeError:  # not of texts alone
        return [_cell(value) for value in column]
    return texts if whole.isascii() and whole.isprintable() else [_cell(value) for value in column]


def _padded(column: Sequence[str]) -> Iterable[str]:
    if "".join(column).isascii():
        return map(str.ljust, column, repeat(max(map(len, column))))
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


_by: list[Callable[[str], object]] = []
"""What writes on stderr, where that is not to be done directly."""


def say(text: str) -> None:
    """A word to the person, on stderr."""
    write = _by[-1] if _by else sys.stderr.write
    write(clean(text, 20_000) + "\n")


def say_by(write: Callable[[str], object]) -> None:
    """Have `write` write on stderr whatever is said from now on."""
    _by.append(write)


def say_queued(queued: Queued | None) -> None:
    """How many are ahead of a stream that waits, on stderr; nothing once it has its turn."""
    if queued is not None:
        say(queued.words)


def say_remedy(remedy: str) -> None:
    """What would help, on stderr under what was said; it may be several commands, one a line."""
    for line in remedy.splitlines():
        say(f"  try: {line}")
