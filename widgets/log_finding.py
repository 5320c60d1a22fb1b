"""A find in a log: all the lines in which a pattern occurs, and the one that was gone to."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.gapline import GapLine
from tui.model.logs import LogBook, LogStatus
from tui.present.guarded import Needle, too_slow
from tui.present.logfilter import LogFilter, whole_texts
from tui.present.logsieve import plain_words
from widgets.log_matches import LogMatches


class LogFinding:
    """pattern: what is looked for, None = nothing. here: the line that was gone to last, -1 = none."""

    def __init__(self) -> None:
        self.pattern: Needle | None = None
        self.matches: LogMatches | None = None
        self.here = -1

    def begin(self, pattern: Needle | None, among: LogFilter | None) -> None:
        """Look for something else. among: only in lines that this filter lets through, and in those
        that it cannot hide."""
        if pattern != self.pattern:
            self.here = -1
        self.pattern = pattern
        if pattern is None:
            self.matches = None
            return

        def wanted(lines: Sequence[bytes]) -> list[int]:
            found = [place for place, text in enumerate(whole_texts(lines)) if pattern.search(text) is not None]
            return (
                found
                if among is None
                else [p for p in found if isinstance(lines[p], GapLine) or among.matches(lines[p])]
            )

        self.matches = LogMatches(wanted, words=[plain_words(pattern)])

    @property
    def seeks(self) -> bool:
        """Whether it is looked for; no more where that took too long."""
        return self.pattern is not None and not too_slow(self.pattern)

    @property
    def marks(self) -> tuple[Needle, ...]:
        return (self.pattern,) if self.pattern is not None and self.seeks else ()

    @property
    def counts(self) -> tuple[int, int]:
        """Which of those found is the one gone to (from 1; 0 = none of them), and how many there are."""
        if self.matches is None:
            return 0, 0
        return self.matches.rank(self.here) if self.matches.is_hit(self.here) else 0, len(self.matches.hits)

    def scan(self, book: LogBook, status: LogStatus) -> None:
        """Look at new lines."""
        if self.matches is not None and self.seeks:
            self.matches.scan(book, status)

    def go(self, step: int, first: int, last: int) -> int | None:
        """The sequence number of the next line downwards (step 1) or upwards (-1); None where nothing was found. first,
        last: lines on the screen; where none was gone to yet, the search begins at its far edge."""
        if self.matches is None or not self.matches.hits:
            return None
        hits = self.matches.hits
        if self.here < 0:
            at = self.matches.rank(first - 1) if step > 0 else self.matches.rank(last) - 1
        else:
            at = self.matches.rank(self.here) if step > 0 else self.matches.rank(self.here - 1) - 1
        self.here = hits[at % len(hits)]
        return self.here
