"""What the following of a log asks of a cluster's client, and of whom its lines are for: the data layer and the streams
speak of the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from tui.errors import Problem


class LogPort(Protocol):
    """The log sub-resource of pods."""

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
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Chunks of bytes as they come. since_time: RFC 3339. The body begins when the server has answered; a silent
        container's log may take long to, so that is no failure."""
        ...


class LogSink(Protocol):
    """Where a follow puts what it reads, and what it may ask."""

    def place(self) -> AbstractAsyncContextManager[None]:
        """Held while a stream is open: entering waits for a turn, where more are to be followed than may be open."""
        ...

    def lines(self, batch: list[bytes]) -> None:
        """New lines, in order, raw: as the kubelet sent them, with their timestamps. The list is the sink's to keep."""
        ...

    async def room(self) -> None:
        """Return when more lines may come; awaited after each chunk, so that a flood lets others work too."""
        ...

    def repeated(self, count: int) -> None:
        """Lines that a resumed stream brought again and which were dropped."""
        ...

    def gap(self, after: int, before: int, why: str) -> None:
        """The stream was resumed, but the last line read before, of the time `after`, is no longer there: some may be
        missing before the next one, of the time `before` (nanoseconds). why: as in `LogGap`."""
        ...

    def state(self, state: str, problem: Problem | None) -> None:
        """One of the states of `LogSource`, and why."""
        ...

    def containers(self, names: tuple[str, ...]) -> None:
        """The pod has several containers, and the server wants one named; the follow is over."""
        ...

    def phase(self) -> str:
        """What is known of the container: "running", "stopped" (it may run again) or "gone"."""
        ...

    async def over(self) -> bool:
        """Whether the container has run for the last time, as its pod says now; asked where a stream has ended without
        anything new. False where nobody can tell."""
        ...


class LogWaits(Protocol):
    """How long a follow waits after failures; `backoff.Backoff` is the real one."""

    def failed(self, problem: Problem) -> float: ...
    def healed(self) -> None: ...
