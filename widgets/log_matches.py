"""Which lines of a book a filter lets through, found a slice at a time so that keys never wait for a long book."""

from __future__ import annotations

from bisect import bisect_left

from tui.model.logs import LogBook, LogStatus
from tui.present.clean import clean
from tui.present.filters import Filter

SCAN_LINES = 20_000
"""Lines looked through in one turn of the event loop (some ten milliseconds)."""
LINE_MAX = 2_000
"""Characters of a line that are shown, and so are looked through."""


class LogMatches:
    """The sequence numbers that match, oldest first."""

    def __init__(self, wanted: Filter) -> None:
        self.seqs: list[int] = []
        self._wanted = wanted
        self._scanned = 0

    def scan(self, book: LogBook, status: LogStatus) -> int:
        """Look at lines not looked at yet, and forget those that the book has evicted: how many matches those were."""
        evicted = bisect_left(self.seqs, status.first_seq)
        del self.seqs[:evicted]
        start = max(self._scanned, status.first_seq)
        lines, _ = book.since(start, SCAN_LINES)
        matches = self._wanted.matches_text
        self.seqs.extend(line.seq for line in lines if matches(clean(line.text, LINE_MAX)))
        self._scanned = lines[-1].seq + 1 if lines else status.next_seq
        return evicted

    def behind(self, status: LogStatus) -> bool:
        """Whether there are lines yet to look at."""
        return self._scanned < status.next_seq
