"""Questions that go through all kinds of a cluster: objects by a part of their name, and what has changed of late.

Each kind is a list of its own, asked for once and then seldom, a few at a time and behind what somebody waits for; so
rows come in as they are found, a kind that is refused is a gap, and leaving the view ends it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakValueDictionary

from tui.data.demand import on_demand
from tui.data.happened import Recent
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.data.usage import GROUP as METRICS
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.feed import Gap
from tui.model.kube import Column, KindRef, ResourceQuery, Row, Table
from tui.waits import Gate, finishing

AT_ONCE = 8
PAGE = 500
MOST_PAGES = 40
"""Pages that are read of one kind: 20,000 objects and more; what lies behind is said to be unseen."""
FIND_EVERY = 600.0
CHANGES_EVERY = 60.0
CLUSTER_WIDE = frozenset({"namespaces", "nodes", "persistentvolumes"})
"""Kinds of the whole cluster that are looked through too."""
_NEVER = frozenset({"events", "endpoints", "leases", "endpointslices"})
"""What is written all the time, and named after what it is about."""
CHANGING = frozenset(
    {
        "pods", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs", "services", "ingresses",
        "configmaps", "secrets", "persistentvolumeclaims", "horizontalpodautoscalers", "namespaces", "nodes",
    }
)  # fmt: skip
"""Kinds whose changes people ask about; each is a list of metadata a minute and cluster."""

_MORE = Problem(ProblemKind.MISSING, f"only the first {PAGE * MOST_PAGES:,} objects are looked at")


def kinds_to_find(served: Sequence[KindRef]) -> list[KindRef]:
    """The kinds in which a name is looked for."""
    return [
        kind
        for kind in served
        if "list" in kind.verbs
        and kind.group != METRICS
        and kind.plural not in _NEVER
        and (kind.namespaced or (kind.plural in CLUSTER_WIDE and not kind.group))
    ]


def kinds_that_change(served: Sequence[KindRef]) -> list[KindRef]:
    """The kinds whose recent changes are told."""
    return [kind for kind in served if "list" in kind.verbs and kind.group != METRICS and kind.plural in CHANGING]


def named_like(wanted: str) -> Callable[[str], bool]:
    """Whether a name is meant: it holds the text, or matches it as a glob."""
    low = wanted.lower()
    if any(sign in low for sign in "*?["):
        return lambda name: fnmatch.fnmatchcase(name, low)
    return lambda name: low in name


class Looking:
    """The lists of such questions, by cluster, kind and question."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]]) -> None:
        self._runtime = runtime
        self._connect = connect
        self._gate = Gate(runtime.clock, AT_ONCE)
        self._cells: WeakValueDictionary[tuple[object, ...], Cell[Table]] = WeakValueDictionary()

    def kinds(self, query: ResourceQuery, served: Sequence[KindRef]) -> list[KindRef]:
        """Those that `query` goes through."""
        return kinds_to_find(served) if query.find else kinds_that_change(served)

    def table(self, query: ResourceQuery, ref: ClusterRef, kind: KindRef) -> Cell[Table]:
        """What is found of one kind."""
        question = (ref.key, kind.api, kind.plural, query.find, query.since, query.namespace, query.labels)
        cell = self._cells.get(question)
        if cell is None:
            cell = self._cells[question] = on_demand(self._runtime, lambda made: self._job(query, ref, kind, made))
        return cell

    def _job(self, query: ResourceQuery, ref: ClusterRef, kind: KindRef, cell: Cell[Table]) -> Poller[Table]:
        recent = Recent(kind, query.since, self._runtime.clock)
        namespace = query.namespace if kind.namespaced else ""

        async def fetch() -> Polled[Table]:
            port = await self._connect(ref)
            if not query.find:
                return await recent.look(port, namespace, query.labels)
            return await find(port, kind, named_like(query.find), namespace, query.labels)

        every = FIND_EVERY if query.find else CHANGES_EVERY * max(1.0, len(query.clusters) / 4)
        name = f"{'find' if query.find else 'changes'} in {kind.qualified} of {ref.name}"
        return Poller(name, cell, fetch, self._runtime, every=every, group=ref.key, gate=self._gate)


async def find(
    port: KubePort, kind: KindRef, meant: Callable[[str], bool], namespace: str, labels: str
) -> Polled[Table]:
    """The objects of `kind` that are meant by their names, as the server prints them. Raises SourceError."""
    columns: tuple[Column, ...] = ()
    rows: dict[tuple[str, str], Row] = {}
    seen = 0
    async with finishing(port.list_pages(kind, namespace=namespace, labels=labels, limit=PAGE)) as pages:
        async for page in pages:
            columns = columns or page.columns
            rows |= {row.key: row for row in page.rows if meant(row.name)}
            seen += len(page.rows)
            if seen >= PAGE * MOST_PAGES and page.continue_token:
                return Polled(Table(kind, columns, rows), (Gap("the rest", _MORE),))
    return Polled(Table(kind, columns, rows))
