"""Followed logs are one stream in order, as far as a bounded wait can make them; what comes later than that is shown
where it comes, marked and counted, and never dropped."""

from __future__ import annotations

import random

import pytest

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO
from tests.data.logbench import Bench, viewing
from tests.streams.fakelog import FakeLog
from tui.clock import ManualClock
from tui.data.timemerge import WINDOW
from tui.model.logs import LogLine, LogQuery

SOURCES = 24
SECONDS = 20
QUERY = LogQuery((ONE, TWO), namespace="default", tail=None)
STEP = 0.01


async def written(bench: Bench, logs: list[FakeLog], chosen: random.Random, latest: float) -> int:
    """Each log writes now and then, in its own order; what it writes is delivered at most `latest` seconds later. How
    many lines."""
    due: list[tuple[float, int, float, str]] = []
    start = bench.clock.now()
    for place in range(len(logs)):
        at, delivered = start, 0.0
        for number in range(SECONDS * 4):
            at += chosen.uniform(0, 0.5)
            delivered = max(delivered, at + chosen.uniform(0, latest))
            due.append((delivered, place, at, f"{place}-{number}"))
    due.sort()
    for delivered, place, at, text in due:
        while bench.clock.now() < delivered:
            await bench.clock.advance(STEP)
        logs[place].write(text, at=at)
    await bench.clock.advance(5)
    return len(due)


async def read(
    one: FakeKube, two: FakeKube, clock: ManualClock, seed: int, latest: float
) -> tuple[list[LogLine], int, list[int]]:
    """What is shown, how many lines were written, and how many of each source were counted as late."""
    logs = [(one, two)[place % 2].add_log(f"p{place}") for place in range(SOURCES)]
    for place in range(SOURCES):
        (one, two)[place % 2].pod(f"p{place}")
    async with viewing(QUERY, clock, one, two, lines=10_000) as bench:
        await clock.advance(5)
        count = await written(bench, logs, random.Random(seed), latest)
        lines, missed = bench.view.since(0, 10_000)
        assert missed == 0
        assert bench.status.late == sum(line.late for line in lines)
        return list(lines), count, [source.late for source in bench.status.sources]


def own_order(lines: list[LogLine]) -> bool:
    """Whether each source's lines are all there, in its own order."""
    by_source: dict[str, list[int]] = {}
    for line in lines:
        place, number = line.text.decode().split("-")
        by_source.setdefault(place, []).append(int(number))
    return len(by_source) == SOURCES and all(mine == list(range(len(mine))) for mine in by_source.values())


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_comes_within_the_wait_is_in_order(
    clock: ManualClock, one: FakeKube, two: FakeKube, seed: int
) -> None:
    lines, count, late = await read(one, two, clock, seed, WINDOW - 3 * STEP)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert (len(lines), sum(late)) == (count, 0)
    assert own_order(lines)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_comes_later_is_marked_and_counted_and_never_dropped(
    clock: ManualClock, one: FakeKube, two: FakeKube, seed: int
) -> None:
    lines, count, late = await read(one, two, clock, seed, 5 * WINDOW)
    assert len(lines) == count
    assert own_order(lines)
    newest, marked = 0, 0
    for line in lines:
        assert line.late == (line.at < newest), "a line is marked where it is older than one before it, and only there"
        newest = max(newest, line.at)
        marked += line.late
    assert marked > 0
    assert sum(late) == marked
