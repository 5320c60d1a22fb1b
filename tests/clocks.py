"""A clock whose wall-clock time can be set, or run on while monotonic time stands still, as in a laptop that sleeps."""

from __future__ import annotations

from tui.clock import ManualClock


class SteppedClock(ManualClock):
    """step: seconds by which the wall clock is off."""

    step = 0.0

    def now(self) -> float:
        return super().now() + self.step
