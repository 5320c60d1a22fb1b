"""Log lines on screen: a line-API view over somebody else's ring of lines.

Bytes are decoded and cleaned only for the lines that are visible, so a source may write faster than anyone can read
(a text widget that keeps every line stalls at a few thousand a second). The view holds no lines of its own: only
where it looks, and with a filter or a find the sequence numbers that match.
"""

from __future__ import annotations

from datetime import tzinfo
from time import monotonic
from typing import ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.model.logs import YOU, LogBook, LogLine, LogReader, LogStatus
from tui.present.guarded import Needle
from tui.present.logfilter import LogFilter
from tui.present.loglook import LogLook
from tui.present.logs import pill_words
from tui.present.sourcenames import SOURCE_STYLES
from widgets.log_hold import LogHold
from widgets.log_paint import Label, Labels
from widgets.log_place import Place
from widgets.log_rows import LogRows
from widgets.log_search import LogSearch
from widgets.row_sight import STYLES

REST = 0.005
"""Seconds between two turns of a search, in which keys are answered."""
PROGRESS = 0.1
"""Seconds between two paints of what a search has found so far: each costs more than a turn of it."""


class LogSight(ScrollView):
    """What a log view shows and how it is painted; how one moves in it is `widgets.log_view`'s. Call `advance` whenever
    the book's status changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log-view--time",
        "log-view--found",
        "log-view--here",
        "log-view--badge",
        "log-view--pill",
        "log-view--empty",
        *(f"log-view--{name}" for name in (*STYLES, *SOURCE_STYLES)),
    }

    DEFAULT_CSS = """
    LogSight {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .log-view--time { color: $text-muted; }
        & > .log-view--empty { color: $text-muted; }
        & > .log-view--found { background: $warning 40%; text-style: bold; }
        & > .log-view--here { background: $warning 40%; text-style: bold reverse; }
        & > .log-view--badge { color: $text-accent; text-style: bold; }
        & > .log-view--pill { color: $text-primary; text-style: bold reverse; }
        & > .log-view--bad { color: $text-error; }
        & > .log-view--warn { color: $text-warning; }
        & > .log-view--dim { color: $text-muted; }
        & > .log-view--accent { color: $text-primary; }
        & > .log-view--source-0 { color: $text-primary; }
        & > .log-view--source-1 { color: $text-secondary; }
        & > .log-view--source-2 { color: $text-success; }
        & > .log-view--source-3 { color: $text-warning; }
        & > .log-view--source-4 { color: $text-accent; }
        & > .log-view--source-5 { color: $foreground 80%; }
    }
    """

    following: reactive[bool] = reactive(True, repaint=False)

    class Sought(Message):
        """More was found, or another one of it was gone to."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LogSight.Sought)

    def __init__(self, *, timezone: tzinfo | None = None, id: str | None = None) -> None:
        """timezone: in which times are shown; None is the machine's own."""
        super().__init__(id=id)
        self.empty_text: str = ""
        self.search = LogSearch()
        self.rows = LogRows(self.search, timezone, self._style)
        self.reader: LogReader | None = None
        """Told how far the lines have been taken in; set while this is on screen."""
        self.hold = LogHold()
        self._place = Place()
        self._paused_at = 0
        self._passed = 0
        self.from_top = False
        self._searching = False
        self._painted = self._found = 0.0
        """When the screen was painted, and when a search last found what was not painted at once."""
        self._frame: list[tuple[int, int]] | None = None
        self._styles: dict[str, Style] = {}

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

    def _take_in(self, status: LogStatus) -> None:
        gone = max(0, status.first_seq - self.rows.status.first_seq) if self.search.shown is None else 0
        self.rows.status = status
        self.rows.labels.learn(status.sources)
        if not self._searching:
            gone += self._search()
        if self.reader is not None:
            self.reader.reached(status.next_seq - self.unsearched[0])
        if gone:
            self._passed += self._place.gone(gone)

    def _show(self) -> None:
        self._anew()
        if self.search.finding.pattern is not None:
            self.post_message(self.Sought())

    def _search(self) -> int:
        """Look through a slice of what is new; how many of the lines shown have gone."""
        book, status = self.rows.book, self.rows.status
        if book is None:
            return 0
        filtered, top = self.search.shown is not None, self._place.top
        seq = self.search.seq(top, status) if filtered and top < self.line_count else status.first_seq
        gone = self.search.scan(book, status)
        if filtered and self.search.shown is None:  # given up
            self._place.top, self._place.skip = max(0, seq - status.first_seq), 0
            self.post_message(self.Sought())
        elif filtered and not self.following:  # lines around a match of one log may belong above those of others
            self._place.top += max(0, self.search.index(seq, status) - max(0, top - gone))
        if self.unsearched[0]:
            self._searching = True
            self.set_timer(REST, self._go_on)  # not one message behind another: others would never have a turn
        return gone

    def _go_on(self) -> None:
        self._searching = False
        self._take_in(self.rows.status)
        rest = PROGRESS - (monotonic() - self._painted)
        if rest <= 0:
            self._show()
            return
        self._forget()
        self._found = monotonic()
        if not self._searching:
            self.set_timer(rest, self._show_found)

    def _show_found(self) -> None:
        """What a search has found, unless it has been painted meanwhile."""
        if self._painted <= self._found:
            self._show()

    def _forget(self) -> None:
        """What is on screen is no longer what would be painted."""
        self.rows.forget()
        self._frame = None

    def _anew(self) -> None:
        """Everything on screen is to be painted again."""
        self._styles.pop("", None)
        self._forget()
        self._painted = monotonic()
        self._measure(Size(1, self.line_count))
        self._layout()
        self._stay()
        self.refresh()

    def all_kept(self, kept: bool) -> None:
        """Whether every line is written into a file, so that none is kept here for whoever looks at it."""
        if kept is not self.hold.saved:
            self.hold.saved = kept
            self._stay()

    def _stay(self) -> None:
        """Have the lines kept that are looked at, and those below, unless the end is."""
        there = self._place.top < self.line_count
        top = self.search.seq(self._place.top, self.rows.status) if there and not self.following else None
        self.hold.stay(top, self.rows.status.capacity)

    def _measure(self, size: Size) -> None:
        """There are so many lines now. A new virtual size has Textual lay out the whole screen and paint all of it, ten
        times a second and more while lines come; only a scrollbar that comes or goes needs that."""
        if self.show_vertical_scrollbar and size.height > self.size.height:
            self.set_reactive(cast("Reactive[Size]", LogSight.virtual_size), size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    @property
    def look(self) -> LogLook:
        """How the lines are looked at."""
        return self.rows.look

    @property
    def line_count(self) -> int:
        """Lines that can be scrolled through."""
        return self.rows.count

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

    # Painting ------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self.rows.paint_anew()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self.rich_style  # which is worked out anew, from all that is around, each time it is asked for
            if name:
                style += self.get_component_rich_style(f"log-view--{name}", partial=True)
            self._styles[name] = style
        return style

    def _line(self, index: int) -> LogLine | None:
        # A screenful at a time, upwards where the screen is laid out from its end.
        upwards = self._place.following and self.look.wrap
        return self.rows.line(index, max(1, self.size.height), upwards=upwards)

    def _rows_of(self, index: int) -> list[Strip]:
        return self.rows.of(index, self._line(index), self.scrollable_content_region.width)

    def _height_of(self, index: int) -> int:
        return len(self._rows_of(index)) if self.look.wrap else 1

    def _layout(self) -> list[tuple[int, int]]:
        if self._frame is None:
            self._frame = self._place.layout(self.line_count, self.size.height, self._height_of)
            self.scroll_to(y=self._place.top, animate=False, force=True)
        return self._frame

    def _pill(self) -> str:
        """What stands in the last row of a view that does not follow."""
        return "" if self.following else pill_words(self.unseen, self._passed, full=self.rows.status.held == YOU)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self._style("")
        if self.line_count == 0 and y == 0 and self.empty_text:
            return Strip([Segment(self.empty_text, self._style("empty"))]).adjust_cell_length(width, base)
        layout = self._layout()
        strip = Strip.blank(width, base)
        if y < len(layout):
            index, row = layout[y]
            rows = self._rows_of(index)
            strip = rows[min(row, len(rows) - 1)]
        if y == self.size.height - 1 and (pill_text := self._pill()):
            pill = Strip([Segment(f" {pill_text} ", self._style("pill"))])
            room = max(0, width - pill.cell_length)
            return Strip.join([strip.crop(0, room), pill]).crop(0, width)
        return strip
