"""Which keys are meant for a window that comes up while somebody types for something else: a shell that was just cut.

Who was cut off types on, without looking. So a key is an answer only where it stands alone: nothing was typed shortly
before it, nothing else shortly behind it. All else goes nowhere, whatever it does elsewhere; nor does what still comes
behind the answer reach the shell that is there afterwards, which would run it.
"""

from __future__ import annotations

from typing import Any

from textual import events
from textual.screen import Screen

from tui.clock import Clock

QUIET = 0.3
"""Seconds without another key, on both sides of one that counts."""
CLOSE = 0.001
"""Seconds that clocks may be apart in their last digits."""


class LoneKeys:
    """For one window, which is given all its keys here and none by the app. Only its own bindings count."""

    def __init__(self, screen: Screen[Any], clock: Clock) -> None:
        self._screen = screen
        self._clock = clock
        self._last = clock.monotonic()
        self._answer = ""

    def begin_quiet(self) -> None:
        """What is to be answered has changed: who answered the former has not read it."""
        self._last = self._clock.monotonic()
        self._answer = ""

    def typed(self, event: events.Key | events.Paste) -> None:
        """Take the key as an answer, once it stands alone; the same one again is a key that was held down."""
        key = event.key if isinstance(event, events.Key) else ""
        alone = self._left() <= CLOSE
        self._last = self._clock.monotonic()
        if key == self._answer:
            return
        self._answer = key if alone and key in self._screen.active_bindings else ""
        if self._answer:
            self._screen.run_worker(self._count(), group="answer", exclusive=True)

    def _left(self) -> float:
        """Seconds until it has been quiet for long enough."""
        return self._last + QUIET - self._clock.monotonic()

    async def _count(self) -> None:
        while (left := self._left()) > CLOSE:
            await self._clock.sleep(left)
        binding = self._screen.active_bindings.get(self._answer)
        self._answer = ""
        if binding is not None:
            await self._screen.app.run_action(binding.binding.action, binding.node)  # pyright: ignore[reportUnknownMemberType]
