"""`Cell`: a topic that can be written; latest value wins.

The pattern is kopf's value container: readers are woken, not called, so a burst of ten thousand puts costs each
reader one turn, and a slow reader holds up nobody. Only the job that owns a cell calls `put`, `fail` and `rest`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Generic, TypeVar

from msgspec.structs import replace

from tui.errors import Problem
from tui.model.feed import Feed, Gap

T = TypeVar("T")


class Cell(Generic[T]):
    """One piece of state: its newest `Feed`, and those who follow it.

    on_demand: called with True when the first reader comes and False when the last one leaves.
    """

    def __init__(self, on_demand: Callable[[bool], None] | None = None) -> None:
        self._feed: Feed[T] = Feed()
        self._readers: set[asyncio.Event] = set()
        self._on_demand = on_demand

    @property
    def feed(self) -> Feed[T]:
        return self._feed

    @property
    def readers(self) -> int:
        """How many are following now."""
        return len(self._readers)

    def put(self, value: T, as_of: float, *, gaps: tuple[Gap, ...] = (), fresh_for: float | None = None) -> None:
        """The source confirmed `value` at wall-clock time `as_of`."""
        self._set(Feed(value, as_of, gaps=gaps, fresh_for=fresh_for))

    def fail(self, problem: Problem, retry_at: float | None = None, as_of: float | None = None) -> None:
        """A try failed: keep the value, say why and when the next try is. as_of: when the source was last known to
        vouch for the value, where that is later than the last put (a watch that was open and had nothing to say)."""
        feed = self._feed
        stood = as_of if as_of is not None and feed.as_of is not None else feed.as_of
        self._set(replace(feed, problem=problem, failures=feed.failures + 1, retry_at=retry_at, as_of=stood))

    def rest(self, as_of: float | None = None) -> None:
        """Nobody keeps the value up to date from here on: it is old news until it is confirmed again."""
        feed = self._feed
        if feed.value is not None:
            stood = as_of if as_of is not None and feed.as_of is not None else feed.as_of
            self._set(replace(feed, fresh_for=0.0, as_of=stood, retry_at=None))

    def replace(self, feed: Feed[T]) -> None:
        """Take over a whole feed (derived topics); only the revision is ours."""
        self._set(feed)

    def _set(self, feed: Feed[T]) -> None:
        self._feed = replace(feed, revision=self._feed.revision + 1)
        for reader in self._readers:
            reader.set()

    def join(self, changed: asyncio.Event) -> None:
        """Read as one who follows several cells at once: `changed` is set at each change, until `leave`."""
        self._readers.add(changed)
        if len(self._readers) == 1 and self._on_demand is not None:
            self._on_demand(True)

    def leave(self, changed: asyncio.Event) -> None:
        """Stop reading; does nothing where `changed` is not reading."""
        if changed in self._readers:
            self._readers.discard(changed)
            if not self._readers and self._on_demand is not None:
                self._on_demand(False)

    async def follow(self) -> AsyncGenerator[Feed[T], None]:
        changed = asyncio.Event()
        changed.set()
        self.join(changed)
        try:
            while True:
                await changed.wait()
                changed.clear()
                yield self._feed
        finally:
            self.leave(changed)
