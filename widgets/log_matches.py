"""Which lines of a book are let through by a filter or found, a slice at a time so that keys never wait for a long
book."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from time import perf_counter

from tui.model.gapline import GapLine, gap_places
from tui.model.logs import LogBook, LogStatus
from tui.model.logstamp import text_of
from tui.present.logsieve import sifted

SCAN_LINES = 3_000
"""Lines looked through in one turn of the event loop, at most (a millisecond to five; a key waits for one)."""
SCAN_SECONDS = 0.005
"""After which a turn ends, where the pattern is a slow one."""
AT_ONCE = 256
"""Lines looked through between two looks at the time."""
MOST_STARTS = 10_000
"""Beginnings of groups from which on those are forgotten that have left the ring."""

Wanted = Callable[[Sequence[bytes]], Sequence[int]]
"""Which of these lines are wanted, by their places, in their order."""


class LogMatches:
    """The sequence numbers of lines that are `wanted`, oldest first, with `context` lines of the same log around each.

    seqs: with those around. hits: the matches alone (the same array where there is nothing else). gaps: the lines that
    tell where others may be missing are among `seqs` too, though no match. words: what `wanted` lines surely have in
    them, as in `sifted`. missed: lines that had left the ring before they could be looked at, since more were written
    than can be searched.
    """

    def __init__(self, wanted: Wanted, context: int = 0, *, gaps: bool = False, words: Sequence[str] = ()) -> None:
        # Arrays, and not lists: a search for garbage would look at each of their numbers.
        self.hits = array("q")
        self.seqs = array("q") if context or gaps else self.hits
        self.missed = 0
        self._wanted = wanted
        self._words = [word for word in words if word]
        self._around = Around(context)
        self._gaps = gaps
        self._scanned = 0
        self._begun = False

    def scan(self, book: LogBook, status: LogStatus) -> None:
        """Look at lines not looked at yet, and forget what the book has evicted."""
        self.forget(status.first_seq)
        begin = max(self._scanned, status.first_seq)
        lines, sources, gone = book.raw(begin, SCAN_LINES)
        first = begin + gone
        if self._begun:
            self.missed += first - self._scanned
        self._begun = True
        found, done = list[int](), 0
        until = perf_counter() + SCAN_SECONDS
        gaps = set(gap_places(lines))
        while done < len(lines) and (not done or perf_counter() < until):
            some = lines[done : done + AT_ONCE]
            places = [done + place for place in sifted(some, self._words)]
            texts = [GapLine(text_of(lines[one])) if one in gaps else text_of(lines[one]) for one in places]
            found += [places[which] for which in self._wanted(texts)]
            done += len(some)
        self._scanned = first + done if lines else status.next_seq
        if self.seqs is self.hits:
            self.hits.extend(first + place for place in found)
            return
        hits = [place for place in found if place not in gaps]
        self.hits.extend(first + place for place in hits)
        shown = self._around.of(first, hits, gaps, sources[:done], status.first_seq)
        if shown:
            at = bisect_left(self.seqs, shown[0])
            self.seqs[at:] = array("q", sorted([*self.seqs[at:], *shown]))

    def forget(self, first_seq: int) -> int:
        """Forget the lines before this one, which the book has evicted; how many of `seqs` those were."""
        evicted = bisect_left(self.seqs, first_seq)
        del self.seqs[:evicted]
        if self.seqs is not self.hits:
            del self.hits[: bisect_left(self.hits, first_seq)]
        return evicted

    def begins(self, seq: int) -> bool:
        """Whether lines of the same log are left out before this one, the first around a match."""
        return seq in self._around.starts

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


class Around:
    """Finds the `context` lines before and after matches, of the same source each: in a merged log the neighbours of a
    line may have nothing to do with it. starts: the first lines of groups before which others are left out."""

    def __init__(self, context: int) -> None:
        self.starts: set[int] = set()
        self._context = context
        self._before: dict[int, deque[int]] = {}
        self._after: dict[int, int] = {}
        self._left_out: set[int] = set()

    def of(
        self, first: int, hits: Sequence[int], gaps: AbstractSet[int], sources: Sequence[int], oldest: int
    ) -> list[int]:
        """Which lines are shown for what was looked at next, by their sequence numbers, sorted. first: the number of
        the first of them; hits, gaps: places among them; oldest: the number of the oldest line that there still is."""
        gaps = {place for place in gaps if place < len(sources)}
        if not self._context:
            return sorted(first + place for place in {*hits, *gaps})
        matched = set(hits)
        shown: list[int] = []
        for place, given in enumerate(sources):
            source = given if given >= 0 else ~given
            if place in matched:
                group = [seq for seq in self._before.pop(source, ()) if seq >= oldest]
                group.append(first + place)
                if source in self._left_out:
                    self._left_out.discard(source)
                    self.starts.add(group[0])
                shown += group
                self._after[source] = self._context
            elif place in gaps:
                shown.append(first + place)
            elif self._after.get(source, 0):
                self._after[source] -= 1
                shown.append(first + place)
            else:
                before = self._before.setdefault(source, deque(maxlen=self._context))
                if len(before) == self._context:
                    self._left_out.add(source)
                before.append(first + place)
        if len(self.starts) > MOST_STARTS:
            self.starts = {seq for seq in self.starts if seq >= oldest}
        return sorted(shown)
