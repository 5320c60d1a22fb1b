"""A copy that runs: what is under way, how much and how fast; esc stops it, and nothing half is left behind, but in a
container that has no shell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.clock import Clock
from tui.errors import Problem, SourceError, UsageError
from tui.model.streams import Copied, Queued, Tick
from tui.present.clean import clean
from tui.present.copying import bar, done_words, dropped_lines, progress_words
from tui.present.problems import Line, explanation
from widgets.ink import block_of, ink
from widgets.modal import Modal

PACE = 0.2
"""Seconds between two paintings of the progress."""
WIDEST_BAR = 60

Run = Callable[[Tick], Awaitable[Copied]]


class Copying(Modal[str]):
    """run: copies, and tells how far it is (from any thread). target: where it goes to, for the words at the end.
    Dismissed with these words once all of it is copied; "" where it was stopped, failed (and that was read), or left
    something out (and that was read)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c", "close", "Stop it; leave", id="copying.close", priority=True),
        Binding("enter", "leave", "Leave, once it has ended", id="copying.leave"),
    ]

    DEFAULT_CSS = """
    Copying {
        #frame { width: 80%; max-width: 90; max-height: 80%; }
    }
    """

    def __init__(self, title: str, target: str, run: Run, clock: Clock) -> None:
        super().__init__()
        self._title = title
        self._target = target
        self._run = run
        self._clock = clock
        self._began = clock.monotonic()
        self._done = Copied()
        self._queued: Queued | None = None
        self._ended: Problem | list[Line] | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame", can_focus=False) as frame:
            frame.border_title = ink(self._title)  # pyright: ignore[reportAttributeAccessIssue]
            frame.border_subtitle = "esc stops it"
            yield Static(id="text", markup=False)

    def on_mount(self) -> None:
        self.set_interval(PACE, self._paint)
        self.call_after_refresh(self._paint)
        self._copy()

    @work(exclusive=True)
    async def _copy(self) -> None:
        try:
            done = await self._run(self._tell)
        except SourceError as error:
            self._end(error.problem)
        except UsageError as error:
            self._end([Line(str(error), "bad")])
        else:
            words = done_words(done, self._clock.monotonic() - self._began, self._target)
            if dropped := dropped_lines(done):
                self._end([Line(words), *dropped])
            else:
                self.dismiss(words)

    def _tell(self, done: Copied) -> None:
        self._done = done

    def queued(self, queued: Queued | None) -> None:
        """How its turn for a stream stands; None once it has come."""
        self._queued = queued

    def _end(self, how: Problem | list[Line]) -> None:
        self._ended = how
        self.query_one("#frame").border_subtitle = "esc leave"
        self.call_after_refresh(self._paint)  # it may have failed before there was a frame to fit it in

    def on_resize(self) -> None:
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        if not self.query("#text"):  # it is being left
            return
        width = max(20, self.query_one("#frame").size.width - 6)
        if self._ended is not None:
            lines = self._ended if isinstance(self._ended, list) else explanation(self._ended, self._clock.now())
            self.query_one("#text", Static).update(block_of(lines, width))
            return
        if self._queued is not None:
            self.query_one("#text", Static).update(block_of([Line(clean(self._queued.words, 200), "warn")], width))
            return
        words = progress_words(self._done, self._clock.monotonic() - self._began)
        filled = bar(self._done.bytes, self._done.total, min(width, WIDEST_BAR))
        self.query_one("#text", Static).update(block_of([Line(filled, "accent"), Line(words)], width))

    def action_close(self) -> None:
        self.dismiss("")

    def action_leave(self) -> None:
        if self._ended is not None:
            self.dismiss("")
