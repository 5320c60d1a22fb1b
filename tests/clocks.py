"""A clock whose wall-clock time can be set, or run on while monotonic time stands still, as in a laptop that sleeps."""

from __future__ import annotations

import asyncio

from tui.clock import ManualClock, SystemClock


class SteppedClock(ManualClock):
    """step: seconds by which the wall clock is off."""

    step = 0.0

    def now(self) -> float:
        return super().now() + self.step


class HurriedClock(SystemClock):
    """The real time, but for sleeps, which are a hundredth as long: for waits between requests to a real socket."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / 100)
