"""A road, a pod and some port-forwards, for the tests of streams on screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec.structs import replace

from tests.streams.fakesocket import FakeSocket
from tests.streams.localport import LocalPort
from tests.ui import world
from tests.ui.fake import FakeHub
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import name_of
from tui.model.builtin import SERVICES
from tui.model.changes import Lock
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body, BodyEvent, BodyPage
from tui.model.streams import (
    Bound,
    ForwardEntry,
    ForwardState,
    ForwardTarget,
    PortPair,
    Queued,
    StreamSocket,
    TellQueued,
)
from tui.wire.channels import V5

EU = world.members()[0].cluster
NOW = world.NOW
QUEUED = Queued("acme-1", 2, 5)
REFUSED = Problem(
    ProblemKind.UNREACHABLE,
    "port 9 of the pod did not answer",
    "error forwarding port 9 to pod 1f2e: failed to connect to localhost:9: connection refused",
)


def pod(*containers: str) -> Body:
    """A pod that runs."""
    held = [{"name": name, "ports": [{"containerPort": 8080, "name": "http"}]} for name in containers]
    metadata = {"name": "api-7c9d-x2f1p", "namespace": "payments", "uid": "u"}
    return {"kind": "Pod", "metadata": metadata, "spec": {"containers": held}, "status": {"phase": "Running"}}


class FakePod:
    """Fits `StreamPort`: one pod. others: what there is of other kinds. queued: how the queue stands for its sockets
    until `turn` is set, None = there is none."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.others: dict[KindRef, Body] = {}
        self._tell: TellQueued = lambda queued: None
        self.queued: Queued | None = None
        self.turn = asyncio.Event()

    def telling(self, tell: TellQueued) -> FakePod:
        self._tell = tell
        return self

    def becomes(self, body: Body) -> None:
        """The pod has gone, and there is another one."""
        self._body = body

    async def wait(self) -> None:
        """For its turn."""
        if self.queued is not None:
            self._tell(self.queued)
            await self.turn.wait()
            self._tell(None)

    @asynccontextmanager
    async def socket(
        self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]
    ) -> AsyncIterator[StreamSocket]:
        await self.wait()
        yield FakeSocket(V5)

    async def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        return name_of(self._body) == name

    async def body(self, kind: KindRef, namespace: str, name: str) -> Body:
        return self.others.get(kind, self._body)

    async def body_pages(
        self, kind: KindRef, *, namespace: str = "", labels: str = "", fields: str = "", limit: int = 200
    ) -> AsyncIterator[BodyPage]:
        yield BodyPage((self._body,))

    async def watch_bodies(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
    ) -> AsyncIterator[list[BodyEvent]]:
        yield []


class FolderPod(FakePod):
    """The same; its containers are a folder of this machine, in which commands run. cut, cut_in: see `LocalPort`."""

    def __init__(
        self,
        body: Body,
        folder: Path,
        cut: Sequence[int | None] | None = None,
        cut_in: Sequence[int | None] = (),
    ) -> None:
        super().__init__(body)
        self.place = LocalPort(folder, cut=cut, cut_in=cut_in)

    @asynccontextmanager
    async def socket(
        self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]
    ) -> AsyncIterator[StreamSocket]:
        await self.wait()
        async with self.place.socket(path, query, protocols) as socket:
            yield socket


class FakeFacts:
    """Fits `StreamFacts`."""

    account = "ana@example.com"
    project = "acme-1"

    def __init__(
        self, *, granted: bool = True, create: bool = True, slots: tuple[int, int] = (3, 5), hangs: bool = False
    ) -> None:
        self._slots = slots
        self._granted = granted
        self._create = create
        self._hangs = hangs

    async def slots(self) -> tuple[int, int] | None:
        return self._slots

    async def version(self) -> str:
        if self._hangs:
            await asyncio.Event().wait()
        return "v1.36.2-gke.100"

    async def granted(self, permission: str) -> bool:
        return self._granted

    async def may(self, verb: str, subresource: str, namespace: str) -> bool:
        return verb == "get" or self._create


def hub(*containers: str, facts: FakeFacts | None = None, unlocked: bool = True) -> FakeHub:
    """All live; a pod of these containers is behind every row."""
    made = world.live_hub()
    made.streams.port = FakePod(pod(*(containers or ("api",))))
    made.streams.known = facts or FakeFacts()
    made.streams.forwards.put((), NOW)
    if unlocked:
        made.changes.lock.put(Lock(NOW + 272), NOW)
    return made


def forwards() -> tuple[ForwardEntry, ...]:
    """One of each state."""
    shop = ForwardTarget(EU, SERVICES, "web", "shop")
    api = ForwardTarget(EU, PODS, "payments", "api-7c9d-x2f1p")
    live = ForwardState(
        (Bound(8080, "http", 80, ("127.0.0.1", "::1")),),
        "live",
        NOW - 700,
        "shop-66f-1",
        2,
        41,
        0,
        52_000,
        4_800_000,
        2,
        way_since=NOW - 19 * 60,
    )
    cut = Problem(ProblemKind.UNREACHABLE, "the connection was dropped without a word")
    waiting = ForwardState(
        state="waiting", pod="cart-5d-2", total=8, dials=1, cuts=1, cut=cut, cut_after=24 * 60, cut_at=NOW - 3
    )
    unready = replace(
        live, pod="ui-9b-7", way_since=NOW - 8, note="pod ui-9b-7 is not ready: taken, since none was for 15 s"
    )
    held_up = replace(
        live, pod="db-0", way_since=NOW - 90, open=3, total=3,
        held_up="127.0.0.1:41234 has stopped reading port 5432: 2 other connections wait",
    )  # fmt: skip
    return (
        ForwardEntry(1, shop, (PortPair(8080, "http"),), live, NOW - 4000, 300.0, 22_000.0, kept=True),
        ForwardEntry(
            2, api, (PortPair(9000, 9),), replace(live, ports=(Bound(9000, 9, 9, ("127.0.0.1",)),), pod=api.name,
            open=0, total=2, failed=2, sent=0, received=0, problem=REFUSED, way_since=NOW - 60), NOW - 60,
        ),
        ForwardEntry(3, replace(shop, name="cart"), (PortPair(8081, 80),), waiting, NOW - 1500),
        ForwardEntry(
            4, replace(shop, name="old"), (PortPair(80, 80),),
            ForwardState(state="ended", problem=Problem(ProblemKind.INVALID, "port 80 may not be used")), NOW - 90,
        ),
        ForwardEntry(5, replace(shop, name="kept"), (PortPair(8443, 443),), ForwardState(state="asleep"), kept=True),
        ForwardEntry(6, replace(shop, name="ui"), (PortPair(8082, 80),), unready, NOW - 300),
        ForwardEntry(
            7, replace(shop, name="queue"), (PortPair(8083, 80),),
            ForwardState((Bound(8083, 80, 0, ("127.0.0.1",)),), "queued", NOW - 40, note=QUEUED.words), NOW - 40,
        ),
        ForwardEntry(8, replace(shop, name="db"), (PortPair(5432, 5432),), held_up, NOW - 90),
    )  # fmt: skip


def no_port() -> SourceError:
    return SourceError(Problem(ProblemKind.UNREACHABLE, "no route to the host", target="https://prod-eu"))
