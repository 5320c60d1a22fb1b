"""The pods of a workload, as the selector that its object holds now; asked anew now and then, since a Service's may
change and a workload may be made again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from tui.data.demand import on_demand
from tui.data.kinds import find_kind
from tui.data.listwatch import Scope
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import obj, selector, strings, text
from tui.model.builtin import BUILTIN
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body

EVERY = 120.0
_BY_LABELS = ("Service", "ReplicationController")
"""Kinds whose selector is a plain map of labels."""


class Workloads:
    """Where the pods of workloads are. workload: "deploy/web", in kubectl's words for kinds."""

    def __init__(self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]]) -> None:
        self._runtime = runtime
        self._connect = connect
        self._scopes: WeakValueDictionary[tuple[str, str, str], Cell[Scope]] = WeakValueDictionary()

    def scope(self, ref: ClusterRef, namespace: str, workload: str) -> Cell[Scope]:
        """The pods of one workload of one cluster."""
        key = (ref.key, namespace, workload)
        cell = self._scopes.get(key)
        if cell is None:
            cell = self._scopes[key] = on_demand(
                self._runtime, lambda made: self._locator(ref, namespace, workload, made)
            )
        return cell

    def _locator(self, ref: ClusterRef, namespace: str, workload: str, cell: Cell[Scope]) -> Poller[Scope]:
        async def locate() -> Polled[Scope]:
            return Polled(await scope_of(await self._connect(ref), namespace, workload))

        return Poller(f"{workload} of {ref.name}", cell, locate, self._runtime, every=EVERY, group=ref.key)


async def scope_of(port: KubePort, namespace: str, workload: str) -> Scope:
    """The pods of a workload. Raises SourceError where there is none, or it selects no pods."""
    word, _, name = workload.partition("/")
    kind = find_kind(word, BUILTIN)
    if not isinstance(kind, KindRef):
        kind = find_kind(word, await port.discover())
    if not isinstance(kind, KindRef):
        raise SourceError(kind)
    if kind == PODS:
        return Scope(namespace, "", f"metadata.name={name}")
    if not namespace:
        raise SourceError(Problem(ProblemKind.INVALID, f"{workload}: in which namespace?"))
    selects = selector_of(await port.body(kind, namespace, name))
    if not selects:
        raise SourceError(Problem(ProblemKind.INVALID, f"{workload}: a {kind.kind} selects no pods"))
    return Scope(namespace, selects)


def selector_of(owner: Body) -> str:
    """The label selector of a service or workload, as a list takes it; "" where it selects nothing."""
    if text(owner, "kind") in _BY_LABELS:
        return selector({"matchLabels": strings(owner, "spec", "selector")})
    return selector(obj(owner, "spec", "selector"))
