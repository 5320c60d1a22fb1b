"""A log view over several clusters: every line of every pod once, in one order."""

from __future__ import annotations

import asyncio

import pytest

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO, reading, runtime
from tests.data.logbench import make_view, viewing
from tui.clock import ManualClock, settle
from tui.errors import ProblemKind
from tui.model.feed import FeedState
from tui.model.gapline import gap_line
from tui.model.logs import LogQuery


async def test_lines_of_two_clusters_are_one_list_by_time(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    first, second = one.add_log("a"), two.add_log("b")
    one.pod("a")
    two.pod("b")
    for number in range(6):  # their histories interleave
        (first if number % 2 else second).write(f"old {number}")
        await clock.advance(1)
    async with viewing(LogQuery((ONE, TWO), namespace="default"), clock, one, two) as bench:
        await clock.advance(2)
        for number in range(20):
            (second if number % 3 else first).write(f"new {number}")
            await clock.advance(0.01)
        await clock.advance(1)
        assert bench.texts == [f"old {n}" for n in range(6)] + [f"new {n}" for n in range(20)]
        status = bench.status
        assert [(s.cluster.name, s.pod, s.state) for s in status.sources] == [
            ("one", "a", "following"),
            ("two", "b", "following"),
        ]
        assert (status.received, status.repeated, status.late, status.gaps) == (26, 0, 0, 0)
        assert (status.first_seq, status.next_seq, bench.state) == (0, 26, FeedState.LIVE)
        line = bench.view.since(25)[0][0]
        assert (line.seq, line.source, status.sources[line.source].cluster) == (25, 1, TWO)


async def test_history_is_only_as_long_as_asked_for(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    for number in range(500):
        log.write(f"{number}")
    async with viewing(LogQuery((ONE,), namespace="default", tail=3), clock, one, two) as bench:
        await clock.advance(2)
        assert bench.texts == ["497", "498", "499"]


async def test_one_cluster_that_is_down_is_a_gap_and_costs_the_other_nothing(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    two.down = True
    async with viewing(LogQuery((ONE, TWO), namespace="default"), clock, one, two) as bench:
        for number in range(30):
            log.write(str(number))
            await clock.advance(0.1)
        await clock.advance(1)
        assert bench.texts == [str(number) for number in range(30)]
        assert bench.state is FeedState.PARTIAL
        assert [gap.who for gap in bench.view.status.feed.gaps] == ["two"]


async def test_all_down_is_stale_with_its_lines_and_everything_comes_back(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    log.write("before")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(10)
        one.unplug()
        await clock.advance(0.2)
        assert (bench.state, bench.texts) == (FeedState.STALE, ["before"])
        assert bench.status.sources[0].problem is not None
        assert bench.status.sources[0].problem.kind is ProblemKind.UNREACHABLE
        await clock.advance(60)
        log.write("meanwhile")
        one.plug_in()
        await clock.advance(6)
        log.write("after")
        await clock.advance(1)
        assert (bench.state, bench.texts) == (FeedState.LIVE, ["before", "meanwhile", "after"])
        assert (bench.status.repeated, bench.status.gaps) == (1, 0)


async def test_staleness_is_dated_from_the_last_proof_of_life(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(10)
        heard = clock.now()
        log.write("the last")
        await clock.advance(0.2)
        await clock.advance(5)
        bench.view.wake()  # the screen is told again, of which nobody in the cluster knows
        await clock.advance(5)
        one.unplug()
        await clock.advance(1)
        feed = bench.view.status.feed
        assert bench.state is FeedState.STALE
        assert feed.as_of == heard


async def test_a_view_that_was_left_goes_on_where_it_stopped(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    rt = runtime(clock)
    view = make_view(LogQuery((ONE,), namespace="default"), rt, {ONE.key: one})
    async with reading(rt):
        reader = asyncio.Event()
        view.status.join(reader)
        log.write("seen")
        await clock.advance(2)
        view.status.leave(reader)
        await clock.advance(60)
        assert (log.open, len(rt.tasks)) == ([], 0)
        log.write("while nobody looked")
        view.status.join(reader)
        await clock.advance(2)
        assert [line.text for line in view.since(0)[0]] == [b"seen", b"while nobody looked"]
        view.status.leave(reader)
        await settle()


async def test_the_previous_instances_log_is_read_and_ends(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    log.write("last words")
    log.restart()
    log.write("new life")
    one.pod("a", restarts="1")
    query = LogQuery((ONE,), namespace="default", pods=("a",), previous=True)
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(100)
        assert bench.texts == ["last words"]
        assert bench.status.sources[0].state == "ended"
        assert one.asked["log"] == 2  # once more: a proxy may have ended it in the middle


async def test_each_source_has_its_own_counters_and_the_view_their_sum(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    logs = [one.add_log("a"), two.add_log("b")]
    one.pod("a")
    two.pod("b")
    query = LogQuery((ONE, TWO), namespace="default", tail=None)
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(3)
        logs[0].write("1", "2")
        logs[1].write("3")
        await clock.advance(5)
        logs[0].break_streams()
        logs[1].rotate()
        logs[1].break_streams()
        await clock.advance(5)
        logs[1].write("4")
        await clock.advance(5)
        first, second = bench.status.sources
        assert (first.received, first.repeated, first.gaps) == (2, 2, 0)
        assert (second.received, second.repeated, second.gaps) == (2, 0, 1)
        status = bench.status
        assert (status.received, status.repeated, status.gaps) == (4, 2, 1)
        gap = status.lately[0]
        assert (gap.source, gap.why) == (second.index, "rotated")
        assert (gap.before - gap.after) / 1e9 == pytest.approx(10, abs=0.01)
        assert second.newest == gap.before
        *_, marker, last = bench.view.since(0)[0]
        assert marker.text == gap_line(gap).partition(b" ")[2]
        assert (marker.source, marker.at, last.text) == (gap.source, gap.before, b"4")


async def test_whoever_prints_every_line_gets_what_containers_wrote_alone(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    query = LogQuery((ONE,), namespace="default", tail=None)
    async with viewing(query, clock, one, two, lossless=1) as bench:
        await clock.advance(3)
        log.write("1")
        await clock.advance(5)
        log.rotate()
        log.break_streams()
        await clock.advance(5)
        log.write("2")
        await clock.advance(5)
        assert bench.status.gaps == 1
        assert [line.text for line in bench.view.since(0)[0]] == [b"1", b"2"]


async def test_a_log_that_is_only_read_ends(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for kube, name in ((one, "a"), (two, "b")):
        kube.add_log(name).write(f"from {name}")
        kube.pod(name)
        await clock.advance(1)
    async with viewing(LogQuery((ONE, TWO), namespace="default", follow=False), clock, one, two) as bench:
        await clock.advance(5)
        assert bench.texts == ["from a", "from b"]
        assert all(source.over for source in bench.status.sources)
        assert bench.status.complete


async def test_a_server_that_has_frozen_is_noticed_though_nothing_breaks(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    log.write("before")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two, probed=1) as bench:
        await clock.advance(2)
        assert (bench.texts, bench.state) == (["before"], FeedState.LIVE)
        one.hanging |= {"version", "log", "watch", "list"}
        for _ in range(60):
            await clock.advance(1)
        gaps = [gap.who for gap in bench.view.status.feed.gaps]
        assert (gaps, bench.state) == (["one"], FeedState.PARTIAL), "the probe has doubted what is open"
        one.hanging.clear()
        log.write("after")
        for _ in range(60):
            await clock.advance(1)
        assert (bench.texts, bench.state) == (["before", "after"], FeedState.LIVE)


async def test_what_is_only_read_is_not_probed(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.add_log("a")
    one.pod("a")
    query = LogQuery((ONE,), namespace="default", follow=False)
    async with viewing(query, clock, one, two, probed=1):
        await clock.advance(30)
    assert one.asked["version"] == 0
