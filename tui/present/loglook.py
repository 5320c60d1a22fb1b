"""How lines of logs are looked at: which columns, whose time, folded or not; and from when on they are asked for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from tui.errors import UsageError
from tui.model.logs import LogQuery

EVERYTHING = 2**31 - 1
"""As `LogQuery.tail`: all that there is (the largest number that every server reads)."""
_DAY = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
CONTEXTS = (0, 2, 5, 10)
"""Lines shown around each match, by turns."""


class LogLook(Struct, frozen=True):
    """times, sources: whether these columns are shown. wrap: long lines go on below. fields: JSON lines are shown as
    fields. utc: times are those of UTC, not of this machine. context: lines shown around each match of a filter.
    chosen: the fields that are shown, in this order; () = all."""

    times: bool = True
    sources: bool = True
    wrap: bool = False
    fields: bool = False
    utc: bool = False
    context: int = 0
    chosen: tuple[str, ...] = ()

    def turned(self, name: str) -> LogLook:
        """With the other value of one of the switches."""
        return replace(self, **{name: not getattr(self, name)})

    def wider(self) -> LogLook:
        """With the next number of lines around matches, or none again."""
        return replace(self, context=CONTEXTS[(CONTEXTS.index(self.context) + 1) % len(CONTEXTS)])


class Window(Struct, frozen=True):
    """A stretch of time that logs are asked for. words: what it is called. tail: lines at the start for each container,
    None = as many as the query says. seconds: not older than this. since, until: nanoseconds since the epoch, 0 = open.
    """

    words: str
    tail: int | None = None
    seconds: int | None = None
    from_top: bool = False
    since: int = 0
    until: int = 0

    def of(self, query: LogQuery) -> LogQuery:
        """`query`, asked for this stretch."""
        if self.tail is None:
            return query
        return replace(query, tail=self.tail, since_seconds=self.seconds, since=self.since, until=self.until)


TAIL = Window("tail")
WINDOWS = (
    Window("head", EVERYTHING, None, True),
    TAIL,
    *(
        Window(words, EVERYTHING, seconds)
        for words, seconds in (("1m", 60), ("5m", 300), ("15m", 900), ("30m", 1800), ("1h", 3600))
    ),
)
"""From what is left to what is right of another. `head` is all there is, from its beginning."""


def window_named(words: str) -> Window:
    return next(window for window in WINDOWS if window.words == words)


def window_beside(window: Window, step: int) -> Window:
    """The one to the left or to the right, as far as there are any; beside one that somebody typed is the tail."""
    if window not in WINDOWS:
        return TAIL
    return WINDOWS[max(0, min(len(WINDOWS) - 1, WINDOWS.index(window) + step))]


def window_typed(text: str, now: float, zone: tzinfo | None) -> Window:
    """ "14:00", "14:00 14:30", "2026-11-28T14:00Z 14:30": from a moment, and to another. A time of day is the last one
    that has been, and the end of a window the first one after its beginning. zone: whose times these are, None = this
    machine's. now: seconds since the epoch. Raises UsageError."""
    typed = text.split()
    if not 1 <= len(typed) <= 2:
        raise UsageError("from when, and until when: 14:00 14:30")
    today = datetime.fromtimestamp(now, UTC).astimezone(zone)
    since = _moment(typed[0], today)
    if since > today:
        if not _DAY.fullmatch(typed[0]):
            raise UsageError(f"{typed[0]} has not been yet")
        since -= timedelta(days=1)
    if len(typed) == 1:
        return Window(f"from {typed[0]}", EVERYTHING, None, True, _nanoseconds(since))
    until = _moment(typed[1], since)
    if until <= since and _DAY.fullmatch(typed[1]):
        until += timedelta(days=1)
    if until <= since:
        raise UsageError(f"{typed[1]} is not after {typed[0]}")
    words = f"{typed[0]} to {typed[1]}"
    return Window(words, EVERYTHING, None, True, _nanoseconds(since), _nanoseconds(until))


def _moment(word: str, day: datetime) -> datetime:
    """A date and time, or a time on `day`, whose zone is meant where none is said."""
    try:
        if _DAY.fullmatch(word):
            hour, minute, second = (int(part) for part in f"{word}:0".split(":")[:3])
            return day.replace(hour=hour, minute=minute, second=second, microsecond=0)
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise UsageError(f"{word[:40]} is no time: 14:00, 14:00:30 or 2026-11-28T14:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=day.tzinfo)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
