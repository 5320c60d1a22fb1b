"""The ring of log lines: what it keeps, what it says has left."""

from __future__ import annotations

import random
from collections import deque

from tui.data.ring import Entry, Ring


def entries(start: int, count: int) -> list[Entry]:
    return [(number, number % 3, b"%d" % number) for number in range(start, start + count)]


def test_lines_come_back_by_sequence_with_a_limit() -> None:
    ring = Ring(100)
    ring.append(entries(0, 10))
    lines, missed = ring.since(0)
    assert [(line.seq, line.at, line.source, line.text) for line in lines[:2]] == [(0, 0, 0, b"0"), (1, 1, 1, b"1")]
    assert ([line.seq for line in ring.since(7)[0]], missed) == ([7, 8, 9], 0)
    assert [line.seq for line in ring.since(3, limit=2)[0]] == [3, 4]
    assert ring.since(10) == ([], 0)
    assert ring.since(99) == ([], 0)
    assert [line.seq for line in ring.since(-5)[0]] == list(range(10))


def test_a_reader_learns_how_many_it_has_missed() -> None:
    ring = Ring(100)
    ring.append(entries(0, 250))
    assert (len(ring), ring.first_seq, ring.next_seq, ring.evicted) == (100, 150, 250, 150)
    lines, missed = ring.since(120)
    assert (missed, lines[0].seq, len(lines)) == (30, 150, 100)
    assert ring.since(150)[1] == 0


def test_whatever_is_appended_the_newest_are_there_in_order() -> None:
    rng = random.Random(11)
    for capacity in (1, 2, 7, 64):
        ring, model, written = Ring(capacity), deque[Entry](maxlen=capacity), 0
        for _ in range(300):
            batch = entries(written, rng.randint(0, capacity * 3))
            ring.append(batch)
            model.extend(batch)
            written += len(batch)
            lines, missed = ring.since(0, limit=10**6)
            assert [line[1:] for line in lines] == list(model)
            assert [line.seq for line in lines] == list(range(written - len(model), written))
            assert missed == written - len(model)


def test_few_huge_lines_do_not_fill_the_memory() -> None:
    ring = Ring(1000, max_bytes=10_000)
    for number in range(50):
        ring.append([(number, 0, b"x" * 900)])
    assert len(ring) == 11
    assert ring.evicted == 39
    ring.append([(99, 0, b"y" * 50_000)])
    assert [line.at for line in ring.since(0)[0]] == [99]
    ring.append([(100, 0, b"z")])
    assert [line.at for line in ring.since(0)[0]] == [100]
