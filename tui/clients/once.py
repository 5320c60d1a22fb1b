"""Requests that must not be sent twice: aiohttp sends an idempotent one (PUT, DELETE) again where a kept connection
breaks before the answer, and a write that did arrive would then be answered as if somebody else had made it."""

from __future__ import annotations

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from tui.clients.problems import problem_from_exception
from tui.errors import SourceError

BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    ValueError,
)
"""Failures after which the server cannot have seen the request."""


class LostError(SourceError):
    """A request may have arrived, and no whole answer came."""


class SentError(aiohttp.ClientError):
    """A connection broke while or after a request was sent; the cause says how."""


async def never_again(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """A client middleware that tells aiohttp's failures in a word for which it does not try again."""
    try:
        return await handler(request)
    except BEFORE_SENDING:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
        raise SentError(str(exc)) from exc


def failed(exc: BaseException, target: str, *, once: bool) -> SourceError:
    """What a request that failed with `exc` raises."""
    found = exc.__cause__ if isinstance(exc, SentError) and exc.__cause__ is not None else exc
    problem = problem_from_exception(found, target=target)
    return LostError(problem) if once and not isinstance(exc, BEFORE_SENDING) else SourceError(problem)
