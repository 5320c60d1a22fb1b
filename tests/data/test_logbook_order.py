"""Logs that are only read to their ends are one stream in order, however slow, many or long they are."""

from __future__ import annotations

import pytest

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO
from tests.data.logbench import Bench, viewing
from tui.clock import ManualClock
from tui.data import timemerge
from tui.errors import Problem, ProblemKind
from tui.model.logs import LogQuery

NOW = 1_700_000_000
SLOW = Problem(ProblemKind.UNREACHABLE, "no answer in time")
FINITE = LogQuery((ONE, TWO), namespace="default", tail=None, follow=False)


async def read_all(bench: Bench, seconds: int) -> list[tuple[int, str, bool]]:
    """Everything, as a reader who takes what there is sees it."""
    got: list[tuple[int, str, bool]] = []
    for _ in range(seconds * 10):
        lines, missed = bench.view.since(len(got))
        assert missed == 0
        got += [(line.at, line.text.decode(), line.late) for line in lines]
        await bench.clock.advance(0.1)
        sources = bench.status.sources
        if bench.status.complete and sources and all(one.over for one in sources) and len(got) == bench.status.received:
            return got
    pytest.fail(f"{len(got)} lines of {bench.status.received}, and no end")


async def test_many_logs_in_few_places_are_in_order(
    clock: ManualClock, one: FakeKube, two: FakeKube, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timemerge, "FINITE_HELD", 1_000)
    monkeypatch.setattr(timemerge, "LEAST_HELD", 10)
    pods = [(kube, f"p{number}") for number in range(32) for kube in (one, two)]
    for place, (kube, pod) in enumerate(pods):
        log = kube.add_log(pod)
        log.piece = 7
        for number in range(100):
            # Some begin long after others have ended.
            log.write(f"{place} {number}", at=NOW + number + place / 100 + (place % 5) * 60)
        log.running = False
        kube.pod(pod, status="Completed")
    async with viewing(FINITE, clock, one, two, streams=5, each=4, lines=500, lossless=True) as bench:
        got = await read_all(bench, 600)
        assert [at for at, _, _ in got] == sorted(at for at, _, _ in got)
        assert sorted(text for _, text, _ in got) == sorted(f"{p} {n}" for p in range(64) for n in range(100))
        assert (bench.status.late, bench.status.gaps) == (0, 0)


async def test_a_log_that_does_not_answer_yet_holds_the_others_back(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("fast").write("newer", at=NOW + 10)
    slow = two.add_log("slow")
    slow.write("older", at=NOW)
    slow.refusals += [SLOW] * 3
    one.pod("fast")
    two.pod("slow")
    async with viewing(FINITE, clock, one, two, lossless=True) as bench:
        got = await read_all(bench, 300)
        assert [text for _, text, _ in got] == ["older", "newer"]
        assert len(slow.asked) > 3
        assert bench.status.late == 0
