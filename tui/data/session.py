"""The session: who we are, what we use of the quota, and the second hand of every age on screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.data.demand import on_demand
from tui.data.hubports import Ports
from tui.data.poller import Polled, Poller
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.model.session import Identity, Meter

IDENTITY_EVERY = 60.0
SECOND = 1.0


def identity(runtime: Runtime, ports: Callable[[], Awaitable[Ports]]) -> Cell[Identity]:
    """Who we are; asked again each minute, since tokens end and people sign in elsewhere."""

    async def fetch() -> Polled[Identity]:
        return Polled(await (await ports()).identity())

    return on_demand(runtime, lambda cell: Poller("identity", cell, fetch, runtime, every=IDENTITY_EVERY))


def meter(runtime: Runtime, ports: Callable[[], Awaitable[Ports]]) -> Cell[Meter]:
    """What we use of the gateway's quota; read each second, which asks nobody beyond this machine."""

    async def fetch() -> Polled[Meter]:
        return Polled(await (await ports()).meter())

    return on_demand(runtime, lambda cell: Poller("meter", cell, fetch, runtime, every=SECOND))


def ticker(runtime: Runtime) -> Cell[float]:
    """The wall-clock time, once a second."""
    return on_demand(runtime, lambda cell: _Ticker(cell, runtime))


class _Ticker:
    name = "ticker"

    def __init__(self, cell: Cell[float], runtime: Runtime) -> None:
        self._cell = cell
        self._clock = runtime.clock

    async def run(self) -> None:
        while True:
            now = self._clock.now()
            self._cell.put(now, now)
            await self._clock.sleep(SECOND - now % SECOND)  # on the full second, so that it does not drift
