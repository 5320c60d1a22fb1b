"""How lines of logs are looked at: which columns, whose time, folded or not; and from when on they are asked for."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from tui.model.logs import LogQuery

EVERYTHING = 2**31 - 1
"""As `LogQuery.tail`: all that there is (the largest number that every server reads)."""
CONTEXTS = (0, 2, 5, 10)
"""Lines shown around each match, by turns."""


class LogLook(Struct, frozen=True):
    """times, sources: whether these columns are shown. wrap: long lines go on below. fields: JSON lines are shown as
    fields. utc: times are those of UTC, not of this machine. context: lines shown around each match of a filter."""

    times: bool = True
    sources: bool = True
    wrap: bool = False
    fields: bool = False
    utc: bool = False
    context: int = 0

    def turned(self, name: str) -> LogLook:
        """With the other value of one of the switches."""
        return replace(self, **{name: not getattr(self, name)})

    def wider(self) -> LogLook:
        """With the next number of lines around matches, or none again."""
        return replace(self, context=CONTEXTS[(CONTEXTS.index(self.context) + 1) % len(CONTEXTS)])


class Window(Struct, frozen=True):
    """A stretch of time that logs are asked for. words: what it is called. tail: lines at the start for each container,
    None = as many as the query says. seconds: not older than this."""

    words: str
    tail: int | None = None
    seconds: int | None = None
    from_top: bool = False

    def of(self, query: LogQuery) -> LogQuery:
        """`query`, asked for this stretch."""
        if self.tail is None:
            return query
        return replace(query, tail=self.tail, since_seconds=self.seconds)


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
    """The one to the left or to the right, as far as there are any."""
    return WINDOWS[max(0, min(len(WINDOWS) - 1, WINDOWS.index(window) + step))]
