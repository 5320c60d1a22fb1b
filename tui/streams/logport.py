"""What a follow of a log asks of a cluster's client, and of whom the lines are for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

from tui.errors import Problem

_SEVERAL = re.compile(r"choose one of: \[([^\]]*)\]")


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

    def place(self) -> AbstractAsyncContextManager[None]: ...
    def lines(self, batch: list[bytes]) -> None: ...
    async def room(self) -> None: ...
    def repeated(self, count: int) -> None: ...
    def gap(self, after: int, before: int, why: str) -> None: ...
    def state(self, state: str, problem: Problem | None) -> None: ...
    def containers(self, names: tuple[str, ...]) -> None: ...
    def phase(self) -> str: ...
    async def over(self) -> bool: ...


class Waits(Protocol):
    """How long to wait after failures; `tui.data.backoff.Backoff` is the real one."""

    def failed(self, problem: Problem) -> float: ...
    def healed(self) -> None: ...


def several_containers(problem: Problem) -> tuple[str, ...]:
    """The containers of the pod, where the server refused because it has several and wants one named."""
    found = _SEVERAL.search(problem.server_words)
    return tuple(found[1].split()) if found else ()


def rfc3339(seconds: int) -> str:
    """Seconds since the epoch, as the API server reads `sinceTime`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
