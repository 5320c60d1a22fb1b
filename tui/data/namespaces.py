"""Where somebody looks who may not look everywhere: the namespaces of a cluster that may answer.

Kubernetes has no question "which namespaces may I see". So those are tried that the person has asked for, that have
answered before, that the kubeconfig context names, that a list of namespaces tells (where it is allowed), and that the
person's own rules name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from msgspec import Struct

from tui.data.demand import on_demand
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.remembered import Remembered
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import ProblemKind, SourceError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.model.rules import Rules
from tui.waits import Gate, finishing

NAMESPACES = KindRef("", "v1", "namespaces", "Namespace", "namespace", False, ("ns",))
LOOK_EVERY = 120.0
RULES_EVERY = 1_800.0
"""Seconds: rights change seldom, and each namespace is a request; ctrl+r asks at once."""
AT_ONCE = 8
MOST = 100
"""Namespaces that are looked into, one watch each; of more than these the rest is named as not asked."""
USUAL = "default"

_NOT_TOLD = frozenset({ProblemKind.FORBIDDEN, ProblemKind.NOT_FOUND})


class Known(Struct, frozen=True):
    """names: those worth asking, the likeliest first. all: they are all there are."""

    names: tuple[str, ...] = ()
    all: bool = False


class Namespaces:
    """What is known of the namespaces of every cluster that is asked about."""

    def __init__(
        self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]], remembered: Remembered
    ) -> None:
        self._runtime = runtime
        self._connect = connect
        self.remembered = remembered
        self._gate = Gate(runtime.clock, AT_ONCE)
        self._known: dict[str, Cell[Known]] = {}
        self._rules: dict[tuple[str, str], Cell[Rules]] = {}

    def known(self, ref: ClusterRef) -> Cell[Known]:
        """Where to look on `ref`."""
        cell = self._known.get(ref.key)
        if cell is None:

            async def look() -> Polled[Known]:
                port = await self._connect(ref)
                return Polled(await candidates(port, await self.remembered.load(ref.key)))

            cell = self._known[ref.key] = on_demand(
                self._runtime,
                lambda made: Poller(
                    f"namespaces of {ref.name}", made, look, self._runtime, every=LOOK_EVERY, group=ref.key
                ),
            )
        return cell

    def rules(self, ref: ClusterRef, namespace: str) -> Cell[Rules]:
        """What may be done in one of them; asked once for all kinds."""
        key = (ref.key, namespace)
        cell = self._rules.get(key)
        if cell is None:

            async def ask() -> Polled[Rules]:
                return Polled(await (await self._connect(ref)).rules(namespace))

            name = f"rules in {namespace} of {ref.name}"
            cell = self._rules[key] = on_demand(
                self._runtime,
                lambda made: Poller(name, made, ask, self._runtime, every=RULES_EVERY, group=ref.key, gate=self._gate),
            )
        return cell


async def candidates(port: KubePort, remembered: Iterable[str] = ()) -> Known:
    """The namespaces that may answer. remembered: those that have. Raises SourceError where nothing can be told."""
    likely = [name for name in (*remembered, port.namespace) if name]
    try:
        there = await _listed(port)
    except SourceError as exc:
        if exc.problem.kind not in _NOT_TOLD:
            raise
        return Known(tuple(dict.fromkeys([*likely, *await _told_by_rules(port, likely)])))
    return Known(tuple(dict.fromkeys([*(name for name in likely if name in there), *there])), all=True)


async def _listed(port: KubePort) -> dict[str, None]:
    names: dict[str, None] = {}
    async with finishing(port.list_pages(NAMESPACES)) as pages:
        async for page in pages:
            names.update(dict.fromkeys(row.name for row in page.rows))
    return names


async def _told_by_rules(port: KubePort, likely: list[str]) -> list[str]:
    """Namespaces that our rules name (a role that grants "get" on some of them by name), and the usual one where
    anything may be listed there. Rules of the whole cluster are told in any namespace's review."""
    asked = likely[0] if likely else USUAL
    try:
        rules = await port.rules(asked)
    except SourceError as exc:
        if exc.problem.kind not in _NOT_TOLD:
            raise
        return []
    return [*rules.namespaces, *([asked] if asked not in likely and rules.lists_anything else [])]
