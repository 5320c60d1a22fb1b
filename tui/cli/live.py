"""A hub for a command that asks once and ends: the same data layer as the screen's, waited for instead of watched."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar, cast

from msgspec import Struct

from tui.cli.flags import settings_of
from tui.clock import Clock, SystemClock
from tui.model.datalayer import DataLayer
from tui.model.feed import Feed, Topic

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds to wait for the last answer before what is there is taken."""


class Live(Struct, frozen=True):
    """A running hub and how to print. patterns: of the clusters that it shows, () = all."""

    hub: DataLayer
    clock: Clock
    form: str = "table"
    patterns: tuple[str, ...] = ()


@asynccontextmanager
async def running_hub(arguments: argparse.Namespace, *, lossless_logs: bool = False) -> AsyncGenerator[Live]:
    """Started, and stopped at the end."""
    from tui.wiring import build_hub

    clock = SystemClock()
    settings = settings_of(arguments)
    hub = build_hub(settings, os.environ, clock, lossless_logs=lossless_logs)
    await hub.start()
    try:
        yield Live(hub, clock, vars(arguments).get("output", "table"), settings.clusters)
    finally:
        await hub.stop()


async def settled(
    topic: Topic[T], clock: Clock, complete: Callable[[Feed[T]], bool], patience: float = PATIENCE
) -> Feed[T]:
    """The first feed that is complete, or the newest after `patience` seconds."""

    async def first() -> None:
        async with aclosing(cast("AsyncGenerator[Feed[T]]", topic.follow())) as feeds:
            async for feed in feeds:
                if complete(feed):
                    return

    waiting = asyncio.create_task(first())
    out_of_patience = asyncio.create_task(clock.sleep(patience))
    try:
        await asyncio.wait({waiting, out_of_patience}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (waiting, out_of_patience):
            task.cancel()
        await asyncio.gather(waiting, out_of_patience, return_exceptions=True)
    return topic.feed
