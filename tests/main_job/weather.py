"""Clouds in a process of their own whose containers count in real time, and what befalls their logs meanwhile: by
chance, told to the simulator's control endpoint as anybody may. And what a reader was given of it, line by line."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.conftest import SimProcess, simulating
from tui.data.timemerge import PATIENCE
from tui.sim.google.credentials import data_path
from tui.sim.loading import load

AGE = 20.0
"""Seconds that the containers have counted before anybody looks."""
KEPT = 60.0
"""Seconds of lines that a rotation leaves: longer than any source is cut off here."""
LOOK_EVERY = 0.2
_PROJECT = "605104041262"
_SERVICES = "[gkehub.googleapis.com, gkeconnect.googleapis.com, connectgateway.googleapis.com]"

Place = tuple[str, str]
"""A cluster and a pod."""


@dataclass(frozen=True)
class Size:
    """clusters, of which `gateway` are reached through it, each with so many pods that write about `rate` lines a
    second. seconds: how long it storms. lives: seconds between which a stream is left alone. gateway_cut: seconds after
    which the gateway cuts each stream. rotated, restarted: shares of the containers."""

    clusters: int
    gateway: int
    pods: int
    rate: float
    seconds: float
    lives: tuple[float, float]
    gateway_cut: float
    rotated: float = 0.5
    restarted: float = 0.3

    @property
    def sources(self) -> int:
        return self.clusters * self.pods

    def rate_of(self, cluster: int) -> float:
        """No two clusters write at the same times."""
        return round(self.rate * (0.8 + 0.4 * cluster / self.clusters), 3)


def _scenario(folder: Path, size: Size) -> Path:
    names = [f"c{number:02d}" for number in range(size.clusters)]
    lines = [
        "title: counting in real time",
        "people: [{id: admin, email: ana@example.com, iam: [roles/owner], kube: cluster-admin}]",
        f'projects: [{{id: acme-fleet, number: "{_PROJECT}", services: {_SERVICES}}}]',
        "clusters:",
    ]
    for number, name in enumerate(names):
        counter = (
            f"{{kind: Deployment, namespace: lab, name: counter, replicas: {size.pods}, log: numbered, "
            f"log_rate: {size.rate_of(number)}, age: {AGE:g}}}"
        )
        lines.append(f"  - {{name: {name}, version: v1.36.2, workloads: [{counter}]}}")
    lines.append("memberships:")
    for name in names[size.clusters - size.gateway :]:
        lines.append(f"  - {{id: {name}, project: acme-fleet, location: global, kind: gke, cluster: {name}}}")
    path = folder / "counting.yaml"
    path.write_text("\n".join(lines))
    return path


class Clouds:
    """The simulator's process, by its addresses."""

    def __init__(self, sim: SimProcess, scenario: Path, folder: Path, client: aiohttp.ClientSession) -> None:
        self._sim = sim
        self._client = client
        self._scenario = load(str(scenario))
        self._through = {one.cluster: one for one in self._scenario.memberships}
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(yaml.safe_dump(self._contexts()))
        self.environ = {"HOME": str(folder), "PATH": "", "KUBECONFIG": str(self.kubeconfig)}

    @property
    def behind_the_gateway(self) -> list[str]:
        return list(self._through)

    def _contexts(self) -> dict[str, Any]:
        names = [one.name for one in self._scenario.clusters]
        roads = [
            data_path(_PROJECT, self._through[one]) if one in self._through else f"/clusters/{one}" for one in names
        ]
        trusted = {"certificate-authority": self._sim.env["SSL_CERT_FILE"]}
        servers = [{"server": self._sim.base_url + road, **trusted} for road in roads]
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": names[0],
            "clusters": [{"name": name, "cluster": server} for name, server in zip(names, servers, strict=True)],
            "contexts": [{"name": name, "context": {"cluster": name, "user": "admin"}} for name in names],
            "users": [{"name": "admin", "user": {"token": self._sim.env["CLOUDSDK_AUTH_ACCESS_TOKEN"]}}],
        }

    async def places(self) -> list[Place]:
        """Every pod that counts."""
        found: list[Place] = []
        for one in self._scenario.clusters:
            listed = json.loads(await self._get(f"/clusters/{one.name}/api/v1/namespaces/lab/pods"))
            found += [(one.name, pod["metadata"]["name"]) for pod in listed["items"]]
        return found

    async def written(self, place: Place, *, previous: bool = False) -> tuple[str, int]:
        """The run of a container that is going on, or the one before it, and how many lines it has written."""
        path = f"/clusters/{place[0]}/api/v1/namespaces/lab/pods/{place[1]}/log?tailLines=1"
        words = (await self._get(path + "&previous=true" * previous)).split()
        return (words[-1].decode(), int(words[1])) if words[:1] == [b"line"] else ("", 0)

    async def _get(self, path: str) -> bytes:
        headers = {"Authorization": f"Bearer {self._sim.env['CLOUDSDK_AUTH_ACCESS_TOKEN']}"}
        async with self._client.get(self._sim.base_url + path, headers=headers) as answer:
            return await answer.read()

    async def control(self, method: str, what: str, body: object = None) -> Any:
        headers = {"X-Sim-Control": self._sim.env["CLUSTERVIEW_SIM_CONTROL"]}
        url = f"{self._sim.base_url}/_sim/{what}"
        async with self._client.request(method, url, json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def arm(self, action: str, match: dict[str, str], **options: object) -> int:
        fault = await self.control("POST", "faults", {"action": action, "match": match, "options": options})
        return int(fault["id"])


@asynccontextmanager
async def clouds(folder: Path, size: Size) -> AsyncGenerator[Clouds]:
    scenario = _scenario(folder, size)
    with simulating(folder, "--scenario", str(scenario)) as sim:
        tls = ssl.create_default_context(cafile=sim.env["SSL_CERT_FILE"])
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls, limit=8)) as client:
            yield Clouds(sim, scenario, folder, client)


class Weather:
    """Breaks every stream of every log again and again: a pod's next misfortune is armed when one has been met.
    Rotations and restarts come besides, by the clock. met: how often each kind befell; of: how many answers about each
    pod were refusals or were broken."""

    def __init__(self, there: Clouds, chance: random.Random, size: Size, places: list[Place]) -> None:
        self._there = there
        self._chance = chance
        self._size = size
        self._places = places
        self._armed: dict[int, tuple[Place, str]] = {}
        self._before: dict[Place, str] = {}
        shares = (("rotate", size.rotated), ("restart-container", size.restarted))
        self._plan = sorted(
            (chance.uniform(0.1, 0.8) * size.seconds, action, place)
            for place in places
            for action, share in shares
            if chance.random() < share
        )
        self.met: Counter[str] = Counter()
        self.of: Counter[Place] = Counter()

    async def gather(self) -> None:
        """Arm the first misfortunes, before anybody reads."""
        through = self._there.behind_the_gateway
        for cluster in through:
            match = {"cluster": cluster, "path": "*/log", "query": "*follow=true*"}
            await self._there.arm("cut-stream", match, seconds=self._size.gateway_cut)
        for place in self._places:
            if place[0] not in through:
                await self._arm(place, "cut-stream", {"seconds": self._life()})

    async def storm(self) -> None:
        """Until its time is over; all is quiet then."""
        began = time.monotonic()
        while (passed := time.monotonic() - began) < self._size.seconds:
            while self._plan and self._plan[0][0] <= passed:
                await self._befall(*self._plan.pop(0)[1:])
            there = {fault["id"] for fault in await self._there.control("GET", "faults")}
            for number in self._armed.keys() - there:
                place, kind = self._armed.pop(number)
                self.met[kind] += 1
                self.of[place] += kind != "cut"  # unanswered, an HTTP client may ask again by itself
                await self._arm(place, *self._misfortune())
            await asyncio.sleep(LOOK_EVERY)
        self.met["cut by the gateway"] += sum(
            fault["met"] for fault in await self._there.control("GET", "faults") if fault["left"] is None
        )
        await self._there.control("DELETE", "faults")

    async def truths(self) -> dict[Place, dict[str, int]]:
        """Of each pod its runs, oldest first, and how many lines each has written by now."""
        found: dict[Place, dict[str, int]] = {}
        for place in self._places:
            run, last = await self._there.written(place)
            while run in ("", self._before.get(place)):  # it is being restarted, or its first line is to come
                await asyncio.sleep(LOOK_EVERY)
                run, last = await self._there.written(place)
            ended = [await self._there.written(place, previous=True)] if place in self._before else []
            found[place] = dict([*ended, (run, last)])
        return found

    async def _befall(self, action: str, place: Place) -> None:
        options = {"keep": int(KEPT * self._size.rate)} if action == "rotate" else {}
        if action == "restart-container":
            self._before[place], _ = await self._there.written(place)
        await self._there.arm(action, {"cluster": place[0], "pod": place[1]}, **options)
        self.met[action] += 1

    async def _arm(self, place: Place, action: str, options: dict[str, Any]) -> None:
        match = {"cluster": place[0], "pod": place[1], "path": "*/log", "query": "*follow=true*"}
        number = await self._there.arm(action, match, times=1, **options)
        self._armed[number] = (place, f"{action} {options.get('status', '')}".strip())

    def _life(self) -> float:
        return round(self._chance.uniform(*self._size.lives), 2)

    def _misfortune(self) -> tuple[str, dict[str, Any]]:
        chance = self._chance
        lines = int((self._life() + PATIENCE) * self._size.rate)  # some were written while nobody read
        torn = lines + round(chance.uniform(0.1, 0.9), 3)
        return chance.choice(
            [
                ("cut-stream", {"seconds": self._life()}),
                ("cut-stream", {"seconds": self._life()}),
                ("cut-stream", {"lines": torn}),
                ("cut-stream", {"bytes": lines * 75}),
                ("end-stream", {"seconds": self._life()}),
                ("end-stream", {"seconds": self._life()}),
                ("end-stream", {"lines": torn}),
                ("end-stream", {"bytes": lines * 75}),
                ("cut", {}),
                ("answer", {"status": 410}),
                ("answer", {"status": 429, "retry_after": 1}),
                ("answer", {"status": chance.choice([500, 502, 503, 504])}),
            ]
        )


@dataclass
class Given:
    """What a reader was given, in its order. sudden: lines that are marked as late though the oldest of those that came
    with them was younger than what others wait for. unmarked: lines that are older than one before them of another
    source, and are not marked."""

    runs: defaultdict[Place, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    count: int = 0
    late: Counter[Place] = field(default_factory=Counter[Place])
    sudden: int = 0
    unmarked: int = 0
    _newest: tuple[str, Place] = ("", ("", ""))
    _excused: dict[Place, bool] = field(default_factory=dict[Place, bool])

    def line(self, place: Place, stamp: str, text: str, *, late: bool, age: float) -> None:
        """stamp: the time that it bears, as it sorts. age: seconds since then."""
        words = text.split()
        self.runs[place].setdefault(words[-1], []).append(int(words[1]))
        self.count += 1
        if late:
            self.late[place] += 1
            self.sudden += not self._excused.setdefault(place, age >= PATIENCE)
        else:
            self._excused.pop(place, None)
            self.unmarked += stamp < self._newest[0] and place != self._newest[1]
        self._newest = max(self._newest, (stamp, place))

    def has(self, truths: dict[Place, dict[str, int]]) -> bool:
        """Whether all of that has come."""
        return all(
            self.runs[place].get(run, [0])[-1] >= last for place, runs in truths.items() for run, last in runs.items()
        )

    def check(self, truths: dict[Place, dict[str, int]]) -> None:
        """Each line of each run of each source once and in order; and the runs in theirs."""
        assert self.runs.keys() == truths.keys()
        for place, runs in truths.items():
            assert list(self.runs[place]) == list(runs), place
            for run, last in runs.items():
                numbers = self.runs[place][run]
                assert len(numbers) >= last, (place, run)
                assert numbers == list(range(1, len(numbers) + 1)), (place, run)

    def told(self, weather: Weather) -> str:
        late = self.late.total()
        return (
            f"{len(self.runs)} sources, {self.count:,} lines, {weather.met.total()} breaks {dict(weather.met)}, "
            f"{late:,} late ({late / self.count:.2%}), of them {self.sudden} suddenly, {self.unmarked} unmarked"
        )
