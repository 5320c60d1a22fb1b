"""What a container wrote last before it restarted, out of the log of its previous instance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from tui.clock import Clock
from tui.errors import ProblemKind, SourceError
from tui.model.logport import LogPort, LogSink, LogWaits
from tui.model.logstamp import parse_stamp
from tui.streams.lines import LineSplitter
from tui.streams.opening import rfc3339
from tui.streams.resume import Replay, Resume
from tui.waits import Deadline, Pause

PATIENCE = 60.0
"""Seconds without a byte after which a previous log is asked for again."""
TRIES = 8
_PASSES = frozenset(
    {
        ProblemKind.UNREACHABLE,
        ProblemKind.TIMEOUT,
        ProblemKind.THROTTLED,
        ProblemKind.SERVER,
        ProblemKind.PROTOCOL,
        ProblemKind.EXPIRED,
    }
)


class Needs(Struct, frozen=True):
    """What a recovery needs of the follow that it works for. show: given lines that are new, and whether they join
    what was read before; no lines, joined: none is missing. It notes them in `resume`."""

    where: tuple[str, str, str]
    resume: Resume
    sink: LogSink
    clock: Clock
    waits: LogWaits
    pause: Pause
    show: Callable[[list[bytes], bool], Awaitable[None]]


async def recover(port: LogPort, needs: Needs) -> None:
    """Show what is new in the previous log; nothing is shown where there is no such log, or it cannot be had.

    A break is waited out; and since a stream may be ended politely in the middle, an end counts when there was nothing
    new before it.
    """
    failures = 0
    reading = _Reading(port, needs)
    while failures < TRIES:
        try:
            if not await reading.once():
                return
            failures = 0
        except (SourceError, TimeoutError) as exc:
            if isinstance(exc, SourceError):
                if exc.problem.kind not in _PASSES:
                    return
                needs.sink.state("waiting", exc.problem)
                await needs.pause.sleep(needs.waits.failed(exc.problem), firm=exc.problem.retry_after is not None)
            failures += 1


class _Reading:
    """The readings of one previous log."""

    def __init__(self, port: LogPort, needs: Needs) -> None:
        self._port = port
        self._needs = needs
        self._joined = False

    async def once(self) -> int:
        """Read it to its end; how many lines were new. Raises SourceError, TimeoutError."""
        needs = self._needs
        replay = needs.resume.replay()
        splitter = LineSplitter()
        fresh = 0
        with Deadline(needs.clock, PATIENCE) as deadline:
            since = rfc3339(needs.resume.since)
            async with self._port.log(*needs.where, since_time=since, previous=True, timestamps=True) as chunks:
                async for chunk in chunks:
                    deadline.extend(float("inf"))
                    fresh += await self._take(splitter.feed(chunk), replay)
                    deadline.extend(PATIENCE)
            if not fresh and (last := splitter.fragment()):
                await self._take([last], replay)  # it ended without a newline, and will not go on
        if replay.anchored and not self._joined:
            self._joined = True
            await needs.show([], True)
        return fresh

    async def _take(self, came: list[bytes], replay: Replay) -> int:
        stamped = [line for line in came if parse_stamp(line)[0]]
        lines = replay.fresh(stamped)
        if len(stamped) > len(lines):
            self._needs.sink.repeated(len(stamped) - len(lines))
        if lines:
            self._joined = self._joined or replay.anchored
            await self._needs.show(lines, self._joined)
            self._joined = True
        return len(lines)
