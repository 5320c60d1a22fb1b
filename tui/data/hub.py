"""`Hub`: the shared data layer, as the screens see it (`tui.model.datalayer.DataLayer`).

It only puts the pieces together: who reads what, and when the whole begins and ends. Making one does no I/O and
imports no SDK; its topics are there at once, loading, and the clients are built in a task after `start`, so the first
frame waits for nothing.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

from tui.clock import Clock
from tui.data.agents import Agents
from tui.data.awake import stay_awake
from tui.data.azure import Azure
from tui.data.bounds import BoundsOf
from tui.data.clients import Clients
from tui.data.connections import Connections
from tui.data.directory import contexts, directory
from tui.data.discovery import Discovery
from tui.data.fleet import Fleet, memberships
from tui.data.forwards import Forwards, MakeForward
from tui.data.hubports import MakeDesk, Ports
from tui.data.logpods import LogPods
from tui.data.logsave import LogSave
from tui.data.logviews import LogViews
from tui.data.looking import Looking
from tui.data.measured import Measuring
from tui.data.namespaces import Namespaces
from tui.data.narrowed import Narrowed
from tui.data.objects import Objects
from tui.data.ports import FollowLog
from tui.data.reach import Reachability
from tui.data.remembered import Remembered
from tui.data.resources import Resources
from tui.data.runtime import Runtime
from tui.data.session import identity, meter, ticker
from tui.data.settings import HubSettings
from tui.data.sortings import KeptSortings
from tui.data.streams import HubStreams
from tui.data.tables import Tables
from tui.data.topic import Cell
from tui.data.usage import Usages
from tui.data.workloads import Workloads
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
from tui.model.streams import Streams

REFRESH_REST = 1.0
"""Seconds between two refreshes that are obeyed: a key held down must not become a flood."""


class Hub:
    """The data layer of one app, or of one test.

    settings: what to ask and how often. make_ports: builds the clients (`Clients`). clock: the only time there is.
    follow_log: how a log is followed (`tui.streams.logs.LogFollow`). make_desk: makes the desk for changes, of the way
    to a cluster's client. make_forward: makes a port-forward. One hub belongs to one event loop and is started once.
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
        rng = random.Random(settings.seed)
        runtime = self._runtime = Runtime(
            clock, rng, timeout=settings.timeout, linger=settings.linger, strict=settings.strict
        )
        self._refreshed = float("-inf")

        clients = self._clients = Clients(runtime, make_ports)
        connect, behind = clients.kube, clients.kube_behind
        tables = Tables(runtime, connect)
        self._discovery = Discovery(runtime, connect, settings.cache)
        reach = Reachability(runtime, behind, clients.layer, settings.probe_every)
        agents = Agents(runtime, connect, tables)
        azure = Azure(runtime, settings, clients.ready)
        wanted = cluster_filter(settings.clusters)
        members = memberships(runtime, settings, clients.ready)
        kubeconfig = contexts(runtime, settings, clients.ready)
        remembered = Remembered(settings.state, runtime.tasks.spawn)
        narrowed = Narrowed(tables, Namespaces(runtime, connect, remembered))
        measuring = Measuring(Usages(runtime, behind), BoundsOf(runtime, behind))
        self._resources = Resources(runtime, narrowed, measuring, Looking(runtime, behind), self._discovery, reach)
        self._objects = Objects(runtime, connect)
        self._clusters = directory(runtime, members, azure.clusters, kubeconfig, wanted)
        self._fleet = Fleet(
            runtime, members, self._clusters, azure.clusters, reach, agents, settings.agents_watched, wanted
        )
        self._connections = Connections(runtime, azure, self._clusters, agents, connect, 4 * settings.refresh, wanted)
        self._identity = identity(runtime, clients.ready)
        self._meter = meter(runtime, clients.ready)
        self._ticker = ticker(runtime)
        self._desk = make_desk(clients.writer, clients.names)
        self._forwards = Forwards(runtime, clients.streams, make_forward, settings.state)
        self._streams = HubStreams(self._forwards, self._desk.admit, clients.streams, clients.stream_facts)
        self._sortings = KeptSortings(settings.state, runtime.tasks.spawn)
        pods = LogPods(narrowed, agents, Workloads(runtime, connect, narrowed))
        self._logs = LogViews(runtime, settings, pods, connect, follow_log, reach, clients.counted)

    def counted(self, quota: str) -> str:
        """See `Ports`."""
        return self._clients.counted(quota)

    def shown(self, quota: str) -> str:
        """See `Ports`."""
        return self._clients.shown(quota)

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
        return self._logs.view(query)

    def save_logs(self, book: LogBook, path: Path) -> LogSave:
        """Stream a log view into a file, from the oldest line of its ring on, until it is stopped."""
        return self._logs.save(book, path)

    def refresh(self) -> None:
        """Ask everything that polls to do so now, and what waits after a failure to try again."""
        now = self._runtime.clock.monotonic()
        if now - self._refreshed >= REFRESH_REST:
            self._refreshed = now
            self._runtime.checks.refresh()

    def give_way(self, seconds: float) -> None:
        """See `DataLayer`."""
        self._runtime.way.give(seconds)

    async def start(self) -> None:
        """Begin to build the clients; returns at once."""
        self._clients.start()
        self._runtime.tasks.spawn(stay_awake(self._runtime.clock, self._runtime.checks), "awake")
        self._runtime.tasks.spawn(self._sortings.load(), "sortings")
        self._runtime.tasks.spawn(self._forwards.load(), "port-forwards kept")

    async def stop(self) -> None:
        """End every job and close every connection; a second time does nothing. With `strict`, raises what a job died
        of."""
        already = self._runtime.tasks.closed
        await self._desk.stop()
        await self._runtime.tasks.close()
        if not already:
            await self._clients.close()
        if self._settings.strict and self._runtime.tasks.failures:
            raise self._runtime.tasks.failures[0]
