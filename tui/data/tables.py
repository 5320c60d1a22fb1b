"""The tables that are being watched: one watch for each question, however many ask it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from tui.data.demand import on_demand
from tui.data.listwatch import Scope
from tui.data.ports import KubePort
from tui.data.reflector import Reflector
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.data.watcher import UNWATCHED_EVERY
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef, Table
from tui.waits import Gate

LISTS_AT_ONCE = 8
"""Lists that start at the same time, over all clusters."""

_Question = tuple[str, str, str, Scope]


class Tables:
    """Tables by cluster, kind and scope. A table that nobody holds any more is forgotten with its rows. every: seconds
    between two lists of a kind that cannot be watched; calm: nothing hastens them."""

    def __init__(
        self,
        runtime: Runtime,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        *,
        every: float = UNWATCHED_EVERY,
        calm: bool = False,
    ) -> None:
        self._every = every
        self._calm = calm
        self._runtime = runtime
        self._connect = connect
        self._gate = Gate(runtime.clock, LISTS_AT_ONCE)
        self._cells: WeakValueDictionary[_Question, Cell[Table]] = WeakValueDictionary()

    def of(self, ref: ClusterRef, kind: KindRef, scope: Scope) -> Cell[Table]:
        """The objects of `kind` in `scope`, on `ref`."""
        question = (ref.key, kind.api, kind.plural, scope)
        cell = self._cells.get(question)
        if cell is None:
            cell = self._cells[question] = on_demand(
                self._runtime, lambda made: self._reflector(ref, kind, scope, made)
            )
        return cell

    def _reflector(self, ref: ClusterRef, kind: KindRef, scope: Scope, cell: Cell[Table]) -> Reflector:
        def connect() -> Awaitable[KubePort]:
            return self._connect(ref)

        return Reflector(
            f"{kind.qualified} of {ref.name}",
            cell,
            connect,
            kind,
            scope,
            self._runtime,
            group=ref.key,
            gate=self._gate,
            every=self._every,
            calm=self._calm,
        )
