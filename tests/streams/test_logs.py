"""Following a log through everything that interrupts it: each line once, in order, or a gap that is owned up to."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.streams.fakelog import FakeLog
from tests.streams.logbench import DOWN, Port, Sink, Waits, following
from tui.clock import ManualClock, settle
from tui.data.backoff import Backoff
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.logs import LogStart
from tui.streams.logs import QUIET, LogFollow
from tui.streams.opening import several_containers


@pytest.mark.parametrize("how", ["end_streams", "break_streams"])
@pytest.mark.parametrize("lived", [1.0, 100.0])
async def test_a_stream_that_ends_in_any_way_goes_on_without_gap_or_repeat(how: str, lived: float) -> None:
    async with following("1", "2") as bench:
        bench.log.write("3", "4")
        await bench.clock.advance(lived)
        bench.log.write("5", "6", "5", "5")
        await bench.clock.advance(0.2)
        getattr(bench.log, how)()
        await bench.clock.advance(0.1)
        bench.log.write("7")  # while nobody listens, or just after
        await bench.clock.advance(2)
        bench.log.write("8")
        await bench.clock.advance(2)
        assert bench.sink.texts == ["1", "2", "3", "4", "5", "6", "5", "5", "7", "8"]
        assert bench.sink.gaps == 0
        assert bench.log.asked[-1].tail is None
        assert bench.log.asked[-1].since_time.endswith("Z")


async def test_lines_of_one_nanosecond_and_one_text_are_counted() -> None:
    async with following() as bench:
        bench.log.write("same", "same", at=1_763_773_460.0)
        await bench.clock.advance(0)
        bench.log.break_streams()
        await bench.clock.advance(0.5)
        bench.log.write("same", "other", at=1_763_773_460.0)
        await bench.clock.advance(1)
        assert bench.sink.texts == ["same", "same", "same", "other"]
        assert bench.sink.again == 2


async def test_lines_whose_times_are_out_of_order_are_neither_lost_nor_repeated() -> None:
    """stdout and stderr are stamped before they are written, so their order in the file may be the other way round."""
    base = 1_763_773_460.0
    async with following() as bench:
        bench.log.write("b", at=base + 0.9)
        bench.log.write("a", at=base + 0.2)
        await bench.clock.advance(0)
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.write("c", at=base + 0.5)
        await bench.clock.advance(2)
        assert bench.sink.texts == ["b", "a", "c"]
        assert (bench.sink.again, bench.sink.gaps) == (2, 0)


async def test_a_hundred_cuts_lose_and_repeat_nothing() -> None:
    async with following(tail=None) as bench:
        for number in range(1000):
            bench.log.write(f"line {number}")
            await bench.clock.advance(0.3)
            if number % 10 == 9:
                (bench.log.end_streams if number % 20 == 9 else bench.log.break_streams)()
        await bench.clock.advance(5)
        assert bench.sink.texts == [f"line {number}" for number in range(1000)]
        assert bench.sink.gaps == 0


async def test_a_server_that_ends_every_stream_at_once_is_asked_no_faster_than_the_waits() -> None:
    async with following("1") as bench:
        bench.log.running = False
        bench.log.end_streams()
        await bench.clock.advance(60)
        assert 55 <= bench.requests <= 62  # a wait of 1 s in this test
        assert bench.sink.texts == ["1"]
        assert bench.sink.states[-1] == "waiting"


async def test_a_proxy_that_ends_streams_after_every_line_is_not_asked_at_every_line() -> None:
    async with following("1") as bench:
        for number in range(200):
            bench.log.write(f"line {number}")
            await bench.clock.advance(0.05)
            bench.log.end_streams()
            await bench.clock.advance(0.05)
        await bench.clock.advance(2)
        assert bench.sink.texts == ["1"] + [f"line {number}" for number in range(200)]
        assert bench.requests <= 25  # in twenty seconds, with a wait of 1 s in this test


async def test_refusals_are_shown_waited_out_and_survived() -> None:
    async with following("1") as bench:
        bench.log.refusals = [DOWN, DOWN, Problem(ProblemKind.SERVER, "HTTP 500", status=500)]
        bench.log.break_streams()
        await bench.clock.advance(0)
        assert (bench.sink.states[-1], bench.sink.problem is not None) == ("waiting", True)
        await bench.clock.advance(3.5)
        assert bench.sink.problem == Problem(ProblemKind.SERVER, "HTTP 500", status=500)
        bench.log.write("2")
        await bench.clock.advance(2)
        assert (bench.sink.states[-1], bench.sink.problem, bench.sink.texts) == ("following", None, ["1", "2"])


async def test_a_stream_that_has_gone_silent_is_opened_again() -> None:
    async with following("1") as bench:
        bench.log.file.append(((1_763_773_500) * 10**9, b"lost on the way"))  # the connection has died without a word
        await bench.clock.advance(QUIET - 1)
        assert bench.requests == 1
        await bench.clock.advance(2)
        assert bench.requests == 2
        assert bench.sink.texts == ["1", "lost on the way"]


async def test_a_silent_stream_is_doubted_when_its_cluster_answers_nobody() -> None:
    async with following("1") as bench:
        await bench.clock.advance(3)
        bench.follow.check(doubt=True)
        await bench.clock.advance(0)
        assert bench.requests == 1
        await bench.clock.advance(3)
        bench.follow.check(doubt=True)
        await bench.clock.advance(0)
        assert (bench.requests, bench.sink.texts) == (2, ["1"])


async def test_a_pod_with_several_containers_names_them() -> None:
    said = "a container name must be specified for pod ticker, choose one of: [tick web]"
    async with following(container="") as bench:
        bench.log.refusals = [Problem(ProblemKind.INVALID, "refused", said, status=400)]
        bench.log.break_streams()
        await bench.clock.advance(3)
        assert bench.sink.names == ("tick", "web")
        assert bench.task is not None
        assert bench.task.done()


def test_init_containers_are_not_followed() -> None:
    said = "a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]"
    assert several_containers(Problem(ProblemKind.INVALID, "", said)) == ("a", "b")
    assert several_containers(Problem(ProblemKind.INVALID, "", 'container "c" is waiting to start')) == ()


async def test_a_follow_that_was_stopped_goes_on_where_it_stopped() -> None:
    async with following("1") as bench:
        assert bench.task is not None
        bench.task.cancel()
        await settle()
        bench.log.write("2")
        bench.task = asyncio.create_task(bench.follow.run())
        await bench.clock.advance(0)
        assert bench.sink.texts == ["1", "2"]


async def test_a_client_that_cannot_be_had_is_waited_for() -> None:
    clock = ManualClock()
    log, sink = FakeLog(clock), Sink()
    log.write("1")
    tries: list[int] = []

    async def connect() -> Port:
        tries.append(1)
        if len(tries) < 3:
            raise SourceError(DOWN)
        return Port(log)

    task = asyncio.create_task(LogFollow(connect, ("ns", "p", "c"), sink, clock, Waits(), LogStart()).run())
    await clock.advance(2.5)
    assert sink.texts == ["1"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_gives_way_goes_on_where_he_stopped() -> None:
    async with following("1") as bench:
        await bench.clock.advance(3)
        assert bench.sink.inside == 1
        bench.follow.give_way()
        await settle()
        bench.log.write("2")
        await bench.clock.advance(1)
        assert (bench.sink.texts, bench.requests, bench.sink.inside) == (["1", "2"], 2, 1)
        assert bench.sink.gaps == 0


async def test_a_gateway_that_cuts_every_five_seconds_is_asked_again_soon_each_time() -> None:
    clock = ManualClock(1_763_773_449.5)
    log, sink = FakeLog(clock), Sink()

    async def connect() -> Port:
        return Port(log)

    waits = Backoff(clock, random.Random(3))
    task = asyncio.create_task(LogFollow(connect, ("ns", "p", "c"), sink, clock, waits, LogStart()).run())
    for number in range(720):  # an hour
        log.write(f"line {number}")
        await clock.advance(5)
        log.break_streams()
    await clock.advance(5)
    assert sink.texts == [f"line {number}" for number in range(720)]
    assert sink.gaps == 0
    assert 700 <= len(log.asked) <= 730
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("politely", [False, True])
async def test_who_is_far_behind_is_not_made_to_wait_longer_each_time_he_is_cut_in_catching_up(politely: bool) -> None:
    clock = ManualClock(1_763_773_449.5)
    log, sink = FakeLog(clock, ends_torn=politely), Sink()
    for second in range(600):
        log.write(f"line {second}", at=clock.now() - 600 + second)
    log.torn = [40 * 20] * 40  # of lines of 40 bytes; two of them are repeated

    async def connect() -> Port:
        return Port(log)

    waits = Backoff(clock, random.Random(3))
    task = asyncio.create_task(LogFollow(connect, ("ns", "p", "c"), sink, clock, waits, LogStart()).run())
    await clock.advance(60)
    assert sink.texts == [f"line {second}" for second in range(600)]
    assert 34 <= len(log.asked) <= 41
    assert sink.gaps == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_hour_asleep_is_caught_up_with() -> None:
    async with following("1", tail=None) as bench:
        bench.log.refusals = [DOWN] * 10_000
        bench.log.break_streams()
        for number in range(3600):
            bench.log.write(f"line {number}")
            await bench.clock.advance(1)
        bench.log.refusals = []
        await bench.clock.advance(40)
        assert bench.sink.texts == ["1"] + [f"line {number}" for number in range(3600)]
        assert bench.sink.gaps == 0
