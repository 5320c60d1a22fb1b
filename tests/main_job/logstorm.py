"""A log storm: containers that count, in simulated clouds over real sockets, and everything that befalls their logs at
random; beside it the truth about what each of them wrote and what was really lost."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.data.fakeworld import followed
from tests.data.helpers import Reader
from tests.sim.kubectl import through_the_gateway
from tui.clients.kube import KubeClient
from tui.config.settings import Settings
from tui.data.hub import Hub
from tui.data.logbook import LogView
from tui.model.logs import LogQuery, LogStatus
from tui.sim.ca import Authority
from tui.sim.faults import Fault
from tui.sim.loading import load
from tui.sim.scenario import Scenario
from tui.sim.server import SimServer
from tui.wiring import build_hub

RATE = 2000
"""Lines a second of simulated time, over all containers of a cluster's storm."""
AGE = 60.0
SERVICES = "[gkehub.googleapis.com, gkeconnect.googleapis.com, connectgateway.googleapis.com]"
PATIENCE = 300.0


class StepClock:
    """Simulated time of the clouds: it moves when it is told to. What they wait for in between is real."""

    def __init__(self) -> None:
        self.at = float(int(time.time()))

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class QuickClock:
    """The client's time: waits are a fiftieth as long as they say, so that fifty back-offs are no minute."""

    SPEED = 50.0

    def __init__(self) -> None:
        self._began, self._origin = time.time(), time.monotonic()

    def slept(self, seconds: float) -> None:
        """The machine has: its monotonic clock stood still, and the wall's went on."""
        self._began += seconds

    def now(self) -> float:
        return self._began + self.monotonic()

    def monotonic(self) -> float:
        return (time.monotonic() - self._origin) * self.SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.SPEED)


def scenario(folder: Path, clusters: int, pods: int, rate: float) -> Scenario:
    """Clusters c00…, each with so many pods "counter-…" that write `rate` lines a second, and a member of a fleet."""
    names = [f"c{number:02d}" for number in range(clusters)]
    counter = (
        f"{{kind: Deployment, namespace: lab, name: counter, replicas: {pods}, log: numbered, log_rate: {rate}, "
        f"age: {AGE:g}}}"
    )
    lines = [
        "title: counting",
        "people: [{id: admin, email: ana@example.com, iam: [roles/owner], kube: cluster-admin}]",
        f'projects: [{{id: acme-fleet, number: "605104041262", services: {SERVICES}}}]',
        "clusters:",
        *(f"  - {{name: {name}, version: v1.36.2, agent: healthy, workloads: [{counter}]}}" for name in names),
        "memberships:",
        *(
            f"  - {{id: {name}, project: acme-fleet, location: global, kind: vmware, cluster: {name}}}"
            for name in names
        ),
    ]
    path = folder / "counting.yaml"
    path.write_text("\n".join(lines))
    return load(str(path))


@dataclass
class Ledger:
    """What was done. repeated: nothing; it is counted on the wire."""

    breaks: int = 0
    losses: int = 0
    by_kind: Counter[str] = field(default_factory=Counter[str])
    wire: Counter[str] = field(default_factory=Counter[str])


class Storm:
    """Breaks the streams of the matched pods' logs, one after another: the next misfortune is armed in the moment in
    which one is met, so that no stream goes unbroken until there have been `breaks`."""

    def __init__(self, sim: SimServer, chance: random.Random, match: dict[str, str], breaks: int, share: int) -> None:
        self._sim = sim
        self._chance = chance
        self._match = {"path": "*/log", "query": "*follow=true*", **match}
        self._left = breaks
        self._share = share
        self._current: Fault | None = None
        self.met: Counter[str] = Counter()
        self._count = sim.faults._count
        sim.faults._count = self._counted  # type: ignore[method-assign]
        self._arm()

    @property
    def over(self) -> bool:
        return self._left == 0 and self._current is None

    def _counted(self, fault: Fault) -> None:
        self._count(fault)
        if fault is self._current:
            self.met[f"{fault.action} {fault.options.get('status', '')}".strip()] += 1
            self._current = None
            self._arm()

    def _arm(self) -> None:
        if self._left:
            self._left -= 1
            action, options = self._misfortune()
            self._current = self._sim.faults.add(action, self._match, times=1, **options)

    def _misfortune(self) -> tuple[str, dict[str, Any]]:
        chance = self._chance
        lines = chance.randrange(self._share // 2, self._share)
        return chance.choice(
            [
                ("cut-stream", {"lines": lines}),
                ("cut-stream", {"lines": lines + chance.random()}),
                ("cut-stream", {"bytes": lines * 80}),
                ("end-stream", {"lines": lines}),
                ("end-stream", {"lines": lines + chance.random()}),
                ("end-stream", {"bytes": lines * 80}),
                ("cut", {}),
                ("answer", {"status": 410}),
                ("answer", {"status": 429, "retry_after": 1}),
                ("answer", {"status": chance.choice([500, 502, 503, 504])}),
            ]
        )


def numbered(text: bytes) -> tuple[str, int]:
    """Which run of which container wrote a line, and its number."""
    words = text.split()
    return words[-1].decode(), int(words[1])


@dataclass
class Bench:
    """A storm's world, and what the view has given out of it: for each source the numbers of each run, in order."""

    sim: SimServer
    clock: StepClock
    own: QuickClock
    hub: Hub
    ledger: Ledger
    got: defaultdict[int, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    times: dict[tuple[int, str, int], int] = field(default_factory=dict)
    newest: tuple[int, int] = (0, -1)
    position: int = 0
    view: LogView | None = None
    follows: bool = True  # time jumps here, so lines of the future come, which have their places by when they come
    reader: Reader | None = None

    @property
    def status(self) -> LogStatus:
        assert self.reader is not None
        return self.reader.value or LogStatus()

    @asynccontextmanager
    async def viewing(self, **asked: Any) -> AsyncIterator[None]:
        clusters = await self._clusters()
        book = self.hub.logs(LogQuery(clusters, namespace="lab", **asked))
        assert isinstance(book, LogView)
        self.view, self.follows = book, bool(asked.get("follow", True))
        async with followed(book.status) as (self.reader,):
            yield

    async def _clusters(self) -> Any:
        async with followed(self.hub.clusters) as (clusters,):
            await self.until(lambda: bool(clusters.feeds and clusters.value))
            return tuple(clusters.value)

    def begin_anew(self) -> None:
        """Forget what was read: another view is to be."""
        self.got.clear()
        self.times.clear()
        self.newest, self.position = (0, -1), 0

    def take(self) -> None:
        """Read on in the view."""
        assert self.view is not None
        while True:
            lines, missed = self.view.since(self.position)
            assert missed == 0
            if not lines:
                return
            for line in lines:
                run, number = numbered(line.text)
                self.got[line.source].setdefault(run, []).append(number)
                self.times[line.source, run, number] = line.at
                in_order = line.at >= self.newest[0] or line.late or line.source == self.newest[1]
                assert in_order or self.follows, "older, and not marked"
                self.newest = max(self.newest, (line.at, line.source))
            self.position = lines[-1].seq + 1

    async def until(self, true: Any) -> None:
        """Let everybody work, and read, until something is so."""
        end = time.monotonic() + PATIENCE
        while not true():
            if self.view is not None:
                self.take()
            if time.monotonic() > end:
                raise TimeoutError(self._said())
            await asyncio.sleep(0.005)

    def _said(self) -> str:
        states = Counter((one.state, str(one.problem or "")) for one in self.status.sources)
        return f"{states} received {self.status.received} held {self.status.held!r}"

    async def step(self, seconds: float) -> None:
        """Time goes on in the clouds."""
        self.clock.at += seconds
        self.sim.world.tick()
        await asyncio.sleep(0)

    async def sleep(self, seconds: float) -> None:
        """The client's machine sleeps: what it had open is gone when it wakes, and time has passed."""
        await self.sim.unplug()
        await self.step(seconds)
        self.own.slept(seconds)
        await self.sim.plug()

    async def truth(self, cluster: str, pod: str, *, previous: bool = False) -> tuple[str, int]:
        """The run of a container that is going on, or the one before it, and how many lines it has written."""
        url = f"{self.sim.base_url}/clusters/{cluster}/api/v1/namespaces/lab/pods/{pod}/log?tailLines=1"
        headers = {"Authorization": f"Bearer {self.sim.tokens['admin']}"}
        tls = aiohttp.TCPConnector(ssl=Authority(self.sim.folder).client_context())
        async with (
            aiohttp.ClientSession(connector=tls) as client,
            client.get(url + "&previous=true" * previous, headers=headers) as answer,
        ):
            line = await answer.read()
            return numbered(line) if line.startswith(b"line ") else ("", 0)


@asynccontextmanager
async def bench(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, clusters: int, pods: int, rate: float, gateway: bool = False
) -> AsyncGenerator[Bench]:
    """Clouds and a hub that loses nothing, both in this process, over TLS sockets. gateway: through it."""
    ledger = Ledger()
    count_the_wire(monkeypatch, ledger)
    clock = StepClock()
    async with SimServer.start(scenario(folder, clusters, pods, rate), clock=clock) as sim:
        members = sim.scenario.memberships
        files = tuple(
            through_the_gateway(sim, "admin", one) if gateway else sim.kubeconfig(one.cluster) for one in members
        )
        environ = {"HOME": str(folder), "PATH": "", "KUBECONFIG": ":".join(map(str, files))}
        own = QuickClock()
        hub = build_hub(Settings(kubeconfig=files), environ, own, lossless_logs=True)
        await hub.start()
        try:
            yield Bench(sim, clock, own, hub, ledger)
        finally:
            await hub.stop()


@asynccontextmanager
async def behind_the_gateway(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Bench]:
    """The same, of a membership of the scenario `streams` through its gateway, in real time."""
    ledger = Ledger()
    count_the_wire(monkeypatch, ledger)
    async with SimServer.start("streams") as sim:
        member = next(one for one in sim.scenario.memberships if one.cluster == "shop-eu")
        file = through_the_gateway(sim, "admin", member)
        environ = {"HOME": str(folder), "PATH": "", "KUBECONFIG": str(file)}
        own = QuickClock()
        hub = build_hub(Settings(kubeconfig=(file,)), environ, own, lossless_logs=True)
        await hub.start()
        try:
            yield Bench(sim, StepClock(), own, hub, ledger)
        finally:
            await hub.stop()


def count_the_wire(monkeypatch: pytest.MonkeyPatch, ledger: Ledger) -> None:
    """Count whole lines as they come in, below everything that is under test."""
    real = KubeClient.log

    @asynccontextmanager
    async def counting(self: KubeClient, *where: str, **how: Any) -> AsyncGenerator[AsyncGenerator[bytes]]:
        async with real(self, *where, **how) as chunks:

            async def counted() -> AsyncGenerator[bytes]:
                async for chunk in chunks:
                    ledger.wire["lines"] += chunk.count(b"\n")
                    yield chunk

            async with aclosing_(counted()) as passed:
                yield passed

    monkeypatch.setattr(KubeClient, "log", counting)


@asynccontextmanager
async def aclosing_(chunks: AsyncGenerator[bytes]) -> AsyncGenerator[AsyncGenerator[bytes]]:
    try:
        yield chunks
    finally:
        await chunks.aclose()
