"""What a log view shows: the lines of somebody else's book, all of them or those that are looked for.

The view holds no lines of its own: only where it looks, and with a filter or a find the sequence numbers that match.
"""

from __future__ import annotations

from datetime import tzinfo
from time import monotonic

from textual.message import Message
from textual.reactive import reactive

from tui.model.logs import YOU, LogBook, LogReader, LogStatus
from tui.present.guarded import Needle
from tui.present.logfilter import LogFilter
from tui.present.loglook import LogLook
from tui.present.logs import pill_words
from widgets.log_hold import LogHold
from widgets.log_paint import Label, Labels
from widgets.log_place import Place
from widgets.log_sheet import LogSheet
from widgets.typed_order import key_under_way

REST = 0.005
"""Seconds between two turns of a search, in which keys are answered."""
GIVES_WAY = 6
"""Turns of a search that are left out while a key is answered, at most: somebody may type on and on."""
PROGRESS = 0.15
"""Seconds between two paints of what a search has found so far: each costs more than a turn of it."""


class LogSight(LogSheet):
    """Which lines a log view shows; how they are painted is `widgets.log_sheet`'s, and how one moves among them
    `widgets.log_view`'s. Call `go_on` whenever the book's status changes."""

    following: reactive[bool] = reactive(True, repaint=False)

    class Sought(Message):
        """More was found, or another one of it was gone to."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LogSight.Sought)

    def __init__(self, *, timezone: tzinfo | None = None, id: str | None = None) -> None:
        """timezone: in which times are shown; None is the machine's own."""
        super().__init__(timezone=timezone, id=id)
        self.reader: LogReader | None = None
        """Told how far the lines have been looked through; set while this is on screen and anything is looked for."""
        self.hold = LogHold()
        self._paused_at = 0
        self._passed = 0
        self.from_top = False
        self._searching = False
        self._gave_way = 0
        self._painted = self._found = 0.0
        """When the screen was painted, and when a search last found what was not painted at once."""

    # What is shown -------------------------------------------------------------------------------------------------

    def show_book(self, book: LogBook | None, label: Label, *, from_top: bool = False) -> None:
        """Look at another book, from its end; or from its beginning, and stay there."""
        self.rows.book, self.rows.labels = book, Labels(label)
        self.rows.paint_anew()
        self.hold.look_at(book)
        self.rows.left = 0
        self.search.begin(self.search.wanted, self.look.context)
        self._place = Place()
        self._place.following = self.following = not from_top
        self.from_top = from_top
        self.advance(book.status.feed.value or LogStatus() if book is not None else LogStatus())

    def set_filter(self, parsed: LogFilter | None) -> None:
        """Show only lines that match, and those around; None shows all. What matched is marked."""
        self.search.begin(parsed, self.look.context)
        self.advance(self.rows.status)

    def set_look(self, look: LogLook) -> None:
        """Look at the lines in another way."""
        again = look.context != self.look.context
        self.rows.look = look
        if again:
            self.search.begin(self.search.wanted, look.context)
        self.rows.left = 0 if look.wrap else self.rows.left
        self._place.skip = 0
        self.advance(self.rows.status)

    def find(self, pattern: Needle | None) -> None:
        """Mark what matches, without hiding anything; None forgets it."""
        self.search.find(pattern)
        self.advance(self.rows.status)

    def advance(self, status: LogStatus) -> None:
        """The book went on: take in its new lines, keep the place (or the end, when following)."""
        self._take_in(status)
        self._show()

    def go_on(self, status: LogStatus) -> bool:
        """The same, where only lines have come: while a search goes on they are painted with what it finds, which
        `Sought` tells of. Whether they are painted now."""
        self._take_in(status)
        if self._searching:
            return self._show_soon()
        self._show()
        return True

    def _catch_up(self) -> None:
        """Show the newest lines where those on the screen have left the ring: whoever stops in a flood is to have lines
        before him."""
        newest = self._newest()
        if not self._place.following or self._place.top >= self.line_count:
            return
        if newest.first_seq > self.search.seq(self._place.top, self.rows.status):
            self._take_in(newest)
            self._anew()

    def _newest(self) -> LogStatus:
        """How far the book is now, which may be further than what has been painted."""
        newest = self.rows.book.status.feed.value if self.rows.book is not None else None
        return newest if newest is not None else self.rows.status

    def _take_in(self, status: LogStatus) -> None:
        first, forgotten = self.rows.status.first_seq, self.search.forget(status.first_seq)
        self._leave(forgotten if self.search.shown is not None else max(0, status.first_seq - first))
        self.rows.status = status
        self.rows.labels.learn(status.sources)
        if not self._searching:
            self._search()
        self.tell()

    def _leave(self, gone: int) -> None:
        """So many of the first lines shown have gone."""
        if gone:
            self._passed += self._place.gone(gone)

    def tell(self) -> None:
        """Tell the reader how far the lines have been looked through."""
        if self.reader is not None:
            self.reader.reached(self.rows.status.next_seq - self.unsearched[0])

    def _show(self) -> None:
        self._anew()
        if self.search.finding.pattern is not None or self.search.shown is not None:
            self.post_message(self.Sought())

    def _search(self) -> None:
        """Look through a slice of what is new."""
        book, status = self.rows.book, self.rows.status
        if book is None:
            return
        filtered, top = self.search.shown is not None, self._place.top
        seq = self.search.seq(top, status) if filtered and top < self.line_count else status.first_seq
        self.search.scan(book, status)
        if filtered and self.search.shown is None:  # given up
            self._place.top, self._place.skip = max(0, seq - status.first_seq), 0
            self.post_message(self.Sought())
        elif filtered and not self.following:  # lines around a match of one log may belong above those of others
            self._place.top += max(0, self.search.index(seq, status) - top)
        if self.unsearched[0]:
            self._searching = True
            self.set_timer(REST, self._next_turn)  # not one message behind another: others would never have a turn

    def _next_turn(self) -> None:
        if self._gave_way < GIVES_WAY and key_under_way(self):
            self._gave_way += 1
            self.set_timer(REST, self._next_turn)
            return
        self._searching, self._gave_way = False, 0
        self._take_in(self.rows.status)
        self._show_soon()

    def _show_soon(self) -> bool:
        """Show what has been found, not before it is time to; a search that is over shows it all. Whether it is shown
        now."""
        rest = PROGRESS - (monotonic() - self._painted)
        if rest <= 0:
            self._show()
            return True
        self._forget()
        self._found = monotonic()
        if not self._searching:
            self.set_timer(rest, self._show_found)
        return False

    def _show_found(self) -> None:
        """What a search has found, unless it has been painted meanwhile."""
        if self._painted <= self._found:
            self._show()
        else:
            self.post_message(self.Sought())

    def _anew(self) -> None:
        super()._anew()
        self._painted = monotonic()
        self._stay()

    def all_kept(self, kept: bool) -> None:
        """Whether every line is written into a file, so that none is kept here for whoever looks at it."""
        if kept is not self.hold.saved:
            self.hold.saved = kept
            self._stay()

    def _stay(self) -> None:
        """Have the lines kept that are looked at, and those below, unless the end is: then all that have waited come in
        at once, when that has been painted."""
        if self._top is not None:
            self._keep()
        elif self.hold.keeps:
            self.call_after_refresh(self._keep)

    def _keep(self) -> None:
        self.hold.stay(self._top, self.rows.status.capacity)

    @property
    def _top(self) -> int | None:
        """The number of the first line on the screen; None where the end is followed, or nothing is there."""
        there = self._place.top < self.line_count and not self.following
        return self.search.seq(self._place.top, self.rows.status) if there else None

    @property
    def unseen(self) -> int:
        """Lines that came since the view was paused (with a filter: that match)."""
        if self.following or self.from_top:
            return 0
        return self.search.since(self._paused_at, self.rows.status)

    @property
    def unsearched(self) -> tuple[int, int]:
        """Lines that a filter or a find has yet to look at, and those that left the ring before it could."""
        return self.search.left(self.rows.status)

    def pill(self) -> str:
        return "" if self.following else pill_words(self.unseen, self._passed, full=self.rows.status.held == YOU)
