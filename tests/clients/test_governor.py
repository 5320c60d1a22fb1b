"""The governor on a manual clock: the share is never passed, the screen comes first, a 429 silences its project."""

from __future__ import annotations

import asyncio

import pytest

from tui.clients.governor import PATIENCE, Governor, Lane, Usage
from tui.clock import ManualClock, settle
from tui.errors import ProblemKind, SourceError


async def _busy(lane: Lane, times: list[float], clock: ManualClock) -> None:
    """Enters, and where it is told to wait longer, comes again when it was told to."""
    while True:
        try:
            await lane.enter()
        except SourceError as exc:
            await clock.sleep(exc.problem.retry_after or 0)
            continue
        times.append(clock.monotonic())
        return


@pytest.mark.parametrize(("share", "allowed"), [(0.25, 600), (0.5, 1200), (0.01, 24), (0.0001, 1)])
async def test_no_window_of_a_minute_ever_holds_more_than_the_share(share: float, allowed: int) -> None:
    clock = ManualClock()
    governor = Governor(clock, share)
    lane = governor.lane("acme")
    times: list[float] = []
    tasks = [asyncio.create_task(_busy(lane, times, clock)) for _ in range(allowed + allowed // 2 + 2)]
    await clock.advance(200)
    assert governor.allowed == allowed
    assert len(times) == len(tasks)  # it does go on
    first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 60:
            first += 1
        assert last - first + 1 <= allowed
    await governor.close()


async def test_a_burst_at_the_start_does_not_wait() -> None:
    clock = ManualClock()
    lane = Governor(clock).lane("acme")
    for _ in range(200):
        await asyncio.wait_for(lane.enter(), 1)
    assert clock.monotonic() == 0


async def test_what_is_on_screen_overtakes_background_work_that_waits() -> None:
    clock = ManualClock()
    governor = Governor(clock)
    screen, background = governor.lane("acme"), governor.lane("acme", background=True)
    for _ in range(200):
        await screen.enter()
    order: list[str] = []

    async def one(name: str, enter) -> None:
        await enter()
        order.append(name)

    tasks = [asyncio.create_task(one(f"background {n}", background.enter)) for n in range(3)]
    await settle()
    tasks += [asyncio.create_task(one(f"screen {n}", screen.enter)) for n in range(3)]
    await clock.advance(60)
    await asyncio.gather(*tasks)
    assert order == ["screen 0", "screen 1", "screen 2", "background 0", "background 1", "background 2"]


async def test_background_work_leaves_a_reserve_for_a_key_press() -> None:
    clock = ManualClock()
    governor = Governor(clock)
    background = governor.lane("acme", background=True)
    tasks = [asyncio.create_task(background.enter()) for _ in range(200)]
    await settle()
    assert governor.usage()[0].last_minute == 150  # of a burst of 200
    await asyncio.wait_for(governor.lane("acme").enter(), 1)
    assert clock.monotonic() == 0
    for task in tasks:
        task.cancel()
    await governor.close()


async def test_a_429_makes_its_project_rest_for_the_time_asked_and_no_other() -> None:
    clock = ManualClock()
    governor = Governor(clock)
    lane = governor.lane("acme")
    await lane.enter()
    lane.answered(429, 8.0)
    waiting = asyncio.create_task(lane.enter())
    await clock.advance(7.9)
    assert not waiting.done()
    await asyncio.wait_for(governor.lane("other").enter(), 1)
    await clock.advance(1)
    assert waiting.done()


async def test_a_429_without_a_time_is_a_short_rest() -> None:
    clock = ManualClock()
    lane = Governor(clock).lane("acme")
    lane.answered(429, None)
    waiting = asyncio.create_task(lane.enter())
    await clock.advance(4.9)
    assert not waiting.done()
    await clock.advance(1)
    assert waiting.done()


async def test_a_long_rest_is_told_to_newcomers_and_to_those_who_wait_already() -> None:
    clock = ManualClock()
    lane = Governor(clock, share=0.025).lane("acme")
    for _ in range(20):
        await lane.enter()
    waiting = asyncio.create_task(lane.enter())
    await settle()
    lane.answered(429, 300.0)
    for entering in (waiting, lane.enter()):
        with pytest.raises(SourceError) as caught:
            await entering
        problem = caught.value.problem
        assert problem.kind is ProblemKind.THROTTLED
        assert problem.retry_after is not None
        assert problem.retry_after >= 300
        assert "asks for a rest" in problem.summary
    await clock.advance(303)
    await asyncio.wait_for(lane.enter(), 1)


async def test_who_would_wait_long_is_told_how_long_and_finds_his_turn_then() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=0.025)  # 60 a minute: a burst of 20, then one in one and a half seconds
    lane = governor.lane("acme")
    for _ in range(20):
        await lane.enter()
    held = [asyncio.create_task(lane.enter()) for _ in range(6)]
    await settle()
    with pytest.raises(SourceError) as caught:
        await lane.enter()
    wait = caught.value.problem.retry_after or 0.0
    assert wait == pytest.approx(10.5)
    assert "60 requests a minute, is used up" in caught.value.problem.summary
    assert wait > PATIENCE
    await clock.advance(wait + 0.01)
    assert all(task.done() for task in held)
    await asyncio.wait_for(lane.enter(), 1)


async def test_other_answers_do_not_slow_anything() -> None:
    clock = ManualClock()
    lane = Governor(clock).lane("acme")
    for status in (200, 403, 500, 503):
        lane.answered(status, 60.0)
        await asyncio.wait_for(lane.enter(), 1)
    assert clock.monotonic() == 0


async def test_a_cancelled_waiter_takes_no_turn_from_the_next() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=0.025)
    lane = governor.lane("acme")
    for _ in range(20):
        await lane.enter()
    first, second = asyncio.create_task(lane.enter()), asyncio.create_task(lane.enter())
    await settle()
    assert governor.usage()[0].waiting == 2
    first.cancel()
    await settle()
    assert governor.usage()[0].waiting == 1
    await clock.advance(1.6)
    assert second.done()
    assert not second.cancelled()


async def test_the_meter_counts_the_last_sixty_seconds_per_project() -> None:
    clock = ManualClock()
    governor = Governor(clock)
    for _ in range(3):
        await governor.lane("a").enter()
    await clock.advance(30)
    await governor.lane("a").enter()
    await governor.lane("b").enter()
    assert [(u.project, u.last_minute) for u in governor.usage()] == [("a", 4), ("b", 1)]
    await clock.advance(31)
    assert {u.project: u.last_minute for u in governor.usage()} == {"a": 1, "b": 1}
    assert governor.usage()[0].allowed == 600


async def test_close_cancels_whoever_waits() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=0.025)
    for _ in range(20):
        await governor.lane("acme").enter()
    waiting = asyncio.create_task(governor.lane("acme").enter())
    await settle()
    await governor.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_went_by_either_name_of_a_project_counts_on_both_once_they_are_known_to_be_one() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=0.025)  # 60 a minute, 20 of them at once
    by_number, by_id = governor.lane("1234"), governor.lane("acme")
    for _ in range(15):
        await by_number.enter()
    for _ in range(3):
        await by_id.enter()
    governor.same("1234", "acme")
    assert governor.usage() == (Usage("acme", 18, 60, 0),)
    await by_number.enter()
    await by_id.enter()
    late = asyncio.create_task(by_number.enter())
    await settle()
    assert not late.done(), "twenty have gone at once, by whichever name"
    await clock.advance(1.6)
    assert late.done()
    assert governor.usage() == (Usage("acme", 21, 60, 0),)
    await governor.close()


async def test_who_waits_and_who_rests_by_the_other_name_does_so_still_when_they_are_known_to_be_one() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=0.025)
    by_number, by_id = governor.lane("1234"), governor.lane("acme")
    by_number.answered(429, 5)
    waiting = asyncio.create_task(by_number.enter())
    await settle()
    governor.same("1234", "acme")
    other = asyncio.create_task(by_id.enter())
    await clock.advance(4.9)
    assert not waiting.done()
    assert not other.done()
    await clock.advance(3.2)
    assert waiting.done()
    assert other.done()
    await governor.close()


async def test_who_is_refused_is_told_the_project_by_its_shown_name() -> None:
    names = {"1234": "acme"}
    governor = Governor(ManualClock(), shown=lambda project: names.get(project, project))
    lane = governor.lane("acme")
    governor.same("acme", "1234")
    governor.same("1234", "1234")
    lane.answered(429, 60)
    with pytest.raises(SourceError, match="acme goes on in 60 s"):
        await governor.lane("1234").enter()
    await governor.close()
