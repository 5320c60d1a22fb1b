"""Following one container's log for as long as there is one: kubectl's request, stern's exactness, and no end at a
polite end of stream.

A follow ends for many reasons that are not the log's end: a proxy's limit, a broken connection, a node's kubelet that
restarts, a log rotation. So every end but the container's own is followed by opening again, from where reading stopped
(see `resume`). The container's own end is known from its pod, which somebody else watches and is asked about through
`Sink.phase`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.logstamp import parse_stamp
from tui.streams.lines import LineSplitter
from tui.streams.resume import Replay, Resume
from tui.waits import Deadline, Pause

QUIET = 300.0
"""Seconds without a byte after which a follow is opened again: a connection that died without a word looks like a
container that has nothing to say, and opening again loses and repeats nothing."""
DOUBT_AFTER = 5.0
LONG_ENOUGH = 5.0
"""A stream that lived so long is opened again at once after a clean end; a shorter one after a wait."""

_SEVERAL = re.compile(r"choose one of: \[([^\]]*)\]")

_NO_PROGRESS = Problem(ProblemKind.PROTOCOL, "the stream ended at once")


class Port(Protocol):
    """A cluster's client, as far as logs go."""

    def log(
        self,
        namespace: str,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        tail: int | None = None,
        since_time: str = "",
        since_seconds: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]: ...


class Sink(Protocol):
    """Where lines go, and what a follow may ask; `tui.data.ports.LogSink` says more."""

    def lines(self, batch: list[bytes]) -> None: ...
    async def room(self) -> None: ...
    def repeated(self, count: int) -> None: ...
    def gap(self) -> None: ...
    def state(self, state: str, problem: Problem | None) -> None: ...
    def containers(self, names: tuple[str, ...]) -> None: ...
    def phase(self) -> str: ...


class LogFollow:
    """Follows a container's log into `sink`.

    port: gives the cluster's client, anew for each request. container: "" where the pod has only one. wait: seconds to
    wait after a failure. tail: lines of history (None = all); since_seconds: or only those not older. previous: the
    log of the instance before the last restart, which is read once.
    """

    def __init__(
        self,
        port: Callable[[], Awaitable[Port]],
        namespace: str,
        pod: str,
        container: str,
        sink: Sink,
        clock: Clock,
        wait: Callable[[Problem], float],
        *,
        tail: int | None = None,
        since_seconds: int | None = None,
        previous: bool = False,
    ) -> None:
        self._port = port
        self._where = (namespace, pod, container)
        self._sink = sink
        self._clock = clock
        self._wait = wait
        self._tail = tail
        self._since_seconds = since_seconds
        self._previous = previous
        self._resume = Resume()
        self._pause = Pause(clock)
        self._fragment = b""
        self._reading: Deadline | None = None
        self._last_byte = 0.0

    def check(self, *, doubt: bool = False) -> None:
        """Open again now where an opening is being waited for: something about the container has changed. doubt: also
        where the stream is open but silent, since its cluster does not answer somebody else."""
        self._pause.cut()
        if doubt and self._reading and self._clock.monotonic() - self._last_byte >= DOUBT_AFTER:
            self._reading.end()

    async def run(self) -> None:
        """Follow until cancelled, or until there is nothing more to come: the pod is gone, the previous log has been
        read, or the server wants a container named. May be called again, and goes on where it stopped."""
        while self._sink.phase() != "gone":
            self._sink.state("opening", None)
            opened = self._clock.monotonic()
            try:
                progress = await self._stream()
            except SourceError as exc:
                if not await self._failed(exc.problem):
                    return
                continue
            if self._previous or self._sink.phase() != "running":
                self._ended()
                if self._previous:
                    return
                if self._sink.phase() != "gone":
                    await self._pause.sleep(None)  # whoever watches the pod calls `check` when it has changed
            elif not progress or self._clock.monotonic() - opened < LONG_ENOUGH:
                self._sink.state("waiting", None)
                await self._pause.sleep(self._wait(_NO_PROGRESS))
        self._ended()

    def _ended(self, problem: Problem | None = None) -> None:
        """Nothing more is to come, for now."""
        self._flush_fragment()
        self._sink.state("ended", problem)

    async def _failed(self, problem: Problem) -> bool:
        """Wait out a failure; False where there is nothing to wait for."""
        if problem.kind is ProblemKind.INVALID and (names := several_containers(problem)) and not self._where[2]:
            self._sink.containers(names)
            return False
        if self._previous and problem.kind in (ProblemKind.INVALID, ProblemKind.NOT_FOUND):
            self._ended(problem)
            return False
        self._sink.state("waiting", problem)
        await self._pause.sleep(self._wait(problem), firm=problem.retry_after is not None)
        return True

    async def _stream(self) -> bool:
        """One request, read to its end; whether it brought anything new. Raises SourceError where it breaks."""
        replay = self._resume.replay() if self._resume.newest else None
        port = await self._port()
        splitter = LineSplitter()
        progress = False
        deadline = self._reading = Deadline(self._clock, QUIET)
        self._last_byte = self._clock.monotonic()
        try:
            with deadline:
                async with self._open(port) as chunks:
                    self._sink.state("following", None)
                    async for chunk in chunks:
                        deadline.extend(QUIET)
                        self._last_byte = self._clock.monotonic()
                        if lines := splitter.feed(chunk):
                            progress = await self._take(lines, replay, port) or progress
                        await self._sink.room()
        except TimeoutError:
            if not deadline.expired:
                raise
            return True  # quiet for long, or in doubt: open again at once
        finally:
            self._reading = None
        if fragment := splitter.fragment():
            self._keep(fragment, replay)
        return progress

    def _open(self, port: Port) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        if self._resume.newest:
            return port.log(
                *self._where,
                follow=not self._previous,
                since_time=rfc3339(self._resume.since),
                previous=self._previous,
                timestamps=True,
            )
        return port.log(
            *self._where,
            follow=not self._previous,
            tail=self._tail,
            since_seconds=self._since_seconds,
            previous=self._previous,
            timestamps=True,
        )

    async def _take(self, lines: list[bytes], replay: Replay | None, port: Port) -> bool:
        """Pass on what is new of `lines`; whether anything was."""
        fresh = lines
        if replay is not None and not replay.over:
            fresh = replay.fresh(lines)
            self._sink.repeated(len(lines) - len(fresh))
            if replay.over and not replay.anchored:
                await self._recover(port)
        if not fresh:
            return False
        self._fragment = b""  # the whole of it has come with these, or never will
        self._deliver(fresh)
        return True

    def _deliver(self, lines: list[bytes]) -> None:
        self._resume.note(lines)
        self._sink.lines(lines)

    async def _recover(self, port: Port) -> None:
        """The last lines read are not in the log any more. Where the container has restarted, the rest of them is in
        its previous log; where that does not hold them either, say that some may be missing."""
        replay = self._resume.replay()
        splitter = LineSplitter()
        found: list[bytes] = []
        try:
            with Deadline(self._clock, QUIET):
                since = rfc3339(self._resume.since)
                async with port.log(*self._where, since_time=since, previous=True, timestamps=True) as chunks:
                    async for chunk in chunks:
                        found += [line for line in replay.fresh(splitter.feed(chunk)) if parse_stamp(line)[0]]
        except (SourceError, TimeoutError):
            pass  # there is no previous log, or no longer: the gap stays one
        if found:
            self._deliver(found)
        if not replay.anchored:
            self._sink.gap()

    def _keep(self, fragment: bytes, replay: Replay | None) -> None:
        """A line without its end, at the end of a stream. The stream may have been cut in the middle of it, so it is
        held back; when the same fragment ends the next stream too, it is all that was written."""
        if replay is not None and not replay.over and not replay.fresh([fragment]):
            return
        if self._fragment == fragment:
            self._flush_fragment()
        else:
            self._fragment = fragment

    def _flush_fragment(self) -> None:
        if self._fragment:
            fragment, self._fragment = self._fragment, b""
            self._deliver([fragment])


def several_containers(problem: Problem) -> tuple[str, ...]:
    """The containers of the pod, where the server refused because it has several and wants one named."""
    found = _SEVERAL.search(problem.server_words)
    return tuple(found[1].split()) if found else ()


def rfc3339(seconds: int) -> str:
    """Seconds since the epoch, as the API server reads `sinceTime`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
