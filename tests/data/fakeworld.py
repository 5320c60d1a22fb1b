"""A small world for a whole hub: two fleets, AKS clusters with connections, contexts; each part can be made to fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from msgspec.structs import replace

from tests.data.fakekube import REFUSED, FakeKube
from tests.data.helpers import Reader
from tui.changes.desk import Desk
from tui.changes.settings import ChangeSettings, Connect, Names
from tui.clock import ManualClock, settle
from tui.data.hub import Hub
from tui.data.hubports import Ports
from tui.data.settings import HubSettings
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.connection import AksCluster, Extension, Linker
from tui.model.feed import Topic
from tui.model.fleet import Membership, MembershipKind
from tui.model.session import Identity, Meter
from tui.streams.logs import LogFollow
from tui.wiring import make_forward

NO_ACCOUNT = Problem(ProblemKind.MISSING, "no Azure account", remedy="az login")


@dataclass(frozen=True)
class Page:
    memberships: Sequence[Membership]
    unreachable: Sequence[str] = ()


def membership(project: str, name: str, *, agent: bool = False, location: str = "global") -> Membership:
    full = f"projects/{project}/locations/{location}/memberships/{name}"
    kind = MembershipKind.ON_PREM if agent else MembershipKind.GKE
    return Membership(full, project, location, name, kind, "READY", "v1.33.4", uses_agent=agent)


def linker(aks: AksCluster, name: str, *, identity: str = "") -> Linker:
    auth = "userAssignedIdentity" if identity else "secret"
    return Linker(f"{aks.id}/linkers/{name}", name, aks.id, "pay", "storage-blob", "blob", auth, client_id=identity)


@dataclass
class World:
    """Everything that a hub may ask, and how often it did."""

    clock: ManualClock
    asked: Counter[str] = field(default_factory=Counter[str])
    fleets: dict[str, Page | Problem] = field(default_factory=dict)
    aks: dict[str, list[AksCluster] | Problem] = field(default_factory=dict)
    linkers_of: dict[str, list[Linker] | Problem] = field(default_factory=dict)
    extensions: dict[str, Extension | Problem] = field(default_factory=dict)
    kubes: dict[str, FakeKube] = field(default_factory=dict)
    contexts_now: list[ClusterRef] = field(default_factory=list)
    fleet_port: bool = True
    arm_port: bool = True
    down: bool = False
    closed: int = 0
    ports_problem: Problem | None = None
    ports_wait: asyncio.Event | None = None

    def kube(self, key: str) -> FakeKube:
        return self.kubes.setdefault(key, FakeKube(self.clock))

    def desk(self, connect: Connect, names: Names) -> Desk:
        return Desk(connect, self.clock, ChangeSettings(), names)

    def unplug(self) -> None:
        """Everything is gone: the network, or the one server behind it all."""
        self.down = True
        for kube in self.kubes.values():
            kube.unplug()

    def plug_in(self) -> None:
        self.down = False
        for kube in self.kubes.values():
            kube.plug_in()

    @property
    def requests(self) -> int:
        return self.asked.total() + sum(kube.total for kube in self.kubes.values())

    def _count(self, what: str) -> None:
        self.asked[what] += 1
        if self.down:
            raise SourceError(REFUSED)

    # The ports.

    async def memberships(self, project: str) -> Page:
        self._count("memberships")
        return _or_raise(self.fleets[project])

    async def subscriptions(self) -> Sequence[str]:
        self._count("subscriptions")
        return list(self.aks)

    async def aks_clusters(self, subscription: str) -> Sequence[AksCluster]:
        self._count("aks")
        return _or_raise(self.aks[subscription])

    async def linkers(self, cluster: AksCluster) -> Sequence[Linker]:
        self._count("linkers")
        return _or_raise(self.linkers_of.get(cluster.name, []))

    async def extension(self, cluster: AksCluster) -> Extension | None:
        self._count("extension")
        held = self.extensions.get(cluster.name)
        return None if held is None else _or_raise(held)

    async def background(self, ref: ClusterRef) -> FakeKube:
        return await self.cluster(ref)

    async def cluster(self, ref: ClusterRef) -> FakeKube:
        return self.kube(ref.key)

    async def contexts(self) -> Sequence[ClusterRef]:
        return self.contexts_now

    async def identity(self) -> Identity:
        self._count("identity")
        return Identity("ana@example.com")

    async def meter(self) -> Meter:
        return Meter(requests_per_minute=self.requests)

    async def close(self) -> None:
        self.closed += 1

    async def ports(self) -> Ports:
        if self.ports_wait is not None:
            await self.ports_wait.wait()
        if self.ports_problem is not None:
            raise SourceError(self.ports_problem)
        missing = Problem(ProblemKind.MISSING, "no Google account", remedy="gcloud auth login")
        return Ports(
            connector=self,
            fleet=self if self.fleet_port else missing,
            arm=self if self.arm_port else NO_ACCOUNT,
            contexts=self.contexts,
            layer=lambda problem: "net" if problem.kind is ProblemKind.UNREACHABLE else "server",
            identity=self.identity,
            meter=self.meter,
            close=self.close,
        )


def _or_raise(held):  # type: ignore[no-untyped-def]
    if isinstance(held, Problem):
        raise SourceError(held)
    return held


def small_world(clock: ManualClock) -> World:
    """Twelve memberships (eight of them with agents), three AKS clusters, six connections: the default scenario."""
    world = World(clock)
    world.fleets["acme-1"] = Page([membership("acme-1", f"gke-{n}") for n in range(4)])
    world.fleets["acme-2"] = Page([membership("acme-2", f"plant-{n}", agent=True) for n in range(8)])
    for n in range(8):
        kube = world.kube(f"projects/acme-2/locations/global/memberships/plant-{n}")
        for replica in ("a", "b"):
            name = f"gke-connect-agent-{replica}"
            kube.pod(name, namespace="gke-connect", labels={"app": "gke-connect-agent"})
            kube.add_log(name, namespace="gke-connect")
    clusters = [
        AksCluster(f"/subscriptions/SUB/resourceGroups/rg/{name}", name, "SUB", "rg", power_state="Running")
        for name in ("aks-1", "aks-2", "aks-3")
    ]
    world.aks["SUB"] = clusters
    for aks in clusters:
        world.linkers_of[aks.name] = [linker(aks, "orders", identity="c-1"), linker(aks, "cache")]
        extension = f"{aks.id}/extensions/sc-extension"
        world.extensions[aks.name] = Extension(extension, "sc-extension", "microsoft.servicelinker.connection")
    for number, member in enumerate(m for p in world.fleets.values() if isinstance(p, Page) for m in p.memberships):
        world.kube(member.key).pod(f"app-{number}")
    return world


def ref_of(key: str, name: str, via: Via = Via.GATEWAY) -> ClusterRef:
    return ClusterRef(key, name, via)


@asynccontextmanager
async def running(world: World, settings: HubSettings | None = None) -> AsyncIterator[Hub]:
    """A started hub; when the body is done it is stopped, and nothing may be left of it."""
    made = settings or HubSettings(projects=tuple(world.fleets))
    before = asyncio.all_tasks()
    hub = Hub(replace(made, seed=7, strict=True), world.ports, world.clock, LogFollow, world.desk, make_forward)
    await hub.start()
    await settle()
    try:
        yield hub
    finally:
        await hub.stop()
        assert asyncio.all_tasks() <= before
        assert not any(kube.watches for kube in world.kubes.values())
        assert not any(log.open for kube in world.kubes.values() for log in kube.logs.values())


@asynccontextmanager
async def followed(*topics: Topic[object]) -> AsyncIterator[list[Reader]]:
    """Readers of `topics` while the body runs."""
    readers = [Reader(topic) for topic in topics]
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    await settle()
    try:
        yield readers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
