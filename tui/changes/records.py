"""A journal entry as one line of JSON, and back; what an older or newer program wrote is read as far as it is known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from tui.model.changes import DiffLine, Entry

DIFF_LINES = 200
"""Of one change that are kept."""
BEGUN = "begun, and its end is not written down: nobody knows whether it was made; look at the object"
"""The problem of an entry until its end is known; what remains of it where the program was killed before."""
_LONGEST = 8 * 1024 * 1024
_UNWRITTEN = frozenset({"manifest", "patch"})
"""Arguments that are not kept: they can be large, and hold secrets; what they did is in the diff."""

_decoder = msgspec.json.Decoder(Entry)


def new_id(now: float) -> str:
    """Unique among all processes that write the journal; ids sort by time."""
    return f"{int(now * 1000):012x}-{os.urandom(4).hex()}"


def encoded(entry: Entry) -> bytes:
    """One line, with its end."""
    return msgspec.json.encode(bounded(entry)) + b"\n"


def bounded(entry: Entry) -> Entry:
    """The entry as it is kept."""
    args = {name: value for name, value in entry.args.items() if name not in _UNWRITTEN}
    diff = entry.diff
    if len(diff) > DIFF_LINES:
        more = DiffLine("@", f"… {len(diff) - DIFF_LINES} more lines")
        diff = (*diff[:DIFF_LINES], more)
    return replace(entry, args=args, diff=diff)


def decoded(lines: Iterable[bytes]) -> list[Entry]:
    """The entries in the order of the file; lines that are no entry (torn by a crash, or somebody else's) are left
    out."""
    found: list[Entry] = []
    for line in lines:
        if not line.strip() or len(line) > _LONGEST:
            continue
        try:
            found.append(_decoder.decode(line))
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
            continue
    return found


def newest_first(entries: Sequence[Entry], most: int) -> tuple[Entry, ...]:
    """At most `most`, those that have been undone with the id of what did. entries: in the order of the file; of those
    with one id the last one counts."""
    entries = tuple({entry.id: entry for entry in entries}.values())
    undone = {entry.args["undoes"]: entry.id for entry in entries if entry.args.get("undoes") and not entry.problem}
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)[:most]
    return tuple(replace(entry, undone_by=undone[entry.id]) if entry.id in undone else entry for entry in ordered)
