"""Whether the last lines of a log can be told from all that came before them, by their text alone.

They can where one of them tells its own time, with its date, and that agrees with the kubelet's: no line that was
written at another time looks like it. The forms are those in which programs write: ISO 8601, klog's, seconds since the
epoch. Pure.
"""

from __future__ import annotations

import re

from tui.model.logstamp import SECOND, parse_stamp

_CLOCKS = re.compile(
    rb"(?:(?<!\d)\d{4}[-/]\d\d[-/]\d\d[T ]|(?<!\w)[IWEF]\d{4} +)\d\d:(?P<minute>\d\d):(?P<second>\d\d)(?!\d)", re.ASCII
)
_EPOCH = re.compile(rb"(?<![\d.])(\d{10})(?=\d{3}\b|\d{6}\b|\d{9}\b|\b)", re.ASCII)
_SLACK = 2
"""Seconds between writing a line and the kubelet's stamping it."""


def proof(lines: bytes) -> bytes:
    """The text of the last lines of a log, as it is without their stamps, where it can stand nowhere else in it; else
    b"". lines: with stamps; the first may lack its beginning, the last its end."""
    texts: list[bytes] = []
    certain = False
    for line in lines.split(b"\n"):
        at, length = parse_stamp(line)
        if at:
            texts.append(line[length:])
            certain = certain or _tells(line[length:], at)
        elif texts:
            texts.append(line)  # the end of the last line, or nothing behind it
    return b"\n".join(texts) if certain else b""


def _tells(text: bytes, at: int) -> bool:
    """Whether a line tells the time `at` (nanoseconds since the epoch), in whatever zone."""
    seconds = at // SECOND
    for found in _CLOCKS.finditer(text):
        apart = (seconds - int(found["minute"]) * 60 - int(found["second"])) % 3600
        if min(apart, 3600 - apart) <= _SLACK:
            return True
    return any(abs(seconds - int(found[1])) <= _SLACK for found in _EPOCH.finditer(text))
