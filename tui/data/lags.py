"""How far the lines of each source come behind the clock: what a merge by time has to wait for, and whom not.

A line is read some time after the time that it bears: its way is long, or the clocks differ. A source whose lines come
a second later than those of others is waited for; one that is further off is not, since everybody else would have to
wait, and is put in order by when its lines come. One that only brings what was written before comes nearer to now as it
is read; that tells it from one whose clock is wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tui.model.logstamp import SECOND, moment_key, parse_stamp

OLD = 2.0
"""Seconds by which lines must be behind the usual to be taken for history, of which more is to come."""
OUT_OF_STEP = 2.0
BACK_IN_STEP = 1.5
"""Seconds off the others from which on a source is waited for no longer, and within which it is again."""
FUTURE = 2.0
"""Seconds by which a line may be ahead of what is usual; one that is further ahead counts as written now."""
NONSENSE = 86_400.0
"""Seconds ahead that no clock is: with one that is a day off no certificate would be believed."""
VERDICT = 1.0
"""Seconds after which it is judged whether a source that is behind comes nearer, at least so much faster (`RISES`)
than time passes."""
RISES = 0.2
EVERY = 0.25
SAMPLES = 32
"""Seconds between two samples, and how many of the last are looked at."""
FEW = 4
ENOUGH = 8
SURE_AFTER = 3.0
"""Samples that must be there before others wait for that source; and before it is given up, over so many seconds."""
FORGOTTEN = 60.0
"""Seconds of silence after which nobody waits for a source."""


class _Source:
    __slots__ = ("heard", "mark", "sampled", "samples", "usual")

    def __init__(self) -> None:
        self.samples: deque[tuple[float, float]] = deque(maxlen=SAMPLES)
        self.sampled = self.heard = float("-inf")
        self.mark: tuple[float, float] | None = None
        self.usual: float | None = None


class Lags:
    """Of the sources of one merge, by index. now: the merge's own time; wall: the clock's; both in seconds.

    usual: what most are behind, also where this machine's clock is wrong. catching_up: sources that bring what was
    written before. off: those that are out of step, and by how many seconds they are behind the others.
    """

    def __init__(self) -> None:
        self._of: dict[int, _Source] = {}
        self._extra: dict[int, float] = {}
        self._extra_else = 0.0
        self._changed = False
        self._second = b""
        self._second_at = 0.0
        self.usual = 0.0
        self.catching_up: set[int] = set()
        self.off: dict[int, float] = {}

    def came(self, source: int, key: bytes, now: float, wall: float, *, learn: bool) -> bool:
        """Lines have come, up to this key. learn: nothing held them up on the way, so their delay says something (that
        they are from the future does in any case). Whether their times can be believed."""
        at = self._seconds(key)
        if not at:
            return False
        lag = wall - at
        if lag < -NONSENSE:
            return False
        one = self._of.get(source)
        if one is None:
            one = self._of[source] = _Source()
        one.heard = now
        self._judge(source, one, now, lag)
        if (learn or lag < 0) and source not in self.catching_up and now - one.sampled >= EVERY:
            one.sampled = now
            one.samples.append((now, lag))
            one.usual = sorted(sample for _, sample in one.samples)[len(one.samples) // 4]
            self._changed = True
            if len(one.samples) == 1:
                self.weigh(now)
        return lag >= self.usual - FUTURE

    def _judge(self, source: int, one: _Source, now: float, lag: float) -> None:
        """Whether it catches up: it is behind, and has come nearer since it was looked at last, or is looked at now."""
        if lag - self.usual <= OLD:
            one.mark = None
            self.catching_up.discard(source)
        elif one.mark is None or lag > one.mark[1] + OLD:
            one.mark = (now, lag)
            if source not in self.off:
                self.catching_up.add(source)
        elif (passed := now - one.mark[0]) >= VERDICT:
            if one.mark[1] - lag >= RISES * passed and source not in self.off:
                self.catching_up.add(source)
            else:
                self.catching_up.discard(source)
            one.mark = (now, lag)

    def extra(self, source: int) -> float:
        """Seconds that its lines wait longer than those of the source that is the furthest behind of those in step."""
        return self._extra.get(source, self._extra_else)

    def arrival(self, wall: float, ahead: float = 0.0) -> bytes:
        """The key of a usual line that comes so many seconds after now."""
        return moment_key(wall - self.usual + ahead)

    def weigh(self, now: float) -> None:
        """Compare them anew, where there is something new."""
        if not self._changed:
            return
        self._changed = False
        known = {
            source: one.usual
            for source, one in self._of.items()
            if one.usual is not None and one.heard >= now - FORGOTTEN
        }
        self.usual = _middle([0.0, *known.values()])  # this machine's own clock is one opinion more
        self.off = {source: lag - self.usual for source, lag in known.items() if self._is_off(source, lag, now)}
        self.catching_up.difference_update(self.off)
        steady = {
            source: lag
            for source, lag in known.items()
            if source not in self.off and abs(lag - self.usual) <= OUT_OF_STEP and len(self._of[source].samples) >= FEW
        }
        lags = steady.values()
        top = min(max(lags, default=self.usual), min(lags, default=self.usual) + OUT_OF_STEP)
        self._extra_else = max(0.0, top - self.usual)
        self._extra = {source: max(0.0, top - lag) for source, lag in steady.items()}

    def _is_off(self, source: int, lag: float, now: float) -> bool:
        distance = abs(lag - self.usual)
        if source in self.off:
            return distance > BACK_IN_STEP
        samples = self._of[source].samples
        sure = len(samples) >= ENOUGH and samples[-1][0] - samples[0][0] >= SURE_AFTER
        return sure and distance > OUT_OF_STEP

    def _seconds(self, key: bytes) -> float:
        """The time of a key, 0 where it is none."""
        if not key:
            return 0.0
        if key[:19] != self._second:
            at, _ = parse_stamp(key + b"Z")
            if not at:
                return 0.0
            self._second, self._second_at = key[:19], float(at // SECOND)
        return self._second_at + int(key[20:29]) / SECOND


def _middle(numbers: Iterable[float]) -> float:
    """The lower median."""
    ordered = sorted(numbers)
    return ordered[(len(ordered) - 1) // 2]
