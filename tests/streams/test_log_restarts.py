"""What a follow makes of a container that restarts or ends, and of a log that is rotated: what was written last is
fetched from where it is, and what is nowhere is a gap."""

from __future__ import annotations

import pytest

from tests.streams.fakelog import FakeLog
from tests.streams.logbench import Port, Sink, Waits, following
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind
from tui.model.logs import LogStart
from tui.streams.logs import LogFollow


async def test_a_container_that_restarts_is_followed_into_its_next_life() -> None:
    async with following("1") as bench:
        bench.log.restart()
        await bench.clock.advance(0.5)
        bench.log.write("a new life")
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "a new life"]
        assert bench.sink.gaps == 0


async def test_what_a_container_wrote_last_before_it_restarted_is_fetched_from_its_previous_log() -> None:
    async with following("1") as bench:
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.write("its last words")
        bench.log.restart()
        bench.log.write("a new life")
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "its last words", "a new life"]
        assert bench.sink.gaps == 0
        # Asked again, since a proxy may have ended it in the middle.
        assert [asked.previous for asked in bench.log.asked] == [False, False, True, True]


async def test_two_restarts_while_nobody_listened_are_a_gap() -> None:
    async with following("1") as bench:
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.write("never seen")
        bench.log.restart()
        bench.log.write("second life")
        bench.log.restart()
        bench.log.write("third life")
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "second life", "third life"]
        assert bench.sink.gaps == 1


async def test_a_rotation_while_nobody_listened_is_a_gap() -> None:
    async with following("1", "2") as bench:
        bench.log.break_streams()
        await bench.clock.advance(0.1)
        bench.log.write("rotated away")
        bench.log.rotate()
        bench.log.write("3")
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "2", "3"]
        assert bench.sink.gaps == 1
        bench.log.end_streams()
        await bench.clock.advance(3)
        bench.log.write("4")
        await bench.clock.advance(1)
        assert (bench.sink.texts, bench.sink.gaps) == (["1", "2", "3", "4"], 1)


async def test_a_rotation_under_an_open_stream_is_nothing() -> None:
    async with following("1") as bench:
        bench.log.rotate()
        bench.log.write("2")
        await bench.clock.advance(1)
        assert (bench.sink.texts, bench.sink.gaps) == (["1", "2"], 0)


async def test_a_container_that_has_ended_is_read_to_its_end_and_asked_no_more() -> None:
    async with following("1") as bench:
        bench.log.write("2")
        bench.sink.is_now = "stopped"
        bench.log.stop()
        await bench.clock.advance(3600)
        assert bench.sink.texts == ["1", "2"]
        assert bench.sink.states[-1] == "ended"
        assert bench.requests == 2  # a proxy may have ended the stream just then, so it is asked once more
        bench.log.restart()
        bench.log.write("3")
        bench.sink.is_now = "running"
        bench.follow.check()  # whoever watches the pod says so
        await bench.clock.advance(0)
        assert bench.sink.texts == ["1", "2", "3"]


async def test_a_pod_that_is_gone_ends_the_follow() -> None:
    async with following("1") as bench:
        bench.sink.is_now = "gone"
        bench.log.stop()
        await bench.clock.advance(0)
        assert bench.task is not None
        assert bench.task.done()
        assert bench.sink.states[-1] == "ended"


async def test_the_previous_log_is_read_once() -> None:
    clock = ManualClock()
    async with following(previous=True) as bench:
        assert bench.task is not None
        assert bench.task.done()
        assert bench.sink.states[-1] == "ended"
        assert bench.sink.problem is not None
    log, sink = FakeLog(clock, previous=[(clock_ns(clock), b"last words")]), Sink()

    async def connect() -> Port:
        return Port(log)

    await LogFollow(connect, ("ns", "p", "c"), sink, clock, Waits(), LogStart(previous=True)).run()
    assert (sink.texts, sink.states[-1], sink.problem) == (["last words"], "ended", None)
    assert not log.asked[0].follow


def clock_ns(clock: ManualClock) -> int:
    return int(clock.now()) * 10**9


async def test_a_stopped_container_whose_log_was_ended_in_the_middle_is_read_on() -> None:
    """A proxy may end a stream politely while the container is no longer running."""
    async with following("1", "2", "3", tail=None) as bench:
        bench.sink.is_now = "stopped"
        bench.log.write("4")
        bench.log.open[0].put_nowait(None)
        bench.log.write("5", "6")  # behind the end of that stream
        bench.log.stop()
        await bench.clock.advance(10)
        assert bench.sink.texts == ["1", "2", "3", "4", "5", "6"]
        assert bench.sink.states[-1] == "ended"


async def test_a_container_that_has_run_for_the_last_time_is_let_go() -> None:
    async with following("1") as bench:
        bench.sink.run_out = True  # its neighbour runs on, so the pod does
        bench.log.stop()
        await bench.clock.advance(30)
        assert bench.task is not None
        assert bench.task.done()
        assert (bench.sink.texts, bench.sink.states[-1]) == (["1"], "ended")


async def test_a_gap_has_its_span_and_its_cause() -> None:
    async with following(tail=None) as bench:
        bench.log.write("1", at=1_763_773_460.0)
        await bench.clock.advance(0)
        bench.log.break_streams()
        bench.log.rotate()
        bench.log.write("2", at=1_763_773_470.5)
        await bench.clock.advance(3)
        assert bench.sink.spans == [(1_763_773_460 * 10**9, 1_763_773_470_500_000_000, "rotated")]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_previous_log_that_is_refused_for_a_while_is_waited_for(status: int) -> None:
    async with following("1") as bench:
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.write("its last words")
        bench.log.restart()
        bench.log.write("a new life")
        later = Problem(ProblemKind.SERVER if status > 499 else ProblemKind.THROTTLED, "later", status=status)
        bench.log.refusals_of_previous = [later, later]
        await bench.clock.advance(10)
        assert (bench.sink.texts, bench.sink.gaps) == (["1", "its last words", "a new life"], 0)


async def test_a_previous_log_that_is_ended_in_the_middle_is_read_on() -> None:
    async with following("1", tail=None) as bench:
        bench.log.break_streams()
        await bench.clock.advance(0)
        for number in range(10):
            bench.log.write(f"last words {number}", at=1_763_773_460.0 + number)
        bench.log.restart()
        bench.log.write("a new life", at=1_763_773_480.0)
        bench.log.short_previous = 4
        await bench.clock.advance(10)
        words = [f"last words {number}" for number in range(10)]
        assert (bench.sink.texts, bench.sink.gaps) == (["1", *words, "a new life"], 0)
