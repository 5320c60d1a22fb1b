"""Keys that come in one packet mean what they mean one by one.

Over a slow line several keys come at once. Textual hands each to the widget that has the focus then, and looks for its
binding when it has bubbled up, by the focus of that moment: `down`, `space`, `3` in one packet would mark a row of the
third pane. So a key is taken when the one before it has done what it does: it has bubbled up to here, or a message
sent behind it has, where a widget kept it.
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from time import monotonic
from typing import Any, cast

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.message import Message
from textual.message_pump import MessagePump
from textual.timer import Timer
from textual.widget import Widget

from widgets.modal import Modal

LOOK = 0.02
"""Seconds between two looks whether the widget is still there that a key went to: what is on its way goes with it."""
PATIENCE = 0.25
"""Seconds that a key waits for the one before it, at most: what that has begun may take longer."""
AFTERWARDS = 0.02
"""Seconds from when all is done that a key asks for to when it is painted, at most."""
AT_ONCE = "ctrl+c"
"""The key that waits for none."""

Typed = events.Key | events.Paste


class Step(IntEnum):
    """What has become of a key."""

    TAKEN = 0
    HEARD = 1
    """It has done what it does: bubbled up to here, or was kept by a widget."""
    ANSWERED = 2
    """What it had its widget ask for has been done too, such as a line to type into."""
    SETTLED = 3
    """So has the screen that it may have opened."""


class Reached(Message):
    """All that came before it on its way has been heard."""

    def __init__(self, key: Typed, step: Step) -> None:
        super().__init__()
        self.key = key
        self.step = step


class TypedOrder(App[None]):
    """An app that takes keys, and what is pasted, in the order in which they came."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._typed: deque[Typed] = deque()
        self._under_way: Typed | None = None
        self._step = Step.TAKEN
        self._target: Widget | None = None
        self._looks: Timer | None = None
        self._left = 0.0
        self._answered = float("-inf")

    @property
    def quiet(self) -> float:
        """Seconds since the last key was answered; 0.0 while one is."""
        return 0.0 if self.answering else max(0.0, monotonic() - self._answered - AFTERWARDS)

    def hurry(self, seconds: float) -> None:
        """What can wait is to wait for so long: a key is being answered. For whoever has such things; called by any
        thread."""

    @property
    def answering(self) -> bool:
        """Whether a key is on its way."""
        return self._under_way is not None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            await super().on_event(event)
            await self._reached(event, Step.HEARD)
        elif self._under_way is None or (isinstance(event, events.Key) and event.key == AT_ONCE):
            await self._take(event)
        else:
            self._typed.append(event)

    async def _take(self, event: Typed) -> None:
        if isinstance(self.screen, Modal) and (lone := self.screen.lone_keys) is not None:
            lone.typed(event)
            self._done()
            if self._typed and self._under_way is None:
                await self._take(self._typed.popleft())
            return
        self._end_looks()
        self._under_way, self._step, self._target = event, Step.TAKEN, self.focused or self.screen
        self._left = PATIENCE
        self.hurry(PATIENCE)
        self._looks = self.set_interval(LOOK, self._look)
        await super().on_event(event)
        if event.is_forwarded:
            self._follow(self._target, event, Step.HEARD)
        else:  # a priority binding did it
            await self._reached(event, Step.HEARD)

    def _follow(self, target: MessagePump, key: Typed, step: Step) -> None:
        reached = Reached(key, step)
        if not target.post_message(reached):
            self.post_message(reached)  # it is gone

    @on(Reached)
    async def _back(self, reached: Reached) -> None:
        reached.stop()
        await self._reached(reached.key, reached.step)

    async def _reached(self, key: Typed, step: Step) -> None:
        if key is not self._under_way or step <= self._step or not self.screen_stack:  # it is over, or all is
            return
        self._step = step
        match step:
            case Step.HEARD:
                self._follow(self._target or self.screen, key, Step.ANSWERED)
            case Step.ANSWERED:
                self._follow(self.screen, key, Step.SETTLED)
            case _:
                self._end_looks()
                self._under_way = self._target = None
                self._done()
                if self._typed:
                    await self._take(self._typed.popleft())

    def _done(self) -> None:
        """A key has been answered, but for painting that."""
        self._answered = monotonic()
        self.hurry(AFTERWARDS)

    async def _look(self) -> None:
        """Whether to wait any longer."""
        self._left -= LOOK
        if (key := self._under_way) is None:
            return
        if self._left <= 0:
            await self._reached(key, Step.SETTLED)
        elif self._target is not None and not self._target.is_attached:
            await self._reached(key, Step.ANSWERED)

    def _end_looks(self) -> None:
        if self._looks is not None:
            self._looks.stop()
            self._looks = None


def telling_at_once(driver: type[Driver]) -> type[Driver]:
    """A driver of a `TypedOrder` that has it `hurry` when it hears a key: the key itself comes to the app some turns of
    the event loop later, each of which may be a long one."""

    class Telling(driver):
        def process_message(self, message: Message) -> None:
            if isinstance(message, events.Key | events.Paste):
                cast("TypedOrder", self._app).hurry(PATIENCE)
            super().process_message(message)

    return Telling


def key_under_way(widget: Widget) -> bool:
    """Whether a key is being answered in the app of a widget: what can wait for a moment should."""
    app = cast("App[object]", widget.app)
    return isinstance(app, TypedOrder) and app.answering
