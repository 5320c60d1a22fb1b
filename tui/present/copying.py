"""How a copy is told: while it runs, and when it has ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.model.streams import Copied
from tui.present.ages import age
from tui.present.clean import clean
from tui.present.forms import Field, FieldType
from tui.present.parts import count
from tui.present.problems import Line
from tui.present.sizes import size_text

NAMED = 20
"""Entries of a kind that are named."""
SETTLED = 0.5
"""Seconds from which a rate says something."""


FROM, INTO = "from the container", "into it"
COPY_FIELDS = (
    Field("way", "copies", FROM, "", FieldType.CHOICE, (FROM, INTO)),
    Field("far", "path in the container", "", "a file or a folder; into a folder that is there, else under that name"),
    Field("near", "path on this machine", "./", "the same here; → completes", FieldType.PATH),
)
"""What is asked before a copy."""


def check_copy(values: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with what was typed, by field."""
    asked = {"far": "which path in the container?", "near": "which path here?"}
    return {name: words for name, words in asked.items() if not values[name].strip()}


def progress_words(done: Copied, seconds: float) -> str:
    """ "12.3 MiB of 200 MiB, 6 %, 8.1 MiB/s, data/a.bin"."""
    total = done.total
    parts = [f"{size_text(done.bytes)} of {size_text(total)}" if total else size_text(done.bytes)]
    if total:
        parts.append(f"{done.bytes * 100 // total} %")
    if seconds > SETTLED:
        parts.append(f"{size_text(int(done.bytes / seconds))}/s")
    if done.waits:
        parts.append(f"cut, goes on: {clean(done.waits, 60)}")
    elif done.path:
        parts.append(clean(done.path)[-40:])
    return ", ".join(parts)


def bar(done: int, total: int | None, width: int) -> str:
    """A line of `width` columns that fills; one that says nothing where nobody knows the total."""
    if not total:
        return "·" * width
    full = min(width, done * width // total)
    return "━" * full + "─" * (width - full)


def done_words(done: Copied, seconds: float, target: str) -> str:
    """ "copied 3 files, 12 MiB in 4s, to ./logs"."""
    cuts = f", cut {count(done.cuts, 'time')}" if done.cuts else ""
    amount = f"{count(done.files, 'file')}, {size_text(done.bytes)}"
    return f"copied {amount} in {age(seconds)}{cuts}, to {clean(target, 200)}"


def dropped_lines(done: Copied) -> list[Line]:
    """What was not copied, or not with all of its mode, each with its reason."""
    left_out = f"{count(len(done.left_out), 'entry', 'entries')} left out"
    bits = f"{count(len(done.bits), 'entry', 'entries')} without bits of the mode"
    return [*_named(left_out, done.left_out), *_named(bits, done.bits)]


def _named(title: str, entries: Sequence[str]) -> list[Line]:
    if not entries:
        return []
    more = len(entries) - NAMED
    lines = [Line(title, "heading"), *(Line(clean(words, 300), "warn") for words in entries[:NAMED])]
    return [*lines, Line(f"and {more} more", "dim")] if more > 0 else lines
