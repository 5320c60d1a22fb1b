"""Copying one whole log as it is: as fast as it comes, and to its end even where it is broken off.

Without timestamps on the wire nothing has to be parsed, but then only the text tells whether a copy that ended
politely, as a proxy may end it, came to the end. A log may repeat its last lines word for word, so its text proves that
only where it tells its own time. Any other log is read with timestamps, and so is one whose copy breaks or ends too
soon: what has been printed already is left out.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tui.cli.logout import Output
from tui.cli.logprint import stripped
from tui.cli.logproof import proof
from tui.cli.output import say
from tui.cli.podlogs import Container
from tui.clock import Clock
from tui.errors import Problem, SourceError
from tui.model.logs import LogStart
from tui.model.logstamp import Stamps

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

LAST = 20
"""Lines by which the end of a log is known."""
LAST_BYTES = 8192


async def copy(client: KubeClient, container: Container, clock: Clock, previous: bool = False) -> int:
    """Print it; the exit code. Raises BrokenPipeError, OSError."""
    return await _Copy(client, container, clock, Output(), previous).run()


class _Copy:
    def __init__(self, client: KubeClient, container: Container, clock: Clock, output: Output, previous: bool) -> None:
        self._client = client
        self._where = (container.namespace, container.pod, container.name)
        self._clock = clock
        self._output = output
        self._previous = previous
        self._printed = 0
        self._first = self._last = b""

    async def run(self) -> int:
        try:
            end = proof(await self._newest())
            if end and await self._raw(end):
                return 0
        except SourceError:
            pass  # whether it is worth another try is known to whoever reads it again
        return await self._again()

    async def _newest(self) -> bytes:
        """The last lines that there are now, with their stamps. Raises SourceError."""
        last = self._client.log(*self._where, tail=LAST, previous=self._previous, timestamps=True)
        async with last as chunks:
            return b"".join([chunk async for chunk in chunks])[-LAST_BYTES:]

    async def _raw(self, end: bytes) -> bool:
        """Copy whole lines; whether `end` was among them, once. Raises SourceError."""
        begun, known = list[bytes](), Sightings(end)  # the pieces of a line that has yet to end
        async with self._client.log(*self._where, previous=self._previous) as chunks:
            async for chunk in chunks:
                known.look(chunk)
                cut = chunk.rfind(b"\n") + 1
                if not cut:
                    begun.append(chunk)
                    continue
                rest = b"".join(begun)
                if not self._printed:
                    self._first = rest + chunk[: chunk.find(b"\n")]
                begin = chunk.rfind(b"\n", 0, cut - 1) + 1
                self._last = chunk[begin : cut - 1] if begin else rest + chunk[: cut - 1]
                self._printed += len(rest) + cut
                await self._output.write(rest)
                await self._output.write(memoryview(chunk)[:cut])  # a million lines are not copied once more
                begun = [chunk[cut:]]
        if known.once:
            await self._output.write(b"".join(begun))
            await self._output.flush()
        return known.once

    async def _again(self) -> int:
        sink = _Rest(self._output, self._printed, self._first, self._last)
        client = self._client

        async def port() -> KubeClient:
            return client

        import random

        from tui.data.backoff import Backoff
        from tui.streams.logs import LogFollow

        start = LogStart(previous=self._previous, follow=False)
        await LogFollow(port, self._where, sink, self._clock, Backoff(self._clock, random.Random()), start).run()
        await sink.room()
        await self._output.flush()
        if sink.problem is not None:
            say(f"{self._where[1]}: {sink.problem}")
            return SourceError(sink.problem).exit_code
        if sink.missing:
            say(f"{self._where[1]}: the log was rotated while it was read: lines may be missing, or printed twice")
            return 1
        return 0


class Sightings:
    """How often some text comes by, in pieces of any size; looked for twice at most."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._before = b""
        self._count = 0

    @property
    def once(self) -> bool:
        """Whether it came, and only one time."""
        return self._count == 1

    def look(self, chunk: bytes) -> None:
        if self._count > 1:
            return
        edge = len(self._text) - 1  # of each of two pieces, what may be a part of it
        self._count += self._among(self._before + chunk[:edge])
        self._count += self._among(chunk)
        seen = chunk if len(chunk) >= edge else self._before + chunk
        self._before = seen[max(0, len(seen) - edge) :]

    def _among(self, held: bytes) -> int:
        count, at = 0, -1
        while count < 2 and (at := held.find(self._text, at + 1)) >= 0:
            count += 1
        return count


class _Rest:
    """Takes a log from its beginning on (a `LogSink`), and prints what comes after the lines that were. printed: bytes
    of these, the first and the last of which are known."""

    def __init__(self, output: Output, printed: int, first: bytes, last: bytes) -> None:
        self._output = output
        self._printed = printed
        self._first: bytes | None = first if printed else None
        self._last = last
        self._part = Stamps().part
        self._waiting: list[bytes] = []
        self.problem: Problem | None = None
        self.missing = False

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        yield

    def lines(self, batch: list[bytes]) -> None:
        if self._first is not None and self._part(batch[0])[1] != self._first:
            self._printed, self.missing = 0, True
        self._first = None
        skipped = 0
        while self._printed > 0 and skipped < len(batch):
            text = self._part(batch[skipped])[1]
            skipped += 1
            self._printed -= len(text) + 1
            if self._printed <= 0 and (self._printed or text != self._last):
                self.missing = True
        self._waiting += batch[skipped:]

    async def room(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            await self._output.write(stripped(waiting))

    def repeated(self, count: int) -> None:
        pass

    def gap(self, after: int, before: int, why: str) -> None:
        self.missing = True

    def state(self, state: str, problem: Problem | None) -> None:
        self.problem = problem if state == "ended" else None

    def containers(self, names: tuple[str, ...]) -> None:
        pass

    def phase(self) -> str:
        return "running"

    async def over(self) -> bool:
        return False
