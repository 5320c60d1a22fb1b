"""What the data layer needs from the world, as small Protocols: `tui.clients` and the tests' fakes fit them.

Every method raises `SourceError` when its source fails, and nothing else on purpose.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from tui.clock import Clock
from tui.model.cluster import ClusterRef
from tui.model.connection import AksCluster, Extension, Linker
from tui.model.fleet import Membership
from tui.model.jsonpath import Path
from tui.model.kube import KindRef, RowEvent, TablePage
from tui.model.logport import LogPort, LogSink, LogWaits
from tui.model.logs import LogStart
from tui.model.objects import Body, BodyEvent, BodyPage
from tui.model.rules import Rules
from tui.model.traces import TracePage
from tui.model.usage import Usage


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


class LogFollow(Protocol):
    """Follows one container's log for as long as `run` runs."""

    async def run(self) -> None: ...

    def check(self, *, doubt: bool = False) -> None:
        """Open again now instead of later. doubt: do not even trust a stream that is open and silent."""
        ...

    def give_way(self) -> bool:
        """Close the stream and ask for a place again; what is written meanwhile is read then, as far as it is still
        there. False where none is open."""
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
