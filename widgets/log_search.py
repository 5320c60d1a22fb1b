"""Which lines of a book are shown, and which of them are found: the filter and the find of a log view together."""

from __future__ import annotations

from tui.model.logs import LogBook, LogStatus
from tui.present.guarded import Needle, too_slow
from tui.present.logfilter import LogFilter
from widgets.log_finding import LogFinding
from widgets.log_matches import LogMatches


class LogSearch:
    """wanted: the filter, None = everything is shown. shown: what it lets through, with lines around; None likewise."""

    def __init__(self) -> None:
        self.wanted: LogFilter | None = None
        self.shown: LogMatches | None = None
        self.finding = LogFinding()

    def begin(self, wanted: LogFilter | None, context: int) -> None:
        """Let through other lines, or the same of another book. context: lines around each match."""
        self.wanted = wanted
        self.shown = None
        if wanted is not None and not wanted.slow:
            self.shown = LogMatches(wanted.chosen, context, gaps=True, words=wanted.demanded)
        self.finding.begin(self.finding.pattern, self._among)

    def find(self, pattern: Needle | None) -> None:
        """Look for something else among the lines that are let through."""
        self.finding.begin(pattern, self._among)

    def scan(self, book: LogBook, status: LogStatus) -> None:
        """Look through a slice of what is new. A filter that is given up hides nothing any more."""
        if self.shown is not None:
            self.shown.scan(book, status)
        if self.shown is not None and self.wanted is not None and self.wanted.slow:
            self.shown = None
            self.finding.begin(self.finding.pattern, None)
        self.finding.scan(book, status)

    def forget(self, first_seq: int) -> int:
        """Forget the lines before this one, which the book has evicted; how many of the lines shown those were."""
        if self.finding.matches is not None:
            self.finding.matches.forget(first_seq)
        return self.shown.forget(first_seq) if self.shown is not None else 0

    def left(self, status: LogStatus) -> tuple[int, int]:
        """Lines that have yet to be looked at, and those that left the ring before they could be."""
        found = self.finding.matches if self.finding.seeks else None
        searches = [search for search in (self.shown, found) if search is not None]
        behind = max((search.behind(status) for search in searches), default=0)
        return behind, max((search.missed for search in searches), default=0)

    @property
    def _among(self) -> LogFilter | None:
        """The filter, where it hides anything."""
        return self.wanted if self.shown is not None else None

    @property
    def seeks(self) -> bool:
        """Whether lines are looked through."""
        return self.shown is not None or self.finding.seeks

    @property
    def slow(self) -> bool:
        """Whether what is looked for took too long, and is looked for no more."""
        return too_slow(self.finding.pattern) or (self.wanted is not None and self.wanted.slow)

    @property
    def marks(self) -> tuple[Needle, ...]:
        """What is marked in lines."""
        return (*(self.wanted.marks if self.wanted is not None and not self.wanted.slow else ()), *self.finding.marks)

    def is_hit(self, seq: int) -> bool | None:
        """Whether a line is a match and not one around; None where everything is shown."""
        return self.shown.is_hit(seq) if self.shown is not None else None

    def begins(self, seq: int) -> bool:
        """Whether lines of the same log are left out before this one, the first around a match."""
        return self.shown is not None and self.shown.begins(seq)

    def count(self, status: LogStatus) -> int:
        """Lines that can be scrolled through."""
        return len(self.shown.seqs) if self.shown is not None else status.next_seq - status.first_seq

    def matching(self, status: LogStatus) -> tuple[int, int] | None:
        """How many lines the filter lets through, and of how many that there are; None without one."""
        return (len(self.shown.hits), status.next_seq - status.first_seq) if self.shown is not None else None

    def seq(self, index: int, status: LogStatus) -> int:
        """The sequence number of the line at `index` of those shown."""
        return self.shown.seqs[index] if self.shown is not None else status.first_seq + index

    def index(self, seq: int, status: LogStatus) -> int:
        return self.shown.place(seq) if self.shown is not None else seq - status.first_seq

    def since(self, seq: int, status: LogStatus) -> int:
        """How many of the lines shown came from `seq` on."""
        if self.shown is not None:
            return len(self.shown.seqs) - self.shown.place(seq)
        return status.next_seq - seq
