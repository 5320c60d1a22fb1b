"""What the data layer needs from the world, as small Protocols: `tui.clients` and the tests' fakes fit them.

Every method raises `SourceError` when its source fails, and nothing else on purpose.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct, field

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import ChangeDesk
from tui.model.cluster import ClusterRef
from tui.model.connection import AksCluster, Extension, Linker
from tui.model.fleet import Membership
from tui.model.jsonpath import Path
from tui.model.kube import KindRef, RowEvent, TablePage
from tui.model.logs import LogStart
from tui.model.objects import Body, BodyEvent, BodyPage
from tui.model.rules import Rules
from tui.model.session import Identity, Meter
from tui.model.streams import StreamFacts, StreamPort
from tui.model.traces import TracePage
from tui.model.usage import Usage
from tui.model.writes import GuardedPort


class MembershipPage(Protocol):
    """All memberships of a project. unreachable: locations that GKE Hub could not ask; the rest is still good."""

    @property
    def memberships(self) -> Sequence[Membership]: ...
    @property
    def unreachable(self) -> Sequence[str]: ...


class FleetPort(Protocol):
    """GKE Hub."""

    async def memberships(self, project: str) -> MembershipPage: ...


class ArmPort(Protocol):
    """Azure Resource Manager. `extension` is that of Service Connector; None where it is not installed."""

    async def subscriptions(self) -> Sequence[str]:
        """Ids of the subscriptions that the account sees."""
        ...

    async def aks_clusters(self, subscription: str) -> Sequence[AksCluster]: ...
    async def linkers(self, aks: AksCluster, /) -> Sequence[Linker]: ...
    async def extension(self, aks: AksCluster, /) -> Extension | None: ...


class LogPort(Protocol):
    """The log sub-resource of pods."""

    def log(
        self,
        namespace: str,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        tail: int | None = None,
        since_time: str = "",
        since_seconds: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Chunks of bytes as they come. since_time: RFC 3339. The body begins when the server has answered; a silent
        container's log may take long to, so that is no failure."""
        ...


class BodyPort(Protocol):
    """Whole objects of one cluster, as the server's own JSON."""

    async def body(self, kind: KindRef, namespace: str, name: str) -> Body:
        """One object; NOT_FOUND where there is none."""
        ...

    def body_pages(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        limit: int = 200,
        metadata_only: bool = False,
    ) -> AsyncIterator[BodyPage]:
        """A list, page by page. metadata_only: nothing but metadata is sent, so that no secret is read."""
        ...

    def watch_bodies(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
    ) -> AsyncIterator[list[BodyEvent]]:
        """As `KubePort.watch`."""
        ...


class KubePort(LogPort, BodyPort, Protocol):
    """One cluster's Kubernetes API."""

    async def version(self) -> str:
        """The gitVersion of GET /version."""
        ...

    @property
    def namespace(self) -> str:
        """The one that a kubeconfig context names; "" = none."""
        ...

    async def rules(self, namespace: str) -> Rules:
        """What we may do in `namespace` (SelfSubjectRulesReview: a POST that stores nothing)."""
        ...

    async def discover(self) -> tuple[KindRef, ...]:
        """All served kinds, in the server's order of groups."""
        ...

    def list_pages(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        limit: int = 500,
        version: str = "",
        paths: Sequence[Path] = (),
    ) -> AsyncIterator[TablePage]:
        """The list, page by page; limit 0 = all in one. paths: what of the objects is wanted as further cells. Raises
        EXPIRED where the continue token has become too old."""
        ...

    def watch(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
        paths: Sequence[Path] = (),
    ) -> AsyncIterator[list[RowEvent]]:
        """Events after `version`, with bookmarks, in batches as they arrive, until the server ends the watch, which it
        is asked to do after `timeout` seconds. The first batch, empty if need be, comes when the server has accepted
        the watch. Raises EXPIRED where `version` is too old, also in the middle."""
        ...

    def traces(self, kind: KindRef, *, namespace: str = "", labels: str = "") -> AsyncIterator[TracePage]:
        """What the objects of a list tell of their past, page by page. Whole objects are not sent."""
        ...

    def usages(self, kind: KindRef, *, namespace: str = "", labels: str = "") -> AsyncIterator[Sequence[Usage]]:
        """What pods or nodes use, in pieces. kind: of metrics.k8s.io."""
        ...

    async def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        """Whether there is such an object; asks for its metadata only, so that no secret is read."""
        ...


class Connector(Protocol):
    """Knows the road to every cluster."""

    async def cluster(self, ref: ClusterRef) -> KubePort:
        """The client of a cluster; asks for its address and credentials where that is needed."""
        ...

    async def background(self, ref: ClusterRef) -> KubePort:
        """The same for work that nobody waits for: its requests leave a reserve of a shared quota to the others."""
        ...


class LogSink(Protocol):
    """Where a follow puts what it reads, and what it may ask."""

    def place(self) -> AbstractAsyncContextManager[None]:
        """Held while a stream is open: entering waits for a turn, where more are to be followed than may be open."""
        ...

    def lines(self, batch: list[bytes]) -> None:
        """New lines, in order, raw: as the kubelet sent them, with their timestamps. The list is the sink's to keep."""
        ...

    async def room(self) -> None:
        """Return when more lines may come; awaited after each chunk, so that a flood lets others work too."""
        ...

    def repeated(self, count: int) -> None:
        """Lines that a resumed stream brought again and which were dropped."""
        ...

    def gap(self, after: int, before: int, why: str) -> None:
        """The stream was resumed, but the last line read before, of the time `after`, is no longer there: some may be
        missing before the next one, of the time `before` (nanoseconds). why: as in `LogGap`."""
        ...

    def state(self, state: str, problem: Problem | None) -> None:
        """One of the states of `LogSource`, and why."""
        ...

    def containers(self, names: tuple[str, ...]) -> None:
        """The pod has several containers, and the server wants one named; the follow is over."""
        ...

    def phase(self) -> str:
        """What is known of the container: "running", "stopped" (it may run again) or "gone"."""
        ...

    async def over(self) -> bool:
        """Whether the container has run for the last time, as its pod says now; asked where a stream has ended without
        anything new. False where nobody can tell."""
        ...


class LogWaits(Protocol):
    """How long a follow waits after failures; `backoff.Backoff` is the real one."""

    def failed(self, problem: Problem) -> float: ...
    def healed(self) -> None: ...


class LogFollow(Protocol):
    """Follows one container's log for as long as `run` runs."""

    async def run(self) -> None: ...

    def check(self, *, doubt: bool = False) -> None:
        """Open again now instead of later. doubt: do not even trust a stream that is open and silent."""
        ...

    def give_way(self) -> None:
        """Close the stream and ask for a place again; what is written meanwhile is read then."""
        ...


class FollowLog(Protocol):
    """Makes a follow; `tui.streams.logs.LogFollow` is the real one."""

    def __call__(
        self,
        port: Callable[[], Awaitable[LogPort]],
        place: tuple[str, str, str],
        sink: LogSink,
        clock: Clock,
        waits: LogWaits,
        start: LogStart,
    ) -> LogFollow: ...


class KeptDesk(ChangeDesk, Protocol):
    """The desk for changes, which the hub keeps and ends."""

    async def admit(self, cluster: ClusterRef) -> None:
        """Raises SourceError where nobody may enter a container of `cluster`."""
        ...

    async def stop(self) -> None:
        """End everything that runs."""
        ...


Names = Callable[[ClusterRef], frozenset[str]]
MakeDesk = Callable[[Callable[[ClusterRef], Awaitable[GuardedPort]], Names], KeptDesk]
"""Of the way to the client by which a cluster is changed, and of what clusters are known to go by before that."""


def _no_names(ref: ClusterRef) -> frozenset[str]:
    return frozenset()


async def _no_writer(ref: ClusterRef) -> GuardedPort:
    raise SourceError(Problem(ProblemKind.MISSING, "nothing can be written"))


async def _no_streams(ref: ClusterRef) -> StreamPort:
    raise SourceError(Problem(ProblemKind.MISSING, "no streams can be opened"))


async def _no_facts(ref: ClusterRef) -> StreamFacts:
    raise SourceError(Problem(ProblemKind.MISSING, "no streams can be opened"))


async def _no_contexts() -> Sequence[ClusterRef]:
    return ()


async def _nobody() -> Identity:
    return Identity()


async def _nothing() -> None:
    return None


class Ports(Struct, frozen=True):
    """Everything that the hub asks. A `Problem` (kind MISSING, with its remedy) stands for what is not configured.

    writer: the client of a cluster by which it is changed. streams, facts: the one by which streams are opened, and
    what is asked before. names: what a cluster goes by at the end of its road, as far as that is known without going
    there. layer: which layer a failed probe was stopped by, in the words of `Reach.layer`. contexts: the kubeconfig
    contexts that are clusters; raises where the file cannot be read. identity: who we are. meter: what we use of the
    quota. close: ends every connection.
    """

    connector: Connector
    fleet: FleetPort | Problem
    arm: ArmPort | Problem
    contexts: Callable[[], Awaitable[Sequence[ClusterRef]]] = _no_contexts
    writer: Callable[[ClusterRef], Awaitable[GuardedPort]] = _no_writer
    streams: Callable[[ClusterRef], Awaitable[StreamPort]] = _no_streams
    facts: Callable[[ClusterRef], Awaitable[StreamFacts]] = _no_facts
    names: Names = _no_names
    layer: Callable[[Problem], str] = lambda problem: ""
    identity: Callable[[], Awaitable[Identity]] = _nobody
    meter: Callable[[], Meter] = field(default=Meter)
    close: Callable[[], Awaitable[None]] = _nothing
