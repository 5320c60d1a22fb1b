"""The line that stands in a log where lines may be missing, so that the screen, a copy and a saved file tell of it.

No container wrote it and it is counted nowhere as received. What tells it from a line with the same words is its type,
which nothing that is read can have: no filter hides it, and nobody can write a line that no filter hides. It bears the
time of the line after the gap, before which it is sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tui.model.logs import LogGap
from tui.model.logstamp import LAST, SECOND

REASONS = {"rotated": "the log was rotated", "restarted": "the container restarted more than once"}


class GapLine(bytes):
    """Such a line among others."""


def gap_places(lines: Sequence[bytes]) -> list[int]:
    """Where such lines are among these."""
    if set(map(type, lines)) <= {bytes}:  # as nearly always
        return []
    return [place for place, line in enumerate(lines) if isinstance(line, GapLine)]


def gap_line(gap: LogGap) -> GapLine:
    """ "… ── lines may be missing, 2026-11-22 14:02:11Z to 14:02:19Z: the log was rotated ──", with a stamp."""
    after, before = _moment(gap.after), _moment(gap.before)
    whole, day = "%Y-%m-%d %H:%M:%SZ", "%H:%M:%SZ"
    until = f"{before:{day if after.date() == before.date() else whole}}"
    why = f": {REASONS[gap.why]}" if gap.why in REASONS else ""
    stamp = f"{before:%Y-%m-%dT%H:%M:%S}.{gap.before % SECOND:09d}Z"
    return GapLine(f"{stamp} ── lines may be missing, {after:{whole}} to {until}{why} ──".encode())


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(min(max(at, 0), LAST) // SECOND, UTC)
