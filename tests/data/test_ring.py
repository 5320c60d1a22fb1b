"""The ring of log lines: what it keeps, what it says has left."""

from __future__ import annotations

import gc
import random
import sys
from collections import deque

from tests.streams.fakelog import raw
from tui.data.ring import SLACK, TOGETHER, Ring
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
    for capacity, rounds in ((1, 300), (2, 300), (7, 300), (64, 300), (TOGETHER * 5 // 2, 20)):
        ring, model, written = Ring(capacity), deque[tuple[bytes, int]](maxlen=capacity), 0
        for _ in range(rounds):
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


def test_any_stretch_of_it_is_what_was_appended_and_as_long_as_it_says() -> None:
    rng = random.Random(3)
    ring = Ring(TOGETHER * 4)
    written: list[bytes] = []
    while len(written) < TOGETHER * 12:
        batch = [b"x" * rng.randint(0, 9) for _ in range(rng.choice((1, 3, 700, TOGETHER * 2)))]
        ring.append(batch, [len(written) + place for place in range(len(batch))])
        written += batch
        begin = rng.randint(ring.first_seq, ring.next_seq)
        lines, sources, missed = ring.raw(begin, limit := rng.randint(0, TOGETHER * 3))
        assert (lines, missed) == (written[begin : begin + limit], 0)
        assert sources == list(range(begin, begin + len(lines)))
        assert ring.bytes == sum(map(len, written[ring.first_seq :]))
        assert ring.bytes_from(begin) == sum(map(len, written[begin:]))
        assert ring.bytes_from(0) == ring.bytes
        assert ring.bytes_from(ring.next_seq + 1) == 0


def test_lines_that_have_left_are_not_kept_in_the_memory_by_their_neighbours() -> None:
    ring = Ring(TOGETHER * 2)
    size = SLACK // 10
    lines = [b"%03d" % number + b"x" * size for number in range(40)]
    ring.append(lines, [0] * len(lines))
    alone = sys.getrefcount(lines[0]) - 1
    ring.append([b""] * (TOGETHER * 2 - len(lines)), [0] * (TOGETHER * 2 - len(lines)))
    for left in range(1, len(lines) + 1):
        ring.append([b""], [0])
        kept = sum(sys.getrefcount(lines[place]) > alone for place in range(len(lines)))
        assert len(lines) - left <= kept <= len(lines) - left + SLACK // size


def test_a_search_for_garbage_does_not_look_at_its_lines() -> None:
    ring = Ring(TOGETHER * 50)
    for number in range(50):
        ring.append([b"%d %d" % (number, place) for place in range(TOGETHER)], list(range(TOGETHER)))
    gc.collect()
    gc.collect()
    looked_at = [held for held in gc.get_objects() if isinstance(held, list | tuple) and b"7 7" in held[:TOGETHER]]
    assert ring.raw(7 * TOGETHER + 7, 1)[0] == [b"7 7"]
    assert looked_at == []
