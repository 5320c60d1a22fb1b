"""Lines of several containers in one order: by the time each was written, as far as waiting a moment allows.

Streams deliver in bursts and at different speeds, so a line is held back for a fifth of a second, in which an older one
of another container may still come. One that comes later still is shown where it comes, and counted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from operator import itemgetter

from tui.clock import Clock
from tui.model.logstamp import sort_key

WINDOW = 0.2

_Held = tuple[bytes, int, bytes]
"""The key to sort by, which for a line without a time is that of the line before it; the source; the raw line."""

_KEY = itemgetter(0)
_MOMENT = 1e-9  # times that were added up differently are the same


class TimeMerge:
    """Holds lines back for `window` seconds and passes them to `emit`, lines and sources, in the order of their times.

    direct: pass them on at once; right where there is only one source. late: lines that came after newer ones of
    another source had been passed on.
    """

    def __init__(self, emit: Callable[[list[bytes], list[int]], None], clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._held: list[tuple[float, list[_Held]]] = []
        self._newest_of: dict[int, bytes] = {}
        self._shown = b""
        self._shown_by = -1
        self.window = WINDOW
        self.direct = False
        self.late = 0

    @property
    def waiting(self) -> bool:
        """Whether lines are held back."""
        return bool(self._held)

    def add(self, source: int, lines: list[bytes]) -> None:
        """Lines of one source, in its order."""
        if self.direct and not self._held:
            self._emit(lines, [source] * len(lines))
            self._remember(sort_key(lines[-1]), source)
            return
        newest = self._newest_of.get(source, b"")
        held: list[_Held] = []
        for line in lines:
            newest = sort_key(line) or newest
            held.append((newest, source, line))
        self._newest_of[source] = newest
        self._held.append((self._clock.monotonic(), held))

    def release(self, *, everything: bool = False) -> None:
        """Pass on what has been held back long enough, and with it what is older."""
        until = float("inf") if everything else self._clock.monotonic() - self.window + _MOMENT
        due = [held for arrived, held in self._held if arrived <= until]
        if not due:
            return
        later = [arrived for arrived, _ in self._held if arrived > until]
        lines = [line for _, held in self._held for line in held]
        lines.sort(key=_KEY)
        cut = bisect_right(lines, max(max(held, key=_KEY)[0] for held in due), key=_KEY)
        self._held = [(min(later), lines[cut:])] if cut < len(lines) else []
        self._pass_on(lines[:cut])

    def _pass_on(self, lines: list[_Held]) -> None:
        older = bisect_left(lines, self._shown, key=_KEY)
        self.late += sum(1 for _, source, _ in lines[:older] if source != self._shown_by)
        self._emit([line for _, _, line in lines], [source for _, source, _ in lines])
        self._remember(lines[-1][0], lines[-1][1])

    def _remember(self, newest: bytes, source: int) -> None:
        if newest >= self._shown:
            self._shown, self._shown_by = newest, source
