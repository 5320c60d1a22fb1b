"""What is open and held at once is bounded, and whoever must see every line misses none."""

from __future__ import annotations

import pytest

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO
from tests.data.logbench import viewing
from tui.clock import ManualClock
from tui.model.kube import PODS
from tui.model.logs import LogQuery
from tui.model.turnline import TurnLine, in_turn


async def test_more_streams_than_allowed_wait_for_a_place(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    logs = [one.add_log(f"p{number}") for number in range(5)]
    for number in range(5):
        one.pod(f"p{number}")
    query = LogQuery((ONE,), namespace="default")
    async with viewing(query, clock, one, two, streams=3) as bench:
        await clock.advance(3)
        states = [source.state for source in bench.status.sources]
        assert states == ["following"] * 3 + ["waiting"] * 2
        assert bench.status.sources[4].problem is not None
        logs[0].stop()
        one.delete(PODS, "default", "p0")
        await clock.advance(3)
        assert [source.state for source in bench.status.sources].count("following") == 3


async def test_a_full_ring_says_what_has_left(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two, lines=100) as bench:
        await clock.advance(2)
        log.write(*map(str, range(250)))
        await clock.advance(1)
        assert (bench.status.received, bench.status.evicted, bench.status.first_seq) == (250, 150, 150)
        lines, missed = bench.view.since(0)
        assert (len(lines), missed, lines[0].text) == (100, 150, b"150")


async def test_a_flood_of_lines_is_a_few_repaints(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    logs = [one.add_log("a"), two.add_log("b")]
    one.pod("a")
    two.pod("b")
    async with viewing(LogQuery((ONE, TWO), namespace="default"), clock, one, two, lines=50_000) as bench:
        await clock.advance(3)
        begun = len(bench.reader.feeds)
        for burst in range(100):
            for log in logs:
                log.write(*[f"{burst}"] * 100)
            await clock.advance(0.01)
        await clock.advance(1)
        assert bench.status.received == 20_000
        assert len(bench.reader.feeds) - begun <= 40


async def test_where_nothing_may_be_lost_the_streams_wait_for_the_reader(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    query = LogQuery((ONE,), namespace="default")
    async with viewing(query, clock, one, two, lines=200, lossless=True) as bench:
        await clock.advance(2)
        for number in range(100):
            log.write(*[f"{number}-{part}" for part in range(40)])
        got: list[str] = []
        for _ in range(1000):
            lines, missed = bench.view.since(len(got), limit=30)
            assert missed == 0
            got += [line.text.decode() for line in lines]
            await clock.advance(0.01)
        assert got == [f"{number}-{part}" for number in range(100) for part in range(40)]


async def test_more_logs_than_may_be_open_take_turns_and_nothing_is_lost(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    logs = {f"p{number}": one.add_log(f"p{number}") for number in range(7)}
    for name in logs:
        one.pod(name)
    query = LogQuery((ONE,), namespace="default", tail=None)
    async with viewing(query, clock, one, two, streams=3, lines=10_000) as bench:
        written = dict.fromkeys(logs, 0)
        seen_waiting: set[str] = set()
        for _ in range(120):
            for name, log in logs.items():
                written[name] += 1
                log.write(f"{name} {written[name]}")
            await clock.advance(1)
            assert sum(len(log.open) for log in logs.values()) <= 3
            waiting = [source for source in bench.status.sources if source.queued]
            seen_waiting |= {source.pod for source in waiting}
            assert all(source.state == "waiting" and source.problem is not None for source in waiting)
        assert seen_waiting == set(logs)  # everybody gives way, and everybody gets a turn
        await clock.advance(60)
        for name in logs:
            mine = [text for text in bench.texts if text.startswith(f"{name} ")]
            assert mine == [f"{name} {number}" for number in range(1, written[name] + 1)]
        assert bench.status.gaps == 0


async def test_one_cluster_does_not_take_all_places(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for kube, count in ((one, 6), (two, 1)):
        for number in range(count):
            kube.add_log(f"p{number}")
            kube.pod(f"p{number}")
    query = LogQuery((ONE, TWO), namespace="default")
    async with viewing(query, clock, one, two, streams=4, each=3) as bench:
        await clock.advance(5)
        open_now = [source.cluster.name for source in bench.status.sources if source.state == "following"]
        assert sorted(open_now) == ["one", "one", "one", "two"]


async def test_who_holds_the_reading_up_is_said(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two, lines=100) as bench:
        await clock.advance(2)
        waiting = bench.view.reader("the file")
        for number in range(10):
            log.write(*[f"{number}"] * 20)
        await clock.advance(1)
        assert bench.status.held == "the file"
        assert bench.status.evicted == 0
        waiting.reached(60)
        await clock.advance(1)
        waiting.leave()
        await clock.advance(1)
        assert (bench.status.held, bench.status.received) == ("", 200)


@pytest.mark.parametrize("sources", [1, 30])
async def test_no_burst_is_too_big_for_who_must_see_every_line(
    clock: ManualClock, one: FakeKube, two: FakeKube, sources: int
) -> None:
    logs = [one.add_log(f"p{number}") for number in range(sources)]
    for number in range(sources):
        one.pod(f"p{number}")
    query = LogQuery((ONE,), namespace="default", tail=None)
    async with viewing(query, clock, one, two, lines=100, lossless=True) as bench:
        await clock.advance(3)
        for number, log in enumerate(logs):
            log.write(*[f"{number}-{part}" for part in range(250)])  # each more than the ring holds
        got: list[str] = []
        for _ in range(400 * sources):
            if len(got) == 250 * sources:
                break
            lines, missed = bench.view.since(len(got), limit=30)
            assert missed == 0
            got += [line.text.decode() for line in lines]
            await clock.advance(0.05)
        for number in range(sources):
            mine = [text for text in got if text.startswith(f"{number}-")]
            assert mine == [f"{number}-{part}" for part in range(250)]


async def test_who_waits_for_his_turn_is_told_how_often_it_comes(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    for number in range(4):
        one.add_log(f"p{number}").write("line")
        one.pod(f"p{number}")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two, streams=2) as bench:
        await clock.advance(5)
        waiting = [source for source in bench.status.sources if source.queued]
        assert [str(source.problem) for source in waiting] == [
            "more logs are followed than may be open at once: it waits for its turn, about every 20 s"
        ] * 2
        await clock.advance(20)
        assert len(bench.texts) == 4


async def test_what_comes_late_after_a_turn_is_told_from_what_comes_late_for_no_known_reason(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    logs = [one.add_log(f"p{number}") for number in range(4)] + [two.add_log("slow"), two.add_log("quick")]
    for number in range(4):
        one.pod(f"p{number}")
    two.pod("slow")
    two.pod("quick")
    query = LogQuery((ONE, TWO), namespace="default", tail=None)
    async with viewing(query, clock, one, two, streams=4, each=2, lines=10_000) as bench:
        await clock.advance(20)
        for second in range(60):
            for number, log in enumerate(logs):
                log.write(f"{number} {second}")
            await clock.advance(1)
            if second % 20 == 10:
                logs[4].write("late", at=clock.now() - 15)  # it was on its way for so long
        await clock.advance(5)
        lines = bench.view.since(0)[0]
        late = [line for line in lines if line.late]
        turned = [line for line in late if isinstance(line.text, TurnLine)]
        assert {bench.status.sources[line.source].pod for line in turned} == {f"p{number}" for number in range(4)}
        assert [line.text for line in late if line not in turned] == [b"late"] * 3
        for source in bench.status.sources:
            assert source.late == sum(line.source == source.index for line in late)
            assert in_turn(source) == sum(line.source == source.index for line in turned)
        assert len(turned) > 60
        assert len(lines) == bench.status.received == 6 * 60 + 3
