"""google-auth's HTTP, sent over the program's own stack: one set of connections, proxies and trusted CAs for all.

google-auth's credentials are blocking and run in a thread; the request itself is handed back to the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import google.auth.exceptions
import google.auth.transport

from tui.clients.answers import Answer
from tui.clients.http import Http
from tui.errors import SourceError

_TIMEOUT = 30.0


class LoopResponse(google.auth.transport.Response):
    """An `Answer` as google-auth wants it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.body


class LoopTransport(google.auth.transport.Request):
    """Called from a thread while `loop` runs in another."""

    def __init__(self, http: Http, loop: asyncio.AbstractEventLoop) -> None:
        self._http = http
        self._loop = loop

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> LoopResponse:
        content = body.encode() if isinstance(body, str) else body
        limit = float(timeout or _TIMEOUT)
        asked = self._http.request(method, url, headers=headers, body=content, timeout=limit)
        future = asyncio.run_coroutine_threadsafe(asked, self._loop)
        try:
            return LoopResponse(future.result(limit + 5))
        except SourceError as exc:
            raise google.auth.exceptions.TransportError(str(exc)) from exc
        except TimeoutError as exc:
            future.cancel()
            raise google.auth.exceptions.TransportError("no answer in time") from exc
