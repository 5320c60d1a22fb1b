"""Reads two objects to compare them: both are asked at once, and neither is waited for without end."""

from __future__ import annotations

import asyncio

from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.model.feed import Feed, Topic
from tui.model.objects import Held, ObjectRef
from widgets.reading import reading

PATIENCE = 15.0
"""Seconds for both to answer."""


async def read_both(hub: DataLayer, clock: Clock, refs: tuple[ObjectRef, ObjectRef]) -> tuple[Feed[Held], Feed[Held]]:
    """The first answer of each, or what is known after a while."""
    topics = (hub.object(refs[0]), hub.object(refs[1]))
    waiting = asyncio.ensure_future(asyncio.gather(*map(_answered, topics)))
    patience = asyncio.ensure_future(clock.sleep(PATIENCE))
    try:
        await asyncio.wait({waiting, patience}, return_when=asyncio.FIRST_COMPLETED)
        return topics[0].feed, topics[1].feed
    finally:
        waiting.cancel()
        patience.cancel()
        await asyncio.gather(waiting, patience, return_exceptions=True)


async def _answered(topic: Topic[Held]) -> None:
    async with reading(topic) as feeds:
        async for feed in feeds:
            if feed.value is not None or feed.problem is not None:
                return
