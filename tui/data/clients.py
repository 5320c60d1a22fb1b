"""The clients of the data layer: built in a task, so that only what needs them waits for SDKs and credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.data.hubports import Ports
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.tasks import bug
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef
from tui.model.streams import StreamFacts, StreamPort
from tui.model.writes import GuardedPort


class Clients:
    """make: builds them; awaited in a task after `start`, tried again where it raises SourceError. Whatever gives a
    client waits until they are built, and raises SourceError where they cannot be."""

    def __init__(self, runtime: Runtime, make: Callable[[], Awaitable[Ports]]) -> None:
        self._runtime = runtime
        self._make = make
        self._ports: Ports | Problem | None = None
        self._known = asyncio.Event()

    def start(self) -> None:
        """Begin to build them; returns at once."""
        self._runtime.tasks.spawn(self._build(), "clients", self._built)

    async def close(self) -> None:
        """Close every connection."""
        if isinstance(self._ports, Ports):
            await self._ports.close()

    async def ready(self) -> Ports:
        """All of them."""
        await self._known.wait()
        if isinstance(self._ports, Ports):
            return self._ports
        assert self._ports is not None
        raise SourceError(self._ports)

    async def kube(self, ref: ClusterRef) -> KubePort:
        return await (await self.ready()).connector.cluster(ref)

    async def kube_behind(self, ref: ClusterRef) -> KubePort:
        """For what nobody waits for: it gives way to the rest where requests are counted."""
        return await (await self.ready()).connector.background(ref)

    async def writer(self, ref: ClusterRef) -> GuardedPort:
        return await (await self.ready()).writer(ref)

    async def streams(self, ref: ClusterRef) -> StreamPort:
        return await (await self.ready()).streams(ref)

    async def stream_facts(self, ref: ClusterRef) -> StreamFacts:
        return await (await self.ready()).facts(ref)

    def names(self, ref: ClusterRef) -> frozenset[str]:
        """What a cluster is known to go by, before anybody has connected to it."""
        return self._ports.names(ref) if isinstance(self._ports, Ports) else frozenset()

    def counted(self, quota: str) -> str:
        """Which quota it is, as far as is known by now, that is called so."""
        return self._ports.counted(quota) if isinstance(self._ports, Ports) else quota

    def shown(self, quota: str) -> str:
        """What the fleet host project of a quota is called where somebody reads it."""
        return self._ports.shown(quota) if isinstance(self._ports, Ports) else quota

    def layer(self, problem: Problem) -> str:
        """Who on the way to a cluster said it."""
        return self._ports.layer(problem) if isinstance(self._ports, Ports) else ""

    async def _build(self) -> None:
        backoff = self._runtime.backoff()
        while not isinstance(self._ports, Ports):
            try:
                self._ports = await self._make()
            except SourceError as exc:
                self._ports = exc.problem
                self._known.set()
                await self._runtime.clock.sleep(backoff.failed(exc.problem))

    def _built(self, died_of: BaseException | None) -> None:
        had_failed = self._known.is_set()
        if died_of is not None:
            self._ports = bug(died_of)
        self._known.set()
        if had_failed:  # who was told of the failure need not sleep it off
            self._runtime.checks.refresh()
