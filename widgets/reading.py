"""Following a topic for as long as a block runs, and not a moment longer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from tui.model.feed import Feed, Topic

T = TypeVar("T")


@asynccontextmanager
async def reading(topic: Topic[T]) -> AsyncGenerator[AsyncIterator[Feed[T]]]:
    """`topic.follow()`, closed when the block is left, also by cancellation outside the iterator itself; otherwise the
    topic would count this reader until the garbage collector came by, and keep its watch open for it."""
    feeds = topic.follow()
    try:
        yield feeds
    finally:
        close = getattr(feeds, "aclose", None)
        if close is not None:
            await close()
