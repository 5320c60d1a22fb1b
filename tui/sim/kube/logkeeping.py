"""What becomes of a log file besides being written: lines put into it from outside, and its rotation at will.

Both are views of a file, entry by entry as the file itself is: nothing is copied.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from tui.sim.kube.logfiles import LogFile, nano_stamp

Note = tuple[float, str]
"""When a line was said, and the line."""


class NotedLog:
    """A file with lines of its own and, where their time has it, `notes`: oldest first, none of them of the future."""

    def __init__(self, log: LogFile, notes: Sequence[Note]) -> None:
        self._log = log
        self._notes = notes
        self._places = [log.span(when).stop + index for index, (when, _) in enumerate(notes)]
        self.piece = log.piece
        self.look_every = log.look_every

    def span(self, now: float) -> range:
        span = self._log.span(now)
        gone = sum(place - index < span.start for index, place in enumerate(self._places))
        return range(span.start + gone, span.stop + sum(when <= now for when, _ in self._notes))

    def time_of(self, index: int) -> float:
        note = self._note(index)
        return note[0] if note else self._log.time_of(self._own(index))

    def line_count(self, index: int) -> int:
        return 1 if self._note(index) else self._log.line_count(self._own(index))

    def render(self, first: int, last: int, timestamps: bool) -> bytes:
        parts: list[bytes] = []
        while first < last:
            note = self._note(first)
            if note is not None:
                parts.append(f"{nano_stamp(note[0]) if timestamps else ''}{note[1]}\n".encode("utf-8", "replace"))
                first += 1
                continue
            following = bisect_left(self._places, first)
            upto = min(last, self._places[following]) if following < len(self._places) else last
            parts.append(self._log.render(self._own(first), self._own(first) + upto - first, timestamps))
            first = upto
        return b"".join(parts)

    def _note(self, index: int) -> Note | None:
        found = bisect_left(self._places, index)
        return self._notes[found] if found < len(self._places) and self._places[found] == index else None

    def _own(self, index: int) -> int:
        """The file's own index of an entry that is no note."""
        return index - bisect_left(self._places, index)


class RotatedLog:
    """A file of which only what begins with entry `start` is left to be read."""

    def __init__(self, log: LogFile, start: int) -> None:
        self._log = log
        self._start = start
        self.piece = log.piece
        self.look_every = log.look_every

    def span(self, now: float) -> range:
        span = self._log.span(now)
        start = max(self._start, span.start)
        return range(start, max(start, span.stop))

    def time_of(self, index: int) -> float:
        return self._log.time_of(index)

    def line_count(self, index: int) -> int:
        return self._log.line_count(index)

    def render(self, first: int, last: int, timestamps: bool) -> bytes:
        return self._log.render(first, last, timestamps)
