"""What most tests of the data layer need."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from tests.data.fakekube import FakeKube
from tui.clock import ManualClock, settle
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed, Topic
from tui.model.kube import Table

T = TypeVar("T")

ONE = ClusterRef("context:one", "one", Via.CONTEXT)
TWO = ClusterRef("context:two", "two", Via.CONTEXT)


def runtime(clock: ManualClock, *, strict: bool = True, **limits: float) -> Runtime:
    """A runtime with a seeded jitter; bugs are raised unless the test is about them."""
    return Runtime(clock, random.Random(7), strict=strict, **limits)  # type: ignore[arg-type]


def connecting(kube: FakeKube) -> Callable[[], Awaitable[FakeKube]]:
    async def connect() -> FakeKube:
        return kube

    return connect


class Reader:
    """Follows a topic and keeps every feed it is given."""

    def __init__(self, topic: Topic[Any]) -> None:
        self.feeds: list[Feed[Any]] = []
        self._topic = topic

    async def run(self) -> None:
        async for feed in self._topic.follow():
            self.feeds.append(feed)

    @property
    def last(self) -> Feed[Any]:
        return self.feeds[-1]

    @property
    def value(self) -> Any:
        """What the newest feed holds; a test that expects something finds out when it is not there."""
        return self.last.value


@asynccontextmanager
async def reading(rt: Runtime, *cells: Topic[Any]) -> AsyncIterator[list[Reader]]:
    """Follow `cells` while the body runs; then end everything that `rt` runs and see that nothing is left."""
    import asyncio

    readers = [Reader(cell) for cell in cells]
    before = asyncio.all_tasks()
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    await settle()
    try:
        yield readers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await rt.tasks.close()
        left = asyncio.all_tasks() - before
        assert not left, left
        if rt.strict and rt.tasks.failures:
            raise rt.tasks.failures[0]


def names(cell: Cell[Table]) -> set[str]:
    """The names in a table."""
    assert cell.feed.value is not None
    return {row.name for row in cell.feed.value.rows.values()}
