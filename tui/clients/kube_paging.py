"""A paged list read so that server and client work at the same time: while one page is decoded the next one is on its
way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any

from tui.clients.kube_transport import Query
from tui.model.kube import TablePage

LARGEST_PAGE = 2_000
"""Rows: some ten megabytes of a server's answer, decoded within a frame's time."""

_HEAD = 4_096  # bytes in which a list's own metadata ends; API servers write it before the columns and rows
_CONTINUE = re.compile(rb'"continue":"([^"\\]+)"')
_BEHIND = re.compile(rb'"(?:columnDefinitions|rows|items)":')


async def pages(
    read: Callable[[Query], Coroutine[Any, Any, bytes]],
    decode: Callable[[bytes], Awaitable[TablePage]],
    query: Query,
    limit: int,
) -> AsyncGenerator[TablePage]:
    """The pages of the list that `query` asks for. limit: rows of the first page, which is to be there soon; each
    further one is four times as large, up to 2,000, since every page is a way there and back and counts on the
    gateway's quota. 0 = all in one."""
    following: asyncio.Task[bytes] | None = None
    query = {**query, "limit": limit or None}
    try:
        while True:
            body = await (following if following is not None else read(query))
            following = None
            limit = max(limit, min(4 * limit, LARGEST_PAGE))
            guessed = early_token(body)
            if guessed:
                following = asyncio.create_task(read(_next(query, guessed, limit)))
                await asyncio.sleep(0)  # sent before the decoder has the processor for itself
            page = await decode(body)
            if page.continue_token != guessed:
                following = await _drop(following)
            yield page
            if not page.continue_token:
                return
            query = _next(query, page.continue_token, limit)
    finally:
        await _drop(following)


def early_token(body: bytes) -> str:
    """What the list's metadata seems to continue with, "" where that is not seen at the beginning of the body."""
    behind = _BEHIND.search(body, 0, _HEAD)
    found = _CONTINUE.search(body, 0, behind.start() if behind else _HEAD)
    return found[1].decode("ascii", "replace") if found else ""


def _next(query: Query, token: str, limit: int) -> Query:
    # A continue token carries the version; the server refuses one beside it.
    return {**query, "continue": token, "resourceVersion": None, "limit": limit or None}


async def _drop(task: asyncio.Task[bytes] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
