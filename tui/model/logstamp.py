"""The timestamp that a kubelet puts before every log line, and what it is read for: telling, sorting, resuming.

A raw line is `2026-11-22T01:04:09.830842202Z text`. Lines travel raw, and are parted only when they are looked at: a
million lines a second are received, some tens are shown. Timestamps in UTC with nine digits (the kubelet's usual form)
sort as bytes; any other form is brought into it.
"""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime

SECOND = 1_000_000_000
"""Nanoseconds."""

LAST = 253_402_214_399 * SECOND
"""The end of the last day but one of the year 9999: no later time can be told in every time zone."""

_STAMP = re.compile(
    rb"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:Z|([+-])(\d\d):(\d\d))(?: |$)", re.ASCII
)

usual_stamp = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?=Z )", re.ASCII).match
"""Matches the usual form, which is its own key."""


def parse_stamp(raw: bytes) -> tuple[int, int]:
    """The time that `raw` begins with, in nanoseconds since the epoch, and the length of its stamp with the space
    after it; (0, 0) where there is none."""
    found = _STAMP.match(raw)
    if found is None:
        return (0, 0)
    year, month, day, hour, minute, second = (int(number) for number in found.groups()[:6])
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31 and hour <= 23 and minute <= 59 and second <= 60):
        return (0, 0)
    seconds = timegm((year, month, day, hour, minute, second))
    if found[8] is not None:
        offset = int(found[9]) * 3600 + int(found[10]) * 60
        seconds -= offset if found[8] == b"+" else -offset
    fraction = int((found[7] or b"0").ljust(9, b"0"))
    at = seconds * SECOND + fraction
    return (at, found.end()) if 0 < at <= LAST else (0, 0)


def text_of(raw: bytes) -> bytes:
    """The line without its stamp."""
    if raw[19:20] == b"." and raw[29:31] == b"Z " and raw[20:29].isdigit():
        return raw[31:]
    return raw[parse_stamp(raw)[1] :]


def sort_key(raw: bytes) -> bytes:
    """Bytes that sort as the line's time does; b"" where it has none."""
    usual = usual_stamp(raw)
    if usual is not None:
        return usual[0]
    at, _ = parse_stamp(raw)
    if not at:
        return b""
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%S}.{at % SECOND:09d}".encode()


def moment_key(seconds: float) -> bytes:
    """The key of a line that is written at this time, seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000").encode()


class Stamps:
    """Parts raw lines; remembers the last second, which most neighbours share."""

    def __init__(self) -> None:
        self._second = b""
        self._second_at = 0

    def part(self, raw: bytes) -> tuple[int, bytes]:
        """The line's time (0 where it has none) and its text."""
        if raw[:19] == self._second and raw[19:20] == b"." and raw[29:31] == b"Z " and raw[20:29].isdigit():
            return (self._second_at + int(raw[20:29]), raw[31:])
        at, length = parse_stamp(raw)
        if at and raw[19:20] == b"." and raw[29:31] == b"Z ":
            self._second, self._second_at = raw[:19], at - at % SECOND
        return (at, raw[length:])
