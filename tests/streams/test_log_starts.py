"""Where the reading of a log begins and where it ends, as it was asked for."""

from __future__ import annotations

import asyncio

from tests.streams.fakelog import Asked, FakeLog
from tests.streams.logbench import DOWN, Port, Sink, Waits, following
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind
from tui.model.logs import LogStart
from tui.streams.logs import QUIET, TRIES, LogFollow


async def test_history_and_then_what_is_written() -> None:
    async with following("1", "2", "3", tail=2) as bench:
        bench.log.write("4")
        await bench.clock.advance(0)
        assert bench.sink.texts == ["2", "3", "4"]
        assert bench.sink.states == ["opening", "following"]
        assert bench.log.asked == [Asked("p", "c", follow=True, tail=2, since_time="", previous=False)]


async def test_nothing_that_was_written_since_the_beginning_is_left_out_where_no_history_was_wanted() -> None:
    async with following("old 1", "old 2", tail=0) as bench:
        await bench.clock.advance(10)
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.write("new 1", "new 2")
        await bench.clock.advance(5)
        assert bench.sink.texts == ["new 1", "new 2"]


async def test_a_log_that_was_empty_is_read_from_its_beginning_however_short_a_history_was_wanted() -> None:
    async with following(tail=1) as bench:
        await bench.clock.advance(10)
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.write("1", "2", "3")
        await bench.clock.advance(5)
        assert bench.sink.texts == ["1", "2", "3"]


async def test_the_last_minutes_are_those_before_the_first_question() -> None:
    async with following(start=LogStart(since_seconds=60)) as bench:
        await bench.clock.advance(100)
        bench.log.refusals = [DOWN] * 100
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.write("in time")
        await bench.clock.advance(90)  # more than a minute later
        bench.log.refusals = []
        await bench.clock.advance(2)
        assert bench.sink.texts == ["in time"]


async def test_a_window_of_time_is_kept_to_the_nanosecond_and_ends() -> None:
    base = 1_763_773_460
    start = LogStart(since=base * 10**9 + 5, until=(base + 10) * 10**9)
    async with following(start=start) as bench:
        bench.log.file = [
            (base * 10**9 + extra, f"{extra}".encode()) for extra in (0, 4, 5, 10**9, 10 * 10**9, 10 * 10**9 + 1)
        ] + [((base + 20) * 10**9, b"long after")]
        bench.log.break_streams()
        await bench.clock.advance(5)
        assert bench.sink.texts == ["5", str(10**9), str(10 * 10**9)]
        assert bench.task is not None
        assert bench.task.done()


async def test_a_log_that_is_only_read_ends_where_it_ended_when_it_was_asked_for() -> None:
    async with following("1", "2", "3", start=LogStart(follow=False)) as bench:
        assert bench.task is not None
        assert bench.task.done()
        assert (bench.sink.texts, bench.sink.states[-1]) == (["1", "2", "3"], "ended")
        assert not any(asked.follow for asked in bench.log.asked)


async def test_a_log_that_cannot_be_read_ends_with_its_problem() -> None:
    clock = ManualClock()
    log, sink = FakeLog(clock), Sink()
    log.refusals = [Problem(ProblemKind.FORBIDDEN, "no", status=403)]

    async def connect() -> Port:
        return Port(log)

    await LogFollow(connect, ("ns", "p", "c"), sink, clock, Waits(), LogStart(follow=False)).run()
    assert (sink.states[-1], sink.problem) == ("ended", Problem(ProblemKind.FORBIDDEN, "no", status=403))


async def test_a_log_that_is_only_read_is_not_empty_because_its_server_was_slow() -> None:
    """Its cluster answers somebody else as slowly, so that it is doubted before it has been said what there is."""
    clock, log, sink, slow = ManualClock(), FakeLog(ManualClock()), Sink(), [True]
    log.write("1", "2")

    async def connect() -> Port:
        if slow:
            await clock.sleep(1000)
        return Port(log)

    follow = LogFollow(connect, ("ns", "p", "c"), sink, clock, Waits(), LogStart(follow=False))
    running = asyncio.create_task(follow.run())
    await clock.advance(6)
    follow.check(doubt=True)
    await clock.advance(0)
    assert (sink.states[-1], sink.problem) == ("waiting", Problem(ProblemKind.TIMEOUT, "the server has not answered"))
    slow.clear()
    await clock.advance(10)
    await asyncio.wait_for(running, 5)
    assert (sink.texts, sink.states[-1], sink.problem) == (["1", "2"], "ended", None)


async def test_a_log_that_is_only_read_is_given_up_where_its_server_stays_slow() -> None:
    clock, sink = ManualClock(), Sink()

    async def connect() -> Port:
        await clock.sleep(100_000)
        raise AssertionError

    follow = LogFollow(connect, ("ns", "p", "c"), sink, clock, Waits(), LogStart(follow=False))
    running = asyncio.create_task(follow.run())
    for _ in range(TRIES):
        await clock.advance(QUIET)
        await clock.advance(10)
    await asyncio.wait_for(running, 5)
    assert sink.problem == Problem(ProblemKind.TIMEOUT, "the server has not answered")
