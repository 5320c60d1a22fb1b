"""The line that stands in a log where lines may be missing, so that the screen, a copy and a saved file tell of it.

No container wrote it and it is counted nowhere as received. It bears the time of the line after the gap, before which
it is sorted.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tui.model.logs import LogGap
from tui.model.logstamp import LAST, SECOND

REASONS = {"rotated": "the log was rotated", "restarted": "the container restarted more than once"}


def gap_line(gap: LogGap) -> bytes:
    """ "… ── lines may be missing, 2026-11-22 14:02:11Z to 14:02:19Z: the log was rotated ──", with a stamp."""
    after, before = _moment(gap.after), _moment(gap.before)
    whole, day = "%Y-%m-%d %H:%M:%SZ", "%H:%M:%SZ"
    until = f"{before:{day if after.date() == before.date() else whole}}"
    why = f": {REASONS[gap.why]}" if gap.why in REASONS else ""
    stamp = f"{before:%Y-%m-%dT%H:%M:%S}.{gap.before % SECOND:09d}Z"
    return f"{stamp} ── lines may be missing, {after:{whole}} to {until}{why} ──".encode()


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(min(max(at, 0), LAST) // SECOND, UTC)
