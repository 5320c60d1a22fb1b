"""The governor on a manual clock: the share is never passed, the screen comes first, a 429 silences its project."""

from __future__ import annotations

import asyncio

import pytest

from tui.clients.governor import Governor
from tui.clock import ManualClock, settle


async def _busy(lane_enter, times: list[float], clock: ManualClock) -> None:
    await lane_enter()
    times.append(clock.monotonic())


@pytest.mark.parametrize(("share", "allowed"), [(0.25, 600), (1.0, 2400), (0.01, 24), (0.0001, 1)])
async def test_no_window_of_a_minute_ever_holds_more_than_the_share(share: float, allowed: int) -> None:
    clock = ManualClock()
    governor = Governor(clock, share)
    lane = governor.lane("acme")
    times: list[float] = []
    tasks = [asyncio.create_task(_busy(lane.enter, times, clock)) for _ in range(allowed * 3)]
    for _ in range(200):
        await clock.advance(1.0)
    assert governor.allowed == allowed
    assert len(times) > allowed  # it does go on
    for start, at in enumerate(times):
        in_window = sum(1 for later in times[start:] if later < at + 60)
        assert in_window <= allowed
    for task in tasks:
        task.cancel()
    await governor.close()


async def test_a_burst_at_the_start_does_not_wait() -> None:
    clock = ManualClock()
    lane = Governor(clock).lane("acme")
    for _ in range(200):
        await asyncio.wait_for(lane.enter(), 1)
    assert clock.monotonic() == 0


async def test_what_is_on_screen_overtakes_background_work_that_waits() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=0.025)  # 60 a minute: a burst of 20, then two in three seconds
    screen, background = governor.lane("acme"), governor.lane("acme", background=True)
    for _ in range(20):
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
    tasks = [asyncio.create_task(background.enter()) for _ in range(1000)]
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
    lane.answered(429, 30.0)
    waiting = asyncio.create_task(lane.enter())
    await clock.advance(29.9)
    assert not waiting.done()
    await asyncio.wait_for(governor.lane("other").enter(), 1)
    await clock.advance(1)
    assert waiting.done()


async def test_a_429_that_comes_while_others_wait_holds_them_too() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=1 / 2400)
    lane = governor.lane("acme")
    await lane.enter()
    waiting = asyncio.create_task(lane.enter())
    await clock.advance(10)
    lane.answered(429, 300.0)
    await clock.advance(299)
    assert not waiting.done()
    await clock.advance(63)
    assert waiting.done()


async def test_other_answers_do_not_slow_anything() -> None:
    clock = ManualClock()
    lane = Governor(clock).lane("acme")
    for status in (200, 403, 500, 503):
        lane.answered(status, 60.0)
        await asyncio.wait_for(lane.enter(), 1)
    assert clock.monotonic() == 0


async def test_a_cancelled_waiter_takes_no_turn_from_the_next() -> None:
    clock = ManualClock()
    governor = Governor(clock, share=1 / 2400)
    lane = governor.lane("acme")
    await lane.enter()
    first, second = asyncio.create_task(lane.enter()), asyncio.create_task(lane.enter())
    await settle()
    assert governor.usage()[0].waiting == 2
    first.cancel()
    await settle()
    assert governor.usage()[0].waiting == 1
    await clock.advance(61)
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
    governor = Governor(clock, share=1 / 2400)
    await governor.lane("acme").enter()
    waiting = asyncio.create_task(governor.lane("acme").enter())
    await settle()
    await governor.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
