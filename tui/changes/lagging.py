"""Asking again while a server lags behind: of several API servers one may not have seen yet what another has stored or
serves. Such a refusal says that nothing was done, so the same may be sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.changes.patience import rest
from tui.clock import Clock
from tui.model.writes import RefusedError, Written

SCHEMA = (400, 422, 500)
"""What a server answers to what does not fit a kind's schema; 500 to an apply of a field that it does not declare."""
ASK_EVERY = 1.0
TRIES = 5
"""How often it is sent again, at most."""
_UNKNOWN_PATH = ("page not found", "could not find the requested resource")
"""The words of an API server about a path that it does not serve (recorded), and of an aggregated one."""


def is_unknown(error: RefusedError) -> bool:
    """Whether the server does not know the path: of several API servers one may lag behind the one whose discovery was
    asked."""
    return error.problem.status == 404 and any(words in error.problem.server_words for words in _UNKNOWN_PATH)


def is_of_schema(error: RefusedError) -> bool:
    """Whether it is refused by the schema, which an API server takes from a changed definition a moment after that was
    stored."""
    return error.problem.status in SCHEMA


async def insistently(
    send: Callable[[], Awaitable[Written]], clock: Clock, cancelled: asyncio.Event, lags: Callable[[RefusedError], bool]
) -> Written:
    """Sent again while `lags` says that the server lags behind, at most `TRIES` times."""
    for _ in range(TRIES):
        try:
            return await send()
        except RefusedError as error:
            if not lags(error):
                raise
        await rest(clock, ASK_EVERY, cancelled)
    return await send()
