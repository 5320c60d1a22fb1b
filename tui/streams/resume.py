"""Going on with a log where it broke off, without a gap and without a repeat.

`sinceTime` reaches the kubelet in whole seconds (the API server formats it as RFC 3339 without a fraction), so a
resumed stream begins with lines that have been read already: all of the second in which the last one was written.
They are told from new ones by being equal, stamp and text, and counted, since two lines may share both. A log file is
read in order, so the first line that is not one of them ends the repetition.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from tui.garbage import unsearched
from tui.model.logstamp import SECOND, parse_stamp, sort_key

REMEMBERED = 200_000
"""Lines of the newest second that are remembered at most; beyond, the oldest are known by their time alone."""
REMEMBERED_BYTES = 64 << 20
FEW = 100
"""Lines without a time that are remembered."""
OVERLAP = SECOND // 10
"""Two writers of one container (stdout and stderr) stamp their lines before they get their turn to write them, so the
next line may be a little older than the newest: where the newest is the first of its second, the second before is
asked for too."""


STEP_BACK = 60 * SECOND


class Resume:
    """What must be remembered of a log's past. newest: the newest time read, in nanoseconds; 0 while there was none.

    history: so many lines from the log's end were read at first, None = all: older ones were not wanted.
    """

    def __init__(
        self, remembered: int = REMEMBERED, remembered_bytes: int = REMEMBERED_BYTES, *, history: int | None = None
    ) -> None:
        self._remembered = remembered
        self._remembered_bytes = remembered_bytes
        self._batches: deque[tuple[int, int, Sequence[bytes]]] = deque()  # newest time in it, its bytes, its lines
        self._count = 0
        self._bytes = 0
        self._history_left = history or 0
        self._oldest = 0
        self._known_until = -1
        self._unstamped: Counter[bytes] = Counter()
        self.newest = 0

    @property
    def since(self) -> int:
        """The second, in seconds since the epoch, from which to ask again."""
        return max(0, self.newest - OVERLAP) // SECOND

    def note(self, lines: Sequence[bytes]) -> bool:
        """`lines` have been read. Whether any of them has a time: what a kubelet says of itself ("unable to retrieve
        container logs") has none, and is said anew each time it is asked."""
        newest = _newest(lines)
        if not newest:
            if len(self._unstamped) < FEW:
                self._unstamped.update(lines[:FEW])
            return False
        self._unstamped.clear()
        if self._history_left > 0:
            self._note_history(lines)
        size = sum(map(len, lines))
        self._batches.append((newest, size, unsearched(lines)))
        self._count += len(lines)
        self._bytes += size
        # A node's clock that is set right must not leave us asking for lines of the future.
        self.newest = max(self.newest, newest) if newest + STEP_BACK > self.newest else newest
        begin = self.since * SECOND
        while self._batches[0][0] < begin:
            self._forget()
        while len(self._batches) > 1 and (self._count > self._remembered or self._bytes > self._remembered_bytes):
            self._known_until = max(self._known_until, self._forget())
        return True

    def replay(self) -> Replay:
        """What a stream that is asked for `since` will bring again."""
        begin = self.since * SECOND
        seen = [line for _, _, lines in self._batches for line in lines if parse_stamp(line)[0] >= begin]
        return Replay(Counter(seen) + self._unstamped, max(begin, self._known_until + 1))

    def _note_history(self, lines: Sequence[bytes]) -> None:
        times = [at for at, _ in map(parse_stamp, lines[: self._history_left]) if at]
        self._oldest = min(*times, self._oldest or times[0]) if times else self._oldest
        self._history_left -= len(lines)
        if self._history_left <= 0:  # there may have been more, which were not sent
            self._known_until = self._oldest - 1

    def _forget(self) -> int:
        """Let the oldest batch go; the newest time in it."""
        newest, size, lines = self._batches.popleft()
        self._count -= len(lines)
        self._bytes -= size
        return newest


def _newest(lines: Sequence[bytes]) -> int:
    """The newest time in `lines`; 0 where none has one."""
    if not lines:
        return 0
    at, _ = parse_stamp(max(lines))  # stamps of one form sort as bytes
    return at or parse_stamp(max(map(sort_key, lines)) + b"Z")[0]


class Replay:
    """Tells the repeated beginning of a resumed stream from what is new.

    floor: older lines were read and forgotten, or never wanted. anchored: whether a line that had been read before was
    found again. Where it was not, the file has been rotated or the container restarted, and what was written in
    between may be missing.
    """

    def __init__(self, expected: Counter[bytes], floor: int) -> None:
        self._expected = expected
        self._left = expected.total()
        self._floor = floor
        self.over = not expected
        self.anchored = self.over

    def fresh(self, lines: list[bytes]) -> list[bytes]:
        """Those of `lines` that are new. A line without a time, which only the kubelet itself writes, always is."""
        if self.over:
            return lines
        expected = self._expected
        unstamped: list[bytes] = []
        for position, line in enumerate(lines):
            if expected[line] > 0:
                expected[line] -= 1
                self._left -= 1
                self.anchored = self.anchored or parse_stamp(line)[0] > 0
                continue
            at, _ = parse_stamp(line)
            if not at:
                unstamped.append(line)
            elif at >= self._floor:
                self.over = True
                return unstamped + lines[position:]
        self.over = not self._left
        return unstamped

    def knows(self, fragment: bytes) -> bool:
        """Whether `fragment` is the beginning of a line that was to come again."""
        if self.over:
            return False
        return any(left > 0 and line.startswith(fragment) for line, left in self._expected.items())
