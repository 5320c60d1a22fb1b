"""Who is waited for, so that nobody overtakes anybody: sources that are being opened, or bring what is from before.

Lines of several logs that are followed are put in order by waiting a moment for those that are late (`timemerge`). That
moment says nothing at the start, where a hundred streams are opened one after the other, each with a history; nor where
a log is late because its stream broke, or because it was not read: nobody reads on while a reader holds everything up.
At the start and then they are merged as logs that are read to their ends, each waiting for the one that is furthest
behind, of those that have something to bring; who was cut off is waited for as long as a line waits for anybody, also
where it is refused before it is let in again. All of it has bounds: a server that hangs costs the others two seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from tui.clock import Clock
from tui.data.logsource import Source
from tui.data.timemerge import PATIENCE, STRAGGLING

SETTLED_AFTER = 2.0
"""Seconds without news of any stream that is being opened, after which those are waited for no longer."""
MOST_MERGED = 15.0
"""Seconds that the start takes at most."""
SAID_AFTER = 1.0
"""Seconds after which it is worth a word."""
UNKNOWN = -1
"""Stands for the sources that are not known yet."""


class CatchingUp:
    """Of the sources of one view, by index. starting: their histories are still being merged."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: set[int] = set()
        self._until: dict[int, float] = {}
        self._opening: dict[int, float] = {}
        self._answered: dict[int, float] = {}
        self._cut: set[int] = set()
        self._given_up: set[int] = set()
        self._states: dict[int, str] = {}
        self._began = self._news = 0.0
        self.starting = False

    def begin(self) -> None:
        """They are about to be opened, all at once."""
        self._began = self._news = self._clock.monotonic()
        self._opening.clear()
        self._answered.clear()
        self._cut.clear()
        self._given_up.clear()
        self._states.clear()
        self.starting = True

    @property
    def long(self) -> bool:
        """Whether the start takes so long that it is worth a word."""
        return self.starting and self._clock.monotonic() - self._began >= SAID_AFTER

    def look(self, sources: Sequence[Source]) -> None:
        """How they fare has changed, or time has passed."""
        now = self._clock.monotonic()
        for source in sources:
            index, record = source.record.index, source.record
            state = "queued" if record.queued else record.state
            before = self._states.get(index)
            if state != before:
                self._states[index] = state
                self._news = now
                self._turned(index, before, state, now)
                if before is None and source.task is not None and state == "opening":
                    self.opens(index)
        if self.starting:
            if self._late(now):
                self._given_up.update(self._opening)
                self._opening.clear()
        else:
            over = [index for index, since in self._opening.items() if now - since > PATIENCE]
            self._given_up.update(over)
            for index in over:
                del self._opening[index]
        for index in [index for index, until in self._answered.items() if until <= now]:
            del self._answered[index]

    def _late(self, now: float) -> bool:
        return now - self._news >= SETTLED_AFTER or now - self._began >= MOST_MERGED

    def _turned(self, index: int, before: str | None, state: str, now: float) -> None:
        if state == "following":
            self._opening.pop(index, None)
            self._cut.discard(index)
            self._given_up.discard(index)
            self._answered[index] = self._until[index] = now + STRAGGLING
            return
        if before == "following" and state in ("opening", "waiting"):
            self._cut.add(index)
        if state == "waiting" and index in self._cut and (before == "following" or not self.starting):
            self.opens(index)  # it may be refused, and is tried again, for as long as it is waited for
        elif state != "opening":
            self._opening.pop(index, None)
            if state == "waiting":
                self._given_up.add(index)

    def opens(self, source: int) -> None:
        """It is about to be opened; who failed before is not waited for until it answers."""
        if source not in self._given_up:
            self._opening.setdefault(source, self._clock.monotonic())

    def awaited(self, behind: Callable[[int], bool], *, complete: bool) -> frozenset[int]:
        """Who is waited for at the start, of whom some may still be unknown unless `complete`; nobody: it is over.
        behind: whether a source that has answered has more of what was written before."""
        if not self.starting:
            return frozenset()
        now = self._clock.monotonic()
        answered = (source for source in self.expected if self._states.get(source) == "following")
        awaited = {source for source in answered if behind(source)}.union(self._opening, self._answered)
        if not complete and not self._late(now):
            awaited.add(UNKNOWN)
        self.starting = bool(awaited) and now - self._began < MOST_MERGED
        return frozenset(awaited) if self.starting else frozenset()

    @property
    def reopened(self) -> frozenset[int]:
        """Who was cut off, or is new, and has yet to bring what it missed."""
        return frozenset() if self.starting else frozenset(self._opening.keys() | self._answered.keys())

    def brought(self, source: int) -> None:
        """It has lines, and may have more of them at once."""
        self._until[source] = self._clock.monotonic() + STRAGGLING
        self._answered.pop(source, None)

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
