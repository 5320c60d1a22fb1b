"""What comes back from a request: a whole `Answer`, or a `Stream` read as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress

import aiohttp
from msgspec import Struct

from tui.clients.json_fields import JsonObject, parse_object
from tui.clients.problem_bodies import words
from tui.clients.problems import plain_url, problem_from_exception, problem_from_response
from tui.errors import Problem, ProblemKind, SourceError

FAILURES = (aiohttp.ClientError, OSError, TimeoutError, EOFError, aiohttp.http.HttpProcessingError)
"""Everything that a request or a read can fail with on the way."""


LOW_WATER = 1
"""Bytes held of a body below which aiohttp (`StreamReader`, as of 3.14) asks its parser and its socket for more. It
does so at each of the server's chunks that it gives out while it holds less, and a log comes in hundreds of thousands:
so only where all that it held has been given out."""


class Answer(Struct, frozen=True):
    """A whole answer, of any status."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def problem(self, who: str = "") -> Problem:
        """What a refusal means; `who` is the account that asked."""
        return problem_from_response(self.status, self.headers, self.body, target=self.url, who=who)

    def checked(self, who: str = "") -> Answer:
        """This answer, if it is a success. Raises SourceError otherwise."""
        if not 200 <= self.status < 300:
            raise SourceError(self.problem(who))
        return self

    def json(self) -> JsonObject:
        """The JSON object in the body. Raises SourceError (PROTOCOL) where there is none."""
        obj = parse_object(self.body)
        if obj is None:
            said = words(self.body[:500].decode("utf-8", "replace"))
            summary = "the answer is not the JSON object it should be"
            raise SourceError(
                Problem(ProblemKind.PROTOCOL, summary, said, status=self.status, target=plain_url(self.url))
            )
        return obj


class Stream:
    """An answer whose body is read as it comes."""

    def __init__(self, response: aiohttp.ClientResponse, target: str, silence: float | None) -> None:
        self._response = response
        self._target = target
        self.silence = silence
        if response.content is not aiohttp.EMPTY_PAYLOAD:  # which all that have no body share
            with suppress(AttributeError):  # there it is called otherwise, and is only slower
                response.content._low_water = LOW_WATER  # pyright: ignore[reportPrivateUsage]

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Bytes as they arrive, until the server ends the body.

        Raises SourceError: TIMEOUT after `silence` seconds without a byte (None = never; it may be changed while
        reading), UNREACHABLE where the connection breaks.
        """
        reader = self._response.content
        while True:
            try:
                async with asyncio.timeout(self.silence):
                    chunk = await reader.readany()
            except TimeoutError as exc:
                summary = f"no word from the server for {self.silence:.0f} s"
                raise SourceError(Problem(ProblemKind.TIMEOUT, summary, target=self._target)) from exc
            except FAILURES as exc:
                raise SourceError(problem_from_exception(exc, target=self._target)) from exc
            if not chunk:
                return
            yield chunk
