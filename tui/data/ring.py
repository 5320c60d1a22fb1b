"""The newest lines of a log view, by sequence number; the oldest leave when it is full.

Lines go in raw and many at once, since millions a second must pass here; a `LogLine` is made only for those that are
asked for. They are kept in tuples: Python looks through every list in its search for garbage, and through one of a
hundred thousand lines for as long as a key may wait, but a tuple of bytes can be left alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tui.garbage import unsearched
from tui.model.gapline import GapLine
from tui.model.logs import LogLine
from tui.model.logstamp import Stamps
from tui.model.turnline import TurnLine

CAPACITY = 100_000
MAX_BYTES = 256 << 20
"""Bytes of text that a ring holds at most, however few its lines: one line may be a quarter of a megabyte."""
TOGETHER = 1_000
"""Lines of one tuple, at most."""
SLACK = 1 << 20
"""Bytes of lines that have left the ring and are still in a tuple with others, at most."""


class Chunk(NamedTuple):
    """Neighbours, and of each its source. size: bytes of the lines."""

    lines: tuple[bytes, ...]
    sources: tuple[int, ...]
    size: int


class Ring:
    """A bounded, append-only sequence of raw lines, each with the index of its source (`~index` where it came late).
    Sequence numbers begin at 0 and are never used twice."""

    def __init__(self, capacity: int = CAPACITY, max_bytes: int = MAX_BYTES) -> None:
        self.capacity = capacity
        self.max_bytes = max_bytes
        self.bytes = 0
        self.first_seq = 0
        self.next_seq = 0
        self._chunks: list[Chunk] = []
        self._begins: list[int] = []
        """Of each chunk the number of its first line."""
        self._gone = 0
        """Bytes of the first chunk's lines that have left the ring."""
        self._stamps = Stamps()

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
        for start in range(0, len(lines), TOGETHER):
            self._add(unsearched(lines[start : start + TOGETHER]), unsearched(sources[start : start + TOGETHER]))
        if self.bytes > self.max_bytes:
            self._evict(self._too_many())

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        """Lines from `seq` on, oldest first, at most `limit`; and how many of those asked for have been evicted. A
        text keeps the type `TurnLine` or `GapLine`."""
        raws, sources, missed = self.raw(seq, limit)
        part = self._stamps.part
        found: list[LogLine] = []
        for number, (raw, source) in enumerate(zip(raws, sources, strict=True), max(seq, self.first_seq)):
            at, text = part(raw)
            late = source < 0
            if isinstance(raw, TurnLine):
                text = TurnLine(text)
            elif isinstance(raw, GapLine):
                text = raw.cut(text)
            found.append(LogLine(number, at, ~source if late else source, text, late))
        return found, missed

    def raw(self, seq: int, limit: int) -> tuple[list[bytes], list[int], int]:
        """The same as `since`, raw: lines with their stamps, and their sources as they were given."""
        begin = max(seq, self.first_seq)
        end = min(self.next_seq, begin + limit)
        lines: list[bytes] = []
        sources: list[int] = []
        for chunk, start, stop in self._parts(begin, end):
            lines += chunk.lines[start:stop]
            sources += chunk.sources[start:stop]
        return lines, sources, max(0, self.first_seq - max(seq, 0))

    def bytes_from(self, seq: int) -> int:
        """The bytes of all lines from `seq` on."""
        return self.bytes - self._size(self.first_seq, min(max(seq, self.first_seq), self.next_seq))

    def _add(self, lines: tuple[bytes, ...], sources: tuple[int, ...]) -> None:
        """One chunk more; few lines join those before them."""
        size = sum(map(len, lines))
        self.bytes += size
        if self._chunks and len(self._chunks[-1].lines) + len(lines) <= TOGETHER:
            before = self._chunks[-1]
            self._chunks[-1] = Chunk(
                unsearched(before.lines + lines), unsearched(before.sources + sources), before.size + size
            )
        else:
            self._chunks.append(Chunk(lines, sources, size))
            self._begins.append(self.next_seq)
        self.next_seq += len(lines)

    def _parts(self, begin: int, end: int) -> Iterator[tuple[Chunk, int, int]]:
        """The chunks in which the lines of these numbers are, and from where to where in each."""
        place = max(0, bisect_right(self._begins, begin) - 1)
        while begin < end:
            chunk, first = self._chunks[place], self._begins[place]
            yield chunk, begin - first, min(end - first, len(chunk.lines))
            begin = first + len(chunk.lines)
            place += 1

    def _size(self, begin: int, end: int) -> int:
        """The bytes of the lines of these numbers."""
        return sum(
            chunk.size if stop - start == len(chunk.lines) else sum(map(len, chunk.lines[start:stop]))
            for chunk, start, stop in self._parts(begin, end)
        )

    def _too_many(self) -> int:
        """How many of the oldest lines are more than its bytes allow; the newest stays in any case."""
        surplus, count = self.bytes - self.max_bytes, 0
        for chunk, start, stop in self._parts(self.first_seq, self.next_seq - 1):
            for line in chunk.lines[start:stop]:
                if surplus <= 0:
                    return count
                surplus -= len(line)
                count += 1
        return count

    def _evict(self, count: int) -> None:
        """Let the `count` oldest lines go."""
        if count <= 0:
            return
        upto = self.first_seq + count
        size = self._size(self.first_seq, upto)
        whole = len(self._chunks) if upto == self.next_seq else bisect_right(self._begins, upto) - 1
        self._gone += size - sum(chunk.size for chunk in self._chunks[:whole])
        del self._chunks[:whole], self._begins[:whole]
        self.bytes -= size
        self.first_seq = upto
        if self._gone > SLACK:
            self._cut()

    def _cut(self) -> None:
        """Leave out of the first chunk what has left the ring."""
        chunk, gone = self._chunks[0], self.first_seq - self._begins[0]
        self._chunks[0] = Chunk(chunk.lines[gone:], chunk.sources[gone:], chunk.size - self._gone)
        self._begins[0], self._gone = self.first_seq, 0
