"""Polling: exact counts over an hour, every kind of failure, and being told to try now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from tests.data.fakekube import problem
from tests.data.helpers import reading, runtime
from tui.clock import ManualClock
from tui.data.demand import on_demand
from tui.data.derived import Derived
from tui.data.poller import Polled, Poller
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.feed import Feed, FeedState, Gap

DOWN = Problem(ProblemKind.UNREACHABLE, "down")


class Source:
    """Counts what it is asked; answers as it is told."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.times: list[float] = []
        self.answers: Callable[[int], object] = lambda number: number

    async def fetch(self) -> Polled[object]:
        self.times.append(self.clock.monotonic())
        answer = self.answers(len(self.times))
        if isinstance(answer, Problem):
            raise SourceError(answer)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Polled):
            return answer
        if answer == "hang":
            await asyncio.Event().wait()
        return Polled(answer)


def polled(rt: Runtime, source: Source, every: float = 30.0) -> Cell[object]:
    return on_demand(rt, lambda cell: Poller("test", cell, source.fetch, rt, every=every))


async def test_an_hour_of_three_pollers_asks_exactly_as_often_as_said() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    sources = [Source(clock) for _ in range(3)]
    cells = [polled(rt, source, every) for source, every in zip(sources, (5, 30, 600), strict=True)]
    async with reading(rt, *cells):
        await clock.advance(3599)
        assert [len(source.times) for source in sources] == [720, 120, 6]
        assert all(cell.feed.state(clock.now()) is FeedState.LIVE for cell in cells)


async def test_a_value_counts_as_fresh_for_two_intervals_and_a_try() -> None:
    clock = ManualClock()
    rt = runtime(clock, timeout=20.0)
    source = Source(clock)
    source.answers = lambda number: "first" if number == 1 else "hang"
    cell = polled(rt, source)
    async with reading(rt, cell):
        assert cell.feed.fresh_for == 80.0
        assert cell.feed.state(clock.now() + 80.1) is FeedState.STALE


async def test_failures_keep_the_value_say_when_they_try_again_and_end_with_the_first_answer() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    source = Source(clock)
    source.answers = lambda number: DOWN if 2 <= number <= 4 else f"answer {number}"
    cell = polled(rt, source)
    async with reading(rt, cell):
        await clock.advance(30)
        feed = cell.feed
        assert (feed.value, feed.problem, feed.failures, feed.as_of) == ("answer 1", DOWN, 1, clock.now() - 30)
        assert feed.state(clock.now()) is FeedState.STALE
        assert feed.retry_at is not None
        assert 0.8 <= feed.retry_at - clock.now() <= 1.6
        await clock.advance(15)
        assert (cell.feed.value, cell.feed.problem, cell.feed.failures) == ("answer 5", None, 0)


@pytest.mark.parametrize(
    ("answer", "per_hour"),
    [
        (problem(401), 61),
        (problem(403), 90),
        (problem(404), 90),
        (problem(429), 90),
        (problem(500), 90),
        (problem(503, retry_after=120), 31),
        (DOWN, 1100),
        (ValueError("who would have thought"), 90),
    ],
)
async def test_a_source_that_fails_for_an_hour_is_asked_a_bounded_number_of_times(
    answer: object, per_hour: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    clock = ManualClock()
    rt = runtime(clock, strict=False)
    source = Source(clock)
    source.answers = lambda number: answer
    cell = polled(rt, source)
    async with reading(rt, cell):
        await clock.advance(3600)
        assert per_hour / 1.6 <= len(source.times) <= per_hour
        assert cell.feed.failures == len(source.times)
        source.answers = lambda number: "well again"
        await clock.advance(130)
        assert cell.feed.state(clock.now()) is FeedState.LIVE


async def test_a_server_that_hangs_is_a_timeout_and_not_waited_for() -> None:
    clock = ManualClock()
    rt = runtime(clock, timeout=20.0)
    source = Source(clock)
    source.answers = lambda number: "hang" if number == 1 else "answered"
    cell = polled(rt, source)
    async with reading(rt, cell):
        await clock.advance(20)
        assert cell.feed.problem is not None
        assert cell.feed.problem.kind is ProblemKind.TIMEOUT
        await clock.advance(2)
        assert cell.feed.value == "answered"


async def test_a_bug_is_a_problem_with_its_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    rt = runtime(clock, strict=False)
    source = Source(clock)
    source.answers = lambda number: KeyError("oops") if number == 1 else "answered"
    cell = polled(rt, source)
    async with reading(rt, cell):
        assert cell.feed.problem is not None
        assert cell.feed.problem.kind is ProblemKind.BUG
        assert "Traceback" in caplog.text
        await clock.advance(2)
        assert cell.feed.value == "answered"


async def test_in_strict_mode_a_bug_is_raised() -> None:
    clock = ManualClock()
    rt = runtime(clock, strict=True)
    source = Source(clock)
    source.answers = lambda number: KeyError("oops")
    with pytest.raises(KeyError):
        async with reading(rt, polled(rt, source)):
            pass


async def test_signed_out_is_tried_again_when_the_user_asks() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    source = Source(clock)
    source.answers = lambda number: problem(401) if number == 1 else "signed in"
    cell = polled(rt, source)
    async with reading(rt, cell):
        await clock.advance(10)
        assert len(source.times) == 1
        rt.checks.refresh()
        await clock.advance(0)
        assert cell.feed.value == "signed in"


async def test_a_wait_that_a_server_asked_for_is_kept_even_when_the_user_asks() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    source = Source(clock)
    source.answers = lambda number: problem(429, retry_after=50)
    async with reading(rt, polled(rt, source)):
        for _ in range(20):
            rt.checks.refresh()
            await clock.advance(2)
        assert len(source.times) == 1
        await clock.advance(11)
        assert len(source.times) == 2


async def test_gaps_are_passed_on() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    source = Source(clock)
    gaps = (Gap("europe-west1", DOWN),)
    source.answers = lambda number: Polled("some", gaps)
    cell = polled(rt, source)
    async with reading(rt, cell):
        assert cell.feed.state(clock.now()) is FeedState.PARTIAL
        assert cell.feed.gaps == gaps


async def test_work_stops_a_while_after_the_last_reader_and_starts_again_with_the_next() -> None:
    clock = ManualClock()
    rt = runtime(clock, linger=15.0)
    source = Source(clock)
    cell = polled(rt, source, every=5)
    async with reading(rt):
        reader = asyncio.Event()
        cell.join(reader)
        await clock.advance(9)
        cell.leave(reader)
        await clock.advance(14)
        asked = len(source.times)
        assert asked == 5
        await clock.advance(600)
        assert len(source.times) == asked
        assert len(rt.tasks) == 0
        assert cell.feed.state(clock.now()) is FeedState.STALE
        cell.join(reader)
        await clock.advance(0)
        assert len(source.times) == asked + 1
        assert cell.feed.state(clock.now()) is FeedState.LIVE
        cell.leave(reader)


async def test_a_reader_that_comes_back_in_time_finds_the_work_going_on() -> None:
    clock = ManualClock()
    rt = runtime(clock, linger=15.0)
    source = Source(clock)
    cell = polled(rt, source, every=100)
    async with reading(rt):
        reader = asyncio.Event()
        for _ in range(10):
            cell.join(reader)
            await clock.advance(1)
            cell.leave(reader)
            await clock.advance(5)
        assert len(source.times) == 1


async def test_the_first_silence_makes_the_others_check_at_once_and_the_first_answer_wakes_them() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    online = True

    def answer(number: int) -> object:
        return "up" if online else DOWN

    quick, slow = Source(clock), Source(clock)
    quick.answers = slow.answers = answer
    cells = [polled(rt, quick, every=5), polled(rt, slow, every=600)]
    async with reading(rt, *cells):
        online = False
        await clock.advance(5.1)
        assert [cell.feed.state(clock.now()) for cell in cells] == [FeedState.STALE] * 2
        await clock.advance(600)
        online = True
        await clock.advance(5)
        assert [cell.feed.state(clock.now()) for cell in cells] == [FeedState.LIVE] * 2


async def test_what_hung_is_tried_again_at_once_when_another_is_answered() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    online = False
    hanging, refused = Source(clock), Source(clock)
    hanging.answers = lambda number: "up" if online else "hang"
    refused.answers = lambda number: "up" if online else DOWN
    cell = polled(rt, hanging)
    async with reading(rt, cell, polled(rt, refused)):
        while cell.feed.failures < 6:  # by now it waits for half a minute and more
            await clock.advance(1)
        online = True
        await clock.advance(6)
        assert cell.feed.state(clock.now()) is FeedState.LIVE


async def test_a_computed_value_is_old_news_too_once_nobody_reads_it() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    cell: Cell[int] = on_demand(rt, lambda made: Derived("seven", made, lambda read: Feed(7, clock.now()), rt))
    async with reading(rt):
        reader = asyncio.Event()
        cell.join(reader)
        await clock.advance(1)
        assert cell.feed.state(clock.now()) is FeedState.LIVE
        cell.leave(reader)
        await clock.advance(60)
        assert cell.feed.state(clock.now()) is FeedState.STALE


async def test_one_flapping_source_does_not_make_the_others_poll_all_the_time() -> None:
    clock = ManualClock()
    rt = runtime(clock)
    flapping, steady = Source(clock), Source(clock)
    flapping.answers = lambda number: DOWN if number % 2 else "up"
    async with reading(rt, polled(rt, flapping, every=1), polled(rt, steady, every=600)):
        await clock.advance(600)
        assert len(flapping.times) > 150
        assert len(steady.times) <= 62
