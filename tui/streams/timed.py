"""When a stream was accepted, which may be long after it was asked for: its age begins then."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from tui.clock import Clock
from tui.model.streams import SocketPort, StreamSocket
from tui.streams.paths import Query


class Timed:
    """A client that is used for one stream. since: monotonic seconds at which that was accepted, None = it was not."""

    def __init__(self, port: SocketPort, clock: Clock) -> None:
        self._port = port
        self._clock = clock
        self.since: float | None = None

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncGenerator[StreamSocket]:
        async with self._port.socket(path, query, protocols) as socket:
            self.since = self._clock.monotonic()
            yield socket
