"""Streams as data: what is open, to whom, how long and how it fares; what screens and the command line show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct, field

from tui.errors import Problem
from tui.model.cluster import ClusterRef
from tui.model.feed import Topic
from tui.model.kube import KindRef
from tui.model.objects import Body, BodyEvent, BodyPage
from tui.wire.outgoing import Bytes, Outgoing


class Queued(Struct, frozen=True):
    """A stream that waits, since our share of those that the gateway allows `project` is open. ahead: others that wait,
    and have asked before."""

    project: str
    ahead: int
    share: int

    @property
    def words(self) -> str:
        """ "waiting for a stream: 2 ahead of you, 5 of 5 in use (acme-1)"."""
        ahead = f"{self.ahead} ahead of you" if self.ahead > 0 else "you are next"
        return f"waiting for a stream: {ahead}, {self.share} of {self.share} in use ({self.project})"


TellQueued = Callable[[Queued | None], None]
"""Told how a stream's queue stands when that changes; None when its turn has come, which a SourceError declines."""


class ForwardTarget(Struct, frozen=True):
    """What a port-forward leads to. kind: pods, services, deployments, … Whatever is not a pod leads to one of its
    pods, and to another one when that goes."""

    cluster: ClusterRef
    kind: KindRef
    namespace: str
    name: str

    @property
    def title(self) -> str:
        """`pods/name`, as kubectl writes it."""
        return f"{self.kind.plural}/{self.name}"


class PortPair(Struct, frozen=True):
    """local: on this machine; 0 = any that is free. remote: number or name of a port of the target."""

    local: int
    remote: int | str


class Bound(Struct, frozen=True):
    """One port that listens. addresses: those of this machine. remote: the port's number in the pod, 0 while no pod is
    known."""

    local: int
    asked: int | str
    remote: int
    addresses: tuple[str, ...]


class ForwardState(Struct, frozen=True):
    """How a port-forward fares.

    state: queued (the first way waits for a stream) | opening | live | waiting (its pod has gone, or the connection
    broke; it is dialled again) | ended. since: wall-clock seconds at which it got into that state. open, total, failed:
    connections. sent, received: bytes, seen from here. dials: times that a way to a pod was opened. problem: the last
    one; of a single connection while live. note: what it waits for, or what is not as one would expect of the pod that
    serves. way_since: wall-clock seconds at which the present way was opened, 0 = there is none. cuts: ways that ended
    otherwise than by their pod's going. cut, cut_after, cut_at: how the last of them ended, the seconds it had lasted,
    and when. held_up: which program here has stopped reading, so that its other connections wait; "" = none.
    """

    ports: tuple[Bound, ...] = ()
    state: str = "opening"
    since: float = 0.0
    pod: str = ""
    open: int = 0
    total: int = 0
    failed: int = 0
    sent: int = 0
    received: int = 0
    dials: int = 0
    problem: Problem | None = None
    note: str = ""
    way_since: float = 0.0
    cuts: int = 0
    cut: Problem | None = None
    cut_after: float = 0.0
    cut_at: float = 0.0
    held_up: str = ""


class ForwardEntry(Struct, frozen=True):
    """A port-forward of the list. begun: wall-clock seconds. sent_rate, received_rate: bytes a second, of the last
    second. kept: it is remembered for the next run. state: "asleep" where it was kept by another run and has not been
    begun in this one."""

    id: int
    target: ForwardTarget
    pairs: tuple[PortPair, ...]
    state: ForwardState
    begun: float = 0.0
    sent_rate: float = 0.0
    received_rate: float = 0.0
    kept: bool = False


class Copied(Struct):
    """How far a copy has come. path: the file that is under way. bytes: that have gone, of `total` where that is known;
    once it has ended, those of the files' contents. left_out: what was not copied, with the reason. bits: what was
    copied without its setuid, setgid or sticky bit, likewise. cuts: how often the stream was cut, and went on. waits:
    why nothing comes now."""

    path: str = ""
    files: int = 0
    bytes: int = 0
    total: int | None = None
    left_out: list[str] = field(default_factory=list[str])
    bits: list[str] = field(default_factory=list[str])
    cuts: int = 0
    waits: str = ""


Tick = Callable[[Copied], None]
"""Told how far it has come; called by any thread."""


class StreamSocket(Protocol):
    """An open WebSocket; `tui.clients.sockets` says more."""

    protocol: str

    async def send(self, *messages: Bytes | Outgoing) -> None: ...
    async def receive(self) -> Bytes | None: ...
    async def receive_all(self) -> Sequence[Bytes]: ...


class SocketPort(Protocol):
    """A cluster's client, as far as it opens sockets."""

    def socket(
        self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]
    ) -> AbstractAsyncContextManager[StreamSocket]:
        """Speaks one of `protocols`. Raises SourceError where it is refused, with the server's words."""
        ...


class StreamPort(SocketPort, Protocol):
    """The same with the pods that the sockets lead to."""

    def telling(self, tell: TellQueued) -> StreamPort:
        """The same, whose sockets tell while they wait for a stream."""
        ...

    async def body(self, kind: KindRef, namespace: str, name: str) -> Body: ...

    async def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        """Whether there is such an object. Raises SourceError where nobody can tell."""
        ...

    def body_pages(
        self, kind: KindRef, *, namespace: str = "", labels: str = "", fields: str = "", limit: int = 200
    ) -> AsyncIterator[BodyPage]: ...

    def watch_bodies(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
    ) -> AsyncIterator[list[BodyEvent]]: ...


class StreamFacts(Protocol):
    """What can be asked of a road before a stream is opened; `tui.streams.preflight.Facts` says more."""

    @property
    def account(self) -> str: ...

    @property
    def project(self) -> str: ...

    async def slots(self) -> tuple[int, int] | None: ...
    async def version(self) -> str: ...
    async def granted(self, permission: str) -> bool: ...
    async def may(self, verb: str, subresource: str, namespace: str) -> bool: ...


class Streams(Protocol):
    """Where screens ask for streams."""

    @property
    def forwards(self) -> Topic[tuple[ForwardEntry, ...]]:
        """Those of this run and those that were kept, oldest first."""
        ...

    def forward(self, target: ForwardTarget, pairs: tuple[PortPair, ...]) -> int:
        """Begin a port-forward; its id."""
        ...

    def stop(self, id: int) -> None:
        """End it, and forget it where it has ended already."""
        ...

    def wake(self, id: int) -> None:
        """Begin it again, or dial now where it waits."""
        ...

    def keep(self, id: int, *, kept: bool) -> None:
        """Remember it for the next run, or no more."""
        ...

    async def road(self, cluster: ClusterRef) -> StreamPort:
        """The client of a cluster, for what only reads. Raises SourceError where there is no road."""
        ...

    async def enter(self, cluster: ClusterRef) -> StreamPort:
        """The way into containers of `cluster`, which counts as writing. Raises SourceError where that is locked."""
        ...

    async def facts(self, cluster: ClusterRef) -> StreamFacts:
        """For the lights before a stream. Raises SourceError where there is no road."""
        ...
