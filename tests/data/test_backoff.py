"""Waits after failures: client-go's numbers, and the kinds that bend them."""

from __future__ import annotations

import random

import pytest

from tui.clock import ManualClock
from tui.data.backoff import Backoff
from tui.errors import Problem, ProblemKind


class Fixed(random.Random):
    """Chance that always says the same."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def random(self) -> float:
        return self._value


def failing(kind: ProblemKind, retry_after: float | None = None) -> Problem:
    return Problem(kind, "failed", retry_after=retry_after)


def test_waits_double_from_0_8_s_to_30_s() -> None:
    backoff = Backoff(ManualClock(), Fixed(0.0))
    waits = [backoff.failed(failing(ProblemKind.SERVER)) for _ in range(8)]
    assert waits == pytest.approx([0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0])


def test_up_to_as_much_again_is_added_by_chance() -> None:
    backoff = Backoff(ManualClock(), Fixed(1.0))
    waits = [backoff.failed(failing(ProblemKind.SERVER)) for _ in range(8)]
    assert (waits[0], waits[-1]) == (1.6, 60.0)


async def test_two_minutes_without_a_failure_start_over() -> None:
    clock = ManualClock()
    backoff = Backoff(clock, Fixed(0.0))
    for _ in range(5):
        backoff.failed(failing(ProblemKind.SERVER))
    await clock.advance(119)
    assert backoff.failed(failing(ProblemKind.SERVER)) == pytest.approx(25.6)
    await clock.advance(121)
    assert backoff.failed(failing(ProblemKind.SERVER)) == pytest.approx(0.8)


def test_no_answer_at_all_is_never_waited_out_longer_than_5_s() -> None:
    backoff = Backoff(ManualClock(), Fixed(1.0))
    waits = [backoff.failed(failing(ProblemKind.UNREACHABLE)) for _ in range(20)]
    assert waits[:2] == pytest.approx([1.6, 3.2])
    assert max(waits) == 5.0


def test_a_gateway_that_answers_that_a_cluster_is_gone_is_asked_as_seldom_as_any_other() -> None:
    backoff = Backoff(ManualClock(), Fixed(0.0))
    agent_down = Problem(ProblemKind.UNREACHABLE, "its agent is not connected", status=404)
    assert [backoff.failed(agent_down) for _ in range(8)][-1] == 30.0


def test_a_server_that_still_starts_after_an_outage_is_asked_again_soon() -> None:
    backoff = Backoff(ManualClock(), Fixed(0.0))
    for _ in range(50):
        backoff.failed(failing(ProblemKind.UNREACHABLE))
    assert backoff.failed(failing(ProblemKind.SERVER)) == pytest.approx(0.8)


@pytest.mark.parametrize("kind", [ProblemKind.SIGNED_OUT, ProblemKind.MISSING])
def test_what_needs_a_person_is_tried_once_a_minute(kind: ProblemKind) -> None:
    backoff = Backoff(ManualClock(), Fixed(0.5))
    assert [backoff.failed(failing(kind)) for _ in range(3)] == [60.0, 60.0, 60.0]


@pytest.mark.parametrize(("asked", "waited"), [(0.1, 0.8), (7.0, 7.0), (300.0, 300.0)])
def test_a_server_is_left_alone_for_as_long_as_it_asked(asked: float, waited: float) -> None:
    backoff = Backoff(ManualClock(), Fixed(0.0))
    assert backoff.failed(failing(ProblemKind.THROTTLED, asked)) == pytest.approx(waited)


def test_failures_without_end_do_not_overflow() -> None:
    backoff = Backoff(ManualClock(), Fixed(0.0))
    assert {backoff.failed(failing(ProblemKind.SERVER)) for _ in range(5000)} >= {30.0}
