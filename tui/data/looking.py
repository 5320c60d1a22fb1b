"""Questions that go through all kinds of a cluster: objects by a part of their name, and what has changed of late.

Each kind is a list of its own, asked for once and then seldom, a few at a time and behind what somebody waits for; so
rows come in as they are found, a kind that is refused is a gap, and leaving the view ends it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakValueDictionary

from tui.data import finding, happened
from tui.data.demand import on_demand
from tui.data.finding import find, kinds_to_find, wanted
from tui.data.happened import Recent
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.data.usage import GROUP as METRICS
from tui.errors import Problem
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef, ResourceQuery, Table
from tui.waits import Gate

AT_ONCE = 8
FIND_EVERY = 600.0
CHANGES_EVERY = 60.0
LINGER = 2.0
"""Seconds for which it goes on when the view is left: it may be hundreds of requests that nobody waits for."""
CHANGING = frozenset(
    {
        "pods", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs", "services", "ingresses",
        "configmaps", "secrets", "persistentvolumeclaims", "horizontalpodautoscalers", "namespaces", "nodes",
    }
)  # fmt: skip
"""Kinds whose changes people ask about; each is a list of metadata a minute and cluster."""


def kinds_that_change(served: Sequence[KindRef]) -> tuple[KindRef, ...]:
    """The kinds whose recent changes are told."""
    return tuple(kind for kind in served if "list" in kind.verbs and kind.group != METRICS and kind.plural in CHANGING)


class Looking:
    """The lists of such questions, by cluster, kind and question."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]]) -> None:
        self._runtime = runtime
        self._connect = connect
        self._gate = Gate(runtime.clock, AT_ONCE)
        self._cells: WeakValueDictionary[tuple[object, ...], Cell[Table]] = WeakValueDictionary()

    def kinds(self, query: ResourceQuery, served: Sequence[KindRef]) -> tuple[KindRef, ...] | Problem:
        """Those that `query` goes through; a Problem where it names one that is not served."""
        return kinds_to_find(served, wanted(query.find).kinds) if query.find else kinds_that_change(served)

    def table(self, query: ResourceQuery, ref: ClusterRef, kind: KindRef) -> Cell[Table]:
        """What is found of one kind."""
        question = (ref.key, kind.api, kind.plural, query.find, query.since, query.namespace, query.labels)
        cell = self._cells.get(question)
        if cell is None:
            make = self._finding if query.find else self._watching
            cell = self._cells[question] = on_demand(
                self._runtime, lambda made: make(query, ref, kind, made), linger=LINGER
            )
        return cell

    def _finding(self, query: ResourceQuery, ref: ClusterRef, kind: KindRef, cell: Cell[Table]) -> Poller[Table]:
        clock, named = self._runtime.clock, wanted(query.find)

        def progress(table: Table) -> None:
            held = cell.feed.value
            if held is None or not held.complete:  # a later search does not take away what an earlier one has found
                cell.put(table, clock.now())

        async def fetch() -> Polled[Table]:
            return await find(await self._connect(ref), kind, named, query.namespace, query.labels, clock, progress)

        name = f"find in {kind.qualified} of {ref.name}"
        return self._poller(name, ref, cell, fetch, finding.WITHIN, lambda: FIND_EVERY)

    def _watching(self, query: ResourceQuery, ref: ClusterRef, kind: KindRef, cell: Cell[Table]) -> Poller[Table]:
        recent = Recent(kind, query.since, self._runtime.clock)
        every = CHANGES_EVERY * max(1.0, len(query.clusters) / 4)

        async def fetch() -> Polled[Table]:
            return await recent.look(await self._connect(ref), query.namespace, query.labels)

        name = f"changes in {kind.qualified} of {ref.name}"
        return self._poller(
            name, ref, cell, fetch, happened.WITHIN, lambda: min(every * recent.rarely, max(every, query.since / 3))
        )

    def _poller(
        self,
        name: str,
        ref: ClusterRef,
        cell: Cell[Table],
        fetch: Callable[[], Awaitable[Polled[Table]]],
        within: float,
        every: Callable[[], float],
    ) -> Poller[Table]:
        timeout = within + self._runtime.timeout  # for the last answer, which may hang
        return Poller(name, cell, fetch, self._runtime, every=every, group=ref.key, gate=self._gate, timeout=timeout)
