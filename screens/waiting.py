"""Something is read before the next step: says what, can be left with esc, and shows the failure where there is one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar, Generic, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.clock import Clock
from tui.errors import Problem, SourceError
from tui.present.problems import explanation
from widgets.ink import block_of, ink
from widgets.lone_keys import LoneKeys
from widgets.modal import Modal

T = TypeVar("T")


class Waiting(Modal[T | None], Generic[T]):
    """Dismissed with what came, None where it failed (and that was read) or was left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "close", "Leave", id="waiting.close")]

    DEFAULT_CSS = """
    Waiting {
        #frame { width: 80%; max-width: 90; max-height: 80%; }
    }
    """

    def __init__(self, title: str, words: str, work: Callable[[], Awaitable[T]], clock: Clock) -> None:
        super().__init__()
        self._title = title
        self._words = words
        self._work = work
        self._clock = clock
        self._refused: Problem | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = ink(self._title)  # pyright: ignore[reportAttributeAccessIssue]
            frame.border_subtitle = "esc leave"
            yield Static(ink(f"… {self._words}", "dim"), id="text", markup=False)

    def on_mount(self) -> None:
        self._wait()

    @work(exclusive=True)
    async def _wait(self) -> None:
        try:
            result = await self._work()
        except SourceError as error:
            self._refused = error.problem
            if self.lone_keys is not None:
                self.lone_keys.begin_quiet()
            self.call_after_refresh(self._explain)  # it may have failed before there was a frame to fit it in
        else:
            self.dismiss(result)

    def on_resize(self) -> None:
        self.call_after_refresh(self._explain)

    def _explain(self) -> None:
        if self._refused is not None and self.query("#text"):  # it may be being left
            width = max(20, self.query_one("#frame").size.width - 6)
            self.query_one("#text", Static).update(block_of(explanation(self._refused, self._clock.now()), width))

    def action_close(self) -> None:
        self.dismiss(None)


class Unhurried(Waiting[T], Generic[T], inherit_bindings=False):
    """The same behind a session that has gone, or where nobody waits for it: what is typed for something else neither
    leaves it nor takes the failure away unread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "Leave, behind a session", id="unhurried.close"),
        Binding("enter", "read", "Leave, once there is something to read", id="unhurried.read"),
    ]

    def __init__(self, title: str, words: str, work: Callable[[], Awaitable[T]], clock: Clock) -> None:
        super().__init__(title, words, work, clock)
        self.lone_keys = LoneKeys(self, clock)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._refused is not None if action == "read" else super().check_action(action, parameters)

    def action_read(self) -> None:
        self.dismiss(None)
