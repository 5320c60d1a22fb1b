"""A cluster that goes down is a line, however many of its logs are followed, and one when it is back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.cli.test_log_crowds import SHOP, WEB, Bench, crowd, used_up
from tui.cli.logoutages import GATHERS, LEFT
from tui.errors import Problem, ProblemKind
from tui.model.feed import Gap
from tui.model.logs import LogSource

DOWN = Problem(ProblemKind.UNREACHABLE, "connection refused")
SLOW = Problem(ProblemKind.TIMEOUT, "no answer within 20 s")
NOT_STARTED = Problem(ProblemKind.INVALID, "has not started: ContainerCreating")
WEBS = crowd(37, range(0))
SHOPS = tuple(replace(one, index=one.index + 100) for one in crowd(3, range(0), SHOP))
SILENT = (Gap("web", DOWN),)


def broken(sources: tuple[LogSource, ...], problem: Problem = DOWN) -> tuple[LogSource, ...]:
    return tuple(replace(one, state="waiting", problem=problem) for one in sources)


def opening(sources: tuple[LogSource, ...]) -> tuple[LogSource, ...]:
    return tuple(replace(one, state="opening") for one in sources)


class Told:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self) -> list[str]:
        return self.capsys.readouterr().err.splitlines()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(capsys)


async def test_one_line_for_all_logs_of_a_cluster_and_one_when_they_are_back(told: Told) -> None:
    bench = Bench(WEB, SHOP)
    await bench.tell((*WEBS, *SHOPS), seconds=5)
    for count in (1, 20, 36, 37):  # they break one after the other
        await bench.tell((*broken(WEBS[:count]), *WEBS[count:], *SHOPS), seconds=GATHERS / 5)
    for attempt in range(5):
        await bench.tell((*opening(WEBS), *SHOPS), gaps=SILENT if attempt else ())
        await bench.tell((*broken(WEBS), *SHOPS), seconds=10, gaps=SILENT)
    await bench.tell((*broken(WEBS), *SHOPS))
    assert told() == ["web: 37 logs are not read: connection refused"]
    for count in (3, 30, 37):
        await bench.tell((*WEBS[:count], *opening(WEBS[count:]), *SHOPS), seconds=1)
    await bench.tell((*WEBS, *SHOPS), seconds=60)
    assert told() == ["web: answers again, and 37 logs are followed again"]


async def test_several_clusters_are_told_of_by_themselves(told: Told) -> None:
    bench = Bench(WEB, SHOP)
    await bench.tell((*broken(WEBS), *broken(SHOPS, SLOW)), seconds=2 * GATHERS)
    await bench.tell((*WEBS, *broken(SHOPS, SLOW)), seconds=2 * GATHERS)
    assert told() == [
        "web: 37 logs are not read: connection refused",
        "shop: 3 logs are not read: no answer within 20 s",
        "web: 37 logs are followed again",
    ]


async def test_what_heals_at_once_is_not_worth_a_word(told: Told) -> None:
    bench = Bench()
    for _ in range(20):
        await bench.tell(broken(WEBS), seconds=GATHERS / 2)
        await bench.tell(WEBS, seconds=GATHERS)
    assert told() == []


async def test_a_log_that_breaks_alone_has_a_line_of_its_own(told: Told) -> None:
    bench = Bench()
    one = WEBS[:1]
    await bench.tell(WEBS)
    await bench.tell((*broken(one), *WEBS[1:]), seconds=2 * GATHERS)
    assert told() == ["web/worker-000000/app: connection refused"]
    await bench.tell(broken(WEBS), seconds=2 * GATHERS)
    assert told() == ["web: 36 logs are not read: connection refused"]
    await bench.tell(WEBS, seconds=2 * GATHERS)
    assert sorted(told()) == ["web/worker-000000/app: following again", "web: 36 logs are followed again"]


async def test_another_trouble_of_one_log_is_its_own(told: Told) -> None:
    bench = Bench()
    await bench.tell((*broken(WEBS[:1], NOT_STARTED), *broken(WEBS[1:])), seconds=2 * GATHERS)
    assert sorted(told()) == [
        "web/worker-000000/app: has not started: ContainerCreating",
        "web: 36 logs are not read: connection refused",
    ]
    await bench.tell((*broken(WEBS[:1], NOT_STARTED), *broken(WEBS[1:2], NOT_STARTED), *WEBS[2:]), seconds=2)
    assert sorted(told()) == [
        "web/worker-000001/app: has not started: ContainerCreating",
        "web: 35 logs are followed again",
    ]


async def test_a_log_that_does_not_come_back_with_the_others_is_named(told: Told) -> None:
    bench = Bench()
    await bench.tell(WEBS)
    await bench.tell(broken(WEBS), seconds=2 * GATHERS)
    await bench.tell((*broken(WEBS[:1]), *WEBS[1:]), seconds=LEFT - 1)
    assert told() == ["web: 37 logs are not read: connection refused"]
    await bench.tell((*broken(WEBS[:1]), *WEBS[1:]), seconds=5)
    assert told() == ["web: 36 of 37 logs are followed again", "web/worker-000000/app: connection refused"]
    await bench.tell(WEBS, seconds=2 * GATHERS)
    assert told() == ["web/worker-000000/app: following again"]


async def test_those_that_wait_for_their_turns_then_are_no_trouble(told: Told) -> None:
    bench = Bench()
    sources = crowd(37, range(10, 37), every=40)
    await bench.tell(sources, seconds=5)
    await bench.tell(broken(sources[:10]) + sources[10:], seconds=2 * GATHERS)
    swapped = tuple(replace(one, queued=True, state="waiting") for one in WEBS[:9]) + WEBS[9:19] + sources[19:]
    await bench.tell(swapped, seconds=2 * LEFT)
    await bench.tell(sources, seconds=2 * LEFT)
    assert [line.partition(",")[0] for line in told()] == [
        "27 of 37 logs wait for their turns",
        "web: 10 logs are not read: connection refused",
        "web: 10 logs are followed again",
    ]


async def test_a_cluster_whose_logs_are_read_on_says_only_that_it_does_not_answer(told: Told) -> None:
    bench = Bench()
    await bench.tell(WEBS, seconds=5, gaps=SILENT)
    assert told() == ["web: connection refused"]
    await bench.tell(broken(WEBS, SLOW), seconds=5, gaps=SILENT)
    await bench.tell(broken(WEBS, used_up(3)), seconds=5, gaps=(Gap("web", used_up(3)),))
    assert [line for line in told() if line.startswith("web")] == ["web: 37 logs are not read: connection refused"]
    await bench.tell(WEBS, seconds=5)
    assert told() == ["web: answers again, and 37 logs are followed again"]


async def test_many_more_and_another_reason_are_news(told: Told) -> None:
    bench = Bench()
    await bench.tell(broken(WEBS[:2]) + WEBS[2:], seconds=2 * GATHERS)
    await bench.tell(broken(WEBS[:3]) + WEBS[3:], seconds=2 * GATHERS)
    await bench.tell(broken(WEBS), seconds=2 * GATHERS)
    signed_out = Problem(ProblemKind.SIGNED_OUT, "the token has expired")
    for _ in range(3):
        await bench.tell(broken(WEBS, signed_out), seconds=2 * GATHERS)
        await bench.tell(broken(WEBS), seconds=2 * GATHERS)
    assert told() == [
        "web: 2 logs are not read: connection refused",
        "web: 37 logs are not read: connection refused",
        "web: 37 logs are not read: the token has expired",
    ]


async def test_a_log_that_is_given_up_is_named(told: Told) -> None:
    bench = Bench()
    await bench.tell(broken(WEBS[:2]), seconds=2 * GATHERS)
    ended = tuple(replace(one, state="ended") for one in broken(WEBS[:2]))
    await bench.tell(ended, seconds=2 * GATHERS)
    assert told() == [
        "web: 2 logs are not read: connection refused",
        "web/worker-000000/app: connection refused",
        "web/worker-000001/app: connection refused",
    ]


async def test_a_cluster_that_never_had_a_log_says_at_once_that_it_does_not_answer(told: Told) -> None:
    bench = Bench()
    await bench.tell((), gaps=SILENT)
    assert told() == ["web: connection refused"]
    await bench.tell(WEBS, seconds=2 * GATHERS)
    assert told() == ["web: answers again"]
