"""The pipe between the event loop and a thread is bounded."""

from __future__ import annotations

import asyncio

from tui.streams.handover import HELD, ToThread
from tui.streams.outlet import PIECE


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
