"""Going on with a log where it broke off, without a gap and without a repeat.

`sinceTime` reaches the kubelet in whole seconds (the API server formats it as RFC 3339 without a fraction), so a
resumed stream begins with lines that have been read already: all of the second in which the last one was written.
They are told from new ones by being equal, stamp and text, and counted, since two lines may share both. A log file is
read in order, so the first line that is not one of them ends the repetition.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from tui.model.logstamp import SECOND, parse_stamp, sort_key

REMEMBERED = 200_000
"""Lines of the newest second that are remembered at most; beyond, the oldest are known by their time alone."""


class Resume:
    """What must be remembered of a log's past. newest: the newest time read, in nanoseconds; 0 while there was none."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._batches: deque[tuple[int, Sequence[bytes]]] = deque()  # newest time in it, its lines
        self._count = 0
        self.newest = 0

    @property
    def since(self) -> int:
        """The second, in seconds since the epoch, from which to ask again."""
        return self.newest // SECOND

    def note(self, lines: Sequence[bytes]) -> None:
        """`lines` have been read."""
        newest = _newest(lines)
        if not newest:
            return
        self._batches.append((newest, lines))
        self._count += len(lines)
        self.newest = max(self.newest, newest)
        begin = self.since * SECOND
        while self._batches[0][0] < begin or (self._count > self._remembered and len(self._batches) > 1):
            self._count -= len(self._batches.popleft()[1])

    def replay(self) -> Replay:
        """What a stream that is asked for `since` will bring again."""
        begin = self.since * SECOND
        timed = ((parse_stamp(line)[0], line) for _, lines in self._batches for line in lines)
        seen = [(at, line) for at, line in timed if at >= begin]
        return Replay(Counter(line for _, line in seen), min((at for at, _ in seen), default=self.newest))


def _newest(lines: Sequence[bytes]) -> int:
    """The newest time in `lines`; 0 where none has one."""
    if not lines:
        return 0
    at, _ = parse_stamp(max(lines))  # stamps of one form sort as bytes
    return at or parse_stamp(max(map(sort_key, lines)) + b"Z")[0]


class Replay:
    """Tells the repeated beginning of a resumed stream from what is new.

    anchored: whether a line that had been read before was found again. Where it was not, the file has been rotated or
    the container restarted, and what was written in between may be missing.
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
        unstamped: list[bytes] = []
        for position, line in enumerate(lines):
            if self._expected[line] > 0:
                self._expected[line] -= 1
                self._left -= 1
                self.anchored = True
                continue
            at, _ = parse_stamp(line)
            if not at:
                unstamped.append(line)
            elif at >= self._floor:
                self.over = True
                return unstamped + lines[position:]
        self.over = not self._left
        return unstamped
