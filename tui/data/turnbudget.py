"""What the turns of logs may cost: each is a request, and the Connect gateway counts those of a whole fleet.

Logs that take turns are opened again and again for as long as they are followed. Where nothing bounds that, it takes
our share of a fleet's quota from everything else, and from the turns themselves: who has left his place is refused, and
fewer are read than could be. So turns get a part of the share. A cluster that is reached directly has no such quota.
"""

from __future__ import annotations

from tui.clock import Clock

PART = 0.5
"""Of our share of the quota, that turns may take where logs are opened that have not been read yet; each is wanted."""
FIRST = 1.0
AGAIN = 2.0
"""What a turn of a log costs that has been read before: they come half as often, and take a quarter of the share."""
SAVED = 2.0
"""Seconds whose openings may be saved up."""


class TurnBudget:
    """Of one quota. per_minute: requests that are our share."""

    def __init__(self, clock: Clock, per_minute: float) -> None:
        self._clock = clock
        self._rate = PART * per_minute / 60
        self._most = max(AGAIN, SAVED * self._rate)
        self._left = self._most
        self._counted = clock.monotonic()
        self._rests_until = self._counted

    @property
    def again_per_second(self) -> float:
        """Turns in a second, of logs that have been read before."""
        return self._rate / AGAIN

    def allows(self, cost: float) -> bool:
        """Whether a turn may begin now."""
        now = self._clock.monotonic()
        self._left = min(self._most, self._left + (now - self._counted) * self._rate)
        self._counted = now
        return now >= self._rests_until and self._left >= cost

    def spend(self, cost: float) -> None:
        """A turn begins."""
        self._left -= cost

    def rest(self, seconds: float) -> None:
        """The quota is used up for so long: who leaves his place now could not come back."""
        self._rests_until = max(self._rests_until, self._clock.monotonic() + seconds)
