"""Keeps in the ring the lines that somebody looks at, and those below them, for as long as he does not follow.

Who follows wants the newest, and the oldest leave the full ring. Who has stopped, or has asked for the beginning, would
have the lines that he came for taken away while he reads: so the streams wait for him (`LogBook.reader`), unless a file
is being written that has all of them.
"""

from __future__ import annotations

from tui.model.logs import YOU, LogBook, LogReader

ABOVE = 4
"""Of the ring this part is kept for lines that have been scrolled past."""


class LogHold:
    """book: whose lines are looked at; None = none. saved: a file has every line."""

    def __init__(self) -> None:
        self.book: LogBook | None = None
        self.saved = False
        self._reader: LogReader | None = None

    @property
    def keeps(self) -> bool:
        """Whether lines are kept."""
        return self._reader is not None

    def look_at(self, book: LogBook | None) -> None:
        """Look at another book."""
        self.leave()
        self.book = book

    def stay(self, position: int | None, capacity: int) -> None:
        """What is looked at begins at this sequence number; None = the end is followed, or there is nothing to see.
        capacity: lines that the ring holds, of which a part is kept above, for who goes back a little."""
        if position is None or self.saved or self.book is None:
            self.leave()
            return
        if self._reader is None:
            self._reader = self.book.reader(YOU, looks=True)
        self._reader.looks_at(max(0, position - capacity // ABOVE))

    def leave(self) -> None:
        """Lines may leave the ring again."""
        if self._reader is not None:
            self._reader.leave()
            self._reader = None
