"""Lines of several containers in one order: by the time each was written, as far as waiting a moment allows.

Streams deliver in bursts and at different speeds, so a line is held back for a fifth of a second, in which an older one
of another container may still come; and longer, where others usually come later (`lags`), and while the histories of
others are still coming in. One that comes later still is shown where it comes, marked and counted. Lines whose times
cannot be believed (of tomorrow, or of a clock that is far from the others') take their places by when they come.

Logs that are only read to their ends are merged without a clock: a line is passed on when every source that has not
ended has brought one that is not older. The source that is furthest behind may always read on, and each of the others
until it holds its share, so neither the memory nor the places in which streams are open can be what is waited for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping

from tui.clock import Clock
from tui.data.heldlines import KEY, Batch, Going, Held, Waiting, by_source
from tui.data.lags import FUTURE, Lags
from tui.data.turnlines import TurnLines
from tui.model.gapline import GapLine
from tui.model.logstamp import sort_key, usual_stamp

WINDOW = 0.2
STRAGGLING = 0.5
"""Seconds after its last lines in which a source is taken to have more of the same history."""
PATIENCE = 3.0
"""Seconds that a line waits for sources that are behind, at most."""
MOST_HELD = 40_000
MOST_BYTES = 32 << 20
"""Held lines, and their bytes, from which on those sources that are ahead are held up."""
FINITE_HELD = 200_000
FINITE_BYTES = 64 << 20
"""The same where all are waited for; each source may hold its share of them."""
LEAST_HELD = 500
"""Lines that any source may hold, however many there are."""
TOGETHER = 0.05
"""Seconds in which lines of one source that come one by one are held as if they had come at once, with the last."""
TOGETHER_AWAITED = 0.25
"""The same while somebody is waited for: so none of them may go yet, and many may have to be held."""

STEP = 5_000
"""Lines that are passed on in one go; who has more to pass on lets others work in between."""

_MOMENT = 1e-9  # times that were added up differently are the same


def _share(lines: list[Held], count: float, size: float) -> int:
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
    """Holds lines back for a moment and passes them to `emit`, lines and sources, in the order of their times.

    finite: they are read to their ends, and so their times are taken as they are. direct: pass them on at once; right
    where there is only one source. late: lines that came after newer ones of another source had been passed on, by
    source; to `emit` they are those of source `~source`. awaited: of those that are waited for however long it takes,
    who has more to bring; one that has yet to bring a line holds everything back; None = nobody is. expected: who else
    is being opened, and is waited for as those that catch up are. ready: lines that would have been passed on, had as
    many been allowed.
    """

    def __init__(self, emit: Callable[[list[bytes], list[int]], None], clock: Clock, *, finite: bool = False) -> None:
        self._emit = emit
        self._clock = clock
        self._finite = finite
        self._lags = Lags()
        self._floor: dict[int, bytes] = {}
        self._held = Waiting()
        self._going = Going()
        self._count = 0
        self._bytes = 0
        self._newest_of: dict[int, bytes] = {}
        self._held_of: Counter[int] = Counter()
        self._bytes_of: Counter[int] = Counter()
        self._paused = 0.0
        self._looked = 0.0
        self._came: dict[int, float] = {}
        self._shown = b""
        self._shown_by = -1
        self.direct = False
        self.ready = 0
        self.awaited: frozenset[int] | None = None
        self.expected: frozenset[int] = frozenset()
        self.late: Counter[int] = Counter()
        self._turns = TurnLines()

    @property
    def waiting(self) -> bool:
        """Whether lines are held back."""
        return self._count > 0

    @property
    def held(self) -> int:
        """How many lines are held back."""
        return self._count

    @property
    def off(self) -> Mapping[int, float]:
        """Sources that are out of step, and by how many seconds they are behind the others."""
        return self._lags.off

    @property
    def in_turn(self) -> Mapping[int, int]:
        """Of the late lines those of logs that waited for their turns, by source; they are passed on as `TurnLine`."""
        return self._turns.count

    def turn_began(self, source: int) -> None:
        """It is read again, after a wait for its turn."""
        self._turns.began(source, self._lags.arrival(self._clock.now()))

    def behind(self, source: int) -> bool:
        """Whether more of what was written before is to come from it, as far as its lines tell."""
        return source not in self._newest_of or source in self._lags.catching_up

    def crowded(self, source: int) -> bool:
        """Whether so many lines are held back that this source should wait: those that are ahead first."""
        if self.awaited is not None:
            return self.holds_share(source)
        load = max(self._count / MOST_HELD, self._bytes / MOST_BYTES)
        if load <= 1:
            return False
        ahead = self._newest_of.get(source, b"") > min(self._newest_of.values(), default=b"")
        return ahead or len(self._came) == 1 or load > 3

    def holds_share(self, source: int, part: float = 1.0) -> bool:
        """Whether a source that is not the furthest behind of those awaited holds such a part of what it may."""
        awaited = self.awaited or ()
        if self._newest_of.get(source, b"") <= self._behind():
            return False
        sources = max(1, len(awaited))
        lines = max(FINITE_HELD / sources, LEAST_HELD)
        return self._held_of[source] > lines * part or self._bytes_of[source] > FINITE_BYTES / sources * part

    def _behind(self) -> bytes:
        """The newest key of the awaited source that is furthest behind; b"" where one has brought nothing yet."""
        return min((self._newest_of.get(source, b"") for source in self.awaited or ()), default=b"")

    def _now(self) -> float:
        """Seconds, of which those do not count in which the output was held up: nobody could deliver in them."""
        return self._clock.monotonic() - self._paused

    def add(self, source: int, lines: list[bytes]) -> None:
        """Lines of one source, in its order."""
        now = self._now()
        if self.direct and not self._count:
            self._emit(lines, [source] * len(lines))
            newest = sort_key(lines[-1])
            self._lags.came(source, newest, now, self._clock.now(), learn=True)
            self._remember(newest, source)
            return
        newest = self._newest_of.get(source, b"")
        held: list[Held] = []
        for line in lines:
            stamp = usual_stamp(line)
            newest = stamp[0] if stamp is not None else sort_key(line) or newest
            held.append((newest, source, line))
        self._came[source] = now
        due = now + WINDOW
        batch = Batch(now, due, held)
        if not self._finite:
            wall = self._clock.now()
            believed = self._lags.came(source, batch.newest, now, wall, learn=self.awaited is None)
            batch.due = due = due + self._lags.extra(source)
            if source in self._floor or source in self._lags.off or not believed:
                held = self._by_arrival(source, held, wall)
                newest = held[-1][0]
                batch = Batch(now, due, held)
        self._newest_of[source] = newest
        self._held.add(batch, within=TOGETHER if self.awaited is None else TOGETHER_AWAITED)
        size = sum(map(len, lines))
        self._count += len(held)
        self._bytes += size
        self._held_of[source] += len(held)
        self._bytes_of[source] += size

    def _by_arrival(self, source: int, held: list[Held], wall: float) -> list[Held]:
        """The same lines, those whose times cannot be believed as if they were written now; none gets before those
        that did."""
        arrival, latest = self._lags.arrival(wall), self._lags.arrival(wall, FUTURE)
        off = source in self._lags.off
        floor = self._floor.pop(source, b"")
        last = min(self._newest_of.get(source, b""), latest)
        moved: list[Held] = []
        for key, _, line in held:
            if off or key > latest:
                floor = last = max(arrival, last)
            else:
                last = max(key, floor)
            moved.append((last, source, line))
        if off or last == floor:
            self._floor[source] = floor
        return moved

    def release(
        self, *, everything: bool = False, lines_at_most: float = float("inf"), bytes_at_most: float = float("inf")
    ) -> bool:
        """Pass on what has been held back long enough, and with it what is older; or as much of it as is allowed.
        Whether there is more of it than is passed on in one go: then this is to be called again, soon."""
        looked = self._clock.monotonic()
        if self.ready:
            self._paused += looked - self._looked
        self._looked = looked
        now = self._now()
        self.ready = 0
        self._lags.weigh(now)
        upto = self._upto(now, everything=everything)
        if upto is not None:
            self._held.take(upto, self._going)
        lines = self._going.oldest(STEP)
        passed = _share(lines, lines_at_most, bytes_at_most)
        if refused := passed < len(lines):
            # They are looked at anew when there is room, with what has come by then.
            self.ready = len(lines) - passed + self._going.count
            left = [*by_source(lines[passed:]), *self._going.all()]
            self._held.give_back([Batch(now - WINDOW, now, some) for some in left])
        if passed:
            del lines[passed:]
            self._count -= passed
            self._bytes -= sum(len(line) for _, _, line in lines)
            for _, source, line in lines:
                self._held_of[source] -= 1
                self._bytes_of[source] -= len(line)
            self._pass_on(lines)
        return not refused and self._going.count > 0

    def _upto(self, now: float, *, everything: bool) -> bytes | None:
        """The key up to which lines have been held back long enough; None where none have."""
        if self.awaited and not everything:
            return self._behind()
        until = float("inf") if everything or self.awaited is not None else now + _MOMENT
        upto = self._held.newest(due=until)
        if upto is None or everything or self.awaited is not None:
            return upto
        return self._without_stragglers(now, upto)

    def _without_stragglers(self, now: float, upto: bytes) -> bytes:
        """Up to where lines may go, when those wait for whom others are still to bring older ones."""
        behind = [self._newest_of[one] for one in self._lags.catching_up if self._came.get(one, 0.0) > now - STRAGGLING]
        behind += [self._newest_of.get(source, b"") for source in self.expected]
        return max(self._held.newest(came=now - PATIENCE) or b"", min([upto, *behind]))

    def _pass_on(self, lines: list[Held]) -> None:
        sources = [source for _, source, _ in lines]
        if not self._finite and self._shown > self._lags.arrival(self._clock.now(), FUTURE):
            self._shown = b""  # one line from the future makes nobody late
        newest = lines[-1]
        if late := bisect_left(lines, self._shown, key=KEY):
            lines[:late], sources[:late] = self._late(lines[:late])
        self._emit([line for _, _, line in lines], sources)
        self._remember(*newest[:2])

    def _late(self, lines: list[Held]) -> tuple[list[Held], list[int]]:
        """Lines that come after newer ones, in the order in which they are shown, and their sources, marked."""
        sources: list[int] = []
        for _, source, line in lines:
            late = source != self._shown_by and not isinstance(line, GapLine)
            if late:
                self.late[source] += 1
            sources.append(~source if late else source)
        return self._turns.together(lines, sources, self._lags.arrival(self._clock.now()))

    def _remember(self, newest: bytes, source: int) -> None:
        if newest >= self._shown:
            self._shown, self._shown_by = newest, source
