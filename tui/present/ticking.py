"""Times that a server printed as "so long ago" are counted on, so that an event of two seconds ago does not stay one.

A row comes again only when its object changes; between, the server's own words for how long ago something was would
stand still on a screen that says it is live. AGE needs none of this: it is counted from the object's creation.
"""

from __future__ import annotations

import re

from tui.model.times import age_seconds
from tui.present.ages import age

_COLUMNS = frozenset({"LAST SEEN", "FIRST SEEN", "LAST SCHEDULE"})
"""Columns of built-in kinds that hold an age without being of type "date" (kubernetes/pkg/printers/internalversion)."""
_AGO = re.compile(r"\((\w+) ago\)\Z")
"""Behind a count: the last of a pod's restarts, "3 (5m ago)"."""


def ticking(name: str, kind: str) -> bool:
    """Whether a column of this name (upper case) and type holds ages. Those of custom kinds are of type "date"."""
    return kind == "date" or name in _COLUMNS


def ticked(text: str, elapsed: float, *, whole: bool) -> str:
    """`text`, printed `elapsed` seconds ago, as of now. whole: it is an age, and not only ends with one."""
    if elapsed < 1:
        return text
    if whole:
        seconds = age_seconds(text)
        return text if seconds is None else age(seconds + elapsed)
    found = _AGO.search(text)
    if found is None or (seconds := age_seconds(found[1])) is None:
        return text
    return f"{text[: found.start()]}({age(seconds + elapsed)} ago)"
