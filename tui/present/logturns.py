"""Logs that take turns, because more of them are followed than may be open at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.model.logs import LogSource, how_often
from tui.present.logcontainers import open_to
from tui.present.parts import count


def waiting_words(sources: Sequence[LogSource], name: Callable[[LogSource], str]) -> str:
    """ "503 of 623 logs wait for their turns, which come about every 4 min: one/web-1/app and 502 more"; "" where none
    waits. name: what one is called."""
    waiting = [source for source in sources if source.queued]
    if not waiting:
        return ""
    turns = [source.every for source in waiting]
    often = " to ".join(dict.fromkeys(how_often(every) for every in (min(turns), max(turns))))
    more = f" and {len(waiting) - 1:,} more" if len(waiting) > 1 else ""
    verb, whose = ("waits", "its turn, which comes") if len(waiting) == 1 else ("wait", "their turns, which come")
    return (
        f"{len(waiting):,} of {count(len(open_to(sources)), 'log')} {verb} for {whose} {often}: "
        f"{name(waiting[0])}{more} (more are followed than may be open at once: narrow the query; "
        "what comes late for that is marked [turn])"
    )
