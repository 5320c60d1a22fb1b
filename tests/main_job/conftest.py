"""All of the product below the screen, over real sockets: settings, clients, hub, topics; against simulated clouds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.data.hub import Hub
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed, Topic
from tui.sim.server import SimServer
from tui.wiring import build_hub

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds after which a state that must come is held to be missing; the product's own promise is in the tests."""


@dataclass
class Watched:
    """A hub with topics held open, as panes hold them."""

    hub: Hub
    followers: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def hold(self, topic: Topic[Any]) -> None:
        """Follow a topic until the test ends."""

        async def follow() -> None:
            async for _ in topic.follow():
                pass

        self.followers.append(asyncio.create_task(follow()))

    async def cluster(self, name: str) -> ClusterRef:
        """A cluster by name."""
        feed = await until(self.hub.clusters, lambda feed: any(ref.name == name for ref in feed.value or ()))
        return next(ref for ref in feed.value or () if ref.name == name)


async def until(topic: Topic[T], true: Callable[[Feed[T]], bool], seconds: float = PATIENCE) -> Feed[T]:
    """The first feed of which `true` holds; fails with the newest one after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            async with aclosing(cast("AsyncGenerator[Feed[T]]", topic.follow())) as feeds:
                async for feed in feeds:
                    if true(feed):
                        return feed
    except TimeoutError:
        pass
    pytest.fail(f"not within {seconds} s; the newest feed: {topic.feed}")


@pytest.fixture
def home(tmp_path: Path, sim: SimServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This process's environment is that of somebody who sourced the simulator's file; nothing else is left of it."""
    environment = {"HOME": str(tmp_path), **sim.environment()}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture
async def watched(home: dict[str, str]) -> AsyncIterator[Watched]:
    """A running hub over the simulated clouds."""
    hub = build_hub(load_settings(home), home, SystemClock())
    await hub.start()
    watched = Watched(hub)
    yield watched
    for task in watched.followers:
        task.cancel()
    await asyncio.gather(*watched.followers, return_exceptions=True)
    await hub.stop()
