"""Reading a list that the server may forget before its last page is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from tui.errors import ProblemKind, SourceError

PAGE = 500
"""Objects of the first page."""


async def read_unexpired(read: Callable[[int], Awaitable[None]]) -> None:
    """Have a list read page by page; where reading takes longer than the server keeps a snapshot, in one piece, as
    client-go's pager does. read: reads all of it; given the limit of the first page, 0 = all in one. Raises
    SourceError, never EXPIRED: a list that begins anew would expire again."""
    try:
        await read(PAGE)
    except SourceError as exc:
        if exc.problem.kind is not ProblemKind.EXPIRED:
            raise
        try:
            await read(0)
        except SourceError as again:
            if again.problem.kind is ProblemKind.EXPIRED:
                summary = "the list has expired before its first page was read"
                raise SourceError(replace(again.problem, kind=ProblemKind.PROTOCOL, summary=summary)) from again
            raise
