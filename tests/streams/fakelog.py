"""A container's log as a kubelet keeps it, in memory and able to misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.logstamp import parse_stamp

Line = tuple[int, bytes]
"""Nanoseconds since the epoch, and text."""

CUT_OFF = Problem(ProblemKind.UNREACHABLE, "the answer was cut off in the middle")
NO_PREVIOUS = Problem(
    ProblemKind.INVALID, "refused", 'previous terminated container "c" in pod "p" not found', status=400
)


def raw(at: int, text: bytes) -> bytes:
    """A line as the kubelet prints it: RFC 3339 with nine digits, in UTC."""
    moment = datetime.fromtimestamp(at // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{at % 1_000_000_000:09d}Z ".encode() + text


def stamped(line: Line) -> bytes:
    return raw(*line) + b"\n"


@dataclass
class Asked:
    """One log request."""

    pod: str
    container: str
    follow: bool
    tail: int | None
    since_time: str
    previous: bool
    since_seconds: int | None = None


@dataclass
class FakeLog:
    """Lines of the running instance, of the one before, and the streams that follow. short_previous: so many lines of
    the one before are sent, and then the stream is ended politely; 0 = all.
    torn: after how many bytes the next answers are cut; ends_torn: they end politely there. piece: lines of history
    that come at once. slow: seconds until an answer begins."""

    clock: Clock
    running: bool = True
    file: list[Line] = field(default_factory=list[Line])
    previous: list[Line] | None = None
    asked: list[Asked] = field(default_factory=list[Asked])
    refusals: list[Problem] = field(default_factory=list[Problem])
    refusals_of_previous: list[Problem] = field(default_factory=list[Problem])
    short_previous: int = 0
    torn: list[int] = field(default_factory=list[int])
    ends_torn: bool = False
    open: list[asyncio.Queue[bytes | BaseException | None]] = field(default_factory=list)
    piece: int = 1_000_000
    slow: float = 0.0

    def write(self, *texts: str, at: float | None = None) -> None:
        """The container writes; all lines of one call share their nanosecond. at: seconds, else the clock's."""
        moment = round((self.clock.now() if at is None else at) * 1_000_000_000)
        lines = [(moment, text.encode()) for text in texts]
        self.file += lines
        for stream in self.open:
            stream.put_nowait(b"".join(map(stamped, lines)))

    def raw(self, *chunks: bytes) -> None:
        """Bytes that the log file does not hold, to whoever follows."""
        for stream in self.open:
            for chunk in chunks:
                stream.put_nowait(chunk)

    def end_streams(self) -> None:
        """A proxy closes all streams politely."""
        for stream in self.open:
            stream.put_nowait(None)

    def break_streams(self) -> None:
        """The connections break."""
        for stream in self.open:
            stream.put_nowait(SourceError(CUT_OFF))

    def stop(self) -> None:
        """The container ends."""
        self.running = False
        self.end_streams()

    def restart(self) -> None:
        """The container ends and another instance begins, with a log of its own."""
        self.stop()
        self.previous, self.file = self.file, []
        self.running = True

    def rotate(self) -> None:
        """What has been written so far is moved to a file that nobody serves."""
        self.file = []

    @asynccontextmanager
    async def serve(self, asked: Asked) -> AsyncGenerator[AsyncGenerator[bytes]]:
        """Answer one request as a kubelet does: whole seconds of sinceTime, then what is being written."""
        self.asked.append(asked)
        if self.slow:
            await self.clock.sleep(self.slow)
        if self.refusals:
            raise SourceError(self.refusals.pop(0))
        if asked.previous and self.previous is None:
            raise SourceError(NO_PREVIOUS)
        if asked.previous and self.refusals_of_previous:
            raise SourceError(self.refusals_of_previous.pop(0))
        lines = list(self.previous or ()) if asked.previous else list(self.file)
        if asked.since_time:
            since, _ = parse_stamp(asked.since_time.encode())
            lines = [line for line in lines if line[0] >= since]
        if asked.since_seconds is not None:
            lines = [line for line in lines if line[0] >= (self.clock.now() - asked.since_seconds) * 10**9]
        if asked.previous and self.short_previous:
            lines = lines[: self.short_previous]
        if asked.tail is not None:
            lines = lines[len(lines) - asked.tail :] if asked.tail else []
        stream: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        whole = b"".join(map(stamped, lines))
        if self.torn:
            stream.put_nowait(whole[: self.torn.pop(0)])
            stream.put_nowait(None if self.ends_torn else SourceError(CUT_OFF))
        elif lines:
            for place in range(0, len(lines), self.piece):
                stream.put_nowait(b"".join(map(stamped, lines[place : place + self.piece])))
        if not (asked.follow and self.running):
            stream.put_nowait(None)
        self.open.append(stream)
        chunks = self._chunks(stream)
        try:
            yield chunks
        finally:
            await chunks.aclose()
            self.open.remove(stream)

    async def _chunks(self, stream: asyncio.Queue[bytes | BaseException | None]) -> AsyncGenerator[bytes]:
        while (chunk := await stream.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk
