"""A log line that begins with its own time, beside a column that shows the time already, says it once.

Half the width of a narrow pane is at stake. Only a time that agrees with the kubelet's is left out: one that differs
(a replayed log, a clock that is off, another time zone's date) is information, and stays.
"""

from __future__ import annotations

import re

_OWN_TIME = re.compile(
    r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:(?P<minute>\d\d):(?P<second>\d\d)(?:[.,]\d{1,9})?"
    r"(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?[ \t]+"
)
_SLACK = 2
"""Seconds between writing a line and the kubelet's stamping it."""


def without_time(text: str, at: int) -> str:
    """`text` without its leading date and time where that is, up to whole hours, the time `at` (nanoseconds since the
    epoch; 0 = not known)."""
    found = _OWN_TIME.match(text) if at > 0 else None
    if found is None:
        return text
    own = int(found["minute"]) * 60 + int(found["second"])
    apart = (at // 10**9 - own) % 3600
    return text[found.end() :] if min(apart, 3600 - apart) <= _SLACK else text
