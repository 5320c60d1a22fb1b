"""Our share of a project's streams: who waits, in which order, and what is told of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from tui.clients.slots import Slots
from tui.clock import ManualClock


def told(slots: Slots) -> list[str]:
    return [f"{slot.what}{'?' if slot.waiting else ''}" for slot in slots.held()]


async def test_streams_beyond_the_share_wait_in_order() -> None:
    slots = Slots(ManualClock(), 2)
    order: list[str] = []
    ends = {name: asyncio.Event() for name in "abcd"}

    async def stream(name: str) -> None:
        async with slots.hold("p", name):
            order.append(name)
            await ends[name].wait()

    tasks = [asyncio.create_task(stream(name)) for name in "abcd"]
    await asyncio.sleep(0)
    assert told(slots) == ["a", "b", "c?", "d?"]
    assert slots.free("p") == 0
    ends["b"].set()
    await tasks[1]
    await asyncio.sleep(0)
    assert told(slots) == ["a", "c", "d?"]
    for name in "acd":
        ends[name].set()
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c", "d"]
    assert (told(slots), slots.free("p")) == ([], 2)


async def test_each_project_has_its_own() -> None:
    slots = Slots(ManualClock(), 1)
    async with slots.hold("p", "a"), slots.hold("q", "b"):
        assert told(slots) == ["a", "b"]
        assert (slots.free("p"), slots.free("q"), slots.free("r")) == (0, 0, 1)


async def test_who_is_cancelled_while_waiting_leaves_the_queue() -> None:
    slots = Slots(ManualClock(), 1)
    async with slots.hold("p", "a"):

        async def wait() -> None:
            async with slots.hold("p", "b"):
                pass

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert told(slots) == ["a"]


async def test_a_turn_that_comes_while_its_owner_is_cancelled_goes_to_the_next() -> None:
    slots = Slots(ManualClock(), 1)
    stack = AsyncExitStack()
    await stack.enter_async_context(slots.hold("p", "a"))
    ran: list[str] = []

    async def wait(name: str) -> None:
        async with slots.hold("p", name):
            ran.append(name)

    tasks = [asyncio.create_task(wait(name)) for name in "bc"]
    await asyncio.sleep(0)
    await stack.aclose()  # b's turn has come, and it does not know yet
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert ran == ["c"]
    assert told(slots) == []


async def test_the_age_begins_when_it_is_opened_and_changes_are_told() -> None:
    clock, changes = ManualClock(1000.0), [0]

    def note() -> None:
        changes[0] += 1

    slots = Slots(clock, 1, note)
    stack = AsyncExitStack()
    await stack.enter_async_context(slots.hold("p", "a"))
    seen: list[float] = []

    async def wait() -> None:
        async with slots.hold("p", "b") as slot:
            seen.append(slot.since)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    await clock.advance(60)
    await stack.aclose()
    await task
    assert seen == [1060.0]
    assert changes[0] >= 4
