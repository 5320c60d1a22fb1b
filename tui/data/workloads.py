"""The pods of a workload, as the selector that its object holds now; asked anew now and then, since a Service's may
change and a workload may be made again. A CronJob selects nothing: its pods are those of the jobs that it has made,
which are watched, since the next may come at any minute.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from weakref import WeakValueDictionary

from msgspec import Struct

from tui.data.demand import on_demand
from tui.data.derived import Read, carry
from tui.data.kinds import find_kind
from tui.data.listwatch import Scope
from tui.data.narrowed import Narrowed
from tui.data.poller import Polled, Poller
from tui.data.ports import KubePort
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import items, name_of, obj, selector, strings, text, uid_of
from tui.model.builtin import BUILTIN, CRON_JOBS, JOBS
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body

EVERY = 120.0
_OWNERS = "{.metadata.ownerReferences[*].uid}"
_BY_LABELS = ("Service", "ReplicationController")
"""Kinds whose selector is a plain map of labels."""


class _Jobs(Struct, frozen=True):
    """The pods are those of the jobs that are owned by `uid`."""

    namespace: str
    uid: str


class Workloads:
    """Where the pods of workloads are. workload: "deploy/web", in kubectl's words for kinds."""

    def __init__(
        self, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[KubePort]], tables: Narrowed
    ) -> None:
        self._runtime = runtime
        self._connect = connect
        self._tables = tables
        self._found: WeakValueDictionary[tuple[str, str, str], Cell[Scope | _Jobs]] = WeakValueDictionary()

    def scope(self, ref: ClusterRef, namespace: str, workload: str, read: Read) -> Feed[Scope]:
        """The pods of one workload of one cluster."""
        found = read(self._cell(ref, namespace, workload))
        if not isinstance(found.value, _Jobs):
            return carry(found, found.value)
        wanted = Scope(found.value.namespace, paths=(_OWNERS,))
        jobs = self._tables.table(ref, JOBS, wanted, read)
        if jobs.value is None:
            return carry(jobs, None)
        owner = found.value.uid
        made = (row.name for row in jobs.value.rows.values() if owner in str(row.cells[-1]).split(","))
        return carry(jobs, of_jobs(found.value.namespace, made))

    def _cell(self, ref: ClusterRef, namespace: str, workload: str) -> Cell[Scope | _Jobs]:
        key = (ref.key, namespace, workload)
        cell = self._found.get(key)
        if cell is None:
            cell = self._found[key] = on_demand(
                self._runtime, lambda made: self._locator(ref, namespace, workload, made)
            )
        return cell

    def _locator(
        self, ref: ClusterRef, namespace: str, workload: str, cell: Cell[Scope | _Jobs]
    ) -> Poller[Scope | _Jobs]:
        async def locate() -> Polled[Scope | _Jobs]:
            return Polled(await _locate(await self._connect(ref), namespace, workload))

        return Poller(f"{workload} of {ref.name}", cell, locate, self._runtime, every=EVERY, group=ref.key)


async def scope_of(port: KubePort, namespace: str, workload: str) -> Scope:
    """The pods of a workload, as they are found now. Raises SourceError where there is none, or it selects no pods."""
    found = await _locate(port, namespace, workload)
    if not isinstance(found, _Jobs):
        return found
    made: list[str] = []
    async for page in port.body_pages(JOBS, namespace=namespace, metadata_only=True):
        made += [name_of(job) for job in page.items if found.uid in owners_of(job)]
    return of_jobs(namespace, made)


async def _locate(port: KubePort, namespace: str, workload: str) -> Scope | _Jobs:
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
    owner = await port.body(kind, namespace, name)
    if kind.qualified == CRON_JOBS.qualified:
        return _Jobs(namespace, uid_of(owner))
    selects = selector_of(owner)
    if not selects:
        raise SourceError(Problem(ProblemKind.INVALID, f"{workload}: a {kind.kind} selects no pods"))
    return Scope(namespace, selects)


def repeats(workload: str) -> bool:
    """Whether it goes on making pods when all that it has made are done."""
    kind = find_kind(workload.partition("/")[0], BUILTIN)
    return isinstance(kind, KindRef) and kind.qualified == CRON_JOBS.qualified


def of_jobs(namespace: str, names: Iterable[str]) -> Scope:
    """The pods of these jobs, by the label that every version of Kubernetes gives them. Of none, no pod: the label is
    never empty."""
    listed = ",".join(sorted(names))
    return Scope(namespace, f"job-name in ({listed})" if listed else "job-name=")


def owners_of(body: Body) -> tuple[str, ...]:
    """The uids of what owns an object."""
    return tuple(text(one, "uid") for one in items(body, "metadata", "ownerReferences"))


def selector_of(owner: Body) -> str:
    """The label selector of a service or workload, as a list takes it; "" where it selects nothing."""
    if text(owner, "kind") in _BY_LABELS:
        return selector({"matchLabels": strings(owner, "spec", "selector")})
    return selector(obj(owner, "spec", "selector"))
