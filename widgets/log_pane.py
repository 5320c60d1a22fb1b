"""4 Logs: many streams merged by time; the border proves that nothing was lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.clock import Clock
from tui.model.logs import LogBook, LogQuery, LogSource, LogStatus
from tui.present.filters import parse_filter
from tui.present.logs import counters, empty_words, log_title, source_label, source_style, sources_words, stream_status
from tui.present.navigation import PaneId
from tui.present.parts import Part
from tui.present.problems import Line, explanation, one_line
from tui.present.states import Shown, Status
from tui.present.unchosen import LOOKING
from widgets.log_view import LogView
from widgets.pane import FeedPane

if TYPE_CHECKING:
    from tui.present.details import Details


class LogPane(FeedPane[LogStatus]):
    """A `LogView` with its frame."""

    PANE = PaneId.LOGS
    NAME = "Logs"
    PACE = 0.05
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("log.pause", "pause"),
        ("pane.details", "streams"),
        ("pane.copy", "copy"),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,s", "pause", "Pause, or follow again", id="log.pause"),
    ]

    class Wanted(Message):
        """These logs are to be followed, in front of whatever is shown."""

        def __init__(self, query: LogQuery) -> None:
            super().__init__()
            self.query = query

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.log_view = LogView()
        self.query_shown: LogQuery | None = None
        self.waiting: Sequence[Line] = LOOKING
        """What is said while there is nothing to follow."""
        self._paused_at = 0

    def body(self) -> LogView:
        return self.log_view

    def show(self, query: LogQuery | None, book: LogBook | None) -> None:
        """Look at another book."""
        self.query_shown = query
        self.log_view.show_book(book, self._label)
        self.follow(book.status if book is not None else None)
        self.paint()

    def _label(self, source: LogSource) -> tuple[str, str]:
        assert self.query_shown is not None, "a source without a query"
        sources = self.feed.value.sources if self.feed.value is not None else ()
        return source_label(source, self.query_shown, sources), source_style(source, self.query_shown)

    def paint(self) -> None:
        if self.feed.value is not None:
            self.log_view.advance(self.feed.value)
        self.reframe()

    def tick(self) -> None:
        self.reframe()

    def reframe(self) -> None:
        now = self.clock.now()
        status = self.feed.value
        self.frame(self.title(log_title(self.query_shown)), self._lead(), self._status(now))
        silent = status is None or not status.received
        self.say(self._instead(now) if silent else [])
        troubled = next((source for source in status.sources if source.problem), None) if status else None
        self.warn("" if silent or troubled is None else self._trouble(troubled))

    def _trouble(self, source: LogSource) -> str:
        assert source.problem is not None
        return one_line(source.problem, f"{source.cluster.name}/{source.pod}")

    def _lead(self) -> tuple[Part, ...]:
        status = self.feed.value
        return (Part(sources_words(status.sources), "", 4),) if status is not None and status.sources else ()

    def _status(self, now: float) -> Status:
        if self.query_shown is None:
            waiting = self.waiting is LOOKING
            return Status(Shown.LOADING, "loading") if waiting else Status(Shown.EMPTY, "nothing to follow")
        following = self.log_view.following
        status = self.feed.value
        if status is None:
            return stream_status((), self.feed, now, following=following)
        streams = stream_status(status.sources, self.feed, now, following=following)
        waiting = status.next_seq - self._paused_at
        return Status(streams.shown, streams.words, (*streams.more, *counters(status, 0 if following else waiting)))

    def _instead(self, now: float) -> list[Line]:
        if self.query_shown is None:
            return list(self.waiting)
        status = self.feed.value
        if self.feed.problem is not None:
            return explanation(self.feed.problem, now, self.feed.retry_at)
        lines = [Line(empty_words(self.query_shown, status), "dim")]
        for source in status.sources if status is not None else ():
            if source.problem is not None:
                lines += [Line(f"{source.cluster.name}/{source.pod}", "heading"), *explanation(source.problem, now)]
        return lines

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """`p` says what it would do now."""
        words = "pause" if self.log_view.following else "follow"
        return [(name, words if name == "log.pause" else said) for name, said in self.FOOTER]

    def on_log_view_follow_changed(self, message: LogView.FollowChanged) -> None:
        message.stop()
        self._paused_at = self.feed.value.next_seq if self.feed.value is not None else 0
        self.reframe()

    def action_pause(self) -> None:
        self.log_view.following = not self.log_view.following

    def set_filter(self, text: str) -> None:
        self.log_view.set_filter(parse_filter(text))
        self.filter_text = text.strip()
        self.reframe()

    def details(self) -> Details | None:
        from tui.present.details import of_logs

        return of_logs(self.query_shown, self.feed, self.clock.now())

    def by_hand(self) -> Details | None:
        from tui.present.by_hand import log_lines, page

        query = self.query_shown
        sources = self.feed.value.sources if self.feed.value is not None else ()
        return page(log_lines(query, sources), query.clusters) if query is not None else None

    def copy_text(self) -> str:
        return self.log_view.visible_text()
