"""Lines that a merge by time holds back, and those of them that may go. Pure.

A hundred histories that have been waited for may all go in one moment. A hundred thousand lines that are sorted,
counted and passed on at once keep a key waiting for the better part of a tenth of a second. So they go in steps, the
oldest first, and which are the next few thousand is found by looking at every thirty-second of all. And since they may
have come one by one, those of a source that come soon after one another are held as one batch: else each look at what
may go would take as long.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter

Held = tuple[bytes, int, bytes]
"""The key to sort by, which for a line without a time is that of the line before it; the source; the raw line."""

KEY = itemgetter(0)
_EVERY = 32
"""Of so many lines one is looked at."""
_GROWN = 1_000
"""Lines from which on a batch grows no more: it may have to be parted."""
_GONE = 1_000
"""Lines that have gone from a run, from which on they are let go; all at the end would take as long as a step."""


class Batch:
    """What came of one source at once. due: when it may be passed on. oldest, newest: its keys."""

    __slots__ = ("came", "due", "lines", "newest", "oldest")

    def __init__(self, came: float, due: float, lines: list[Held]) -> None:
        self.came = came
        self.due = due
        self.lines = lines
        self.oldest = min(lines, key=KEY)[0]
        self.newest = max(lines, key=KEY)[0]

    def grow(self, more: Batch) -> None:
        """Take in what came of the same source since. None of it may be passed on sooner."""
        self.lines += more.lines
        self.due = max(self.due, more.due)
        self.oldest = min(self.oldest, more.oldest)
        self.newest = max(self.newest, more.newest)

    def take(self, upto: bytes, going: Going) -> Batch | None:
        """Let go what is not newer than `upto`; what is left."""
        if self.newest <= upto:
            going.add(self.lines)
            return None
        if self.oldest > upto:
            return self
        going.add([line for line in self.lines if line[0] <= upto])
        return Batch(self.came, self.due, [line for line in self.lines if line[0] > upto])


class Waiting:
    """Batches of which none has been let go yet."""

    def __init__(self) -> None:
        self._batches: list[Batch] = []
        self._growing: dict[int, Batch] = {}
        """By source the last of it, where that may still grow."""

    def __len__(self) -> int:
        return len(self._batches)

    def add(self, batch: Batch, *, within: float) -> None:
        """What came of one source now; it is held with what came of it so many seconds before, at most."""
        source = batch.lines[0][1]
        last = self._growing.get(source)
        if last is not None and batch.came - last.came < within and len(last.lines) < _GROWN:
            last.grow(batch)
            return
        self._batches.append(batch)
        self._growing[source] = batch

    def give_back(self, batches: list[Batch]) -> None:
        """These may not go after all; they came before all others."""
        self._batches[:0] = batches

    def take(self, upto: bytes, going: Going) -> None:
        """Let go what is not newer than `upto`."""
        self._growing.clear()
        left = [batch.take(upto, going) for batch in self._batches]
        self._batches = [batch for batch in left if batch is not None]

    def newest(self, *, due: float = float("inf"), came: float = float("inf")) -> bytes | None:
        """The newest key of those that are due, and came, by these times; None where none are."""
        return max((batch.newest for batch in self._batches if batch.due <= due and batch.came <= came), default=None)


class _Run:
    """Lines of one source, most of them in order; those before `start` have gone."""

    __slots__ = ("lines", "mixed", "start")

    def __init__(self) -> None:
        self.lines: list[Held] = []
        self.mixed = False
        self.start = 0

    def order(self) -> None:
        """Only now, since what comes in order costs next to nothing."""
        if self.mixed:
            del self.lines[: self.start]
            self.lines.sort(key=KEY)
            self.start, self.mixed = 0, False

    def went(self, end: int) -> None:
        """The lines before `end` have gone."""
        self.start = end
        if end >= _GONE and end * 2 >= len(self.lines):
            del self.lines[:end]
            self.start = 0


class Going:
    """Lines that may go. count: how many there are."""

    def __init__(self) -> None:
        self._came: list[list[Held]] = []
        self._runs: dict[int, _Run] = {}
        self.count = 0

    def add(self, lines: list[Held]) -> None:
        """What came of one source at once, one line at least."""
        self._came.append(lines)
        self.count += len(lines)

    def oldest(self, most: int) -> list[Held]:
        """Take `most` of them, the oldest, in order."""
        if self.count <= most:
            taken = [line for lines in self.all() for line in lines]
            taken.sort(key=KEY)
            return taken
        for lines in self._came:
            run = self._runs.setdefault(lines[0][1], _Run())
            run.lines += lines
            run.mixed = True
        self._came.clear()
        runs = list(self._runs.values())
        for run in runs:
            run.order()
        taken = _first(runs, most)
        self._runs = {source: run for source, run in self._runs.items() if run.start < len(run.lines)}
        self.count -= len(taken)
        taken.sort(key=KEY)
        return taken

    def all(self) -> list[list[Held]]:
        """Take all of them, as they are."""
        left = [*(run.lines[run.start :] for run in self._runs.values()), *self._came]
        self._runs.clear()
        self._came.clear()
        self.count = 0
        return left


def by_source(lines: list[Held]) -> list[list[Held]]:
    """The same lines, each source's by themselves and in their order."""
    found: dict[int, list[Held]] = {}
    for line in lines:
        found.setdefault(line[1], []).append(line)
    return list(found.values())


def _first(runs: list[_Run], most: int) -> list[Held]:
    """Take the oldest `most` lines, of which there are more; of those that are as old as one another, any."""
    key = _key_at(runs, most)
    older = sorted(line[0] for run in runs for line in run.lines[run.start : _before(run, key)])
    if len(older) >= most:
        key = older[most - 1]
    taken: list[Held] = []
    for run in runs:
        end = _before(run, key)
        taken += run.lines[run.start : end]
        run.went(end)
    for run in runs:
        end = min(bisect_right(run.lines, key, run.start, key=KEY), run.start + most - len(taken))
        taken += run.lines[run.start : end]
        run.went(end)
    return taken


def _before(run: _Run, key: bytes) -> int:
    return bisect_left(run.lines, key, run.start, key=KEY)


def _key_at(runs: list[_Run], most: int) -> bytes:
    """A key up to which there are `most` lines at least, and of older ones not many more."""
    seen: list[tuple[bytes, int]] = []
    for run in runs:
        last = len(run.lines)
        seen += [(run.lines[place][0], _EVERY) for place in range(run.start + _EVERY - 1, last, _EVERY)]
        if few := (last - run.start) % _EVERY:
            seen.append((run.lines[last - 1][0], few))
    seen.sort()
    found = 0
    for key, count in seen:
        found += count
        if found >= most:
            return key
    return seen[-1][0]
