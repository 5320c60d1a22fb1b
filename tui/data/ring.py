"""The newest lines of a log view, by sequence number; the oldest leave when it is full.

Lines go in raw and by slices of lists, since millions a second must pass here; a `LogLine` is made only for those that
are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tui.model.gapline import GapLine
from tui.model.logs import LogLine
from tui.model.logstamp import Stamps
from tui.model.turnline import TurnLine

T = TypeVar("T")

CAPACITY = 100_000
MAX_BYTES = 256 << 20
"""Bytes of text that a ring holds at most, however few its lines: one line may be a quarter of a megabyte."""


class Ring:
    """A bounded, append-only sequence of raw lines, each with the index of its source (`~index` where it came late).
    Sequence numbers begin at 0 and are never used twice."""

    def __init__(self, capacity: int = CAPACITY, max_bytes: int = MAX_BYTES) -> None:
        self.capacity = capacity
        self.max_bytes = max_bytes
        self._lines = [b""] * capacity
        self._sources = [0] * capacity
        self.bytes = 0
        self._stamps = Stamps()
        self.first_seq = 0
        self.next_seq = 0

    def __len__(self) -> int:
        return self.next_seq - self.first_seq

    @property
    def evicted(self) -> int:
        """How many lines have left because the ring was full: all before the first."""
        return self.first_seq

    def append(self, lines: list[bytes], sources: list[int]) -> None:
        """Add `lines`, oldest first, in place of the oldest where there is no room. sources: of each line."""
        surplus = len(lines) - self.capacity
        if surplus > 0:  # more than fits: the first of them come and go
            self._evict(len(self))
            self.next_seq += surplus
            self.first_seq = self.next_seq
            lines, sources = lines[surplus:], sources[surplus:]
        self._evict(len(self) + len(lines) - self.capacity)
        start = self.next_seq % self.capacity
        room = self.capacity - start
        self._lines[start : start + min(room, len(lines))] = lines[:room]
        self._sources[start : start + min(room, len(lines))] = sources[:room]
        if len(lines) > room:
            self._lines[: len(lines) - room] = lines[room:]
            self._sources[: len(lines) - room] = sources[room:]
        self.next_seq += len(lines)
        self.bytes += sum(map(len, lines))
        while self.bytes > self.max_bytes and len(self) > 1:
            self._evict(1)

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        """Lines from `seq` on, oldest first, at most `limit`; and how many of those asked for have been evicted. A
        text keeps the type `TurnLine` or `GapLine`."""
        begin = max(seq, self.first_seq)
        end = min(self.next_seq, begin + limit)
        part = self._stamps.part
        found: list[LogLine] = []
        raws = zip(self._slice(self._lines, begin, end), self._slice(self._sources, begin, end), strict=True)
        for number, (raw, source) in enumerate(raws, begin):
            at, text = part(raw)
            late = source < 0
            if isinstance(raw, TurnLine):
                text = TurnLine(text)
            elif isinstance(raw, GapLine):
                text = raw.cut(text)
            found.append(LogLine(number, at, ~source if late else source, text, late))
        return found, max(0, self.first_seq - max(seq, 0))

    def raw(self, seq: int, limit: int) -> tuple[list[bytes], list[int], int]:
        """The same as `since`, raw: lines with their stamps, and their sources as they were given."""
        begin = max(seq, self.first_seq)
        end = min(self.next_seq, begin + limit)
        lines, sources = self._slice(self._lines, begin, end), self._slice(self._sources, begin, end)
        return lines, sources, max(0, self.first_seq - max(seq, 0))

    def bytes_from(self, seq: int) -> int:
        """The bytes of all lines from `seq` on."""
        return sum(map(len, self._slice(self._lines, max(seq, self.first_seq), self.next_seq)))

    def _slice(self, held: list[T], begin: int, end: int) -> list[T]:
        if end <= begin:
            return []
        start, stop = begin % self.capacity, end % self.capacity
        return held[start:stop] if start < stop else held[start:] + held[:stop]

    def _evict(self, count: int) -> None:
        """Let the `count` oldest lines go."""
        if count <= 0:
            return
        self.bytes -= sum(map(len, self._slice(self._lines, self.first_seq, self.first_seq + count)))
        start = self.first_seq % self.capacity
        room = min(self.capacity - start, count)
        self._lines[start : start + room] = [b""] * room
        self._lines[: count - room] = [b""] * (count - room)
        self.first_seq += count
