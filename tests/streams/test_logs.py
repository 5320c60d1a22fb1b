"""Following a log through everything that interrupts it: each line once, in order, or a gap that is owned up to."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from tests.streams.fakelog import Asked, FakeLog, raw
from tui.clock import ManualClock, settle
from tui.data.backoff import Backoff
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.logs import LogStart
from tui.model.logstamp import Stamps
from tui.streams.logs import QUIET, LogFollow
from tui.streams.opening import several_containers

DOWN = Problem(ProblemKind.UNREACHABLE, "down")


class Port:
    """One container's log, and a road to it that may be closed."""

    def __init__(self, log: FakeLog) -> None:
        self.held = log

    def log(
        self,
        namespace: str,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        tail: int | None = None,
        since_time: str = "",
        since_seconds: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        assert timestamps
        return self.held.serve(Asked(pod, container, follow, tail, since_time, previous, since_seconds))


class Sink:
    """Keeps everything it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.again = 0
        self.gaps = 0
        self.spans: list[tuple[int, int, str]] = []
        self.inside = 0
        self.run_out = False
        self.states: list[str] = []
        self.problem: Problem | None = None
        self.names: tuple[str, ...] = ()
        self.is_now = "running"

    def lines(self, batch: list[bytes]) -> None:
        self.texts += [Stamps().part(line)[1].decode() for line in batch]

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        self.inside += 1
        yield
        self.inside -= 1

    async def room(self) -> None:
        await asyncio.sleep(0)

    async def over(self) -> bool:
        return self.run_out

    def repeated(self, count: int) -> None:
        self.again += count

    def gap(self, after: int, before: int, why: str) -> None:
        self.gaps += 1
        self.spans.append((after, before, why))

    def state(self, state: str, problem: Problem | None) -> None:
        self.states.append(state)
        self.problem = problem

    def containers(self, names: tuple[str, ...]) -> None:
        self.names = names

    def phase(self) -> str:
        return self.is_now


class Waits:
    """A second after each failure."""

    def failed(self, problem: Problem) -> float:
        return 1.0

    def healed(self) -> None:
        pass


class Bench:
    def __init__(self, clock: ManualClock, log: FakeLog, sink: Sink, follow: LogFollow) -> None:
        self.clock = clock
        self.log = log
        self.sink = sink
        self.follow = follow
        self.task: asyncio.Task[None] | None = None

    @property
    def requests(self) -> int:
        return len(self.log.asked)


@asynccontextmanager
async def following(
    *history: str, tail: int | None = 100, previous: bool = False, container: str = "c", start: LogStart | None = None
) -> AsyncIterator[Bench]:
    clock = ManualClock(1_763_773_449.5)
    log = FakeLog(clock)
    for text in history:
        log.write(text)
        await clock.advance(0.1)
    sink = Sink()
    port = Port(log)

    async def connect() -> Port:
        return port

    start = start or LogStart(tail, previous=previous)
    follow = LogFollow(connect, ("ns", "p", container), sink, clock, Waits(), start)
    bench = Bench(clock, log, sink, follow)
    bench.task = asyncio.create_task(follow.run())
    await settle()
    try:
        yield bench
    finally:
        bench.task.cancel()
        await asyncio.gather(bench.task, return_exceptions=True)
        await settle()
        assert log.open == []
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_history_and_then_what_is_written() -> None:
    async with following("1", "2", "3", tail=2) as bench:
        bench.log.write("4")
        await bench.clock.advance(0)
        assert bench.sink.texts == ["2", "3", "4"]
        assert bench.sink.states == ["opening", "following"]
        assert bench.log.asked == [Asked("p", "c", follow=True, tail=2, since_time="", previous=False)]


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


async def test_lines_without_a_time_are_kept_and_do_not_confuse_the_resumption() -> None:
    async with following("1") as bench:
        bench.log.raw(b"unable to retrieve container logs\n")
        await bench.clock.advance(10)
        bench.log.end_streams()
        await bench.clock.advance(0)
        bench.log.write("2")
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "unable to retrieve container logs", "2"]
        assert bench.sink.gaps == 0


async def test_a_line_cut_in_the_middle_comes_whole_and_once() -> None:
    async with following("1") as bench:
        bench.log.raw(b"2025-11-22T01:04:20.000000000Z half a li")
        await bench.clock.advance(10)
        bench.log.end_streams()
        bench.log.file.append((1_763_773_460 * 10**9, b"half a line"))
        await bench.clock.advance(3)
        assert bench.sink.texts == ["1", "half a line"]


async def test_a_last_line_without_a_newline_is_shown_when_the_container_has_ended() -> None:
    async with following("1") as bench:
        bench.log.raw(b"2025-11-22T01:04:20.000000000Z no newline")
        bench.sink.is_now = "stopped"
        bench.log.stop()
        await bench.clock.advance(0)
        assert bench.sink.texts == ["1", "no newline"]


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


async def test_a_line_that_is_torn_as_it_is_sent_again_is_no_line() -> None:
    async with following() as bench:
        at = 1_763_773_460
        bench.log.write("first line", "second line", at=at + 0.5)
        await bench.clock.advance(0)
        bench.log.torn = [31 + len("first line") + 1 + 31 + 5]  # cut in the middle of what is sent again
        bench.log.break_streams()
        await bench.clock.advance(3)
        bench.log.write("third line", at=at + 0.6)
        bench.sink.is_now = "gone"
        bench.log.stop()
        await bench.clock.advance(3)
        assert bench.sink.texts == ["first line", "second line", "third line"]
        assert bench.log.torn == []


async def test_a_torn_line_before_a_gap_is_shown_as_far_as_it_is_known() -> None:
    async with following("1") as bench:
        bench.log.raw(raw(1_763_773_450 * 10**9, b"half a li"))
        bench.log.break_streams()
        await bench.clock.advance(0)
        bench.log.rotate()
        bench.log.write("after")
        await bench.clock.advance(3)
        assert (bench.sink.texts, bench.sink.gaps) == (["1", "half a li", "after"], 1)


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


async def test_what_a_kubelet_says_itself_is_shown_once_and_is_no_progress() -> None:
    async with following("1") as bench:
        for _ in range(5):
            bench.log.raw(b"unable to retrieve container logs for containerd://abc\n")
            bench.log.end_streams()
            await bench.clock.advance(2)
        assert bench.sink.texts == ["1", "unable to retrieve container logs for containerd://abc"]
        assert bench.requests <= 8


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
