"""Every client of one process, and the road to every cluster.

One HTTP stack, one token per identity, one governor. A cluster's address and credentials are asked for when somebody
first wants it, once, however many ask at the same time, and kept for some minutes. What speaks to a cloud, or
keeps count of streams, is made, and imported, when it is first asked for: whoever follows a kubeconfig's context needs
neither.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from tui.clients.gcloud_config import GcloudConfig
from tui.clients.governor import Governor, Lane
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import KubeEndpoint
from tui.clients.kubeconfig import ContextLoader
from tui.clients.kubeconfig_files import contexts as read_contexts
from tui.clients.projects import Projects
from tui.clients.renewing import Lease, Renewing
from tui.clock import Clock
from tui.config.places import state_dir
from tui.config.settings import Settings
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.addresses import gateway_at, named_project
from tui.model.cluster import ClusterRef, Via
from tui.model.session import Identity, Meter

if TYPE_CHECKING:
    from tui.clients.azure import AzureArm
    from tui.clients.azure_auth import AzureCredentials
    from tui.clients.google import GoogleFleet
    from tui.clients.google_auth import GoogleCredentials
    from tui.clients.slots import Slots
    from tui.clients.stream_facts import StreamFacts
    from tui.clients.streamqueue import Queue

CREDENTIALS_KEPT = 900.0
"""Seconds after which ARM is asked again for a cluster's address and credentials."""
QUEUES = "streams"
"""The folder, in that of our state, of the queues that all processes have in common."""
CONTEXT = "context:"
"""How the key of a kubeconfig context's `ClusterRef` begins."""

NO_PROJECT = Problem(
    ProblemKind.MISSING,
    "no Google Cloud project is set",
    remedy="gcloud config set project PROJECT_ID  (or clusterview --project PROJECT_ID)",
)


class Clients:
    """Built without asking anybody anything; close it in the end. projects: whose fleets are asked for."""

    def __init__(
        self,
        settings: Settings,
        projects: tuple[str, ...],
        config: GcloudConfig,
        environ: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self.projects = projects
        self.http = Http(environ, extra_cas=(Path(config.ca_file),) if config.ca_file else ())
        self._hosts = Projects()
        self.counted, self.shown = self._hosts.counted, self._hosts.shown
        self.governor = Governor(clock, settings.quota_share, shown=self.shown)
        self._contexts = ContextLoader(environ, clock)
        self._config = config
        self._environ = environ
        self._settings = settings
        self._clock = clock
        self._led_to: dict[str, frozenset[str]] = {}
        self.current_context = ""
        """The name of the kubeconfig's current context, as `contexts` found it; "" where it sets none."""
        self._aks_endpoints: dict[str, Renewing[KubeEndpoint]] = {}
        self._roads: dict[Via, Callable[[ClusterRef, bool], Awaitable[KubeClient]]] = {
            Via.GATEWAY: self._by_gateway,
            Via.AKS: self._by_arm,
            Via.CONTEXT: self._by_context,
        }

    @cached_property
    def google(self) -> GoogleCredentials:
        from tui.clients.google_auth import google_credentials

        return google_credentials(self.http, self._environ, self._clock)

    @cached_property
    def _google_fleet(self) -> GoogleFleet:
        from tui.clients.google import GoogleFleet

        return GoogleFleet(self.http, self.google, self._config)

    @property
    def fleet(self) -> GoogleFleet | Problem:
        """A `Problem` (MISSING) with its remedy where no project is set."""
        return self._google_fleet if self.projects else NO_PROJECT

    @cached_property
    def azure(self) -> AzureCredentials:
        from tui.clients.azure_auth import azure_credentials

        return azure_credentials(self.http, self._environ, self._clock)

    @cached_property
    def arm(self) -> AzureArm:
        from tui.clients.azure import AzureArm

        return AzureArm(self.http, self.azure, self._contexts)

    @cached_property
    def slots(self) -> Slots:
        from tui.clients.slots import Slots

        return Slots(self._clock, self._settings.streams, queue=self._queue, shown=self.shown)

    async def cluster(self, ref: ClusterRef) -> KubeClient:
        """The client of a cluster, by the road as it is now: an address that was moved or a kubeconfig that was
        rewritten is found by the next asker. Raises SourceError."""
        return await self._roads[ref.via](ref, False)

    async def background(self, ref: ClusterRef) -> KubeClient:
        """The same for work that nobody waits for: through the gateway it leaves a reserve of the quota to the rest."""
        return await self._roads[ref.via](ref, True)

    async def stream_facts(self, ref: ClusterRef) -> StreamFacts:
        """What can be found out before a stream is opened. Raises SourceError where the cluster has no road."""
        from tui.clients.stream_facts import StreamFacts

        client = await self.cluster(ref)
        place = gateway_at(client.endpoint.server)
        if ref.via is Via.GATEWAY:
            quota = self.counted(ref.quota)
            return StreamFacts(client, ref.quota, self.slots, self._google_fleet.test_permissions, quota)
        if place is None:
            return StreamFacts(client)
        from tui.clients.lent_token import granted_to

        async def granted(project: str, permissions: tuple[str, ...]) -> frozenset[str]:
            return await granted_to(self.http, self._config, self._clock, client.endpoint, place, permissions)

        quota = self.counted(place.quota)
        return StreamFacts(client, self._hosts.certain(quota), self.slots, granted, quota)

    async def _by_gateway(self, ref: ClusterRef, background: bool) -> KubeClient:
        lane = self.governor.lane(ref.quota, background=background)
        endpoint = await self._google_fleet.gateway_of(ref.key, lane)
        place = gateway_at(endpoint.server)
        if place is not None:
            self._hosts.told(ref.quota, place)
            self.governor.same(ref.quota, place.quota)
        return self._limited(endpoint, ref, self.counted(ref.quota), lane)

    def _limited(self, endpoint: KubeEndpoint, ref: ClusterRef, quota: str, lane: Lane) -> KubeClient:
        """A client on the quotas of a fleet host project."""
        return KubeClient(self.http, endpoint, ref, lane, lambda what, tell: self.slots.hold(quota, what, tell))

    def _queue(self, quota: str) -> Queue:
        """The one in which all processes of this user wait for a stream that counts on `quota`. Raises OSError where
        files cannot be locked."""
        try:
            from tui.clients.queuefiles import FileQueue
        except ImportError as exc:
            raise OSError("this system has no file locks") from exc
        return FileQueue(state_dir(self._environ) / QUEUES / quote(quota, safe=""))

    async def queues(self) -> tuple[str, ...]:
        """The quotas on which streams of this user have ever counted, by whatever process."""
        folder = state_dir(self._environ) / QUEUES
        names = await asyncio.to_thread(lambda: os.listdir(folder) if folder.is_dir() else ())
        return tuple(sorted(unquote(name) for name in names))

    async def _by_arm(self, ref: ClusterRef, background: bool) -> KubeClient:
        endpoint = self._aks_endpoints.get(ref.key)
        if endpoint is None:

            async def ask() -> Lease[KubeEndpoint]:
                return Lease(await self.arm.endpoint_of(ref.key), refresh_at=self._clock.now() + CREDENTIALS_KEPT)

            endpoint = self._aks_endpoints[ref.key] = Renewing(ask, self._clock)
        return KubeClient(self.http, await endpoint.get(), ref)

    async def _by_context(self, ref: ClusterRef, background: bool) -> KubeClient:
        name = ref.key.removeprefix(CONTEXT)
        endpoint = await self._contexts.load_endpoint(self._settings.kubeconfig, name)
        place = gateway_at(endpoint.server)
        if place is None:
            return KubeClient(self.http, endpoint, ref)
        self._hosts.called(place.quota, named_project(place, endpoint.cluster, name))
        quota = self.counted(place.quota)
        return self._limited(endpoint, ref, quota, self.governor.lane(quota, background=background))

    async def contexts(self) -> tuple[ClusterRef, ...]:
        """The kubeconfig's contexts, the one to begin with (`--context`, else the current one) first.

        Raises SourceError: INVALID where a file cannot be read.
        """
        found = await asyncio.to_thread(read_contexts, self._settings.kubeconfig)
        self.current_context = found.current
        self._led_to = {CONTEXT + name: names for name, names in found.lead_to.items()}
        for quota, called in found.called.items():
            self._hosts.called(quota, called)
        first = self._settings.context or found.current
        names = sorted(found.names, key=lambda name: name != first)
        return tuple(ClusterRef(CONTEXT + name, name, Via.CONTEXT, found.quotas.get(name, "")) for name in names)

    def names(self, ref: ClusterRef) -> frozenset[str]:
        """What a cluster goes by at the end of its road, as far as the kubeconfig or ARM has told by now, without going
        there. A membership is its key."""
        told = self.arm.hosts if self._made("arm") else {}
        return self._led_to.get(ref.key, frozenset()) | told.get(ref.key, frozenset())

    async def identity(self) -> Identity:
        """Who we are, as far as it is known without troubling anybody twice: a failed sign-in is an empty field."""
        if self.projects:
            await _quietly(self.google.token())
        if self.azure.configured:
            await _quietly(self.azure.token(self.azure.cloud.scope))
        return Identity(
            google=self.google.account,
            google_source=self.google.source,
            azure=self.azure.account,
            azure_source=self.azure.source,
            token_expires=self.google.expires,
        )

    async def meter(self) -> Meter:
        """Of the busiest fleet host project: the quotas are counted for each by itself."""
        used = self.governor.usage()
        last_minute, waiting = (used[0].last_minute, used[0].waiting) if used else (0, 0)
        held = self.slots.held()
        busiest = max((Counter(slot.project for slot in held)).items(), key=lambda count: count[1], default=("", 0))[0]
        streams = [slot for slot in held if slot.project == busiest]
        queued = sum(slot.waiting for slot in streams)
        used_streams = await self.slots.used(busiest) if streams else 0
        return Meter(
            last_minute, self.governor.allowed, used_streams, self.slots.share, waiting, streams_waiting=queued
        )

    def _made(self, client: str) -> bool:
        """Whether anybody has asked for it yet."""
        return client in vars(self)

    async def close(self) -> None:
        """End every connection."""
        await self.governor.close()
        if self._made("azure"):
            await self.azure.close()
        await self.http.close()


async def _quietly(work: Awaitable[object]) -> None:
    try:
        await work
    except SourceError:
        pass  # whoever needs the credential says why there is none; a header line only leaves a gap
