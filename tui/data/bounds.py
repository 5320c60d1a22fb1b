"""What pods ask for and may use, and what nodes have for them: the whole of which usage is a part.

This stands in whole objects alone, which lists are not made of. So they are read for short lists only, once, and later
those that have come since; a long list shows what is used, and not how much of what that is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from weakref import ReferenceType, WeakKeyDictionary, WeakValueDictionary, ref

from tui.clock import Clock
from tui.data.demand import on_demand
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import ProblemKind, SourceError
from tui.model.bodies import uid_of
from tui.model.cluster import ClusterRef
from tui.model.jsonpath import parse_path
from tui.model.kube import KindRef, Row, RowKey
from tui.model.objects import Body
from tui.model.usage import Bounds, total
from tui.waits import finishing

MOST = 500
"""Rows of a list for which whole objects are read: more would be many megabytes, for a few columns."""
FEW = 8
"""Objects that have come since which are read one by one; for more the list is read again."""
EVERY = 900.0
REST = 15.0
"""Seconds between two readings, at most (bounds seldom change) and at least."""

Known = Mapping[RowKey, Bounds]

_PLACES = ("requests.cpu", "limits.cpu", "requests.memory", "limits.memory")
_CONTAINERS = (".spec.containers[*].resources", '.spec.initContainers[?(@.restartPolicy=="Always")].resources')
"""Those that run beside each other: containers, and sidecars."""
_POD = tuple((f".spec.resources.{place}", *(f"{where}.{place}" for where in _CONTAINERS)) for place in _PLACES)
_NODE = ((".status.allocatable.cpu",), (), (".status.allocatable.memory",), ())
_PATHS = {
    plural: tuple(tuple(map(parse_path, paths)) for paths in wanted)
    for plural, wanted in (("pods", _POD), ("nodes", _NODE))
}


def bounds_of(plural: str, uid: str, cells: Sequence[Sequence[object]]) -> Bounds:
    """cells: what lies at each path of each bound. A bound of the whole pod stands before those of its containers."""
    made: list[float | None] = []
    for found in cells:
        texts = [None if cell is None else str(cell) for cell in found]
        whole, parts = (texts[:1], texts[1:]) if plural == "pods" else (texts, [])
        told = next((value for text in whole if (value := total(text)) is not None), None)
        sums = [value for text in parts if (value := total(text)) is not None]
        made.append(told if told is not None else sum(sums) if sums else None)
    return Bounds(uid, *made)


def bounds_in(plural: str, body: Body) -> Bounds:
    """Of a whole object."""
    cells = [[path.cell(body) for path in paths] for paths in _PATHS[plural]]
    return bounds_of(plural, uid_of(body), cells)


class BoundsOf:
    """Bounds by cluster, kind, namespace and labels. connect: for what nobody waits for."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]]) -> None:
        self._runtime = runtime
        self._connect = connect
        self._cells: WeakValueDictionary[tuple[str, str, str, str], Cell[Known]] = WeakValueDictionary()
        self._readings: WeakKeyDictionary[Cell[Known], _Reading] = WeakKeyDictionary()

    def of(
        self, cluster: ClusterRef, kind: KindRef, namespace: str, labels: str, rows: Mapping[RowKey, Row]
    ) -> Cell[Known]:
        """What `rows` may use; those of which it is not known are read soon."""
        question = (cluster.key, kind.plural, namespace, labels)
        cell = self._cells.get(question)
        if cell is None:
            reading = _Reading(kind, namespace, labels, self._runtime.clock)

            async def fetch() -> Polled[Known]:
                return Polled(await reading.read(await self._connect(cluster)))

            def make(made: Cell[Known]) -> Poller[Known]:
                name = f"bounds of {kind.plural} of {cluster.name}"
                poller = Poller(name, made, fetch, self._runtime, every=EVERY, group=cluster.key)
                reading.poller = ref(poller)  # held by its cell: whoever forgets the list forgets both
                return poller

            cell = self._cells[question] = on_demand(self._runtime, make)
            self._readings[cell] = reading
        self._readings[cell].want(rows)
        return cell


class _Reading:
    """The bounds of one list's objects."""

    def __init__(self, kind: KindRef, namespace: str, labels: str, clock: Clock) -> None:
        self.poller: ReferenceType[Poller[Known]] | None = None
        self._kind = kind
        self._namespace = namespace
        self._labels = labels
        self._clock = clock
        self._known: dict[RowKey, Bounds] = {}
        self._wanted: Mapping[RowKey, Row] = {}
        self._asked = float("-inf")
        self._listed = float("-inf")

    def want(self, rows: Mapping[RowKey, Row]) -> None:
        """These are shown now."""
        self._wanted = rows
        poller = self.poller() if self.poller is not None else None
        if poller is not None and self._clock.monotonic() - self._asked >= REST and self._unknown():
            poller.check()

    def _unknown(self) -> list[RowKey]:
        return [
            key
            for key, row in self._wanted.items()
            if (held := self._known.get(key)) is None or (row.uid and held.uid != row.uid)
        ]

    async def read(self, port: KubePort) -> Known:
        self._asked = self._clock.monotonic()
        new = self._unknown()
        if self._known and len(new) <= FEW and self._asked - self._listed < EVERY:
            found = {key: held for key in new if (held := await self._one(port, key)) is not None}
            kept = {key: held for key, held in self._known.items() if key in self._wanted}
            self._known = {**kept, **found}
        else:
            self._listed = self._asked
            self._known = await self._all(port)
        return self._known

    async def _one(self, port: KubePort, key: RowKey) -> Bounds | None:
        try:
            return bounds_in(self._kind.plural, await port.body(self._kind, *key))
        except SourceError as exc:
            if exc.problem.kind not in (ProblemKind.NOT_FOUND, ProblemKind.FORBIDDEN):
                raise
            return None

    async def _all(self, port: KubePort) -> dict[RowKey, Bounds]:
        groups = _PATHS[self._kind.plural]
        paths = [path for group in groups for path in group]
        pages = port.list_pages(self._kind, namespace=self._namespace, labels=self._labels, limit=MOST, paths=paths)
        found: dict[RowKey, Bounds] = {}
        async with finishing(pages):
            async for page in pages:
                for row in page.rows:
                    cells = iter(row.cells[len(row.cells) - len(paths) :])
                    told = [[next(cells, None) for _ in group] for group in groups]
                    found[row.key] = bounds_of(self._kind.plural, row.uid, told)
        return found
