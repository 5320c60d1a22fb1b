"""Reachability: GET /version over each cluster's road, with its latency; and which layer stands in the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.data.demand import on_demand
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import Problem
from tui.model.cluster import ClusterRef, Reach
from tui.waits import Gate

AT_ONCE = 16
"""Probes that start at the same time. One that has not ended within a second does not count (see `Gate`)."""
PROBE_TIMEOUT = 10.0
"""Seconds: a cluster that takes longer to tell its version is held to hang, and its open watches are doubted."""
PER_SECOND = 2.5
"""Probes a second in the long run. The first one of a cluster is two requests, since its address is asked for too, and
our share of the gateway's quota (a quarter of 2,400 a minute) is under seven a second: so the first look at a fleet of
hundreds leaves room for what the user asks for meanwhile."""


class Reachability:
    """Probes of every cluster that is asked about.

    every: seconds between two probes of one cluster, given how many are probed. layer: see `Ports`.
    """

    def __init__(
        self,
        runtime: Runtime,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        layer: Callable[[Problem], str],
        every: Callable[[int], float],
    ) -> None:
        self._runtime = runtime
        self._connect = connect
        self._layer = layer
        self._every = every
        self._gate = Gate(runtime.clock, AT_ONCE, per_second=PER_SECOND)
        self._cells: dict[str, Cell[Reach]] = {}
        self._counted_at = float("-inf")
        self._count = 0

    def of(self, ref: ClusterRef) -> Cell[Reach]:
        """How `ref` answered last. A probe that failed is news too: a `Reach` with a problem."""
        cell = self._cells.get(ref.key)
        if cell is None:
            cell = self._cells[ref.key] = on_demand(self._runtime, lambda made: self._poller(ref, made))
        return cell

    def _interval(self) -> float:
        now = self._runtime.clock.monotonic()
        if now - self._counted_at >= 1.0:  # thousands of probes ask this after each answer
            self._counted_at, self._count = now, sum(cell.readers > 0 for cell in self._cells.values())
        return self._every(self._count)

    def _poller(self, ref: ClusterRef, cell: Cell[Reach]) -> Poller[Reach]:
        clock = self._runtime.clock

        async def probe() -> Polled[Reach]:
            port = await self._connect(ref)
            asked = clock.monotonic()
            version = await port.version()
            return Polled(Reach(clock.monotonic() - asked, version))

        def stopped(problem: Problem) -> Reach:
            known = cell.feed.value.version if cell.feed.value is not None else ""
            return Reach(None, known, problem, self._layer(problem))

        return Poller(
            f"probe of {ref.name}",
            cell,
            probe,
            self._runtime,
            every=self._interval,
            group=ref.key,
            gate=self._gate,
            outcome=stopped,
            timeout=PROBE_TIMEOUT,
        )
