"""`Streams`: what screens ask for streams (`tui.model.streams.Streams`), put together of the desk that locks, the
port-forwards and the roads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.data.forwards import Forwards
from tui.data.topic import Cell
from tui.model.cluster import ClusterRef
from tui.model.streams import ForwardEntry, ForwardTarget, PortPair, StreamFacts, StreamPort


class HubStreams:
    """admit: raises SourceError where nobody may enter a container of a cluster."""

    def __init__(
        self,
        forwards: Forwards,
        admit: Callable[[ClusterRef], Awaitable[None]],
        connect: Callable[[ClusterRef], Awaitable[StreamPort]],
        facts: Callable[[ClusterRef], Awaitable[StreamFacts]],
    ) -> None:
        self._forwards = forwards
        self._admit = admit
        self._connect = connect
        self._facts = facts

    @property
    def forwards(self) -> Cell[tuple[ForwardEntry, ...]]:
        return self._forwards.topic

    def forward(self, target: ForwardTarget, pairs: tuple[PortPair, ...]) -> int:
        return self._forwards.begin(target, pairs)

    def stop(self, id: int) -> None:
        self._forwards.end(id)

    def wake(self, id: int) -> None:
        self._forwards.wake(id)

    def keep(self, id: int, *, kept: bool) -> None:
        self._forwards.keep(id, kept=kept)

    async def road(self, cluster: ClusterRef) -> StreamPort:
        return await self._connect(cluster)

    async def enter(self, cluster: ClusterRef) -> StreamPort:
        await self._admit(cluster)
        return await self._connect(cluster)

    async def facts(self, cluster: ClusterRef) -> StreamFacts:
        return await self._facts(cluster)
