"""Who reads on while the reading of followed logs is held up, so that nobody overtakes anybody meanwhile.

Where nobody waits for a reader, lines of several logs are put in order by waiting a moment for those that are late.
That moment says nothing where a log is late because it was not read: then they are merged as logs that are read to
their ends (`timemerge`), each waiting for the one that is furthest behind, of those that have something to bring.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from tui.clock import Clock
from tui.data.timemerge import PATIENCE, STRAGGLING


class CatchingUp:
    """Of the sources of one view, by index."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: set[int] = set()
        self._until: dict[int, float] = {}

    def brought(self, source: int) -> None:
        """It has lines, and may have more of them at once."""
        self._until[source] = self._clock.monotonic() + STRAGGLING

    @contextmanager
    def waits(self, source: int, *, opens: bool = False) -> Generator[None]:
        """It may not read on in the body. opens: what it brings first takes longer then, being asked for anew."""
        self._waiting.add(source)
        try:
            yield
        finally:
            self._waiting.discard(source)
            self._until[source] = self._clock.monotonic() + (PATIENCE if opens else STRAGGLING)

    @property
    def expected(self) -> frozenset[int]:
        """Those that have something to bring, as far as one can know."""
        now = self._clock.monotonic()
        return frozenset(self._waiting.union(source for source, until in self._until.items() if until > now))

    @property
    def all_wait(self) -> bool:
        """Whether none of them can bring anything now."""
        return not self.expected - self._waiting
