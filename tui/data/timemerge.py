"""Lines of several containers in one order: by the time each was written, as far as waiting a moment allows.

Streams deliver in bursts and at different speeds, so a line is held back for a fifth of a second, in which an older one
of another container may still come. One that comes later still is shown where it comes, and counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from operator import itemgetter

from tui.clock import Clock
from tui.data.ring import Entry

WINDOW = 0.2
_Keyed = tuple[int, Entry]
"""The time to sort by, which for a line without a timestamp is that of the line before it, and the line."""

_KEY = itemgetter(0)


class TimeMerge:
    """Holds lines back for `window` seconds and passes them to `emit` in the order of their times.

    direct: pass them on at once; right where there is only one source. late: lines that came after newer ones of
    another source had been passed on.
    """

    def __init__(self, emit: Callable[[list[Entry]], None], clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._held: list[tuple[float, list[_Keyed]]] = []
        self._newest_of: dict[int, int] = {}
        self._shown = 0
        self._shown_by = -1
        self.window = WINDOW
        self.direct = False
        self.late = 0

    @property
    def waiting(self) -> bool:
        """Whether lines are held back."""
        return bool(self._held)

    def add(self, source: int, lines: list[tuple[int, bytes]]) -> None:
        """Lines of one source, in its order."""
        if self.direct and not self._held:
            self._emit([(at, source, text) for at, text in lines])
            self._remember(max(lines)[0], source)
            return
        newest = self._newest_of.get(source, 0)
        keyed: list[_Keyed] = []
        for at, text in lines:
            newest = at or newest
            keyed.append((newest, (at, source, text)))
        self._newest_of[source] = newest
        self._held.append((self._clock.monotonic(), keyed))

    def release(self, *, everything: bool = False) -> None:
        """Pass on what has been held back long enough, and with it what is older."""
        until = float("inf") if everything else self._clock.monotonic() - self.window
        due = [keyed for arrived, keyed in self._held if arrived <= until + 1e-9]
        if not due:
            return
        later = [arrived for arrived, _ in self._held if arrived > until + 1e-9]
        lines = [line for _, keyed in self._held for line in keyed]
        lines.sort(key=_KEY)
        cut = bisect_right(lines, max(max(keyed, key=_KEY)[0] for keyed in due), key=_KEY)
        self._held = [(min(later), lines[cut:])] if lines[cut:] else []
        self._pass_on(lines[:cut])

    def _pass_on(self, lines: list[_Keyed]) -> None:
        if lines[0][0] < self._shown:
            older = bisect_right(lines, self._shown - 1, key=_KEY)
            self.late += sum(1 for _, entry in lines[:older] if entry[1] != self._shown_by)
        self._emit([entry for _, entry in lines])
        self._remember(lines[-1][0], lines[-1][1][1])

    def _remember(self, newest: int, source: int) -> None:
        if newest >= self._shown:
            self._shown, self._shown_by = newest, source
