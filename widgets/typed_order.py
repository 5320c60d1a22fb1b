"""Keys that come in one packet mean what they mean one by one.

Over a slow line several keys come at once. Textual hands each to the widget that has the focus then, and looks for its
binding when it has bubbled up, by the focus of that moment: `down`, `space`, `3` in one packet would mark a row of the
third pane. So a key is taken when the one before it has done what it does: it has bubbled up to here, or a message
sent behind it has, where a widget kept it.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from textual import events, on
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

PATIENCE = 0.25
"""Seconds that a key waits for the one before it: what that has begun may take longer, or its widget be gone."""
AT_ONCE = "ctrl+c"
"""The key that waits for none."""

Typed = events.Key | events.Paste


class Heard(Message):
    """All that came before it on its way has been heard. key: the last of that. settled: also by the screen that it
    has opened."""

    def __init__(self, key: Typed, *, settled: bool) -> None:
        super().__init__()
        self.key = key
        self.settled = settled


class TypedOrder(App[None]):
    """An app that takes keys, and what is pasted, in the order in which they came."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._typed: deque[Typed] = deque()
        self._under_way: Typed | None = None

    @property
    def busy(self) -> bool:
        """Whether a key is under way."""
        return self._under_way is not None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            await super().on_event(event)
            await self._heard(event, settled=False)
        elif self._under_way is None or (isinstance(event, events.Key) and event.key == AT_ONCE):
            await self._take(event)
        else:
            self._typed.append(event)
            if len(self._typed) == 1:
                self._be_patient(self._under_way)

    async def _take(self, event: Typed) -> None:
        self._under_way = event
        target = self.focused or self.screen
        await super().on_event(event)
        if event.is_forwarded:
            self._follow(target, event, settled=False)
        else:  # a priority binding did it
            await self._heard(event, settled=False)
        if self._typed and self._under_way is event:
            self._be_patient(event)

    def _follow(self, target: MessagePump, key: Typed, *, settled: bool) -> None:
        heard = Heard(key, settled=settled)
        if not target.post_message(heard):
            self.post_message(heard)  # it is gone

    @on(Heard)
    async def _back(self, heard: Heard) -> None:
        heard.stop()
        await self._heard(heard.key, settled=heard.settled)

    async def _heard(self, key: Typed, *, settled: bool) -> None:
        if key is not self._under_way or not self.screen_stack:  # it is over, or all is
            return
        if not settled:
            self._follow(self.screen, key, settled=True)
            return
        self._under_way = None
        if self._typed:
            await self._take(self._typed.popleft())

    def _be_patient(self, key: Typed) -> None:
        async def give_up() -> None:
            await self._heard(key, settled=True)

        self.set_timer(PATIENCE, give_up)
