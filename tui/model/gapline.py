"""The line that stands in a log where lines may be missing, so that the screen, a copy and a saved file tell of it.

No container wrote it and it is counted nowhere as received. What tells it from a line with the same words is its type,
which nothing that is read can have: no filter hides it, and nobody can write a line that no filter hides. It bears the
time of the line after the gap, before which it is sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from tui.model.logs import LogGap
from tui.model.logstamp import LAST, SECOND

REASONS = {"rotated": "the log was rotated", "restarted": "the container restarted more than once"}
DAY = 86_400
"""Seconds that no zone is away from UTC."""


class GapLine(bytes):
    """Such a line among others, or its text. gap: what it tells of, where that is known."""

    gap: LogGap | None = None

    def cut(self, text: bytes) -> GapLine:
        """Its text."""
        line = GapLine(text)
        line.gap = self.gap
        return line


def gap_places(lines: Sequence[bytes]) -> list[int]:
    """Where such lines are among these."""
    if set(map(type, lines)) <= {bytes}:  # as nearly always
        return []
    return [place for place, line in enumerate(lines) if isinstance(line, GapLine)]


def gap_line(gap: LogGap) -> GapLine:
    """`gap_words` of UTC with a stamp, which is what all lines have that are as they were written."""
    stamp = f"{_moment(gap.before, UTC):%Y-%m-%dT%H:%M:%S}.{gap.before % SECOND:09d}Z"
    line = GapLine(f"{stamp} {gap_words(gap)}".encode())
    line.gap = gap
    return line


def gap_words(gap: LogGap, zone: tzinfo | None = UTC) -> str:
    """ "── lines may be missing, 2026-11-22 14:02:11Z to 14:02:19Z: the log was rotated ──". zone: in which its times
    are told, None = this machine's; only those of UTC have a Z, as in the column of times."""
    after, before = _moment(gap.after, zone), _moment(gap.before, zone)
    mark = "Z" if zone is UTC else ""
    whole, day = f"%Y-%m-%d %H:%M:%S{mark}", f"%H:%M:%S{mark}"
    until = f"{before:{day if after.date() == before.date() else whole}}"
    why = f": {REASONS[gap.why]}" if gap.why in REASONS else ""
    return f"── lines may be missing, {after:{whole}} to {until}{why} ──"


def _moment(at: int, zone: tzinfo | None) -> datetime:
    within = min(max(at, 0), LAST) // SECOND
    if zone is UTC:
        return datetime.fromtimestamp(within, UTC)
    return datetime.fromtimestamp(min(max(within, DAY), LAST // SECOND - DAY), UTC).astimezone(zone)
