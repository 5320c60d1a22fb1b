"""Many streams that begin, each with a history: they are one list in order, and nobody waits long for a server that
hangs; the same where streams are cut."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO
from tests.data.logbench import Bench, viewing
from tests.streams.fakelog import FakeLog
from tui.clock import ManualClock
from tui.data.catchingup import MOST_MERGED, SETTLED_AFTER
from tui.data.timemerge import PATIENCE, STEP
from tui.errors import Problem, ProblemKind
from tui.model.logs import LogQuery

QUERY = LogQuery((ONE, TWO), namespace="default", tail=None)
SOURCES = 108
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])
BUSY = Problem(ProblemKind.SERVER, "busy", status=503)


def fleet(chance: random.Random, clock: ManualClock, one: FakeKube, two: FakeKube, slow: float) -> list[FakeLog]:
    """Sources that have written for a minute, some of which have fallen silent since; each answers after a time of its
    own, and sends its history in pieces."""
    logs: list[FakeLog] = []
    for place in range(SOURCES):
        kube = (one, two)[place % 2]
        log = kube.add_log(f"p{place}")
        kube.pod(f"p{place}")
        log.slow, log.piece = chance.uniform(0, slow), chance.randint(5, 50)
        until = chance.choice([0.0, 0.0, 0.0, 30.0])
        at = clock.now() - 60 + chance.random()
        while at < clock.now() - until:
            log.write(f"{place}", at=at)
            at += chance.uniform(0, 1)
        logs.append(log)
    return logs


async def going_on(bench: Bench, chance: random.Random, logs: list[FakeLog], seconds: float, breaks: int = 0) -> None:
    """They go on writing, and some of their streams break."""
    steps = int(seconds / 0.05)
    broken = {chance.randrange(steps) for _ in range(breaks)}
    for step in range(steps):
        for log in chance.sample(logs, 6):
            log.write("new")
        if step in broken:
            log = chance.choice(logs)
            log.slow = chance.uniform(0, 0.3)
            chance.choice([log.break_streams, log.end_streams])()
        await bench.clock.advance(0.05)
    await bench.clock.advance(60)


def shown_once(bench: Bench, logs: list[FakeLog]) -> list[int]:
    """The times of what is shown; nothing is missing or there twice."""
    lines, missed = bench.view.since(0, 100_000)
    assert missed == 0
    assert sorted(line.at for line in lines) == sorted(at for log in logs for at, _ in log.file)
    return [line.at for line in lines]


@SEEDS
async def test_histories_of_many_sources_are_one_list(
    clock: ManualClock, one: FakeKube, two: FakeKube, seed: int
) -> None:
    chance = random.Random(seed)
    logs = fleet(chance, clock, one, two, 0.9)  # a dozen seconds, eight at once
    async with viewing(QUERY, clock, one, two, streams=200, lines=100_000) as bench:
        await going_on(bench, chance, logs, 20)
        times = shown_once(bench, logs)
        assert times == sorted(times)
        assert bench.status.late == 0
        assert not bench.status.merging


async def test_that_histories_are_merged_is_told(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    fleet(random.Random(1), clock, one, two, 0.9)
    async with viewing(QUERY, clock, one, two, streams=200, lines=100_000) as bench:
        await clock.advance(0.5)
        assert not bench.status.merging  # too soon for a word
        await clock.advance(1.5)
        assert bench.status.merging
        opened = sum(source.state == "following" for source in bench.status.sources)
        assert 8 < opened < SOURCES
        await clock.advance(MOST_MERGED)
        assert not bench.status.merging


async def test_few_quick_ones_are_there_at_once(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for kube, name in ((one, "a"), (two, "b"), (two, "c")):
        kube.add_log(name).write(name, at=clock.now() - 100)
        kube.pod(name)
    async with viewing(QUERY, clock, one, two) as bench:
        await clock.advance(0.7)
        assert sorted(bench.texts) == ["a", "b", "c"]
        assert not bench.status.merging


async def test_a_single_one_is_there_at_once(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.add_log("a").write("a", at=clock.now() - 100)
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(0.1)
        assert bench.texts == ["a"]


async def test_one_that_hangs_costs_the_others_two_seconds(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    log.write("old", at=clock.now() - 100)
    two.add_log("hangs").slow = 10_000
    one.pod("a")
    two.pod("hangs")
    async with viewing(QUERY, clock, one, two) as bench:
        await clock.advance(SETTLED_AFTER + 0.7)
        assert bench.texts == ["old"]
        log.write("new")
        await clock.advance(0.4)
        assert bench.texts == ["old", "new"]
        assert not bench.status.merging


async def test_servers_that_answer_one_by_one_do_not_hold_the_start_for_ever(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    log.write("old", at=clock.now() - 100)
    one.pod("a")
    for place in range(40):  # there is always news
        two.add_log(f"p{place}").slow = 1.0 + place
        two.pod(f"p{place}")
    async with viewing(QUERY, clock, one, two) as bench:
        await clock.advance(5)
        assert bench.texts == []
        await clock.advance(MOST_MERGED - 5 + 0.7)
        assert bench.texts == ["old"]


async def test_who_fails_at_first_is_not_waited_for(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.add_log("a").write("old", at=clock.now() - 100)
    two.add_log("b").refusals += [BUSY] * 50
    one.pod("a")
    two.pod("b")
    async with viewing(QUERY, clock, one, two) as bench:
        await clock.advance(0.7)
        assert bench.texts == ["old"]


async def test_who_has_no_turn_is_not_waited_for(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for place in range(12):
        one.add_log(f"p{place}").write(f"{place}", at=clock.now() - 100 + place)
        one.pod(f"p{place}")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two, streams=4) as bench:
        await clock.advance(0.8)
        assert bench.texts == ["0", "1", "2", "3"]
        assert not bench.status.merging


@SEEDS
async def test_who_was_cut_off_for_a_moment_is_waited_for(
    clock: ManualClock, one: FakeKube, two: FakeKube, seed: int
) -> None:
    chance = random.Random(seed)
    logs = fleet(chance, clock, one, two, 0.1)
    async with viewing(QUERY, clock, one, two, streams=200, lines=100_000) as bench:
        await clock.advance(10)
        await going_on(bench, chance, logs, 60, breaks=100)
        times = shown_once(bench, logs)
        new = sum(text == b"new" for log in logs for _, text in log.file)
        assert sum(len(log.asked) for log in logs) > SOURCES + 90
        assert bench.status.late <= new // 100, "a break costs no order, but for the few that take longer than a wait"
        assert bench.status.late or times == sorted(times)


@pytest.mark.parametrize("how", ["cut", "ended"])
async def test_who_was_cut_off_and_is_refused_once_is_waited_for(
    clock: ManualClock, one: FakeKube, two: FakeKube, how: str
) -> None:
    a, b = one.add_log("a"), two.add_log("b")
    one.pod("a")
    two.pod("b")
    async with viewing(QUERY, clock, one, two) as bench:
        await clock.advance(5)
        b.refusals.append(BUSY)
        b.break_streams() if how == "cut" else b.end_streams()
        for _ in range(100):
            a.write(f"{clock.now():.2f} a")
            b.write(f"{clock.now():.2f} b")
            await clock.advance(0.05)
        await clock.advance(PATIENCE)
        assert (len(b.asked), len(bench.texts)) == (3, 200)
        assert bench.texts == sorted(bench.texts)
        assert bench.status.late == 0


async def test_who_is_cut_off_for_long_is_waited_for_in_bounds(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    a, b = one.add_log("a"), two.add_log("b")
    one.pod("a")
    two.pod("b")
    async with viewing(QUERY, clock, one, two) as bench:
        await clock.advance(5)
        b.slow = 10_000
        b.end_streams()
        await clock.advance(0.1)
        a.write("first")
        await clock.advance(PATIENCE - 0.3)
        assert bench.texts == []
        await clock.advance(0.4)
        assert bench.texts == ["first"]
        for number in range(20):  # it is given up
            a.write(str(number))
            await clock.advance(0.3)
            assert bench.texts[-1] == str(number)


async def test_a_hundred_thousand_lines_that_were_waited_for_come_in_pieces_between_which_others_work(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    begin = clock.now() - 3600
    logs: list[FakeLog] = []
    for place in range(100):
        log = (one, two)[place % 2].add_log(f"p{place}")
        (one, two)[place % 2].pod(f"p{place}")
        for number in range(1000):
            log.write(f"{place}", at=begin + number + place / 100)
        logs.append(log)
    logs[-1].slow = 1.5  # the others are held back for it
    seen: list[int] = []

    async def look(bench: Bench) -> None:
        while (last := seen[-1] if seen else 0) < 100_000:
            await bench.view.more(last)
            seen.append(bench.view.counted().next_seq)

    async with viewing(QUERY, clock, one, two, streams=200, lines=100_000) as bench:
        looking = asyncio.create_task(look(bench))
        await clock.advance(1.0)
        assert bench.view.counted().next_seq == 0
        await clock.advance(5.0)
        await asyncio.wait_for(looking, 20)
        assert max(after - before for before, after in pairwise([0, *seen])) <= STEP
        assert bench.status.next_seq == 100_000, "and it is told"
        times = shown_once(bench, logs)
        assert times == sorted(times)
        assert bench.status.late == 0
