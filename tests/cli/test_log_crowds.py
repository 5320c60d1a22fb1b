"""What befalls many logs is said in few lines: that they take turns, and that a quota is used up."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.cli.follow import summary
from tui.cli.logcrowds import CALM, SETTLES
from tui.cli.lognames import Naming
from tui.cli.logtroubles import Troubles
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed, Gap
from tui.model.logs import LogQuery, LogSource, LogStatus

WEB = ClusterRef("projects/acme/locations/global/memberships/web", "web", Via.GATEWAY)
SHOP = ClusterRef("projects/acme/locations/global/memberships/shop", "shop", Via.GATEWAY)
TURN = Problem(ProblemKind.INVALID, "it waits for its turn")


def used_up(seconds: int) -> Problem:
    return Problem(ProblemKind.THROTTLED, f"used up; acme goes on in {seconds} s", retry_after=seconds, target="acme")


def crowd(count: int, queued: range, cluster: ClusterRef = WEB, every: float = 250.0) -> tuple[LogSource, ...]:
    """So many, of which some wait for their turns."""
    open_one = LogSource(0, cluster, "load", "", "app", "following", read=True, every=every)
    waiting = replace(open_one, state="waiting", problem=TURN, queued=True, read=False)
    return tuple(
        replace(waiting if number in queued else open_one, index=number, pod=f"worker-{number:06}")
        for number in range(count)
    )


class Bench:
    def __init__(self, *clusters: ClusterRef) -> None:
        self.clock = ManualClock()
        self.numbers: dict[str, str] = {}
        self.troubles = Troubles(
            {},
            Naming(prefix=True),
            LogQuery(clusters or (WEB,)),
            self.clock,
            lambda quota: self.numbers.get(quota, quota),
            lambda quota: {"7": "acme"}.get(quota, quota),
        )

    async def tell(self, sources: tuple[LogSource, ...], *, seconds: float = 0.0, gaps: tuple[Gap, ...] = ()) -> None:
        """It is so, and that is told ten times in so many seconds."""
        for _ in range(10):
            self.troubles.tell(Feed(LogStatus(sources, complete=True), gaps=gaps))
            await self.clock.advance(seconds / 10)


async def test_who_waits_for_turns_is_said_once_however_long_they_take(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()
    for turn in range(100):  # some minutes
        begin = 50 + turn % 60
        await bench.tell(crowd(623, range(begin, begin + 503 + turn % 3)), seconds=5)
    assert capsys.readouterr().err.splitlines() == [
        "503 of 623 logs wait for their turns, which come about every 4 min: web/worker-000050/app and 502 more "
        "(more are followed than may be open at once: narrow the query; what comes late for that is marked [turn])"
    ]


async def test_another_line_is_worth_it_where_many_more_wait_or_none(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()
    await bench.tell(crowd(100, range(99, 100), every=20), seconds=2 * SETTLES)
    for momentary in range(20):
        await bench.tell(crowd(100, range(99 + momentary % 2, 100), every=20), seconds=SETTLES / 2)
    await bench.tell(crowd(102, range(99, 102), every=60), seconds=2 * SETTLES)
    await bench.tell(crowd(102, range(99, 102), every=60)[:99], seconds=2 * SETTLES)
    said = [line.partition(" (")[0] for line in capsys.readouterr().err.splitlines()]
    assert said == [
        "1 of 100 logs waits for its turn, which comes about every 20 s: web/worker-000099/app",
        "3 of 102 logs wait for their turns, which come about every 60 s: web/worker-000099/app and 2 more",
        "no log waits for its turn any more",
    ]


async def test_a_quota_that_is_used_up_is_said_once_for_all_it_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(WEB, SHOP)
    sources = crowd(200, range(0)) + tuple(replace(one, index=one.index + 200) for one in crowd(9, range(0), SHOP))
    for seconds in (10, 7, 4, 1, 10, 5):
        refused = tuple(replace(one, state="waiting", problem=used_up(seconds)) for one in sources)
        await bench.tell(refused, seconds=3, gaps=(Gap("shop", used_up(seconds)),))
        await bench.tell(sources, seconds=CALM / 2)  # for a moment some are let through
    await bench.tell(sources, seconds=2 * CALM)
    assert capsys.readouterr().err.splitlines() == [
        "acme: used up; acme goes on in 10 s",
        "acme: requests are let through again",
    ]


@pytest.mark.parametrize("known", [0, 3])
async def test_a_quota_is_one_by_whichever_road(known: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A membership and a context of one project, whose number is known from the start or only later."""
    context = ClusterRef("context:mine", "mine", Via.CONTEXT, "7")
    direct = ClusterRef("context:7", "7", Via.CONTEXT)
    bench = Bench(WEB, context, direct)
    gaps = (Gap("web", used_up(3)), Gap("mine", used_up(3)))
    for turn in range(6):
        if turn == known:
            bench.numbers["acme"] = "7"
        await bench.tell((), seconds=3, gaps=gaps[: 1 + (turn >= known)])
    await bench.tell((), gaps=(*gaps, Gap("7", used_up(2))))
    await bench.tell((), seconds=2 * CALM)
    assert sorted(capsys.readouterr().err.splitlines()) == [
        "7: requests are let through again",
        "7: used up; acme goes on in 2 s",
        "acme: requests are let through again",
        "acme: used up; acme goes on in 3 s",
    ]


async def test_what_was_wrong_before_a_turn_is_taken_back_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()
    (source,) = crowd(1, range(0))
    broke = replace(source, state="waiting", problem=Problem(ProblemKind.UNREACHABLE, "connection refused"))
    for one in (source, broke, *crowd(1, range(1)), replace(broke, problem=used_up(3)), source):
        await bench.tell((one,), seconds=2 if one is broke else 0)
    assert capsys.readouterr().err.splitlines() == [
        "web/worker-000000/app: connection refused",
        "acme: used up; acme goes on in 3 s",
        "web/worker-000000/app: following again",
    ]


async def test_a_log_that_was_given_up_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()
    (source,) = crowd(1, range(0))
    await bench.tell((replace(source, state="ended", problem=used_up(3)),))
    assert capsys.readouterr().err.splitlines() == ["web/worker-000000/app: used up; acme goes on in 3 s"]


async def test_a_cluster_does_not_answer_again_because_it_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()
    await bench.tell((), gaps=(Gap("web", Problem(ProblemKind.UNREACHABLE, "connection refused")),))
    await bench.tell((), gaps=(Gap("web", used_up(3)),))
    said = capsys.readouterr().err.splitlines()
    await bench.tell(())
    assert said == ["web: connection refused", "acme: used up; acme goes on in 3 s"]
    assert capsys.readouterr().err.splitlines() == ["web: answers again"]


def test_the_summary_does_not_count_what_has_not_been_read() -> None:
    sources = crowd(623, range(113, 623))
    assert summary(LogStatus(sources), 1702).startswith("1,702 lines of 113 of 623 containers, 510 not read yet; 0 ")
    assert summary(LogStatus(crowd(1, range(0))), 1).startswith("1 lines of 1 container; ")
