"""Who looks at lines and stays there keeps them: the streams wait for him, and go on exactly where they stopped."""

from __future__ import annotations

import pytest

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO, reading, runtime
from tests.data.logbench import Bench, make_view, viewing
from tui.clock import ManualClock
from tui.data.turns import TURN, Turns
from tui.model.logs import YOU, LogLine, LogQuery, LogReader

QUERY = LogQuery((ONE,), namespace="default", tail=None)
BOTH = LogQuery((ONE, TWO), namespace="default", tail=None)


def numbered(begin: int, end: int) -> list[str]:
    return [str(number) for number in range(begin, end)]


async def read_on(bench: Bench, reader: LogReader, until: int) -> list[str]:
    """Everything, as one sees it who goes down a few lines at a time."""
    got: list[str] = []
    for _ in range(2_000):
        if len(got) == until:
            break
        lines, missed = bench.view.since(len(got), limit=25)
        assert missed == 0
        got += [line.text.decode() for line in lines]
        reader.looks_at(len(got))
        await bench.clock.advance(0.1)
    return got


async def test_the_streams_wait_while_somebody_looks_at_what_would_leave(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(QUERY, clock, one, two, lines=200) as bench:
        await clock.advance(2)
        you = bench.view.reader(YOU, looks=True)
        for begin in range(0, 600, 10):
            log.write(*numbered(begin, begin + 10))
        await clock.advance(60)
        assert (bench.status.held, bench.status.evicted) == (YOU, 0)
        assert 175 < bench.status.received <= 200  # the ring is used, for it was asked for
        you.looks_at(50)
        await clock.advance(1)
        assert 225 < bench.status.received <= 250
        assert bench.status.first_seq <= 50
        you.looks_at(40)  # back again, to lines that are there
        await clock.advance(1)
        assert bench.status.first_seq <= 40
        you.leave()
        await clock.advance(1)
        assert (bench.status.held, bench.status.received, bench.status.evicted) == ("", 600, 400)


async def test_a_stream_that_is_cut_while_it_waits_goes_on_exactly(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(QUERY, clock, one, two, lines=200) as bench:
        await clock.advance(2)
        you = bench.view.reader(YOU, looks=True)
        for begin in range(0, 400, 10):
            log.write(*numbered(begin, begin + 10))
            await clock.advance(1)
        asked = len(log.asked)
        log.break_streams()
        await clock.advance(3600)
        for begin in range(400, 600, 10):  # to nobody: the stream is gone when it is read on
            log.file += [(round(clock.now() * 10**9), text.encode()) for text in numbered(begin, begin + 10)]
            await clock.advance(1)
        assert len(log.asked) == asked  # an hour of waiting asks nothing
        assert await read_on(bench, you, 600) == numbered(0, 600)
        assert len(log.asked) > asked
        assert (bench.status.received, bench.status.gaps) == (600, 0)


async def test_one_view_that_waits_for_long_leaves_its_places_to_others(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    long, other = one.add_log("a"), two.add_log("b")
    one.pod("a")
    two.pod("b")
    rt = runtime(clock)
    turns, kubes = Turns(clock, 1, 1, 600), {ONE.key: one, TWO.key: two}
    here = make_view(QUERY, rt, kubes, turns, lines=100)
    there = make_view(LogQuery((TWO,), namespace="default", tail=None), rt, kubes, turns, lines=100)
    async with reading(rt, here.status, there.status) as (told, _):
        await clock.advance(2)
        you = here.reader(YOU, looks=True)
        for begin in range(0, 300, 10):
            long.write(*numbered(begin, begin + 10))
        await clock.advance(2 * TURN + 5)
        kept = here.counted().received
        assert 80 < kept <= 100
        for number in range(60):
            other.write(str(number))
            await clock.advance(TURN)
            assert len(there.since(0)[0]) == number + 1
        assert here.counted().received == kept  # however often it might have been let in meanwhile
        you.leave()
        await clock.advance(60)
        assert here.counted().received == 300
        assert told.value.gaps == 0


@pytest.mark.parametrize("follow", [True, False])
async def test_bursts_of_many_sources_push_out_nothing_and_waiting_is_quiet(
    clock: ManualClock, one: FakeKube, two: FakeKube, follow: bool
) -> None:
    logs = [kube.add_log(f"p{number}") for number in range(15) for kube in (one, two)]
    for place, log in enumerate(logs):
        log.piece = 20
        if not follow:
            log.write(*[f"{place}-{part}" for part in range(60)])
            log.running = False
    for number in range(15):
        for kube in (one, two):
            kube.pod(f"p{number}", status="Running" if follow else "Completed")
    query = BOTH if follow else LogQuery((ONE, TWO), namespace="default", tail=None, follow=False)
    async with viewing(query, clock, one, two, lines=100) as bench:
        you = bench.view.reader(YOU, looks=True)
        await clock.advance(5)
        for place, log in enumerate(logs if follow else ()):
            log.write(*[f"{place}-{part}" for part in range(60)])  # together much more than there is room for
        await clock.advance(5)
        assert (bench.status.held, bench.status.evicted) == (YOU, 0)
        told = len(bench.reader.feeds)
        await clock.advance(20)
        assert len(bench.reader.feeds) - told <= 5
        got = await read_on(bench, you, 60 * len(logs))
        for place in range(len(logs)):
            mine = [text for text in got if text.startswith(f"{place}-")]
            assert mine == [f"{place}-{part}" for part in range(60)]


async def test_lines_that_are_few_and_long_are_kept_as_well(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(QUERY, clock, one, two, lines=10_000, size=100_000) as bench:
        await clock.advance(2)
        you = bench.view.reader(YOU, looks=True)
        for number in range(300):
            log.write(f"{number} ".ljust(1_000, "x"))
        await clock.advance(10)
        assert (bench.status.held, bench.status.evicted) == (YOU, 0)
        assert bench.status.bytes <= 100_000
        got = await read_on(bench, you, 300)
        assert [text.split()[0] for text in got] == numbered(0, 300)


@pytest.mark.parametrize("seconds", [0.1, 3.0])
@pytest.mark.parametrize("who", ["a person", "a pipe"])
async def test_what_waits_for_whoever_reads_it_is_in_order_all_the_same(
    clock: ManualClock, one: FakeKube, two: FakeKube, who: str, seconds: float
) -> None:
    begin = clock.now() - 3600
    for place in range(8):
        kube = (one, two)[place % 2]
        log = kube.add_log(f"p{place}")
        log.piece = 10
        for number in range(200):
            log.write(f"{place}-{number}", at=begin + number + place / 10)
        kube.pod(f"p{place}")
    async with viewing(BOTH, clock, one, two, lines=400, lossless=who == "a pipe") as bench:
        you = bench.view.reader(YOU, looks=True) if who == "a person" else None
        await clock.advance(30)
        got: list[LogLine] = []
        for _ in range(1600 // 10 + 200):
            lines, missed = bench.view.since(len(got), limit=10)
            assert missed == 0
            got += lines
            if you is not None:
                you.looks_at(len(got))
            await clock.advance(seconds)
        assert [line.at for line in got] == sorted(line.at for line in got)
        assert (len(got), bench.status.late, bench.status.evicted > 0) == (1600, 0, True)
