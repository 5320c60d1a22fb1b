"""One credential for many askers, on a manual clock: minted once, renewed in time, never poisoned by one server."""

from __future__ import annotations

import asyncio

import pytest

from tests.clocks import SteppedClock
from tui.clients.renewing import Lease, Renewing
from tui.clock import ManualClock, settle
from tui.errors import Problem, ProblemKind, SourceError


class Source:
    """Mints 1, 2, 3, …; each good for an hour, to be refreshed five minutes before."""

    def __init__(self, clock: ManualClock, life: float | None = 3600.0) -> None:
        self.clock = clock
        self.life = life
        self.asked = 0
        self.failing: ProblemKind | None = None
        self.blocked: asyncio.Event | None = None

    async def mint(self) -> Lease[int]:
        self.asked += 1
        if self.blocked is not None:
            await self.blocked.wait()
        if self.failing is not None:
            raise SourceError(Problem(self.failing, "no"))
        end = self.clock.now() + self.life if self.life is not None else None
        return Lease(self.asked, end, end - 300 if end is not None else None)


async def test_many_askers_cause_one_minting() -> None:
    clock = ManualClock()
    source = Source(clock)
    source.blocked = asyncio.Event()
    renewing = Renewing(source.mint, clock)
    tasks = [asyncio.create_task(renewing.get()) for _ in range(40)]
    await settle()
    source.blocked.set()
    assert set(await asyncio.gather(*tasks)) == {1}
    assert source.asked == 1


async def test_an_asker_that_gives_up_does_not_take_it_from_the_others() -> None:
    clock = ManualClock()
    source = Source(clock)
    source.blocked = asyncio.Event()
    renewing = Renewing(source.mint, clock)
    first, second = asyncio.create_task(renewing.get()), asyncio.create_task(renewing.get())
    await settle()
    first.cancel()
    source.blocked.set()
    assert await second == 1


async def test_it_is_refreshed_five_minutes_before_its_end() -> None:
    clock = ManualClock()
    renewing = Renewing(Source(clock).mint, clock)
    assert await renewing.get() == 1
    await clock.advance(3299)
    assert await renewing.get() == 1
    await clock.advance(1)
    assert await renewing.get() == 2


async def test_while_the_source_fails_the_old_one_is_used_to_its_end_and_no_further() -> None:
    clock = ManualClock()
    source = Source(clock)
    renewing = Renewing(source.mint, clock)
    await renewing.get()
    source.failing = ProblemKind.UNREACHABLE
    await clock.advance(3400)
    assert await renewing.get() == 1
    await clock.advance(200)
    with pytest.raises(SourceError):
        await renewing.get()
    source.failing = None
    await clock.advance(10)
    assert await renewing.get() > 1


async def test_a_source_that_failed_is_left_alone_for_ten_seconds() -> None:
    clock = ManualClock()
    source = Source(clock)
    source.failing = ProblemKind.SIGNED_OUT
    renewing = Renewing(source.mint, clock)
    for _ in range(5):
        with pytest.raises(SourceError):
            await renewing.get()
    assert source.asked == 1
    source.failing = None
    await clock.advance(10)
    assert await renewing.get() == 2


async def test_a_refused_one_is_renewed() -> None:
    clock = ManualClock()
    renewing = Renewing(Source(clock).mint, clock)
    await renewing.get()
    await clock.advance(61)
    assert renewing.refuse(1)
    assert await renewing.get() == 2
    assert renewing.refuse(1), "a late refusal of the old one: the new one is worth a try"
    assert await renewing.get() == 2


async def test_one_server_that_refuses_everything_does_not_make_the_source_mint_all_day() -> None:
    clock = ManualClock()
    source = Source(clock)
    renewing = Renewing(source.mint, clock)
    for _ in range(100):
        value = await renewing.get()
        if renewing.refuse(value):
            assert not renewing.refuse(await renewing.get())
        await clock.advance(6)
    assert source.asked <= 11  # ten minutes, once a minute


async def test_a_refused_one_that_never_ends_is_used_on_where_there_is_no_other() -> None:
    clock = ManualClock()

    async def the_same() -> Lease[str]:
        return Lease("environment")

    renewing = Renewing(the_same, clock)
    await renewing.get()
    await clock.advance(100)
    assert renewing.refuse("environment")
    assert await renewing.get() == "environment"


async def test_when_server_and_source_agree_that_nobody_is_signed_in_it_is_said() -> None:
    clock = ManualClock()
    source = Source(clock)
    renewing = Renewing(source.mint, clock)
    await renewing.get()
    await clock.advance(61)
    renewing.refuse(1)
    source.failing = ProblemKind.SIGNED_OUT
    with pytest.raises(SourceError):
        await renewing.get()


async def test_a_clock_set_back_neither_keeps_a_failure_nor_believes_in_a_refused_credential() -> None:
    clock = SteppedClock()
    source = Source(clock, life=None)
    renewing = Renewing(source.mint, clock)
    source.failing = ProblemKind.UNREACHABLE
    with pytest.raises(SourceError):
        await renewing.get()
    source.failing = None
    clock.step = -86_400.0
    await clock.advance(11)
    first = await renewing.get()
    clock.step = -2 * 86_400.0
    await clock.advance(61)
    assert renewing.refuse(first)
    assert await renewing.get() != first
