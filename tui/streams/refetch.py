"""A tar that comes from a container, going on where it was cut: the gateway ends every stream after half an hour at
most, and a big file takes longer.

tar writes the same bytes again for files that have not changed, so what has come already is cut off on the far side by
`tail -c +N` (as `kubectl cp --retries` does, k8s.io/kubectl/pkg/cmd/cp). kubectl trusts in that; here the last bytes
that came are asked for once more, and must be the same. A container without a shell or tail cannot go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort
from tui.streams.farend import FarEnd
from tui.streams.paths import Command, Place
from tui.streams.remote import run_command
from tui.wire.status import Ended

OVERLAP = 16 << 10
"""Bytes that come twice and are compared."""
TRIES = 6
"""Times in a row that it is asked for again and nothing new comes."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 15.0
_AGAIN = 'tar cf - -C "$1" "$2" | tail -c "+$3"'
PASSES = frozenset(
    {
        ProblemKind.UNREACHABLE,
        ProblemKind.TIMEOUT,
        ProblemKind.THROTTLED,
        ProblemKind.SERVER,
        ProblemKind.PROTOCOL,
    }
)
"""What ends a stream and may be got over."""


def wait_after(problem: Problem, failures: int) -> float:
    """Seconds before it is tried again."""
    return min(problem.retry_after or FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)


class Refetch:
    """One tar of `what` in `folder` of a container. feed: takes the bytes, each once and in order. cut: told of each
    cut that is got over, before the wait."""

    def __init__(
        self,
        port: SocketPort,
        place: Place,
        folder: str,
        what: str,
        feed: Callable[[Sequence[memoryview]], Awaitable[None]],
        cut: Callable[[Problem], None],
        clock: Clock,
    ) -> None:
        self._port = port
        self._place = place
        self._folder = folder
        self._what = what
        self._feed = feed
        self._cut = cut
        self._clock = clock
        self._come = 0
        self._last = b""
        self._expected = b""

    async def run(self) -> tuple[Ended, str]:
        """How tar ended, and what it complained of. Raises SourceError, and whatever `feed` raises."""
        failures = 0
        said = list[str]()
        while True:
            before = self._come
            far = FarEnd(self._take)
            try:
                ended = await run_command(self._port, Command(self._place, self._command()), far)
            except SourceError as exc:
                failures = failures + 1 if self._come == before else 1
                if not self._come or exc.problem.kind not in PASSES or failures > TRIES:
                    raise
                self._cut(exc.problem)
                await self._clock.sleep(wait_after(exc.problem, failures))
            else:
                if self._expected:
                    raise changed() if ended.exit_code == 0 else _cannot(ended, far.said())
                said += [far.said()] if far.said() else []
                return ended, "\n".join(said)
            said += [far.said()] if far.said() else []

    def _command(self) -> tuple[str, ...]:
        self._expected = self._last
        if not self._come:
            return ("tar", "cf", "-", "-C", self._folder, self._what)
        begin = self._come - len(self._expected) + 1  # tail counts from 1
        return ("sh", "-c", _AGAIN, "sh", self._folder, self._what, str(begin))

    async def _take(self, parts: Sequence[memoryview]) -> None:
        if self._expected:
            parts = [part for part in map(self._unrepeated, parts) if part]
        for part in parts:
            self._come += len(part)
            self._last = (self._last + part)[-OVERLAP:] if len(part) < OVERLAP else bytes(part[-OVERLAP:])
        await self._feed(parts)

    def _unrepeated(self, part: memoryview) -> memoryview:
        """What of it had not come before the cut. Raises SourceError where what had is not as it was."""
        twice = bytes(part[: len(self._expected)])
        if not self._expected.startswith(twice):
            raise changed()
        self._expected = self._expected[len(twice) :]
        return part[len(twice) :]


def changed() -> SourceError:
    """It cannot go on where it was cut."""
    summary = "it was cut, and cannot go on: what is copied has changed meanwhile"
    return SourceError(Problem(ProblemKind.CONFLICT, summary, remedy="copy it again"))


def _cannot(ended: Ended, said: str) -> SourceError:
    summary = "it was cut, and the container has not what it takes to go on (sh and tail)"
    return SourceError(Problem(ProblemKind.INVALID, summary, said or ended.words))
