"""A desk over real sockets: the product's own clients, in front of simulated clusters that are seen from inside too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from tests.clocks import HurriedClock
from tui.changes.desk import Desk
from tui.changes.settings import ChangeSettings
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kubeconfig import ContextLoader
from tui.data.kinds import find_kind
from tui.errors import Problem
from tui.model.changes import Action, Entry, Fate, Plan, Progress, Wish
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.permits import Permit
from tui.model.writes import Write, Written
from tui.sim.requestlog import Entry as Asked
from tui.sim.server import SimServer

EU = ClusterRef("context:prod-eu", "prod-eu", Via.CONTEXT)
US = ClusterRef("context:prod-us", "prod-us", Via.CONTEXT)
PATIENCE = 30.0


def allowed(cluster: ClusterRef) -> Permit:
    """A permit that no lock has given."""
    return Permit(cluster, lambda: None)


@dataclass
class Office:
    """A desk, and the simulated clusters it works on. person: whose credentials the clients show."""

    sim: SimServer
    http: Http
    folder: Path
    settings: ChangeSettings = field(default_factory=ChangeSettings)
    person: str = "admin"
    clients: dict[str, KubeClient] = field(default_factory=dict)
    kinds: dict[str, tuple[KindRef, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = HurriedClock()
        self.desk = Desk(self.connect, self.clock, self.settings)

    async def connect(self, ref: ClusterRef) -> KubeClient:
        client = self.clients.get(ref.key)
        if client is None:
            path = self.sim.kubeconfig(ref.name, self.person)
            loader = ContextLoader({}, self.clock)
            endpoint = await loader.load_endpoint((path,), ref.name)
            client = self.clients[ref.key] = KubeClient(self.http, endpoint, ref)
        return client

    async def kind(self, text: str, cluster: ClusterRef = EU) -> KindRef:
        if cluster.key not in self.kinds:
            self.kinds[cluster.key] = await (await self.connect(cluster)).discover()
        found = find_kind(text, self.kinds[cluster.key])
        assert not isinstance(found, Problem), found
        return found

    async def ref(self, text: str, name: str, namespace: str = "", cluster: ClusterRef = EU) -> ObjectRef:
        return ObjectRef(cluster, await self.kind(text, cluster), namespace, name)

    def seen(self, ref: ObjectRef) -> Body | None:
        """The object, as it lies in the simulated cluster's store."""
        cluster = self.sim.world.clusters[ref.cluster.name]
        kind = next(kind for kind in cluster.registry if (kind.group, kind.plural) == (ref.kind.group, ref.kind.plural))
        return cast("Body | None", cluster.store.get(kind, ref.namespace, ref.name))

    def there(self, ref: ObjectRef) -> Body:
        """The object, which is there."""
        found = self.seen(ref)
        assert found is not None, f"there is no {ref.kind.kind} {ref.title}"
        return found

    async def plan(self, action: Action, *targets: ObjectRef, **args: str) -> Plan:
        clean = {name.replace("_", "-"): value for name, value in args.items()}
        return await self.desk.plan(Wish(action, targets, clean))

    async def do(self, action: Action, *targets: ObjectRef, **args: str) -> Progress:
        """Plan and carry out; every step must succeed."""
        return await self.done(await self.plan(action, *targets, **args))

    async def apply(self, manifest: str, **args: str) -> Progress:
        """Apply a manifest; every document must go through."""
        return await self.done(await self.desk.plan(Wish(Action.APPLY, (), {"manifest": manifest, **args}, (EU,))))

    async def until(self, true: Callable[[], object]) -> None:
        """Return when `true` holds: the simulated controllers need a moment of real time."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                await self.clock.sleep(2)

    async def done(self, plan: Plan) -> Progress:
        """Carry a plan out; every step that was ready must succeed."""
        assert not [step.problem for step in plan.steps if step.problem], plan.steps
        progress = await self.carry_out(plan)
        bad = [outcome for outcome in progress.outcomes if outcome.fate is Fate.FAILED]
        assert not bad, bad
        return progress

    async def carry_out(self, plan: Plan) -> Progress:
        """The last word of a run."""
        run = self.desk.carry_out(plan)
        async with asyncio.timeout(PATIENCE), aclosing(cast("Any", run.progress.follow())) as feeds:
            async for feed in feeds:
                if feed.value is not None and feed.value.finished:
                    return feed.value
        raise AssertionError

    async def journal(self) -> tuple[Entry, ...]:
        return await self.desk.entries()

    async def undo(self) -> Progress:
        """Take back the newest entry."""
        (entry, *_) = await self.journal()
        wish = self.desk.undo_of(entry)
        assert wish is not None, entry
        return await self.done(await self.desk.plan(wish))

    async def write(self, write: Write, cluster: ClusterRef = EU) -> Written:
        """What somebody else writes, who has another client."""
        return await (await self.connect(cluster)).write(write, allowed(cluster))

    def written(self) -> list[Asked]:
        """Every request that was sent with the verb of a write."""
        return [asked for asked in self.sim.requests if asked.method != "GET"]


@pytest.fixture
async def office(sim: SimServer, tmp_path: Path) -> AsyncIterator[Office]:
    """Unlocked, with a journal in a file."""
    http = Http({})
    made = Office(sim, http, tmp_path, ChangeSettings(journal=tmp_path / "state" / "journal.jsonl"))
    made.desk.unlock()
    yield made
    await made.desk.stop()
    await http.close()


@pytest.fixture
async def api(office: Office) -> ObjectRef:
    """A deployment of two replicas."""
    return await office.ref("deployments", "api", "payments")
