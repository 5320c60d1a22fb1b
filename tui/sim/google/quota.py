"""The gateway's quotas: requests a minute and streams at once, per fleet host project, shared by everybody.

cloud.google.com/kubernetes-engine/quotas, "Connect gateway": 2,400 requests a minute, 10 active streams.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

REQUESTS_PER_MINUTE = 2_400
ACTIVE_STREAMS = 10


class StreamsExhausted(Exception):
    """Every stream of the project is in use."""


class Quota:
    """Counts for one project. clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.requests_per_minute = REQUESTS_PER_MINUTE
        self.active_streams = ACTIVE_STREAMS
        self.streams = 0
        self._clock = clock
        self._counted: Counter[int] = Counter()

    def take(self) -> bool:
        """Count a request; False if this minute's are used up."""
        minute = int(self._clock() // 60)
        if minute not in self._counted:
            self._counted.clear()
        if self._counted[minute] >= self.requests_per_minute:
            return False
        self._counted[minute] += 1
        return True

    @contextmanager
    def stream(self, others: int = 0) -> Generator[None]:
        """Hold a stream. others: how many are held by people who are not here. Raises StreamsExhausted."""
        if self.streams + others >= self.active_streams:
            raise StreamsExhausted
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1
