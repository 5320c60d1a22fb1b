"""Moving in a log: scrolling up stops following, the end resumes; `n` and `N` go to what was found."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.scrollbar import ScrollTo

from tui.model.logs import LogLine
from tui.present.logfilter import LINE_MAX
from widgets.log_sight import LogSight
from widgets.scroll_keys import scroll_keys


class LogView(LogSight, can_focus=True):
    """A `LogSight` with keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *scroll_keys("log", "Follow"),
        Binding("n", "found(1)", "Next that was found", show=False, id="log.next"),
        Binding("N", "found(-1)", "The one before", show=False, id="log.previous"),
    ]

    class FollowChanged(Message):
        """The view began or stopped to follow the newest line."""

        def __init__(self, view: LogView, following: bool) -> None:
            super().__init__()
            self.view = view
            self.following = following

        @property
        def control(self) -> LogView:
            return self.view

    # What is on the screen ------------------------------------------------------------------------------------------

    def lines_seen(self) -> list[LogLine]:
        """The lines on screen now."""
        lines = [self._line(index) for index in dict.fromkeys(index for index, _ in self._layout())]
        return [line for line in lines if line is not None]

    def visible_text(self) -> str:
        """The lines on screen now, whole, as plain text (for copying)."""
        paint = self.rows.paint(self.look)
        return "\n".join(paint.plain(line).rstrip() for line in self.lines_seen())

    def line_meant(self) -> LogLine | None:
        """The line that was gone to, where it is on screen; else the last one that is."""
        lines = self.lines_seen()
        here = self.search.finding.here
        return next((line for line in lines if line.seq == here), lines[-1] if lines else None)

    # Moving --------------------------------------------------------------------------------------------------------

    def watch_following(self, following: bool) -> None:
        if not following:
            self._catch_up()
        self._place.following = following
        self._paused_at, self._passed = self.rows.status.next_seq, 0
        self.from_top = False
        if following:
            self._anew()
        self._stay()
        self.post_message(self.FollowChanged(self, following))

    def on_resize(self) -> None:
        self._anew()

    def _moved(self) -> None:
        """The place is another; what follows from that."""
        self.following = self._place.following
        self._anew()

    def _move(self, rows: int) -> None:
        self._catch_up()
        self._layout()
        self._place.move(rows, self.line_count, self.size.height, self._height_of)
        self._moved()

    def _go(self, index: int) -> None:
        self._catch_up()
        self._place.go((max(0, index), 0), self.line_count, self.size.height, self._height_of)
        self._moved()

    def action_rows(self, rows: int) -> None:
        self._move(rows)

    def action_pages(self, pages: int) -> None:
        self._move(pages * max(1, self.size.height - 1))

    def action_ends(self, direction: int) -> None:
        if direction > 0:
            self.following = True
        else:
            self._go(0)  # where everything fits on screen, the first line is also the last: it goes on following

    def action_sideways(self, columns: int) -> None:
        if not self.look.wrap:
            self.rows.left = max(0, min(LINE_MAX, self.rows.left + columns))
            self._anew()

    def action_found(self, step: int) -> None:
        """To the next that was found, downwards or upwards; at the end it begins again."""
        self._take_in(self._newest())  # what was found may have left the ring since it was painted
        self._forget()
        layout = self._layout()
        if not layout:
            return
        seen = range(layout[0][0], layout[-1][0] + 1)
        first, last = self._line(seen[0]), self._line(seen[-1])
        if first is None or last is None:
            return
        seq = self.search.finding.go(step, first.seq, last.seq)
        if seq is not None:
            self._place.show(self.search.index(seq, self.rows.status), self.size.height, seen)
            found = self._line(self.search.index(seq, self.rows.status))
            if found is not None:
                self.rows.bring(found, self.scrollable_content_region.width)
            self._moved()
            self.post_message(self.Sought())

    def on_scroll_to(self, message: ScrollTo) -> None:
        """The scrollbar was dragged."""
        message.stop()
        message.prevent_default()
        if message.y is not None:
            self._go(round(message.y))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self._move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self._move(3)
