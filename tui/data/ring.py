"""The newest lines of a log view, by sequence number; the oldest leave when it is full.

Lines go in and out by slices of lists, since a million lines a second must pass here; a `LogLine` is made only for
those that are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.logs import LogLine

CAPACITY = 100_000
MAX_BYTES = 256 << 20
"""Bytes of text that a ring holds at most, however few its lines: one line may be a quarter of a megabyte."""

Entry = tuple[int, int, bytes]
"""What a line is before it has a sequence number: nanoseconds since the epoch, index of its source, text."""

_NONE: Entry = (0, 0, b"")


class Ring:
    """A bounded, append-only sequence of lines. Sequence numbers begin at 0 and are never used twice."""

    def __init__(self, capacity: int = CAPACITY, max_bytes: int = MAX_BYTES) -> None:
        self._capacity = capacity
        self._max_bytes = max_bytes
        self._slots: list[Entry] = [_NONE] * capacity
        self._bytes = 0
        self.first_seq = 0
        self.next_seq = 0

    def __len__(self) -> int:
        return self.next_seq - self.first_seq

    @property
    def evicted(self) -> int:
        """How many lines have left because the ring was full: all before the first."""
        return self.first_seq

    def append(self, lines: Sequence[Entry]) -> None:
        """Add `lines`, oldest first, in place of the oldest where there is no room."""
        surplus = len(lines) - self._capacity
        if surplus > 0:  # more than fits: the first of them come and go
            self._evict(len(self))
            self.next_seq += surplus
            self.first_seq = self.next_seq
            lines = lines[surplus:]
        self._evict(len(self) + len(lines) - self._capacity)
        start = self.next_seq % self._capacity
        room = self._capacity - start
        self._slots[start : start + min(room, len(lines))] = lines[:room]
        if len(lines) > room:
            self._slots[: len(lines) - room] = lines[room:]
        self.next_seq += len(lines)
        self._bytes += sum([len(line[2]) for line in lines])
        while self._bytes > self._max_bytes and len(self) > 1:
            self._evict(1)

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        """Lines from `seq` on, oldest first, at most `limit`; and how many of those asked for have been evicted."""
        begin = max(seq, self.first_seq)
        lines = self._slice(begin, min(self.next_seq, begin + limit))
        missed = max(0, self.first_seq - max(seq, 0))
        return [LogLine(number, *line) for number, line in enumerate(lines, begin)], missed

    def _slice(self, begin: int, end: int) -> list[Entry]:
        if end <= begin:
            return []
        start, stop = begin % self._capacity, end % self._capacity
        if start < stop:
            return self._slots[start:stop]
        return self._slots[start:] + self._slots[:stop]

    def _evict(self, count: int) -> None:
        """Let the `count` oldest lines go."""
        if count <= 0:
            return
        leaving = self._slice(self.first_seq, self.first_seq + count)
        self._bytes -= sum([len(line[2]) for line in leaving])
        start = self.first_seq % self._capacity
        room = min(self._capacity - start, count)
        self._slots[start : start + room] = [_NONE] * room
        self._slots[: count - room] = [_NONE] * (count - room)
        self.first_seq += count
