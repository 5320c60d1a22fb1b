"""What a screen may ask of the data layer. Screens and panes are written against this and nothing else, so each is
tested with plain cells instead of a hub; `tui.data.hub.Hub` is the real one."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tui.model.changes import ChangeDesk
from tui.model.cluster import ClusterRef
from tui.model.connection import Connection
from tui.model.feed import Topic
from tui.model.fleet import FleetMember
from tui.model.kube import KindRef, ResourceQuery, ResourceView
from tui.model.logs import LogBook, LogQuery, LogSaving
from tui.model.objects import Beside, Happening, Held, ObjectRef, Related
from tui.model.session import Identity, Meter
from tui.model.sorting import Sortings
from tui.model.streams import Streams


class DataLayer(Protocol):
    """The shared data layer, as the screens see it."""

    @property
    def fleet(self) -> Topic[tuple[FleetMember, ...]]:
        """Every cluster with its reachability: memberships of the projects first, with their agents."""
        ...

    @property
    def connections(self) -> Topic[tuple[Connection, ...]]:
        """Service Connector connections of every AKS cluster of every configured subscription."""
        ...

    @property
    def clusters(self) -> Topic[tuple[ClusterRef, ...]]:
        """Every cluster known by any road: memberships, AKS clusters, kubeconfig contexts."""
        ...

    @property
    def identity(self) -> Topic[Identity]: ...

    @property
    def meter(self) -> Topic[Meter]: ...

    @property
    def ticker(self) -> Topic[float]:
        """Wall-clock seconds, about once a second: ages are repainted by it, so no widget keeps a timer."""
        ...

    @property
    def changes(self) -> ChangeDesk:
        """Where changes are planned, confirmed, carried out and taken back."""
        ...

    @property
    def streams(self) -> Streams:
        """Where terminals, copies and port-forwards are asked for."""
        ...

    @property
    def sortings(self) -> Sortings:
        """What each kind of list was sorted by last."""
        ...

    def resources(self, query: ResourceQuery) -> Topic[ResourceView]:
        """A merged list over the query's clusters; the same query shares one watch per cluster."""
        ...

    def kinds(self, cluster: ClusterRef) -> Topic[tuple[KindRef, ...]]:
        """What the cluster's discovery offers; for completion."""
        ...

    def object(self, ref: ObjectRef) -> Topic[Held]:
        """One whole object, as it is; it is watched for as long as somebody looks at it."""
        ...

    def events(self, ref: ObjectRef) -> Topic[tuple[Happening, ...]]:
        """What happened to an object, equal events folded, newest last."""
        ...

    def beside(self, ref: ObjectRef) -> Topic[Beside]:
        """What an object's description needs of other objects; gaps are the kinds that were refused."""
        ...

    def related(self, ref: ObjectRef) -> Topic[Related]:
        """What stands around an object: owners, owned, selected, used, both ways; gaps are the kinds refused."""
        ...

    def logs(self, query: LogQuery) -> LogBook:
        """A log view. Follow its status to keep it running; it stops a while after its last follower left."""
        ...

    def save_logs(self, book: LogBook, path: Path) -> LogSaving:
        """Stream a log view (one that `logs` gave) into a file of mode 0600, from the oldest line of its ring on and
        with each new line, until it is stopped; an existing file goes on at its end."""
        ...

    def counted(self, quota: str) -> str:
        """Which quota it is, as far as is known by now, that a `ClusterRef` calls so."""
        ...

    def shown(self, quota: str) -> str:
        """What the fleet host project of a quota is called where somebody reads it."""
        ...

    def refresh(self) -> None:
        """Ask everything that polls to do so now (`ctrl+r`)."""
        ...

    def give_way(self, seconds: float) -> None:
        """What is read on and on waits for so long from now, and no longer: a key is being answered."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """End every job and close every connection; awaited by the app before it ends."""
        ...
