"""The pipe between the event loop and a thread is bounded."""

from __future__ import annotations

import asyncio

import pytest

from tui.streams.handover import HELD, Closed, FromThread, ToThread
from tui.streams.outlet import PIECE
from tui.wire.outgoing import Outgoing


async def test_many_small_pieces_fill_the_memory_as_well() -> None:
    pipe, fed = ToThread(), 0

    async def feed() -> None:
        nonlocal fed
        for _ in range(HELD):
            await pipe.feed([memoryview(b"x")])
            fed += 1

    feeding = asyncio.create_task(feed())
    for _ in range(3):
        await asyncio.sleep(0)
    assert 0 < fed <= HELD // PIECE
    pipe.abandon()
    feeding.cancel()
    await asyncio.gather(feeding, return_exceptions=True)


def messages(*sizes: int) -> list[Outgoing]:
    return [Outgoing(size) for size in sizes]


async def test_what_a_thread_makes_is_taken_in_its_order_until_its_end() -> None:
    pipe, made = FromThread(), messages(*range(1, 40))

    def write() -> None:
        for place in range(0, len(made), 3):
            pipe.write(made[place : place + 3])
        pipe.end()

    writing = asyncio.create_task(asyncio.to_thread(write))
    taken = list[Outgoing]()
    while some := await pipe.take(4):
        assert len(some) <= 4
        taken += some
    assert [len(one) for one in taken] == [len(one) for one in made]
    assert await pipe.take(4) == ()
    await writing


async def test_a_thread_waits_for_room_and_no_longer_than_anybody_takes() -> None:
    pipe, full, loop = FromThread(), asyncio.Event(), asyncio.get_running_loop()

    def write(many: int) -> None:
        for number, message in enumerate(messages(*(HELD // 8 for _ in range(many)))):
            if number == 8:
                loop.call_soon_threadsafe(full.set)
            pipe.write([message])

    writing = asyncio.create_task(asyncio.to_thread(write, 9))
    await full.wait()
    assert not (await asyncio.wait((writing,), timeout=0.05))[0]
    assert len(await pipe.take(4)) == 4
    await asyncio.wait_for(writing, 30)
    full.clear()
    assert len(await pipe.take(9)) == 5
    writing = asyncio.create_task(asyncio.to_thread(write, 9))
    await full.wait()
    pipe.abandon()
    with pytest.raises(Closed):
        await writing


async def test_what_was_made_before_a_thread_died_is_taken_and_then_what_it_died_of() -> None:
    pipe = FromThread()
    pipe.write(messages(7))
    pipe.end(OSError("a disk"))
    assert [len(one) for one in await pipe.take(9)] == [7]
    with pytest.raises(OSError, match="a disk"):
        await pipe.take(9)
