"""Which kinds each cluster serves: asked for once, and seldom again, since CustomResourceDefinitions come and go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.data.demand import on_demand
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef

EVERY = 600.0


class Discovery:
    """The served kinds of every cluster that is asked about."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]]) -> None:
        self._runtime = runtime
        self._connect = connect
        self._cells: dict[str, Cell[tuple[KindRef, ...]]] = {}

    def kinds(self, ref: ClusterRef) -> Cell[tuple[KindRef, ...]]:
        """What `ref` serves."""
        cell = self._cells.get(ref.key)
        if cell is None:
            cell = self._cells[ref.key] = on_demand(self._runtime, lambda made: self._poller(ref, made))
        return cell

    def _poller(self, ref: ClusterRef, cell: Cell[tuple[KindRef, ...]]) -> Poller[tuple[KindRef, ...]]:
        async def fetch() -> Polled[tuple[KindRef, ...]]:
            port = await self._connect(ref)
            return Polled(await port.discover())

        return Poller(f"discovery of {ref.name}", cell, fetch, self._runtime, every=EVERY, group=ref.key)
