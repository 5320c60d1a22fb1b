"""`Derived`: a topic computed from other topics, latest wins.

What it depends on is found out by computing: every cell read is followed until a computation no longer reads it, so
rows may come and go with cells of their own, and following them is what makes their work run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.model.feed import Feed

T = TypeVar("T")
S = TypeVar("S")

REST = 0.05
"""Seconds between two computations: a hundred probes that end together cost a few of them."""
_SHARE = 0.1
"""The share of the time that a computation may take, where it is a long one: a fleet of thousands is joined less
often than one of twelve."""


class Read(Protocol):
    """Reads a cell on behalf of a computation."""

    def __call__(self, cell: Cell[S]) -> Feed[S]: ...


def carry(feed: Feed[Any], value: T | None) -> Feed[T]:
    """`value`, as fresh and as troubled as `feed`, which it was made of."""
    return Feed(
        value,
        feed.as_of,
        feed.problem,
        feed.failures,
        gaps=feed.gaps,
        fresh_for=feed.fresh_for,
        retry_at=feed.retry_at,
    )


class Follower:
    """Follows the cells that were read since the last `sweep`; sets `changed` at each change of one of them."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.changed.set()
        self._held: dict[Cell[Any], None] = {}
        self._read: set[Cell[Any]] = set()

    def read(self, cell: Cell[S]) -> Feed[S]:
        """The newest feed of `cell`, which is followed from now on."""
        self._read.add(cell)
        if cell not in self._held:
            self._held[cell] = None
            cell.join(self.changed)
        return cell.feed

    def sweep(self) -> None:
        """Leave the cells that were not read since the last call."""
        for cell in [cell for cell in self._held if cell not in self._read]:
            del self._held[cell]
            cell.leave(self.changed)
        self._read.clear()

    def close(self) -> None:
        """Leave all cells."""
        self._read.clear()
        self.sweep()


class Derived(Generic[T]):
    """Keeps `cell` at what `compute` makes of other cells. `compute` reads them through the argument it is
    given, and must not change anything itself. ready: makes what it has computed ready to be shown, in steps between
    which everybody else has a turn."""

    def __init__(
        self,
        name: str,
        cell: Cell[T],
        compute: Callable[[Read], Feed[T]],
        runtime: Runtime,
        ready: Callable[[Feed[T]], Iterator[None]] | None = None,
    ) -> None:
        self.name = name
        self._cell = cell
        self._compute = compute
        self._runtime = runtime
        self._ready = ready

    async def run(self) -> None:
        """Compute at each change, until cancelled."""
        follower = Follower()
        clock = self._runtime.clock
        try:
            while True:
                await follower.changed.wait()
                follower.changed.clear()
                begun = clock.monotonic()
                feed = self._compute(follower.read)
                follower.sweep()
                for _ in self._ready(feed) if self._ready is not None else ():
                    await asyncio.sleep(0)
                self._cell.replace(feed)
                await clock.sleep(max(REST, (clock.monotonic() - begun) / _SHARE))
        finally:
            follower.close()
