"""Lines of several containers in one order: by the time each was written, as far as waiting a moment allows.

Streams deliver in bursts and at different speeds, so a line is held back for a fifth of a second, in which an older one
of another container may still come; and longer, while the histories of others are still coming in. One that comes later
still is shown where it comes, marked and counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from operator import itemgetter

from tui.clock import Clock
from tui.model.logstamp import moment_key, sort_key

WINDOW = 0.2
STRAGGLING = 0.5
"""Seconds after its last lines in which a source is taken to have more of the same history."""
OLD = 2.0
"""Seconds by which lines must be older than now to be taken for history, of which more is to come."""
PATIENCE = 3.0
"""Seconds that a line waits for sources that are behind, at most."""
MOST_HELD = 40_000
MOST_BYTES = 32 << 20
"""Held lines, and their bytes, from which on those sources that are ahead are held up."""

_Held = tuple[bytes, int, bytes]
"""The key to sort by, which for a line without a time is that of the line before it; the source; the raw line."""

_KEY = itemgetter(0)
_MOMENT = 1e-9  # times that were added up differently are the same


class _Batch:
    """What came at once. oldest, newest: its keys."""

    __slots__ = ("came", "lines", "newest", "oldest")

    def __init__(self, came: float, lines: list[_Held]) -> None:
        self.came = came
        self.lines = lines
        self.oldest = min(lines, key=_KEY)[0]
        self.newest = max(lines, key=_KEY)[0]

    def take(self, upto: bytes, taken: list[_Held]) -> _Batch | None:
        """Add to `taken` what is not newer than `upto`; what is left."""
        if self.newest <= upto:
            taken += self.lines
            return None
        if self.oldest > upto:
            return self
        taken += [line for line in self.lines if line[0] <= upto]
        return _Batch(self.came, [line for line in self.lines if line[0] > upto])


def _share(lines: list[_Held], count: float, size: float) -> int:
    """How many of `lines` are no more than `count`, and no more than `size` bytes; one at least where any may pass."""
    most = int(min(count, len(lines)))
    if size == float("inf"):
        return most
    total = 0
    for place in range(most):
        total += len(lines[place][2])
        if total > size:
            return max(place, 1) if size > 0 else 0
    return most


class TimeMerge:
    """Holds lines back for `window` seconds and passes them to `emit`, lines and sources, in the order of their times.

    direct: pass them on at once; right where there is only one source. late: lines that came after newer ones of
    another source had been passed on, by source; to `emit` they are those of source `~source`.
    """

    def __init__(self, emit: Callable[[list[bytes], list[int]], None], clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._held: list[_Batch] = []
        self._count = 0
        self._bytes = 0
        self._newest_of: dict[int, bytes] = {}
        self._came: dict[int, float] = {}
        self._catching_up: set[int] = set()
        self._shown = b""
        self._shown_by = -1
        self.window = WINDOW
        self.direct = False
        self.late: Counter[int] = Counter()

    @property
    def waiting(self) -> bool:
        """Whether lines are held back."""
        return bool(self._held)

    @property
    def held(self) -> int:
        """How many lines are held back."""
        return self._count

    def crowded(self, source: int) -> bool:
        """Whether so many lines are held back that this source should wait: those that are ahead first."""
        load = max(self._count / MOST_HELD, self._bytes / MOST_BYTES)
        if load <= 1:
            return False
        ahead = self._newest_of.get(source, b"") > min(self._newest_of.values(), default=b"")
        return ahead or len(self._came) == 1 or load > 3

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
        now = self._came[source] = self._clock.monotonic()
        if newest < moment_key(self._clock.now() - OLD):
            self._catching_up.add(source)
        else:
            self._catching_up.discard(source)
        self._held.append(_Batch(now, held))
        self._count += len(held)
        self._bytes += sum(map(len, lines))

    def release(
        self, *, everything: bool = False, lines_at_most: float = float("inf"), bytes_at_most: float = float("inf")
    ) -> None:
        """Pass on what has been held back long enough, and with it what is older; or as much of it as is allowed."""
        now = self._clock.monotonic()
        until = float("inf") if everything else now - self.window + _MOMENT
        upto = max((batch.newest for batch in self._held if batch.came <= until), default=None)
        if upto is None:
            return
        if not everything:
            upto = self._without_stragglers(now, upto)
        lines: list[_Held] = []
        kept: list[_Batch] = []
        for batch in self._held:
            if (rest := batch.take(upto, lines)) is not None:
                kept.append(rest)
        self._held = kept
        lines.sort(key=_KEY)
        passed = _share(lines, lines_at_most, bytes_at_most)
        if passed < len(lines):
            self._held.insert(0, _Batch(float("-inf"), lines[passed:]))
        if passed:
            del lines[passed:]
            self._count -= passed
            self._bytes -= sum(len(line) for _, _, line in lines)
            self._pass_on(lines)

    def _without_stragglers(self, now: float, upto: bytes) -> bytes:
        """Up to where lines may go, when those wait for whom others are still to bring older ones."""
        behind = [self._newest_of[source] for source in self._catching_up if self._came[source] > now - STRAGGLING]
        patient = max((batch.newest for batch in self._held if batch.came <= now - PATIENCE), default=b"")
        return max(patient, min([upto, *behind]))

    def _pass_on(self, lines: list[_Held]) -> None:
        sources = [source for _, source, _ in lines]
        for place in range(bisect_left(lines, self._shown, key=_KEY)):
            if (source := sources[place]) != self._shown_by:
                self.late[source] += 1
                sources[place] = ~source
        self._emit([line for _, _, line in lines], sources)
        self._remember(*lines[-1][:2])

    def _remember(self, newest: bytes, source: int) -> None:
        if newest >= self._shown:
            self._shown, self._shown_by = newest, source
