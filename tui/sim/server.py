"""The simulated clouds as one server: TLS on loopback, every surface behind one address, faults in between.

By path: `/_sim/` is the control endpoint, `/clusters/NAME/` a cluster without any cloud in front, Azure has its own
prefixes (`azure.cloud`), and everything else is Google's. One plain-http listener answers only managed-identity token
requests, as the clients that make those expect.
"""

from __future__ import annotations

import asyncio
import fnmatch
import shlex
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import yaml
from aiohttp import web

from tui.clock import Clock, SystemClock
from tui.errors import UsageError
from tui.sim.access import Access
from tui.sim.azure.cloud import AzureCloud
from tui.sim.azure.identity import TOKEN_PATH, IdentityEndpoint
from tui.sim.ca import Authority, write_private
from tui.sim.churn import RATE, Churn
from tui.sim.control import Control
from tui.sim.dispatch import Dispatcher, Surface, affected
from tui.sim.environment import Environment
from tui.sim.faults import Fault, Faults
from tui.sim.furnishing import Inhabited
from tui.sim.google.cloud import GoogleCloud
from tui.sim.kube.identity import User
from tui.sim.kube.namespaces import NAMESPACES
from tui.sim.kube.streams.guarding import scratch_folder
from tui.sim.listener import HOST, Listener, Listening, reserve
from tui.sim.loading import load
from tui.sim.people import People
from tui.sim.requestlog import RequestLog
from tui.sim.scale import scaled
from tui.sim.scenario import Scenario
from tui.sim.world import World


class SimServer:
    """Use `SimServer.start`.

    base_url: "https://127.0.0.1:PORT". token_url: the managed-identity endpoint (plain http). tokens: bearer token by
    person id. world: what lives behind. requests: what was asked. faults: misbehaviour on purpose.
    """

    def __init__(self, world: World, authority: Authority, listening: Listening, clock: Clock) -> None:
        """authority: its folder is where everything else is kept, too. listening: from `reserve`."""
        folder, scenario = authority.folder, world.scenario
        self.scenario = scenario
        self.world = world
        self.folder = folder
        self.people = People(scenario.people, folder / "identities.json", clock.now)
        self.tokens = self.people.tokens
        self.requests = RequestLog()
        self.faults = Faults(self.people.resolve, self._act)
        self.ca_pem = authority.ca_pem
        self._clouds = Listener(listening, self._handle, tls=authority.server_context(), prepare=self._prepare)
        self._identities = Listener(reserve(), self._handle_identity)
        self.address = self._clouds.address
        self.port = self._clouds.port
        self.base_url = f"https://{HOST}:{self.port}"
        self.token_url = f"http://{HOST}:{self._identities.port}{TOKEN_PATH}"
        for name, cluster in world.clusters.items():
            cluster.rbac.withheld = partial(self.faults.rbac_denied, name)
        for cluster in world.clusters.values():  # so that its TokenReview knows people, too
            cluster.tokens.update({token: User(self.people.resolve(id)) for id, token in self.tokens.items()})
        self.access = Access(world, self.people, authority, self.base_url)
        self.google = GoogleCloud(
            scenario, world, self.people, self.faults, clock, self.base_url, self.ca_pem, self._cluster_id
        )
        self.azure = AzureCloud(scenario, self.people, clock, self.base_url, self.access.kubeconfig)
        self._environment = Environment(
            folder / "people", scenario, self.people, self.ca_pem, self.base_url, self.token_url
        )
        self._token_endpoint = IdentityEndpoint(self.people, self.azure.tenant)
        control = Control(self.people.control_secret, self.faults, self.requests, self.google.gateway.streams.as_json)
        surfaces: dict[str, Surface] = {
            "google": self.google.handle,
            "gateway": self.google.handle,
            "azure": self.azure.handle,
            "kubernetes": self.access.handle,
            "control": control.handle,
        }
        gateway = self.google.gateway
        self._dispatcher = Dispatcher(surfaces, gateway, self.people, self.faults, self.requests, clock.now)
        self._living: asyncio.Task[None] | None = None
        self._restarts: set[asyncio.Task[None]] = set()
        self._unrest: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        scenario: str | Scenario = "healthy",
        port: int = 0,
        state_dir: Path | None = None,
        speed: float = 1.0,
        seed: int = 0,
        scale: tuple[int, int] | None = None,
        clock: Clock | None = None,
    ) -> AsyncGenerator[SimServer]:
        """Serve until the block ends.

        port: 0 = any free one. state_dir: keeps authority, certificate, tokens and secrets between starts, so that
        running clients trust a server started again on the same port. speed: how fast simulated time runs. scale:
        (memberships, pods) instead of the scenario's own.

        Raises PortBusyError, UsageError (no such scenario, or a mistake in it).
        """
        clock = clock or SystemClock()
        if isinstance(scenario, str):
            scenario = load(scenario)
        if scale is not None:
            scenario = scaled(scenario, *scale)
        with scratch_folder("clusterview-sim-") as scratch, reserve(port) as listening:
            try:
                authority = Authority(state_dir or scratch)
            except OSError as error:
                raise UsageError(f"--state {state_dir}: cannot be used: {error.strerror}") from error
            ca = authority.ca_pem.read_text(encoding="ascii")
            world = World(scenario, now=clock.now, speed=speed, seed=seed, ca=ca)
            server = cls(world, authority, listening, clock)
            async with server.serving():
                for spec in scenario.faults:
                    server.faults.add(spec.action, spec.match, **spec.options)
                yield server

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Let the world live and answer requests, until the block ends."""
        await self._open()
        try:
            yield
        finally:
            await self._close()

    def others(self, person: str) -> str:
        """How to become somebody else, as comments to be printed behind that person's script. Writes the scripts."""
        scripts = {id: path for id, path in self._environment.script_files().items() if id != person}
        if not scripts:
            return ""
        width = max(len(id) for id in scripts)
        lines = [f"#   {id:<{width}}  . {shlex.quote(str(path))}" for id, path in scripts.items()]
        return "\n".join(["# the other people of this world", *lines]) + "\n"

    def environment(self, person: str = "admin") -> dict[str, str]:
        """The variables with which gcloud, kubectl, az and clusterview talk to this server as that person."""
        return self._environment.variables(person)

    def script(self, person: str = "admin", *, control: bool = False) -> str:
        """The same as a shell script. control: with the secret of the control endpoint."""
        return self._environment.script(person, self.people.control_secret if control else "")

    def kubeconfig(self, cluster: str, person: str = "admin", *, certificate: bool = False) -> Path:
        """A file for plain access to one cluster, with the person's token or a client certificate."""
        content = self.access.kubeconfig(cluster, self.people.resolve(person), certificate=certificate)
        kind = "certificate" if certificate else "token"
        path = self.folder / "kubeconfigs" / f"{cluster}-{person}-{kind}.yaml"
        write_private(path, yaml.safe_dump(content, sort_keys=False).encode())
        return path

    async def unplug(self) -> None:
        """Drop every connection and stop listening, as if the network were gone."""
        await self._clouds.close(abruptly=True)

    async def plug(self) -> None:
        """Listen again, on the same port."""
        await self._clouds.open()

    async def ended(self) -> None:
        """Return never, but for a fault in the world itself, which is raised."""
        assert self._living is not None  # started
        await self._living

    async def _open(self) -> None:
        self._living = asyncio.create_task(self.world.run(), name="simulated world")
        await self._clouds.open()
        await self._identities.open()

    async def _close(self) -> None:
        for restart in (*self._restarts, *self._unrest):
            restart.cancel()
        self.faults.clear()
        self._dispatcher.end_all()
        await self._clouds.close()
        await self._identities.close()
        self.world.close()
        living, self._living = self._living, None
        if living is not None:
            living.cancel()
            try:
                await living
            except asyncio.CancelledError:
                pass

    def _cluster_id(self, name: str) -> str:
        """The uid of its namespace kube-system: what a fleet knows a cluster by."""
        namespace = self.world.clusters[name].store.get(NAMESPACES, "", "kube-system")
        return str(namespace["metadata"]["uid"]) if namespace else ""

    def _act(self, fault: Fault) -> None:
        """What a fault does the moment it is armed."""
        match fault.action:
            case "unreachable" | "disconnect" | "agent-lost":
                self._dispatcher.cut(affected(fault))
            case "expire":
                pattern = fault.match.get("cluster", "*")
                for name, cluster in self.world.clusters.items():
                    if fnmatch.fnmatchcase(name, pattern):
                        cluster.store.compact()
            case "churn":
                self._stir(fault)
            case "rotate" | "restart-container":
                for name in self.world.clusters:
                    if fnmatch.fnmatchcase(name, fault.match.get("cluster", "*")):
                        _act_on_containers(fault, name, self.world.inhabited(name))
            case "restart":
                restart = asyncio.create_task(self._restart(fault.number("seconds")))
                self._restarts.add(restart)
                restart.add_done_callback(self._restarts.discard)
            case _:
                pass

    def _stir(self, fault: Fault) -> None:
        """Unrest in the matched clusters, until the fault is cleared or its time is over."""
        pattern, seconds = fault.match.get("cluster", "*"), fault.number("seconds")
        for name, cluster in self.world.clusters.items():
            if fnmatch.fnmatchcase(name, pattern):
                unrest = Churn(cluster, fault.number("rate", RATE))
                task = asyncio.create_task(unrest.run(seconds, fault.cleared.is_set), name=f"churn in {name}")
                self._unrest.add(task)
                task.add_done_callback(lambda ended: self._calm(ended, fault))

    def _calm(self, ended: asyncio.Task[None], fault: Fault) -> None:
        self._unrest.discard(ended)
        self.faults.remove(fault)

    async def _restart(self, seconds: float) -> None:
        await self.unplug()
        await asyncio.sleep(seconds)
        await self.plug()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        return await self._dispatcher.handle(request)

    async def _prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        await self._dispatcher.prepared(request, response)

    async def _handle_identity(self, request: web.Request) -> web.StreamResponse:
        return await self._token_endpoint.handle(request)


def _act_on_containers(fault: Fault, cluster: str, inhabited: Inhabited) -> None:
    """Rotate the logs of, or restart, every container of a cluster that a fault concerns."""

    def concerned(namespace: str, pod: str, container: str) -> bool:
        return fault.concerns(cluster=cluster, namespace=namespace, pod=pod, container=container)

    if fault.action == "rotate":
        unread = fault.options.get("unread") is True
        inhabited.logs.rotate(concerned, keep=int(fault.number("keep")), unread=unread)
    else:
        inhabited.crew.end_containers(concerned, int(fault.number("exit_code", 137)))
