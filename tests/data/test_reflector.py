"""List and watch against a cluster that misbehaves: nothing is lost, nothing stale looks alive, nobody is flooded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.data.fakekube import METRICS, REFUSED, FakeKube, problem
from tests.data.helpers import Reader, connecting, names, reading, runtime
from tui.clock import ManualClock, settle
from tui.data.demand import on_demand
from tui.data.listwatch import Scope
from tui.data.reflector import Reflector
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.data.watcher import QUIET
from tui.errors import Problem, ProblemKind
from tui.model.feed import FeedState
from tui.model.kube import PODS, EventType, KindRef, Row, RowEvent, Table


@dataclass
class Bench:
    """A reflector at work on a fake cluster, and somebody who reads."""

    clock: ManualClock
    kube: FakeKube
    rt: Runtime
    cell: Cell[Table]
    reader: Reader
    job: Reflector

    @property
    def state(self) -> FeedState:
        return self.cell.feed.state(self.clock.now())

    @property
    def problem(self) -> ProblemKind | None:
        return self.cell.feed.problem.kind if self.cell.feed.problem else None


@asynccontextmanager
async def watching(
    kube: FakeKube, clock: ManualClock, *, kind: KindRef = PODS, strict: bool = True
) -> AsyncIterator[Bench]:
    rt = runtime(clock, strict=strict)
    jobs: list[Reflector] = []

    def make(cell: Cell[Table]) -> Reflector:
        jobs.append(Reflector("pods of one", cell, connecting(kube), kind, Scope(), rt, group="one"))
        return jobs[0]

    cell = on_demand(rt, make)
    async with reading(rt, cell) as readers:
        yield Bench(clock, kube, rt, cell, readers[0], jobs[0])


@pytest.fixture
def kube(clock: ManualClock) -> FakeKube:
    made = FakeKube(clock)
    for name in ("a", "b", "c"):
        made.pod(name)
    return made


async def test_a_list_and_then_every_change(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock) as bench:
        assert names(bench.cell) == {"a", "b", "c"}
        kube.pod("d")
        kube.pod("a", "CrashLoopBackOff", "0/1", "4 (2s ago)")
        kube.delete(PODS, "default", "b")
        await clock.advance(0.1)
        table = bench.cell.feed.value
        assert table is not None
        assert names(bench.cell) == {"a", "c", "d"}
        assert table.rows["default", "a"].cells[2] == "CrashLoopBackOff"
        assert (bench.state, dict(kube.asked)) == (FeedState.LIVE, {"list": 1, "watch": 1})


async def test_rows_are_stamped_with_the_time_at_which_they_were_read(kube: FakeKube, clock: ManualClock) -> None:
    kube.pod("web-1")
    async with watching(kube, clock) as bench:
        listed = clock.now()
        await clock.advance(100)
        kube.pod("web-2")
        await clock.advance(1)
        table = bench.cell.feed.value
        assert table is not None
        stamps = {name: row.printed for (_, name), row in table.rows.items()}
    assert listed - 2 <= stamps["web-1"] <= listed < stamps["web-2"]


async def test_an_hour_of_watching_costs_a_watch_every_five_to_ten_minutes(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock) as bench:
        for minute in range(60):
            kube.bookmark()
            if minute % 7 == 0:
                kube.pod("a", f"Status-{minute}")
            await clock.advance(60)
            assert bench.state is FeedState.LIVE
        assert kube.asked["list"] == 1
        assert 6 <= kube.asked["watch"] <= 12
        assert bench.cell.feed.value is not None
        assert bench.cell.feed.value.rows["default", "a"].cells[2] == "Status-56"


async def test_a_watch_goes_on_from_the_newest_version_it_was_told(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock):
        await clock.advance(2)
        kube.pod("d")
        kube.end_watches()
        await clock.advance(2)
        kube.version_now += 50
        kube.bookmark()
        kube.end_watches()
        await clock.advance(2)
        assert kube.watched_from == ["103", "104", "154"]


async def test_a_cluster_without_pods_is_live_and_empty(clock: ManualClock) -> None:
    async with watching(FakeKube(clock), clock) as bench:
        table = bench.cell.feed.value
        assert table is not None
        assert (len(table.rows), table.complete, bench.state) == (0, True, FeedState.LIVE)


async def test_the_first_page_is_shown_before_the_last_is_read(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    for number in range(1700):
        kube.pod(f"pod-{number}")
    shown: list[tuple[int, bool, int | None]] = []

    def look(page: int) -> None:
        table = bench_cell[0].feed.value
        assert table is not None
        shown.append((len(table.rows), table.complete, table.total))

    kube.before_page = look
    bench_cell: list[Cell[Table]] = []
    rt = runtime(clock)
    cell: Cell[Table] = on_demand(
        rt, lambda made: Reflector("pods", bench_cell.append(made) or made, connecting(kube), PODS, Scope(), rt)
    )
    async with reading(rt, cell):
        assert shown[0] == (500, False, 1700)
        table = cell.feed.value
        assert table is not None
        assert (len(table.rows), table.complete, table.total) == (1700, True, None)
        assert kube.asked["page"] == 3


async def test_ten_thousand_events_reach_six_readers_as_some_tens_of_feeds(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    rt = runtime(clock)
    cell: Cell[Table] = on_demand(rt, lambda made: Reflector("pods", made, connecting(kube), PODS, Scope(), rt))
    async with reading(rt, *[cell] * 6) as readers:
        begun = [len(reader.feeds) for reader in readers]
        for tenth in range(10):  # a second's worth
            for number in range(1000):
                kube.pod(f"pod-{number % 500}", f"Status-{tenth}")
            await clock.advance(0.1)
        await clock.advance(1)
        got = [len(reader.feeds) - start for reader, start in zip(readers, begun, strict=True)]
        assert 2 <= min(got) <= max(got) <= 25
        assert len(names(cell)) == 500
        assert cell.feed.value is not None
        assert readers[5].value is cell.feed.value
        assert all(row.cells[2] == "Status-9" for row in cell.feed.value.rows.values())


async def test_an_expired_version_is_listed_anew_without_a_word(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock) as bench:
        await clock.advance(2)
        kube.lose_events = True
        kube.delete(PODS, "default", "c")
        kube.pod("d")
        kube.lose_events = False
        kube.expire()
        kube.end_watches()
        await clock.advance(3)
        assert names(bench.cell) == {"a", "b", "d"}
        assert kube.asked["list"] == 2
        assert bench.state is FeedState.LIVE
        assert all(feed.problem is None for feed in bench.reader.feeds)


async def test_a_server_that_expires_every_version_is_not_flooded_and_not_believed(
    kube: FakeKube, clock: ManualClock
) -> None:
    kube.always["watch"] = problem(410)
    async with watching(kube, clock) as bench:
        await clock.advance(600)
        assert kube.total < 80
        assert bench.problem is ProblemKind.EXPIRED


async def test_a_list_whose_pages_expire_is_asked_for_in_one_piece_and_keeps_the_old_rows(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    for number in range(1200):
        kube.pod(f"pod-{number}")
    kube.before_page = lambda page: kube.expire()
    async with watching(kube, clock) as bench:
        assert len(names(bench.cell)) == 1200
        assert dict(kube.asked) == {"list": 2, "page": 1, "watch": 1}
        kube.break_watches(REFUSED)
        kube.delete(PODS, "default", "pod-7")
        await clock.advance(0.1)
        assert len(names(bench.cell)) == 1200
        await clock.advance(3)
        assert len(names(bench.cell)) == 1199


async def test_a_list_that_breaks_in_the_middle_keeps_what_was_shown(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    for number in range(1200):
        kube.pod(f"pod-{number}")
    async with watching(kube, clock) as bench:
        kube.break_watches(REFUSED)
        kube.refuse["page"] = [problem(500)]
        await clock.advance(3)
        assert len(names(bench.cell)) == 1200
        await clock.advance(5)
        assert (bench.state, bench.problem) == (FeedState.LIVE, None)


async def test_a_server_that_closes_each_watch_at_once_is_asked_seldom_and_shown_as_stale(
    kube: FakeKube, clock: ManualClock
) -> None:
    kube.close_at_once = True
    async with watching(kube, clock) as bench:
        await clock.advance(3600)
        assert kube.total < 200
        assert bench.state is FeedState.STALE
        shown = [feed.state(clock.now()) for feed in bench.reader.feeds[3:]]
        assert FeedState.LIVE not in shown  # a list that succeeds does not make it look alive
        kube.pod("d")
        await clock.advance(70)
        assert "d" in names(bench.cell)  # but its rows are as new as the last list
        kube.close_at_once = False
        await clock.advance(70)
        assert bench.state is FeedState.LIVE


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_refusal_that_says_nothing_of_the_version_goes_on_without_a_list(
    status: int, kube: FakeKube, clock: ManualClock
) -> None:
    async with watching(kube, clock) as bench:
        await clock.advance(2)
        kube.refuse["watch"] = [problem(status), problem(status)]
        kube.end_watches()
        await clock.advance(2)
        kube.pod("d")
        assert bench.state is FeedState.STALE
        await clock.advance(10)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"a", "b", "c", "d"})
        assert kube.asked["list"] == 1


async def test_retry_after_is_honoured_to_the_second(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock) as bench:
        kube.refuse["watch"] = [problem(429, retry_after=42)]
        await clock.advance(1)
        kube.end_watches()
        await clock.advance(0)
        assert bench.cell.feed.retry_at == clock.now() + 42
        await clock.advance(20)
        bench.job.check()
        await clock.advance(21.9)
        assert kube.asked["watch"] == 2
        await clock.advance(0.2)
        assert kube.asked["watch"] == 3


@pytest.mark.parametrize("status", [401, 403, 404, 405])
async def test_who_may_not_list_is_told_so_and_sees_rows_as_soon_as_he_may(
    status: int, kube: FakeKube, clock: ManualClock
) -> None:
    kube.always["list"] = problem(status)
    async with watching(kube, clock) as bench:
        assert bench.state is FeedState.FAILED
        await clock.advance(600)
        assert kube.total <= 25
        del kube.always["list"]
        await clock.advance(241 if status == 403 else 61)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"a", "b", "c"})


async def test_who_may_list_but_not_watch_sees_rows_marked_and_renewed(kube: FakeKube, clock: ManualClock) -> None:
    kube.always["watch"] = problem(403)
    async with watching(kube, clock) as bench:
        kube.pod("d")
        await clock.advance(120)
        assert (bench.state, bench.problem) == (FeedState.STALE, ProblemKind.FORBIDDEN)
        assert FeedState.LIVE not in [feed.state(clock.now()) for feed in bench.reader.feeds[3:]]
        assert "d" in names(bench.cell)
        assert bench.cell.feed.as_of is not None
        assert clock.now() - bench.cell.feed.as_of < 61


async def test_an_unplugged_cluster_goes_stale_at_once_and_is_live_again_within_seconds(
    kube: FakeKube, clock: ManualClock
) -> None:
    async with watching(kube, clock) as bench:
        await clock.advance(1000)
        kube.pod("a")
        kube.delete(PODS, "default", "c")  # still waits to be shown when the connection breaks
        kube.unplug()
        await clock.advance(0.1)
        assert (bench.state, bench.problem) == (FeedState.STALE, ProblemKind.UNREACHABLE)
        assert names(bench.cell) == {"a", "b"}
        await clock.advance(3600)
        assert kube.asked["list"] > 700
        kube.pod("d")
        kube.plug_in()
        await clock.advance(5)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"a", "b", "d"})


async def test_another_server_behind_the_same_address_is_listed_anew(kube: FakeKube, clock: ManualClock) -> None:
    """Its versions have begun again, so a watch from ours would stay silent for ever over rows that are long gone."""
    async with watching(kube, clock) as bench:
        kube.unplug()
        kube.rows.clear()
        kube.history.clear()
        kube.version_now = 1
        kube.pod("new")
        kube.plug_in()
        await clock.advance(5)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"new"})


async def test_stale_rows_are_as_old_as_the_last_word_of_the_server(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock) as bench:
        for _ in range(30):
            await clock.advance(60)
            kube.bookmark()
        await clock.advance(10)
        kube.unplug()
        await clock.advance(0)
        assert bench.cell.feed.as_of == clock.now() - 10


async def test_a_watch_that_has_gone_silent_is_opened_again(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock) as bench:
        kube.lose_events = True  # the connection has died: nothing arrives on it
        kube.pod("d")
        kube.lose_events = False
        kube.history.append(
            (kube.version_now, "pods", RowEvent(EventType.ADDED, kube.rows["pods"]["default", "d"], ""))
        )
        await clock.advance(QUIET - 1)
        assert "d" not in names(bench.cell)
        await clock.advance(2)
        assert "d" in names(bench.cell)
        assert dict(kube.asked) == {"list": 1, "watch": 2}


async def test_a_silent_watch_is_doubted_when_another_job_of_its_cluster_gets_no_answer(
    kube: FakeKube, clock: ManualClock
) -> None:
    async with watching(kube, clock) as bench:
        await clock.advance(4)
        bench.job.check(doubt=True)
        await clock.advance(0)
        assert kube.asked["watch"] == 1  # it has spoken a moment ago
        await clock.advance(4)
        kube.down = True
        bench.job.check(doubt=True)
        await clock.advance(0)
        assert bench.state is FeedState.STALE


async def test_a_doubted_watch_is_not_live_until_the_cluster_answers(kube: FakeKube, clock: ManualClock) -> None:
    async with watching(kube, clock) as bench:
        await clock.advance(6)
        heard = clock.now() - 6
        kube.hanging |= {"watch", "version"}
        bench.job.check(doubt=True)
        await clock.advance(0)
        assert (bench.state, bench.problem, bench.cell.feed.as_of) == (FeedState.STALE, ProblemKind.TIMEOUT, heard)
        await clock.advance(40)
        assert (bench.state, bench.cell.feed.as_of) == (FeedState.STALE, heard)
        kube.hanging.clear()  # but what was asked meanwhile is lost
        kube.pod("d")
        await clock.advance(22)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"a", "b", "c", "d"})


async def test_a_doubted_watch_whose_headers_are_held_back_is_live_when_the_cluster_answers_otherwise(
    kube: FakeKube, clock: ManualClock
) -> None:
    async with watching(kube, clock) as bench:
        await clock.advance(6)
        kube.hanging.add("watch")
        bench.job.check(doubt=True)
        await clock.advance(0)
        assert bench.state is FeedState.STALE
        await clock.advance(1.1)
        assert bench.state is FeedState.LIVE
        await clock.advance(60)
        assert (bench.state, kube.asked["watch"]) == (FeedState.LIVE, 2)


async def test_a_watch_that_was_silent_for_long_is_stale_soon_where_the_cluster_hangs(
    kube: FakeKube, clock: ManualClock
) -> None:
    async with watching(kube, clock) as bench:
        kube.hanging |= {"watch", "version"}
        await clock.advance(QUIET + 12)
        assert (bench.state, bench.problem) == (FeedState.STALE, ProblemKind.TIMEOUT)


async def test_a_watch_that_was_silent_for_long_and_opens_again_is_live_all_the_time(
    kube: FakeKube, clock: ManualClock
) -> None:
    async with watching(kube, clock) as bench:
        begun = len(bench.reader.feeds)
        await clock.advance(QUIET + 30)
        assert kube.asked["watch"] == 2
        assert all(feed.problem is None for feed in bench.reader.feeds[begun:])


async def test_a_server_that_never_answers_a_list_is_a_timeout(kube: FakeKube, clock: ManualClock) -> None:
    kube.hanging.add("list")
    async with watching(kube, clock) as bench:
        await clock.advance(21)
        assert (bench.state, bench.problem) == (FeedState.FAILED, ProblemKind.TIMEOUT)
        kube.hanging.clear()
        await clock.advance(2)
        assert bench.state is FeedState.LIVE


async def test_malformed_and_unknown_events_are_skipped(
    kube: FakeKube, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    async with watching(kube, clock) as bench:
        kube.send(
            RowEvent(EventType.ADDED, None, "104"),
            RowEvent("SURPRISE", None, "105"),  # type: ignore[arg-type]
            RowEvent(EventType.MODIFIED, "not a row", "106"),  # type: ignore[arg-type]
        )
        kube.pod("d")
        await clock.advance(1)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"a", "b", "c", "d"})
        assert kube.asked["watch"] == 1


async def test_a_watch_that_the_server_breaks_off_with_an_error_is_listed_anew(
    kube: FakeKube, clock: ManualClock
) -> None:
    async with watching(kube, clock) as bench:
        kube.send(RowEvent(EventType.ERROR, None, ""))
        kube.delete(PODS, "default", "a")
        await clock.advance(0)
        assert bench.problem is ProblemKind.PROTOCOL
        await clock.advance(5)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"b", "c"})


async def test_a_bug_is_a_problem_beside_the_old_rows(
    kube: FakeKube, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(kube, clock, strict=False) as bench:
        await clock.advance(2)
        kube.refuse["watch"] = [KeyError("oops")]
        kube.end_watches()
        await clock.advance(0)
        assert bench.problem is ProblemKind.BUG
        assert "Traceback" in caplog.text
        await clock.advance(5)
        assert (bench.state, names(bench.cell)) == (FeedState.LIVE, {"a", "b", "c"})


async def test_a_kind_that_cannot_be_watched_is_listed_every_half_minute(kube: FakeKube, clock: ManualClock) -> None:
    kube.put(METRICS, "default", "a")
    async with watching(kube, clock, kind=METRICS) as bench:
        kube.put(METRICS, "default", "b")
        await clock.advance(31)
        assert names(bench.cell) == {"a", "b"}
        assert bench.cell.feed.fresh_for is not None
        await clock.advance(600)
        assert kube.asked["list"] == 22
        assert kube.asked["watch"] == 0


async def test_rows_are_old_news_once_nobody_reads_and_listed_anew_for_the_next_reader(
    kube: FakeKube, clock: ManualClock
) -> None:
    rt = runtime(clock)
    cell: Cell[Table] = on_demand(rt, lambda made: Reflector("pods", made, connecting(kube), PODS, Scope(), rt))
    async with reading(rt):
        reader = asyncio.Event()
        cell.join(reader)
        await settle()
        cell.leave(reader)
        await clock.advance(16)
        assert (len(kube.watches), len(rt.tasks)) == (0, 0)
        assert cell.feed.state(clock.now()) is FeedState.STALE
        kube.delete(PODS, "default", "a")
        cell.join(reader)
        await settle()
        assert (cell.feed.state(clock.now()), names(cell)) == (FeedState.LIVE, {"b", "c"})
        assert kube.asked["list"] == 2
        cell.leave(reader)


def test_the_rows_of_a_table_are_read_only() -> None:
    from tui.data.rows import Rows

    rows = Rows(PODS, ManualClock().now)
    with pytest.raises(TypeError):
        rows.value().rows["default", "x"] = Row("", "x", "default", ())  # type: ignore[index]


async def test_a_client_that_cannot_be_had_is_a_problem_like_any_other(kube: FakeKube, clock: ManualClock) -> None:
    from tui.errors import SourceError

    signed_out = True

    async def connect() -> FakeKube:
        if signed_out:
            raise SourceError(Problem(ProblemKind.SIGNED_OUT, "not signed in", remedy="gcloud auth login"))
        return kube

    rt = runtime(clock)
    cell: Cell[Table] = on_demand(rt, lambda made: Reflector("pods", made, connect, PODS, Scope(), rt))
    async with reading(rt, cell):
        assert cell.feed.state(clock.now()) is FeedState.FAILED
        signed_out = False
        rt.checks.refresh()
        await clock.advance(0)
        assert cell.feed.state(clock.now()) is FeedState.LIVE
