"""Following one container's log for as long as there is one: kubectl's request, stern's exactness, and no end at a
polite end of stream.

A follow ends for many reasons that are not the log's end: a proxy's limit, a broken connection, a node's kubelet that
restarts, a log rotation. So every end but the container's own is followed by opening again, from where reading stopped
(see `resume`). The container's own end is known from its pod, which somebody else watches and is asked about through
`LogSink.phase`; and since a proxy may end a stream just then, an end counts when there was nothing new before it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.logport import LogPort, LogSink, LogWaits
from tui.model.logs import LogStart
from tui.model.logstamp import SECOND, parse_stamp
from tui.streams.fragments import Fragment
from tui.streams.lines import LineSplitter
from tui.streams.opening import Opening, Window, several_containers
from tui.streams.recovery import Needs, recover
from tui.streams.resume import Replay, Resume
from tui.waits import Deadline, Pause

QUIET = 300.0
"""Seconds without a byte after which a follow is opened again: a connection that died without a word looks like a
container that has nothing to say, and opening again loses and repeats nothing."""
DOUBT_AFTER = 5.0
LONG_ENOUGH = 3.0
"""A stream that lived so long is opened again at once after a clean end, and its failures are forgotten; a shorter one
after a wait. Failures are forgotten, too, where it brought what was written in so many seconds: who is far behind and
is cut in catching up would come no nearer if each wait were longer than the one before."""

_NO_PROGRESS = Problem(ProblemKind.PROTOCOL, "the stream ended at once")
_NO_ANSWER = Problem(ProblemKind.TIMEOUT, "the server has not answered")
_FINAL = frozenset(
    {
        ProblemKind.INVALID,
        ProblemKind.NOT_FOUND,
        ProblemKind.FORBIDDEN,
        ProblemKind.SIGNED_OUT,
        ProblemKind.MISSING,
    }
)
"""With which a log that is only read, and not followed, cannot be read."""
TRIES = 8
"""Failures in a row after which such a log is given up."""


class LogFollow:
    """Follows a container's log into `sink`.

    port: gives the cluster's client, anew for each request. place: namespace, pod and container; the container is ""
    where the pod has only one. waits: how long to wait after failures. start: where to begin, and to end.
    """

    def __init__(
        self,
        port: Callable[[], Awaitable[LogPort]],
        place: tuple[str, str, str],
        sink: LogSink,
        clock: Clock,
        waits: LogWaits,
        start: LogStart,
    ) -> None:
        self._port = port
        self._where = place
        self._sink = sink
        self._clock = clock
        self._waits = waits
        self._finite = start.previous or not start.follow
        self._previous = start.previous
        self._opening = Opening(start, clock)
        self._window = Window(start)
        self._resume = Resume(history=1 if self._opening.peeks else start.tail)
        self._pause = Pause(clock)
        self._fragment = Fragment()
        self._reading: Deadline | None = None
        self._last_byte = 0.0
        self._gave_way = False
        self._answered = False
        self._end: int | None = None
        self._bounded = bool(start.since or start.since_seconds or start.until)
        self._failures = self._empty = 0

    def check(self, *, doubt: bool = False) -> None:
        """Open again now where an opening is being waited for: something about the container has changed. doubt: also
        where the stream is open but silent, since its cluster does not answer somebody else."""
        self._pause.cut()
        if doubt and self._reading and self._clock.monotonic() - self._last_byte >= DOUBT_AFTER:
            self._reading.end()

    def give_way(self) -> bool:
        """Let another have the place in which this one reads, and wait for the next turn; whether it does read."""
        if self._reading is None:
            return False
        self._gave_way = True
        self._reading.end()
        return True

    async def run(self) -> None:
        """Follow until cancelled, or until there is nothing more to come: the pod is gone, what was to be read has
        been read, or the server wants a container named. May be called again, and goes on where it stopped."""
        while self._sink.phase() != "gone" and not self._window.passed:
            self._answered = self._gave_way = False
            opened, newest = self._clock.monotonic(), self._resume.newest
            try:
                async with self._sink.place():
                    self._sink.state("opening", None)
                    opened = self._clock.monotonic()
                    fresh = await self._stream()
            except SourceError as exc:
                if self._answered and (self._clock.monotonic() - opened >= LONG_ENOUGH or self._advanced(newest)):
                    self._waits.healed()
                if not await self._failed(exc.problem):
                    return
                continue
            if self._advanced(newest):
                self._waits.healed()
            if not self._gave_way and not await self._goes_on(fresh, self._clock.monotonic() - opened):
                return
        self._ended()

    def _advanced(self, newest: int) -> bool:
        """Whether much has been read since the newest line was of that time."""
        return self._resume.newest - newest >= LONG_ENOUGH * SECOND

    async def _goes_on(self, fresh: int, lived: float) -> bool:
        """A stream has ended in good order, after so many new lines and seconds: wait until it is to be opened again;
        False where it is not."""
        stopped = self._sink.phase() != "running"
        if self._finite or stopped:
            if fresh and not (self._finite and self._resume.newest >= (self._end or 0)):
                return True
            if self._finite and not fresh and not self._bounded and self._resume.newest < (self._end or 0):
                return await self._nothing_came()
            self._ended()
            if self._finite or await self._sink.over():
                return False
            if self._sink.phase() == "stopped":
                await self._pause.sleep(None)  # whoever watches the pod calls `check` when it has changed
        elif not fresh and await self._sink.over():
            self._ended()
            return False
        elif not fresh or lived < LONG_ENOUGH:
            self._sink.state("waiting", None)
            await self._pause.sleep(self._waits.failed(_NO_PROGRESS))
        else:
            self._waits.healed()
        return True

    async def _nothing_came(self) -> bool:
        """A log that is only read ended in good order without what is known to be there: wait until it is to be read
        again; False, and said, where that did not help."""
        self._empty += 1
        if self._empty >= TRIES:
            self._ended(_NO_PROGRESS)
            return False
        self._sink.state("waiting", None)
        await self._pause.sleep(self._waits.failed(_NO_PROGRESS))
        return True

    def _ended(self, problem: Problem | None = None) -> None:
        """Nothing more is to come, for now."""
        self._show(self._fragment.give_up())
        self._sink.state("ended", problem)

    async def _failed(self, problem: Problem) -> bool:
        """Wait out a failure; False where there is nothing to wait for."""
        if problem.kind is ProblemKind.INVALID and (names := several_containers(problem)) and not self._where[2]:
            self._sink.containers(names)
            return False
        self._failures += 1
        if self._finite and (problem.kind in _FINAL or self._failures >= TRIES):
            self._ended(problem)
            return False
        self._sink.state("waiting", problem)
        await self._pause.sleep(self._waits.failed(problem), firm=problem.retry_after is not None)
        return True

    async def _stream(self) -> int:
        """One request, read to its end; how many new lines it brought. Raises SourceError where it breaks."""
        splitter = LineSplitter()
        fresh, polite = 0, False
        replay = self._resume.replay()
        deadline = self._reading = Deadline(self._clock, QUIET)
        self._last_byte = self._clock.monotonic()
        try:
            with deadline:
                port = await self._port()
                if self._end is None and (self._finite or self._opening.peeks):
                    await self._peek(port)
                    replay = self._resume.replay()
                async with self._open(port) as chunks:
                    self._answered, self._failures = True, 0
                    self._opening.answered()
                    self._sink.state("following", None)
                    async for chunk in chunks:
                        self._last_byte = self._clock.monotonic()
                        if lines := splitter.feed(chunk):
                            fresh += await self._take(lines, replay, port)
                            if self._window.passed:
                                break
                        deadline.extend(float("inf"))  # a slow reader is not a silent stream
                        await self._sink.room()
                        deadline.extend(QUIET)
                    polite = True
        except TimeoutError:
            if not deadline.expired:
                raise
            if self._finite and not self._answered and not self._gave_way:
                raise SourceError(_NO_ANSWER) from None  # and not an empty log
            fresh = max(fresh, 1)  # quiet for long, in doubt, or another's turn: open again at once
        finally:
            self._reading = None
            self._keep(splitter.fragment(), replay, all_there_was=polite and not fresh)
        return fresh

    async def _peek(self, port: LogPort) -> None:
        """Look at the last line that there is now: a log that is only read ends there, or a little later; one of which
        no history is wanted goes on from there."""
        async with port.log(*self._where, tail=1, previous=self._previous, timestamps=True) as chunks:
            lines = LineSplitter().feed(b"".join([chunk async for chunk in chunks]))
        self._end = max([at for at, _ in map(parse_stamp, lines)], default=0)
        if self._opening.peeks:
            self._opening.answered()
            self._resume.note(lines)

    def _open(self, port: LogPort) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return port.log(*self._where, **self._opening.ask(self._resume))

    async def _take(self, lines: list[bytes], replay: Replay, port: LogPort) -> int:
        """Pass on what is new of `lines`; how many were."""
        fresh = lines
        if not replay.over:
            fresh = replay.fresh(lines)
            self._sink.repeated(len(lines) - len(fresh))
            if replay.over and not replay.anchored and self._resume.newest:
                await self._find_the_rest(port, fresh)
        self._fragment.came(fresh)
        return self._show(fresh)

    def _show(self, lines: list[bytes]) -> int:
        """Pass lines on; how many, not counting what a kubelet has to say itself."""
        if not lines:
            return 0
        stamped = self._resume.note(lines)
        if shown := self._window.within(lines):
            self._sink.lines(shown)
        return len(lines) if stamped else 0

    async def _find_the_rest(self, port: LogPort, fresh: list[bytes]) -> None:
        """The last lines read are not in the log any more: where the container has restarted, the rest of them is in
        its previous log. Where that does not hold them either, some may be missing before `fresh`."""
        after = self._resume.newest

        async def show(lines: list[bytes], joined: bool) -> None:
            nonlocal after
            if not joined:
                self._missing(after, lines, "restarted")
            after = 0
            self._fragment.came(lines)
            self._show(lines)
            await self._sink.room()

        if not self._previous:
            needs = Needs(self._where, self._resume, self._sink, self._clock, self._waits, self._pause, show)
            await recover(port, needs)
            self._sink.state("following", None)
        if after:
            self._missing(after, fresh, "rotated")

    def _missing(self, after: int, lines: list[bytes], why: str) -> None:
        """Lines may be missing before `lines`."""
        self._show(self._fragment.give_up())
        before = next((at for at, _ in map(parse_stamp, lines) if at), 0)
        self._sink.gap(after, before or int(self._clock.now() * SECOND), why)

    def _keep(self, fragment: bytes, replay: Replay, *, all_there_was: bool) -> None:
        """A line without its end, at the end of a stream, is held back."""
        if fragment and not replay.knows(fragment):
            self._show(self._fragment.keep(fragment, all_there_was=all_there_was))
