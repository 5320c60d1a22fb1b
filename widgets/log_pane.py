"""The keys of 4 Logs: follow and pause, filter and find, other stretches of time, known lines explained, saving."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.model.logs import LogBook, LogQuery, LogSaving
from tui.present.clean import clean
from tui.present.guarded import too_slow, too_slow_words
from tui.present.logfilter import LINE_MAX, parse_log_filter, smart
from tui.present.loglook import Window, window_beside, window_named
from tui.present.logs import save_path, saved_words
from widgets.log_frame import LogFrame
from widgets.log_view import LogView

if TYPE_CHECKING:
    from widgets.prompt import Prompt


class LogPane(LogFrame):
    """A `LogFrame` with keys."""

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
        Binding("y", "whole", "The line that was found, or the last on the screen, whole", id="log.whole"),
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
        Binding("C", "prompt('containers')", "Which containers", id="log.containers"),
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

    def on_log_view_follow_changed(self, message: LogView.FollowChanged) -> None:
        message.stop()
        self.reframe()

    def on_log_sight_sought(self, message: LogView.Sought) -> None:
        message.stop()
        self.ease()
        search = self.log_view.search
        self.find_refused = too_slow_words(self.find_text) if too_slow(search.finding.pattern) else ""
        self.refused = too_slow_words(self.filter_text) if search.slow and not self.find_refused else ""
        self.reframe()

    def action_pause(self) -> None:
        self.log_view.following = not self.log_view.following
        self.reframe()  # now, so that it is painted with the lines and not a frame later

    def set_filter(self, text: str) -> None:
        wanted = parse_log_filter(text)
        self.refused = ""
        with self.read_anew():
            self.log_view.set_filter(wanted)
        self.filter_text = text.strip()
        self.reframe()

    def set_find(self, text: str) -> None:
        """Mark what matches. Raises UsageError where it is no regular expression."""
        wanted = smart(text) if text else None
        self.find_refused = ""
        with self.read_anew():
            self.log_view.find(wanted)
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
        from widgets.log_containers_line import LogContainersLine
        from widgets.log_fields_line import LogFieldsLine
        from widgets.log_find_line import LogFindLine
        from widgets.log_window_line import LogWindowLine

        lines = {
            "find": LogFindLine,
            "fields": LogFieldsLine,
            "window": LogWindowLine,
            "containers": LogContainersLine,
        }
        self.post_message(self.PromptWanted(lines[name](self)))

    def action_look(self, name: str) -> None:
        self.log_view.set_look(self.log_view.look.turned(name))

    def action_context(self) -> None:
        with self.read_anew():
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

    def action_whole(self) -> None:
        from tui.present.logline import time_words, zoned
        from tui.present.logwhole import whole_line

        line, status = self.log_view.line_meant(), self.feed.value
        if line is not None and status is not None:
            sources = {source.index: source for source in status.sources}
            look, zone = self.log_view.look, self.log_view.rows.timezone
            time, line = time_words(line.at, look, zone), zoned(line, look, zone)
            self.post_message(self.DetailsWanted(whole_line(line, sources.get(line.source), time)))

    def action_save(self) -> None:
        from widgets.save_line import SaveLine

        if self.book is not None and self.book in self.savings:
            self.run_worker(self._end_saving(self.book))
        elif self.query_shown is not None and self.book is not None:
            self.post_message(self.PromptWanted(SaveLine(str(save_path(self.query_shown, self.clock.now())))))

    def keep(self, book: LogBook, saving: LogSaving) -> None:
        """Tell of a file that `book` is being written to, until that is ended."""
        self.savings.begin(book, saving)
        self.reframe()

    async def _end_saving(self, book: LogBook) -> None:
        saving = self.savings.end(book)
        self.reframe()
        await saving.stop()
        self.notify(saved_words(saving.status.feed.value), markup=False, timeout=8)
