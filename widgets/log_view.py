"""Log lines on screen: a line-API view over somebody else's ring of lines.

Bytes are decoded and cleaned only for the lines that are visible, so a source may write faster than anyone can read
(a text widget that keeps every line stalls at a few thousand a second). The view holds no lines of its own: only
where it looks, and with a filter the sequence numbers that match.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.model.logs import LogBook, LogLine, LogSource, LogStatus
from tui.present.clean import clean
from tui.present.filters import Filter
from tui.present.logtime import without_time
from tui.present.severity import severity
from widgets.log_matches import LINE_MAX, LogMatches
from widgets.row_table import STYLES
from widgets.scroll_keys import scroll_keys

Label = Callable[[LogSource], tuple[str, str]]
"""What a source is called on screen, and the name of its style."""

SOURCE_STYLES = tuple(f"source-{number}" for number in range(6))
TIME_WIDTH = 12
LABEL_MAX = 24


class LogView(ScrollView, can_focus=True):
    """Shows a `LogBook`. Call `advance` whenever its status changes; scrolling up stops following, the end resumes."""

    BINDINGS: ClassVar[list[BindingType]] = scroll_keys("log", "Follow")

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log-view--time",
        "log-view--found",
        "log-view--empty",
        *(f"log-view--{name}" for name in (*STYLES, *SOURCE_STYLES)),
    }

    DEFAULT_CSS = """
    LogView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .log-view--time { color: $text-muted; }
        & > .log-view--empty { color: $text-muted; }
        & > .log-view--found { background: $warning 40%; text-style: bold; }
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

    class FollowChanged(Message):
        """The view began or stopped to follow the newest line."""

        def __init__(self, view: LogView, following: bool) -> None:
            super().__init__()
            self.view = view
            self.following = following

        @property
        def control(self) -> LogView:
            return self.view

    def __init__(self, *, timezone: tzinfo | None = None, id: str | None = None) -> None:
        """timezone: in which times are shown; None is the machine's own."""
        super().__init__(id=id)
        self.empty_text: str = ""
        self._timezone = timezone
        self._book: LogBook | None = None
        self._label: Label | None = None
        self._status = LogStatus()
        self._filter: Filter | None = None
        self._needle: re.Pattern[str] | None = None
        self._matches: LogMatches | None = None
        self._labels: dict[int, tuple[str, str]] = {}
        self._label_width = 0
        self._widest = 0
        self._block: dict[int, LogLine] = {}
        self._styles: dict[str, Style] = {}

    # What is shown -------------------------------------------------------------------------------------------------

    def show_book(self, book: LogBook | None, label: Label) -> None:
        """Look at another book, from its end."""
        self._book, self._label = book, label
        self._labels.clear()
        self._label_width = self._widest = 0
        self._restart()
        self.following = True
        self.advance(book.status.feed.value or LogStatus() if book is not None else LogStatus())

    def set_filter(self, parsed: Filter | None) -> None:
        """Show only lines that match; None shows all. What matched is highlighted where it is plain text."""
        self._filter = parsed
        needle = parsed.needle if parsed is not None else ""
        flags = 0 if needle.lower() != needle else re.IGNORECASE
        self._needle = re.compile(re.escape(needle), flags) if needle else None
        self._restart()
        self.advance(self._status)

    def _restart(self) -> None:
        self._matches = LogMatches(self._filter) if self._filter is not None else None
        self._block = {}

    def advance(self, status: LogStatus) -> None:
        """The book went on: take in its new lines, keep the place (or the end, when following)."""
        gone = max(0, status.first_seq - self._status.first_seq) if self._filter is None else 0
        self._status = status
        for source in status.sources:
            if source.index not in self._labels and self._label is not None:
                text, style = self._label(source)
                self._labels[source.index] = (text, style)
                self._label_width = min(LABEL_MAX, max(self._label_width, cell_len(text)))
        gone += self._scan()
        self._block = {}
        self.virtual_size = Size(max(1, self._widest), self.line_count)
        if self.following:
            self._scroll_end()
        elif gone:
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True)
        self.refresh()

    def _scan(self) -> int:
        """Look for matches among new lines; how many matches were evicted."""
        if self._matches is None or self._book is None:
            return 0
        evicted = self._matches.scan(self._book, self._status)
        if self._matches.behind(self._status):
            self.call_later(self.advance, self._status)
        return evicted

    @property
    def line_count(self) -> int:
        """Lines that can be scrolled through."""
        if self._matches is not None:
            return len(self._matches.seqs)
        return self._status.next_seq - self._status.first_seq

    def visible_text(self) -> str:
        """What is on screen now, as plain text (for copying)."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height)).rstrip()

    # Painting ------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"log-view--{name}", partial=True)
        return style

    def _line(self, index: int) -> LogLine | None:
        if self._book is None:
            return None
        seq = self._matches.seqs[index] if self._matches is not None else self._status.first_seq + index
        found = self._block.get(seq)
        if found is None:
            wanted = 1 if self._filter is not None else max(1, self.size.height)
            lines, _ = self._book.since(seq, wanted)
            self._block.update((line.seq, line) for line in lines)
            found = self._block.get(seq)
        return found

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self.rich_style
        index = self.scroll_offset.y + y
        if self.line_count == 0 and y == 0 and self.empty_text:
            return Strip([Segment(self.empty_text, base + self._style("empty"))]).adjust_cell_length(width, base)
        line = self._line(index) if 0 <= index < self.line_count else None
        if line is None:
            return Strip.blank(width, base)
        strip = Strip(self._segments(line, base))
        if strip.cell_length > self._widest:
            self._widest = strip.cell_length
        left = self.scroll_offset.x
        return strip.crop(left, left + width).adjust_cell_length(width, base)

    def _segments(self, line: LogLine, base: Style) -> list[Segment]:
        label, label_style = self._labels.get(line.source, ("", "dim"))
        text = without_time(clean(line.text, LINE_MAX), line.at)
        tone = severity(text)
        style = base + self._style(tone) if tone else base
        parts = [
            Segment(self._time(line.at) + " ", base + self._style("time")),
            Segment(set_cell_size(label, self._label_width) + " ", base + self._style(label_style)),
        ]
        if self._needle is None:
            parts.append(Segment(text, style))
            return parts
        end = 0
        for found in self._needle.finditer(text):
            parts.append(Segment(text[end : found.start()], style))
            parts.append(Segment(found.group(), style + self._style("found")))
            end = found.end()
        parts.append(Segment(text[end:], style))
        return parts

    def _time(self, at: int) -> str:
        if at <= 0:
            return " " * TIME_WIDTH
        moment = datetime.fromtimestamp(at / 1e9, UTC).astimezone(self._timezone)
        return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"

    # Moving --------------------------------------------------------------------------------------------------------

    def watch_following(self, following: bool) -> None:
        if following:
            self._scroll_end()
        self.post_message(self.FollowChanged(self, following))

    def _scroll_end(self) -> None:
        self.scroll_to(y=max(0, self.line_count - self.size.height), animate=False, force=True)

    def on_resize(self) -> None:
        if self.following:
            self._scroll_end()

    def _move(self, y: float) -> None:
        last = max(0, self.line_count - self.size.height)
        self.following = y >= last
        if not self.following:
            self.scroll_to(y=max(0, y), animate=False, force=True)

    def action_rows(self, rows: int) -> None:
        self._move(self.scroll_offset.y + rows)

    def action_pages(self, pages: int) -> None:
        self._move(self.scroll_offset.y + pages * max(1, self.size.height - 1))

    def action_ends(self, direction: int) -> None:
        if direction > 0:
            self.following = True
        else:
            self._move(0)  # where everything fits on screen, the first line is also the last: it goes on following

    def action_sideways(self, columns: int) -> None:
        self.virtual_size = Size(max(1, self._widest), self.line_count)
        self.scroll_to(x=max(0, self.scroll_offset.x + columns), animate=False, force=True)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self._move(self.scroll_offset.y - 3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self._move(self.scroll_offset.y + 3)
