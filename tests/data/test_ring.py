"""The ring of log lines: what it keeps, what it says has left."""

from __future__ import annotations

import random
from collections import deque

from tests.streams.fakelog import raw
from tui.data.ring import Ring
from tui.model.logs import LogLine

Entries = tuple[list[bytes], list[int]]


def entries(start: int, count: int) -> Entries:
    numbers = range(start, start + count)
    return [raw(number, b"%d" % number) for number in numbers], [number % 3 for number in numbers]


def test_a_line_is_parted_when_it_is_asked_for() -> None:
    ring = Ring(10)
    ring.append([raw(5_000_000_007, b"hello"), b"no stamp"], [3, 4])
    assert ring.since(0)[0] == [LogLine(0, 5_000_000_007, 3, b"hello"), LogLine(1, 0, 4, b"no stamp")]


def test_lines_come_back_by_sequence_with_a_limit() -> None:
    ring = Ring(100)
    ring.append(*entries(0, 10))
    lines, missed = ring.since(0)
    assert [tuple(line) for line in lines[1:3]] == [(1, 1, 1, b"1", False), (2, 2, 2, b"2", False)]
    assert ([line.seq for line in ring.since(7)[0]], missed) == ([7, 8, 9], 0)
    assert [line.seq for line in ring.since(3, limit=2)[0]] == [3, 4]
    assert ring.since(10) == ([], 0)
    assert ring.since(99) == ([], 0)
    assert [line.seq for line in ring.since(-5)[0]] == list(range(10))


def test_a_late_line_is_marked_and_raw_lines_are_as_they_came() -> None:
    ring = Ring(3)
    ring.append([raw(number, b"%d" % number) for number in range(1, 6)], [0, 1, 2, ~1, 0])
    assert [(line.source, line.late) for line in ring.since(0)[0]] == [(2, False), (1, True), (0, False)]
    assert ring.raw(0, 2) == ([raw(3, b"3"), raw(4, b"4")], [2, ~1], 2)
    assert ring.raw(5, 2) == ([], [], 0)


def test_a_reader_learns_how_many_it_has_missed() -> None:
    ring = Ring(100)
    ring.append(*entries(0, 250))
    assert (len(ring), ring.first_seq, ring.next_seq, ring.evicted) == (100, 150, 250, 150)
    lines, missed = ring.since(120)
    assert (missed, lines[0].seq, len(lines)) == (30, 150, 100)
    assert ring.since(150)[1] == 0


def test_whatever_is_appended_the_newest_are_there_in_order() -> None:
    rng = random.Random(11)
    for capacity in (1, 2, 7, 64):
        ring, model, written = Ring(capacity), deque[tuple[bytes, int]](maxlen=capacity), 0
        for _ in range(300):
            batch = entries(written, rng.randint(0, capacity * 3))
            ring.append(*batch)
            model.extend(zip(*batch, strict=True))
            written += len(batch[0])
            lines, missed = ring.since(0, limit=10**6)
            assert [(raw(line.at, line.text) if line.at else b"0", line.source) for line in lines] == [
                (held if line.at else b"0", source) for (held, source), line in zip(model, lines, strict=True)
            ]
            assert [line.seq for line in lines] == list(range(written - len(model), written))
            assert missed == written - len(model)


def test_few_huge_lines_do_not_fill_the_memory() -> None:
    ring = Ring(1000, max_bytes=10_000)
    for number in range(50):
        ring.append([b"x" * 900], [number])
    assert len(ring) == 11
    assert ring.evicted == 39
    ring.append([b"y" * 50_000], [99])
    assert [line.source for line in ring.since(0)[0]] == [99]
    ring.append([b"z"], [100])
    assert [line.source for line in ring.since(0)[0]] == [100]
