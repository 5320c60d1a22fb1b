"""`Hub`: the shared data layer, as the screens see it (`tui.model.datalayer.DataLayer`).

It only puts the pieces together: who reads what, and when the whole begins and ends. Making one does no I/O and
imports no SDK; its topics are there at once, loading, and the clients are built in a task after `start`, so the first
frame waits for nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from weakref import WeakValueDictionary

from tui.clock import Clock
from tui.data.agents import Agents
from tui.data.awake import stay_awake
from tui.data.azure import Azure
from tui.data.bounds import BoundsOf
from tui.data.connections import Connections
from tui.data.directory import contexts, directory
from tui.data.discovery import Discovery
from tui.data.fleet import Fleet, memberships
from tui.data.forwards import Forwards, MakeForward
from tui.data.logbook import LogView
from tui.data.logsave import LogSave
from tui.data.looking import Looking
from tui.data.measured import Measuring
from tui.data.namespaces import Namespaces
from tui.data.narrowed import Narrowed
from tui.data.objects import Objects
from tui.data.ports import FollowLog, KubePort, MakeDesk, Ports
from tui.data.reach import Reachability
from tui.data.remembered import Remembered
from tui.data.resources import Resources
from tui.data.runtime import Runtime
from tui.data.session import identity, meter, ticker
from tui.data.settings import HubSettings
from tui.data.sortings import KeptSortings
from tui.data.streams import HubStreams
from tui.data.tables import Tables
from tui.data.tasks import bug
from tui.data.topic import Cell
from tui.data.turns import Turns
from tui.data.usage import Usages
from tui.data.workloads import Workloads
from tui.errors import Problem, SourceError
from tui.model.changes import ChangeDesk
from tui.model.cluster import ClusterRef
from tui.model.connection import Connection
from tui.model.feed import Topic
from tui.model.fleet import FleetMember
from tui.model.kube import KindRef, ResourceQuery, ResourceView
from tui.model.logs import LogBook, LogQuery
from tui.model.objects import Beside, Happening, Held, ObjectRef, Related
from tui.model.patterns import cluster_filter
from tui.model.session import Identity, Meter
from tui.model.sorting import Sortings
from tui.model.streams import StreamFacts, StreamPort, Streams
from tui.model.writes import GuardedPort

REFRESH_REST = 1.0
"""Seconds between two refreshes that are obeyed: a key held down must not become a flood."""


class Hub:
    """The data layer of one app, or of one test.

    settings: what to ask and how often. make_ports: builds the clients; awaited in a task after `start`, tried again
    where it raises SourceError. clock: the only time there is. follow_log: how a log is followed
    (`tui.streams.logs.LogFollow`). make_desk: makes the desk for changes, of the way to a cluster's client.
    make_forward: makes a port-forward. One hub belongs to one event loop and is started once.
    """

    def __init__(
        self,
        settings: HubSettings,
        make_ports: Callable[[], Awaitable[Ports]],
        clock: Clock,
        follow_log: FollowLog,
        make_desk: MakeDesk,
        make_forward: MakeForward,
    ) -> None:
        self._settings = settings
        self._make_ports = make_ports
        self._follow_log = follow_log
        rng = random.Random(settings.seed)
        runtime = self._runtime = Runtime(
            clock, rng, timeout=settings.timeout, linger=settings.linger, strict=settings.strict
        )
        self._ports: Ports | Problem | None = None
        self._ports_known = asyncio.Event()
        self._refreshed = float("-inf")

        connect = self._connect
        tables = Tables(runtime, connect)
        self._discovery = Discovery(runtime, connect, settings.cache)
        reach = Reachability(runtime, self._connect_behind, self._layer, settings.probe_every)
        agents = self._agents = Agents(runtime, connect, tables)
        azure = Azure(runtime, settings, self._ready)
        wanted = cluster_filter(settings.clusters)
        members = memberships(runtime, settings, self._ready)
        kubeconfig = contexts(runtime, settings, self._ready)
        remembered = Remembered(settings.state, runtime.tasks.spawn)
        narrowed = self._narrowed = Narrowed(tables, Namespaces(runtime, connect, remembered))
        behind = self._connect_behind
        measuring = Measuring(Usages(runtime, behind), BoundsOf(runtime, behind))
        self._resources = Resources(runtime, narrowed, measuring, Looking(runtime, behind), self._discovery, reach)
        self._objects = Objects(runtime, connect)
        self._clusters = directory(runtime, members, azure.clusters, kubeconfig, wanted)
        self._fleet = Fleet(
            runtime, members, self._clusters, azure.clusters, reach, agents, settings.agents_watched, wanted
        )
        self._connections = Connections(runtime, azure, self._clusters, agents, connect, 4 * settings.refresh, wanted)
        self._identity = identity(runtime, self._ready)
        self._meter = meter(runtime, self._ready)
        self._ticker = ticker(runtime)
        self._desk = make_desk(self._writer)
        self._forwards = Forwards(runtime, self._stream_port, make_forward, settings.state)
        self._streams = HubStreams(self._forwards, self._desk.admit, self._stream_port, self._stream_facts)
        self._sortings = KeptSortings(settings.state, runtime.tasks.spawn)
        self._workloads = Workloads(runtime, connect)
        self._turns = Turns(clock, settings.log_streams, settings.log_streams_each)
        self._logs: WeakValueDictionary[LogQuery, LogView] = WeakValueDictionary()

    @property
    def fleet(self) -> Topic[tuple[FleetMember, ...]]:
        return self._fleet.rows

    @property
    def connections(self) -> Topic[tuple[Connection, ...]]:
        return self._connections.rows

    @property
    def clusters(self) -> Topic[tuple[ClusterRef, ...]]:
        return self._clusters

    @property
    def sortings(self) -> Sortings:
        return self._sortings

    @property
    def identity(self) -> Topic[Identity]:
        return self._identity

    @property
    def meter(self) -> Topic[Meter]:
        return self._meter

    @property
    def ticker(self) -> Topic[float]:
        return self._ticker

    @property
    def changes(self) -> ChangeDesk:
        return self._desk

    @property
    def streams(self) -> Streams:
        return self._streams

    def resources(self, query: ResourceQuery) -> Cell[ResourceView]:
        """A merged list; the same query is the same topic for as long as somebody holds it."""
        return self._resources.view(query)

    def kinds(self, cluster: ClusterRef) -> Cell[tuple[KindRef, ...]]:
        """What the cluster's discovery offers."""
        return self._discovery.kinds(cluster)

    def object(self, ref: ObjectRef) -> Cell[Held]:
        """One whole object."""
        return self._objects.object(ref)

    def events(self, ref: ObjectRef) -> Cell[tuple[Happening, ...]]:
        """The events of one object."""
        return self._objects.events(ref)

    def beside(self, ref: ObjectRef) -> Cell[Beside]:
        """What an object's description needs of other objects; gaps are the kinds that were refused."""
        return self._objects.beside(ref)

    def related(self, ref: ObjectRef) -> Cell[Related]:
        """What stands around an object: owners, owned, selected, used, both ways; gaps are the kinds refused."""
        return self._objects.related(ref)

    def logs(self, query: LogQuery) -> LogBook:
        """A log view; the same query is the same view for as long as somebody holds it."""
        view = self._logs.get(query)
        if view is None:
            view = self._logs[query] = LogView(
                query,
                self._runtime,
                self._narrowed,
                self._agents,
                self._workloads,
                self._connect,
                self._follow_log,
                self._turns,
                lines=self._settings.log_lines,
                lossless=self._settings.lossless_logs,
            )
        return view

    def save_logs(self, book: LogBook, path: Path) -> LogSave:
        """Stream a log view into a file, from the oldest line of its ring on, until it is stopped."""
        assert isinstance(book, LogView)
        saving = LogSave(book, path)
        self._runtime.tasks.spawn(saving.run(), saving.name)
        return saving

    def refresh(self) -> None:
        """Ask everything that polls to do so now, and what waits after a failure to try again."""
        now = self._runtime.clock.monotonic()
        if now - self._refreshed >= REFRESH_REST:
            self._refreshed = now
            self._runtime.checks.refresh()

    async def start(self) -> None:
        """Begin to build the clients; returns at once."""
        self._runtime.tasks.spawn(self._build(), "clients", self._built)
        self._runtime.tasks.spawn(stay_awake(self._runtime.clock, self._runtime.checks), "awake")
        self._runtime.tasks.spawn(self._sortings.load(), "sortings")
        self._runtime.tasks.spawn(self._forwards.load(), "port-forwards kept")

    async def stop(self) -> None:
        """End every job and close every connection; a second time does nothing. With `strict`, raises what a job died
        of."""
        already = self._runtime.tasks.closed
        await self._desk.stop()
        await self._runtime.tasks.close()
        if isinstance(self._ports, Ports) and not already:
            await self._ports.close()
        if self._settings.strict and self._runtime.tasks.failures:
            raise self._runtime.tasks.failures[0]

    async def _build(self) -> None:
        backoff = self._runtime.backoff()
        while not isinstance(self._ports, Ports):
            try:
                self._ports = await self._make_ports()
            except SourceError as exc:
                self._ports = exc.problem
                self._ports_known.set()
                await self._runtime.clock.sleep(backoff.failed(exc.problem))

    def _built(self, died_of: BaseException | None) -> None:
        had_failed = self._ports_known.is_set()
        if died_of is not None:
            self._ports = bug(died_of)
        self._ports_known.set()
        if had_failed:  # who was told of the failure need not sleep it off
            self._runtime.checks.refresh()

    async def _ready(self) -> Ports:
        """The clients, once they have been built. Raises SourceError where they cannot be."""
        await self._ports_known.wait()
        if isinstance(self._ports, Ports):
            return self._ports
        assert self._ports is not None
        raise SourceError(self._ports)

    async def _connect(self, ref: ClusterRef) -> KubePort:
        return await (await self._ready()).connector.cluster(ref)

    async def _connect_behind(self, ref: ClusterRef) -> KubePort:
        """For what nobody waits for: it gives way to the rest where requests are counted."""
        return await (await self._ready()).connector.background(ref)

    async def _writer(self, ref: ClusterRef) -> GuardedPort:
        return await (await self._ready()).writer(ref)

    async def _stream_port(self, ref: ClusterRef) -> StreamPort:
        return await (await self._ready()).streams(ref)

    async def _stream_facts(self, ref: ClusterRef) -> StreamFacts:
        return await (await self._ready()).facts(ref)

    def _layer(self, problem: Problem) -> str:
        return self._ports.layer(problem) if isinstance(self._ports, Ports) else ""
