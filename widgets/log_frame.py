"""4 Logs: many streams merged by time; the border proves that nothing was lost."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.reactive import reactive

from tui.clock import Clock
from tui.model.logs import SCREEN, LogBook, LogQuery, LogSource, LogStatus
from tui.present.loglook import TAIL
from tui.present.logs import (
    agentless_part,
    beginning_words,
    counters,
    elsewhere_part,
    empty_words,
    found_words,
    log_title,
    matching_part,
    saving_part,
    sources_words,
    stream_status,
    unknown_part,
)
from tui.present.logturns import waiting_words
from tui.present.navigation import PaneId
from tui.present.parts import Part
from tui.present.problems import Line, explanation, one_line
from tui.present.sourcenames import source_labels, source_name, source_style
from tui.present.states import Shown, Status
from tui.present.unchosen import LOOKING
from widgets.log_savings import LogSavings
from widgets.log_view import LogView
from widgets.pane import FeedPane

if TYPE_CHECKING:
    from tui.present.details import Details


FLOODED = 0.15
"""Seconds between two paints of a log that nobody can read as fast as it is written."""


class LogFrame(FeedPane[LogStatus]):
    """A `LogView` with its frame; what keys do to it is `widgets.log_pane`'s."""

    PANE = PaneId.LOGS
    NAME = "Logs"
    PACE = 0.05

    find_refused: reactive[str] = reactive("", repaint=False)
    """As `refused`, for what is found."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.log_view = LogView()
        self.query_shown: LogQuery | None = None
        self.book: LogBook | None = None
        self._seen = 0
        self.savings = LogSavings()
        self.waiting: Sequence[Line] = LOOKING
        """What is said while there is nothing to follow."""
        self.subject: LogQuery | None = None
        """What was asked for, whatever the window."""
        self.window = TAIL
        self.find_text = ""

    def body(self) -> LogView:
        return self.log_view

    def show(self, query: LogQuery | None, book: LogBook | None) -> None:
        """Look at another book."""
        self._let_go()
        self.query_shown = query
        self.book = book
        self.log_view.show_book(book, self._labels, from_top=self.window.from_top)
        self.follow(book.status if book is not None else None)
        self.paint()

    def _labels(self, sources: Sequence[LogSource]) -> list[tuple[str, str]]:
        query = self.query_shown
        assert query is not None, "a source without a query"
        labels = source_labels(sources, query)
        return [(label, source_style(source, query)) for source, label in zip(sources, labels, strict=True)]

    def resume(self) -> None:
        super().resume()
        with self.read_anew():
            pass

    @contextmanager
    def read_anew(self) -> Generator[None]:
        """In the body something else is looked for, in all that the ring holds: it is held from before that, and for as
        long as anything is looked for. Who only follows needs no more than the newest, however much comes."""
        view, before = self.log_view, self.log_view.reader
        view.reader = self.book.reader(SCREEN) if self._reader is not None and self.book is not None else None
        if before is not None:
            before.leave()
        try:
            yield
        finally:
            view.tell()
            self.ease()

    def ease(self) -> None:
        """Lines may leave the ring unseen where nothing is looked for."""
        if not self.log_view.search.seeks:
            self._let_go()

    def suspend(self) -> None:
        super().suspend()
        self._let_go()

    def _let_go(self) -> None:
        """Lines may leave the ring unseen while nobody looks."""
        if self.log_view.reader is not None:
            self.log_view.reader.leave()
            self.log_view.reader = None

    def on_unmount(self) -> None:
        self.suspend()
        self.log_view.hold.leave()

    def paint(self) -> None:
        status = self.feed.value
        if status is None or self.log_view.go_on(status):
            self.reframe()  # else with the lines: a paint costs nearly as much for the border alone

    def pace(self) -> float:
        """Less often where more lines come than fit on the screen: nobody reads those, and a key waits for a paint."""
        status = self.feed.value
        seen, self._seen = self._seen, status.next_seq if status is not None else 0
        return FLOODED if self._seen - seen > self.log_view.size.height else self.PACE

    def tick(self) -> None:
        self.reframe()

    def reframe(self) -> None:
        now = self.clock.now()
        status = self.feed.value
        self.log_view.all_kept(any(not saved.over for saved in self.savings.of(self.book)))
        self.frame(self.title(*self._titles()), self._lead(), self._status(now))
        silent = status is None or not status.next_seq
        self.say(self._instead(now) if silent else [])
        self.warn(self._trouble(status) if status is not None and not silent else "")

    @property
    def gave_up(self) -> bool:
        return self.log_view.search.slow

    def _titles(self) -> list[str]:
        """What is looked for, whose lines these are, and what is asked for otherwise than usual."""
        around = self.log_view.look.context if self.filter_text else 0
        return [
            found_words(self.find_text, self.log_view.search.finding.counts) if self.find_text else "",
            log_title(self.query_shown),
            self.window.words if self.window is not TAIL else beginning_words(self.subject),
            f"±{around}" if around else "",
        ]

    def _trouble(self, status: LogStatus) -> str:
        """What stands in the way of a file that is written, else of the first source that has trouble."""
        own = self.savings.of(self.book)
        for saved in (*own, *self.savings.others(self.book)):
            if saved.problem is not None and (saved in own or not saved.over):
                return one_line(saved.problem, "not saved")
        for source in status.sources:
            if source.problem is not None and not source.queued:
                return one_line(source.problem, source_name(source))
        return waiting_words(status.sources, source_name)

    def _lead(self) -> tuple[Part, ...]:
        status = self.feed.value
        sources = (Part(sources_words(status.sources), "", 4),) if status is not None and status.sources else ()
        saving = [saving_part(saved) for saved in self.savings.of(self.book)]
        others = elsewhere_part(self.savings.others(self.book))
        lacking = (agentless_part(self.query_shown), unknown_part(self.query_shown, status))
        return tuple(part for part in (*sources, *lacking, *saving, others) if part.text)

    def _status(self, now: float) -> Status:
        if self.query_shown is None:
            waiting = self.waiting is LOOKING
            return Status(Shown.LOADING, "loading") if waiting else Status(Shown.EMPTY, "nothing to follow")
        following = self.log_view.following
        status = self.feed.value
        if status is None:
            return stream_status((), self.feed, now, following=following)
        streams = stream_status(status.sources, self.feed, now, following=following)
        view = self.log_view
        return Status(
            streams.shown,
            streams.words,
            (
                *streams.more,
                matching_part(view.search.matching(status)),
                *counters(status, view.unseen, view.unsearched, from_top=view.from_top),
            ),
        )

    def _instead(self, now: float) -> list[Line]:
        if self.query_shown is None:
            return list(self.waiting)
        status = self.feed.value
        if self.feed.problem is not None:
            return explanation(self.feed.problem, now, self.feed.retry_at)
        lines = [Line(empty_words(self.query_shown, status), "dim")]
        sources = status.sources if status is not None else ()
        if words := waiting_words(sources, source_name):
            lines.append(Line(words, "warn"))
        for source in sources:
            if source.problem is not None and not source.queued:
                lines += [Line(source_name(source), "heading"), *explanation(source.problem, now)]
        return lines

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """`p` says what it would do now."""
        words = "pause" if self.log_view.following else "follow"
        return [(name, words if name == "log.pause" else said) for name, said in self.FOOTER]

    def details(self) -> Details | None:
        from tui.present.logdetails import of_logs

        saved, elsewhere = self.savings.of(self.book), self.savings.others(self.book)
        return of_logs(self.query_shown, self.feed, self.clock.now(), saved, elsewhere)

    def by_hand(self) -> Details | None:
        from tui.present.by_hand import log_lines, page

        query = self.query_shown
        sources = self.feed.value.sources if self.feed.value is not None else ()
        return page(log_lines(query, sources), query.clusters) if query is not None else None

    def copy_text(self) -> str:
        return self.log_view.visible_text()
