"""Waiting on the injected clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tui.clock import ManualClock, settle
from tui.waits import LONGEST_WAY, Deadline, Gate, Pace, Pause, RightOfWay, finishing


async def test_a_deadline_interrupts_what_hangs() -> None:
    clock = ManualClock()

    async def work() -> str:
        try:
            with Deadline(clock, 10):
                await asyncio.Event().wait()
        except TimeoutError:
            return f"over at {clock.monotonic():g}"
        return "never"

    task = asyncio.create_task(work())
    await clock.advance(9.9)
    assert not task.done()
    await clock.advance(0.2)
    assert task.result() == "over at 10"


async def test_a_deadline_can_be_put_off_and_leaves_nothing_behind_when_it_is_not_needed() -> None:
    clock = ManualClock()
    with Deadline(clock, 10) as deadline:
        task = asyncio.create_task(clock.advance(8))
        await task
        deadline.extend(10)
        await asyncio.create_task(clock.advance(8))
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_cancellation_from_outside_is_not_taken_for_a_timeout() -> None:
    clock = ManualClock()

    async def work() -> None:
        with Deadline(clock, 10) as deadline:
            deadlines.append(deadline)
            await asyncio.Event().wait()

    deadlines: list[Deadline] = []
    task = asyncio.create_task(work())
    await settle()
    deadlines[0].end()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_pause_ends_when_cut_but_a_firm_one_does_not() -> None:
    clock = ManualClock()
    pause = Pause(clock)
    woke: list[float] = []

    async def sleeper() -> None:
        pause.cut()  # nobody sleeps: this does nothing
        await pause.sleep(60)
        woke.append(clock.monotonic())
        await pause.sleep(60, firm=True)
        woke.append(clock.monotonic())

    task = asyncio.create_task(sleeper())
    await clock.advance(5)
    pause.cut()
    await clock.advance(5)
    pause.cut()
    await clock.advance(100)
    assert woke == [5.0, 65.0]
    await task
    assert clock.sleeping == 0


async def test_slow_ones_give_their_place_at_the_gate_to_the_next() -> None:
    clock = ManualClock()
    gate = Gate(clock, 2, patience=1.0)
    begun: list[int] = []

    async def work(number: int) -> None:
        async with gate.passing():
            begun.append(number)
            await clock.sleep(100 if number < 2 else 0.1)

    tasks = [asyncio.create_task(work(number)) for number in range(6)]
    await clock.advance(0.5)
    assert begun == [0, 1]
    await clock.advance(1.0)
    assert begun == [0, 1, 2, 3, 4, 5]
    await clock.advance(100)
    assert all(task.done() for task in tasks)


async def test_who_is_through_the_gate_gives_the_place_back_once() -> None:
    clock = ManualClock()
    gate = Gate(clock, 1, patience=100.0)
    begun: list[int] = []

    async def work(number: int) -> None:
        async with gate.passing() as passed:
            begun.append(number)
            await clock.sleep(1)
            passed()
            passed()
            await clock.sleep(1)

    tasks = [asyncio.create_task(work(number)) for number in range(4)]
    await clock.advance(0.5)
    assert begun == [0]
    await clock.advance(1)
    assert begun == [0, 1]
    await clock.advance(10)
    assert begun == [0, 1, 2, 3]
    await asyncio.gather(*tasks)


async def test_the_gate_lets_a_burst_through_and_then_so_many_a_second() -> None:
    clock = ManualClock()
    gate = Gate(clock, 1000, per_second=5, burst=10)
    begun: list[float] = []

    async def work() -> None:
        async with gate.passing():
            begun.append(clock.monotonic())

    tasks = [asyncio.create_task(work()) for _ in range(30)]
    await clock.advance(0)
    assert len(begun) == 10
    await clock.advance(2.01)
    assert len(begun) == 20
    await clock.advance(2)
    assert len(begun) == 30
    await asyncio.gather(*tasks)


async def test_pace_acts_at_once_then_at_most_once_in_its_gap_and_loses_nothing() -> None:
    clock = ManualClock()
    acted: list[float] = []
    pace = Pace(lambda: acted.append(clock.monotonic()), clock, 0.05)
    for _ in range(100):
        pace()
    assert acted == [0.0]
    await clock.advance(1)
    assert acted == [0.0, 0.05]
    pace()
    pace()
    pace.flush()
    await clock.advance(1)
    assert acted == [0.0, 0.05, 1.0, 1.0]
    pace.flush()
    pace()
    pace()
    pace.drop()
    await clock.advance(1)
    assert acted == [0.0, 0.05, 1.0, 1.0, 2.0]


async def test_an_iterator_left_early_is_closed_at_once() -> None:
    closed: list[bool] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    async with finishing(numbers()) as items:
        async for _ in items:
            break
    assert closed == [True]


async def test_an_act_that_takes_long_and_asks_for_the_next_one_rests_first() -> None:
    clock = ManualClock()
    acted: list[float] = []

    def act() -> None:
        acted.append(clock.monotonic())
        clock._elapsed += 0.2  # longer than the gap
        if len(acted) < 4:
            pace()

    pace = Pace(act, clock, 0.05)
    pace()
    assert len(acted) == 1
    await clock.advance(2)
    assert [round(at, 2) for at in acted] == [0.0, 0.25, 0.5, 0.75]


async def test_who_makes_way_goes_on_when_it_is_free_again() -> None:
    clock = ManualClock()
    way = RightOfWay(clock)
    await way.clear()
    way.give(0.25)
    waiting = asyncio.create_task(way.clear())
    await clock.advance(0.03)
    assert not waiting.done()
    way.give(0.02)
    await clock.advance(0.019)
    assert not waiting.done()
    await clock.advance(0.002)
    assert waiting.done()


@pytest.mark.parametrize("gap", [0.01, 0.022])
async def test_nobody_makes_way_for_ever(gap: float) -> None:
    """Whether keys come without a break or with ever so small ones, in which who waits is not reached."""
    clock = ManualClock()
    way = RightOfWay(clock)
    turns = [0] * 20

    async def read(number: int) -> None:
        while True:
            await way.clear()
            turns[number] += 1
            await asyncio.sleep(0)
            await clock.sleep(0.001)

    readers = [asyncio.create_task(read(number)) for number in range(len(turns))]
    before = 0
    for _ in range(10):
        for _ in range(round((LONGEST_WAY + 0.01) / gap)):
            way.give(0.02)
            await clock.advance(gap)
        assert min(turns) > before
        before = min(turns)
    for reader in readers:
        reader.cancel()


async def test_one_who_leaves_does_not_open_the_way_for_the_others() -> None:
    clock = ManualClock()
    way = RightOfWay(clock)
    way.give(0.05)
    leaving, staying = (asyncio.create_task(way.clear()) for _ in range(2))
    await clock.advance(0.01)
    leaving.cancel()
    await clock.advance(0.03)
    assert leaving.cancelled()
    assert not staying.done()
    await clock.advance(0.02)
    assert staying.done()
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}
