"""Which lines of a book are let through by a filter or found, a slice at a time so that keys never wait for a long
book."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from time import perf_counter

from tui.model.logs import LogBook, LogStatus
from tui.model.logstamp import text_of

SCAN_LINES = 3_000
"""Lines looked through in one turn of the event loop, at most (two milliseconds to ten; a key waits for one)."""
SCAN_SECONDS = 0.01
"""After which a turn ends, where the pattern is a slow one."""
AT_ONCE = 256
"""Lines looked through between two looks at the time."""

Wanted = Callable[[Sequence[bytes]], Sequence[int]]
"""Which of these lines are wanted, by their places, in their order."""


class LogMatches:
    """The sequence numbers of lines that are `wanted`, oldest first, with `context` lines around each.

    seqs: with those around. hits: the matches alone (the same list where there is no context). missed: lines that had
    left the ring before they could be looked at, since more were written than can be searched.
    """

    def __init__(self, wanted: Wanted, context: int = 0) -> None:
        self.hits: list[int] = []
        self.seqs: list[int] = self.hits if not context else []
        self.missed = 0
        self._wanted = wanted
        self._context = context
        self._scanned = 0
        self._begun = False

    def scan(self, book: LogBook, status: LogStatus) -> int:
        """Look at lines not looked at yet, and forget what the book has evicted; how many of `seqs` those were."""
        evicted = bisect_left(self.seqs, status.first_seq)
        del self.seqs[:evicted]
        if self._context:
            del self.hits[: bisect_left(self.hits, status.first_seq)]
        if self._begun:
            self.missed += max(0, status.first_seq - self._scanned)
        self._begun = True
        begin = max(self._scanned, status.first_seq)
        lines, _, gone = book.raw(begin, SCAN_LINES)
        first = begin + gone
        found, done = list[int](), 0
        until = perf_counter() + SCAN_SECONDS
        while done < len(lines) and (not done or perf_counter() < until):
            some = lines[done : done + AT_ONCE]
            found += [first + done + place for place in self._wanted([text_of(line) for line in some])]
            done += len(some)
        self.hits.extend(found)
        self._scanned = first + done if lines else status.next_seq
        if self._context:
            self._surround(found, status)
        return evicted

    def _surround(self, found: list[int], status: LogStatus) -> None:
        """Take in the lines around new matches, and those that the last matches before still want behind them."""
        around = self._context
        before = len(self.hits) - len(found)
        for hit in [*self.hits[max(0, before - 1) : before], *found]:
            start = max(hit - around, status.first_seq, self.seqs[-1] + 1 if self.seqs else 0)
            self.seqs.extend(range(start, min(hit + around + 1, self._scanned)))

    def behind(self, status: LogStatus) -> int:
        """Lines yet to be looked at."""
        return max(0, status.next_seq - max(self._scanned, status.first_seq))

    def is_hit(self, seq: int) -> bool:
        place = bisect_left(self.hits, seq)
        return place < len(self.hits) and self.hits[place] == seq

    def rank(self, seq: int) -> int:
        """How many matches there are up to `seq`, this one included."""
        return bisect_right(self.hits, seq)

    def place(self, seq: int) -> int:
        """Index in `seqs` of `seq`, or of the first after it."""
        return bisect_left(self.seqs, seq)
