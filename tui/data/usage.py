"""What pods and nodes use (metrics.k8s.io).

The metrics API is listed, never watched (it cannot be), every three quarters of a minute and only while somebody looks;
less often where there are tens of thousands of pods. Figures are taken over piece by piece with a moment's rest between
pieces, so that a list of fifty thousand rows is mended in steps and not made anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from weakref import WeakValueDictionary

from msgspec import Struct

from tui.clock import Clock
from tui.data.demand import on_demand
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.rows import Log
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef, RowKey, RowLog
from tui.model.usage import Usage
from tui.waits import finishing

GROUP = "metrics.k8s.io"
MEASURED = frozenset({"pods", "nodes"})
EVERY = 45.0
"""Seconds between two askings: metrics servers measure every 15 to 60 seconds."""
OLD_AFTER = 2.0
"""Askings after which figures say nothing of now: so many have failed since."""
AT_LARGE = 10_000
"""Pods from which on they are asked for less often: twice as many, half as often; each is some 300 bytes."""
AT_ONCE = 4
"""Namespaces of one list from which on each is asked for less often: together they stay at six requests a minute."""
MOST_NAMESPACES = 20
"""Namespaces of one list that are asked for at all: figures of more would be too old to show."""
REST = 0.1
"""Seconds between two pieces of a long list."""
WITHIN = 60.0
"""Seconds for one list, however long."""


class Figures(Struct, frozen=True):
    """The newest figures: a live view, of which `log` tells what has changed. every: seconds between two askings."""

    rows: Mapping[RowKey, Usage]
    log: RowLog
    every: float = EVERY


def measured_by(kind: KindRef, served: Sequence[KindRef]) -> KindRef | None:
    """The kind that tells the usage of `kind`; None where the cluster serves none."""
    if kind.group or kind.plural not in MEASURED:
        return None
    return next(
        (one for one in served if one.group == GROUP and one.plural == kind.plural and "list" in one.verbs), None
    )


class Usages:
    """Figures by cluster, kind, namespace and labels. connect: for what nobody waits for."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]]) -> None:
        self._runtime = runtime
        self._connect = connect
        self._cells: WeakValueDictionary[tuple[str, str, str, str, int], Cell[Figures]] = WeakValueDictionary()

    def of(self, ref: ClusterRef, kind: KindRef, namespace: str, labels: str, *, among: int = 1) -> Cell[Figures]:
        """What is used now. kind: of the metrics API. among: how many namespaces are asked for one list: the more there
        are, the less often is each."""
        question = (ref.key, kind.plural, namespace, labels, among)
        cell = self._cells.get(question)
        if cell is None:

            def make(made: Cell[Figures]) -> Poller[Figures]:
                measuring = _Measuring(made, self._runtime.clock, max(1.0, among / AT_ONCE))

                async def fetch() -> Polled[Figures]:
                    return await measuring.read(await self._connect(ref), kind, namespace, labels)

                return Poller(
                    f"usage of {kind.plural} of {ref.name}",
                    made,
                    fetch,
                    self._runtime,
                    every=lambda: measuring.every,
                    group=ref.key,
                    timeout=WITHIN,
                )

            cell = self._cells[question] = on_demand(self._runtime, make)
        return cell


class _Measuring:
    """The figures of one question, asked again and again."""

    def __init__(self, cell: Cell[Figures], clock: Clock, rarely: float) -> None:
        self._cell = cell
        self._rarely = rarely
        self._clock = clock
        self._rows: dict[RowKey, Usage] = {}
        self._log = Log()

    @property
    def every(self) -> float:
        return EVERY * self._rarely * max(1.0, len(self._rows) / AT_LARGE)

    @property
    def value(self) -> Figures:
        return Figures(self._rows, self._log, self.every)

    async def read(self, port: KubePort, kind: KindRef, namespace: str, labels: str) -> Polled[Figures]:
        seen: set[RowKey] = set()
        async with finishing(port.usages(kind, namespace=namespace, labels=labels)) as pieces:
            async for piece in pieces:
                if seen:
                    self._cell.put(self.value, self._clock.now(), fresh_for=self.every + WITHIN)
                    await self._clock.sleep(REST)
                for usage in piece:
                    key = usage.key
                    seen.add(key)
                    held = self._rows.get(key)
                    if held is None:
                        self._rows[key] = usage
                        self._log.note(key)
                    elif held != usage:  # its names are there already
                        self._rows[key] = Usage(held.namespace, held.name, usage.cpu, usage.memory)
                        self._log.note(key)
        for key in [key for key in self._rows if key not in seen]:
            del self._rows[key]
            self._log.note(key)
        return Polled(self.value)
