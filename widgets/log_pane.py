"""4 Logs: many streams merged by time; the border proves that nothing was lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.clock import Clock
from tui.model.logs import SCREEN, LogBook, LogQuery, LogSaving, LogSource, LogStatus
from tui.present.clean import clean
from tui.present.logfilter import LINE_MAX, parse_log_filter, smart
from tui.present.loglook import TAIL, Window, window_beside, window_named
from tui.present.logs import (
    counters,
    empty_words,
    found_words,
    log_title,
    save_path,
    saved_words,
    saving_part,
    source_label,
    source_style,
    sources_words,
    stream_status,
)
from tui.present.navigation import PaneId
from tui.present.parts import Part
from tui.present.problems import Line, explanation, one_line
from tui.present.states import Shown, Status
from tui.present.unchosen import LOOKING
from widgets.log_view import LogView
from widgets.pane import FeedPane

if TYPE_CHECKING:
    from tui.present.details import Details
    from widgets.prompt import Prompt


class LogPane(FeedPane[LogStatus]):
    """A `LogView` with its frame."""

    PANE = PaneId.LOGS
    NAME = "Logs"
    PACE = 0.05
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("log.pause", "pause"),
        ("log.explain", "explain"),
        ("log.find", "find"),
        ("log.wrap", "wrap"),
        ("log.earlier", "since"),
        ("pane.details", "streams"),
        ("pane.copy", "copy"),
        ("log.fields", "fields"),
        ("log.save", "save"),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,s", "pause", "Pause, or follow again", id="log.pause"),
        Binding("F,shift+f", "prompt('find')", "Find, without hiding; n and N go on", id="log.find"),
        Binding("enter", "explain", "What known lines on the screen mean", id="log.explain"),
        Binding("x", "context", "Lines around the matches of a filter", id="log.context"),
        Binding("w", "look('wrap')", "Fold long lines, or not", id="log.wrap"),
        Binding("t", "look('times')", "Times, or not", id="log.times"),
        Binding("o", "look('sources')", "Where lines are from, or not", id="log.sources"),
        Binding("u", "look('utc')", "Times of UTC, or of this machine", id="log.utc"),
        Binding("J", "look('fields')", "JSON lines as fields, or as they are", id="log.fields"),
        Binding("less_than_sign", "window(-1)", "From an earlier beginning: head", id="log.earlier"),
        Binding("greater_than_sign", "window(1)", "Of a time: tail, 1m, 5m, 15m, 30m, 1h", id="log.later"),
        Binding("at", "prompt('window')", "Of a time that you type: 14:00 14:30", id="log.window"),
        Binding("v", "prompt('fields')", "Which fields of JSON lines", id="log.chosen"),
        Binding("0", "since('tail')", "The last lines", id="log.tail"),
        Binding("5", "since('30m')", "The last half hour", id="log.half_hour"),
        Binding("6", "since('1h')", "The last hour", id="log.hour"),
        Binding("f", "screen.zoom", "Full screen, and back", id="log.full"),
        Binding("ctrl+s", "save", "Save to a file, from now on too; again: end that", id="log.save"),
    ]

    class PromptWanted(Message):
        """A line is to be typed."""

        def __init__(self, prompt: Prompt) -> None:
            super().__init__()
            self.prompt = prompt

    class WindowChanged(Message):
        """Logs are wanted from another time on."""

    class Wanted(Message):
        """These logs are to be followed, in front of whatever is shown."""

        def __init__(self, query: LogQuery) -> None:
            super().__init__()
            self.query = query

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.log_view = LogView()
        self.query_shown: LogQuery | None = None
        self.book: LogBook | None = None
        self._saving: LogSaving | None = None
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
        self.query_shown = query
        self.book = book
        self.log_view.show_book(book, self._label, from_top=self.window.from_top)
        self.follow(book.status if book is not None else None)
        self.paint()

    def _label(self, source: LogSource) -> tuple[str, str]:
        assert self.query_shown is not None, "a source without a query"
        sources = self.feed.value.sources if self.feed.value is not None else ()
        return source_label(source, self.query_shown, sources), source_style(source, self.query_shown)

    def resume(self) -> None:
        super().resume()
        if self._reader is not None and self.book is not None:
            self.log_view.reader = self.book.reader(SCREEN)

    def suspend(self) -> None:
        super().suspend()
        if self.log_view.reader is not None:
            self.log_view.reader.leave()  # lines may leave the ring unseen while nobody looks
            self.log_view.reader = None

    def on_unmount(self) -> None:
        self.suspend()

    def paint(self) -> None:
        if self.feed.value is not None:
            self.log_view.advance(self.feed.value)
        self.reframe()

    def tick(self) -> None:
        self.reframe()

    def reframe(self) -> None:
        now = self.clock.now()
        status = self.feed.value
        self.frame(self.title(*self._titles()), self._lead(), self._status(now))
        silent = status is None or not status.received
        self.say(self._instead(now) if silent else [])
        self.warn(self._trouble(status) if status is not None and not silent else "")

    def _titles(self) -> list[str]:
        """What is looked for, whose lines these are, and what is asked for otherwise than usual."""
        around = self.log_view.look.context if self.filter_text else 0
        return [
            found_words(self.find_text, self.log_view.search.finding.counts) if self.find_text else "",
            log_title(self.query_shown),
            self.window.words if self.window is not TAIL else "",
            f"±{around}" if around else "",
        ]

    def _trouble(self, status: LogStatus) -> str:
        """What stands in the way of a file that is written, else of the first source that has trouble."""
        saved = self._saving.status.feed.value if self._saving is not None else None
        if saved is not None and saved.problem is not None:
            return one_line(saved.problem, "not saved")
        for source in status.sources:
            if source.problem is not None:
                return one_line(source.problem, f"{source.cluster.name}/{source.pod}")
        return ""

    def _lead(self) -> tuple[Part, ...]:
        status = self.feed.value
        sources = (Part(sources_words(status.sources), "", 4),) if status is not None and status.sources else ()
        saving = saving_part(self._saving.status.feed.value) if self._saving is not None else None
        return sources if saving is None else (*sources, saving)

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
        return Status(streams.shown, streams.words, (*streams.more, *counters(status, view.unseen, view.unsearched)))

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
        self.reframe()

    def on_log_sight_sought(self, message: LogView.Sought) -> None:
        message.stop()
        self.reframe()

    def action_pause(self) -> None:
        self.log_view.following = not self.log_view.following
        self.reframe()  # now, so that it is painted with the lines and not a frame later

    def set_filter(self, text: str) -> None:
        self.log_view.set_filter(parse_log_filter(text))
        self.filter_text = text.strip()
        self.reframe()

    def set_find(self, text: str) -> None:
        """Mark what matches. Raises UsageError where it is no regular expression."""
        self.log_view.find(smart(text) if text else None)
        self.find_text = text
        self.reframe()

    @property
    def narrowed(self) -> bool:
        """Whether lines are hidden or marked."""
        return bool(self.filter_text or self.find_text)

    def widen(self) -> None:
        """Forget what is looked for, and then show all lines again."""
        if self.find_text:
            self.set_find("")
        else:
            self.set_filter("")

    def action_prompt(self, name: str) -> None:
        from widgets.log_fields_line import LogFieldsLine
        from widgets.log_find_line import LogFindLine
        from widgets.log_window_line import LogWindowLine

        lines = {"find": LogFindLine, "fields": LogFieldsLine, "window": LogWindowLine}
        self.post_message(self.PromptWanted(lines[name](self)))

    def action_look(self, name: str) -> None:
        self.log_view.set_look(self.log_view.look.turned(name))

    def action_context(self) -> None:
        self.log_view.set_look(self.log_view.look.wider())
        self.reframe()

    def action_window(self, step: int) -> None:
        self.look_at(window_beside(self.window, step))

    def action_since(self, words: str) -> None:
        self.look_at(window_named(words))

    def look_at(self, window: Window) -> None:
        """Ask for the logs of another stretch of time."""
        if window is not self.window and self.subject is not None:
            self.window = window
            self.post_message(self.WindowChanged())

    def action_explain(self) -> None:
        from tui.present.explained import of_lines

        details = of_lines(clean(line.text, LINE_MAX) for line in self.log_view.lines_seen())
        if details is not None:
            self.post_message(self.DetailsWanted(details))
        else:
            self.notify("no line on the screen is a known one", markup=False, timeout=3)

    def action_save(self) -> None:
        from widgets.save_line import SaveLine

        if self._saving is not None:
            self.run_worker(self._end_saving(self._saving))
        elif self.query_shown is not None and self.book is not None:
            self.post_message(self.PromptWanted(SaveLine(str(save_path(self.query_shown, self.clock.now())))))

    def keep(self, saving: LogSaving) -> None:
        """Tell of a file that is being written, until that is ended."""
        self._saving = saving
        self.reframe()

    async def _end_saving(self, saving: LogSaving) -> None:
        await saving.stop()
        self._saving = None
        self.reframe()
        self.notify(saved_words(saving.status.feed.value), markup=False, timeout=8)

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
