"""Every client of one process, and the road to every cluster.

One HTTP stack, one token per identity, one governor; a cluster's address and credentials are asked for when somebody
first wants it, once, however many ask at the same time, and kept. A road that turns out wrong (its address is not
known any more) is forgotten and asked for anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from tui.clients.azure import AzureArm
from tui.clients.azure_auth import azure_credentials
from tui.clients.gcloud_config import GcloudConfig
from tui.clients.google import GoogleFleet
from tui.clients.google_auth import google_credentials
from tui.clients.governor import Governor
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import KubeEndpoint
from tui.clients.kubeconfig import ContextLoader
from tui.clients.kubeconfig_files import contexts as read_contexts
from tui.clients.listed import ListedArm, ListedFleet
from tui.clock import Clock
from tui.config import Settings
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.session import Identity, Meter

CONTEXT = "context:"
"""How the key of a kubeconfig context's `ClusterRef` begins."""


class Clients:
    """Built without asking anybody anything. Close it in the end.

    google, arm: a `Problem` (MISSING) with its remedy where there is nothing to ask.
    """

    def __init__(
        self,
        settings: Settings,
        projects: tuple[str, ...],
        config: GcloudConfig,
        environ: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self.projects = projects
        self._settings = settings
        self.http = Http(environ, extra_cas=(Path(config.ca_file),) if config.ca_file else ())
        self.governor = Governor(clock, settings.quota_share)
        self._google = google_credentials(self.http, environ, clock)
        self._contexts = ContextLoader(environ, clock)
        self._fleet = ListedFleet(GoogleFleet(self.http, self._google, config))
        self.fleet: ListedFleet | Problem = self._fleet if projects else NO_PROJECT
        self._clusters: dict[str, asyncio.Task[KubeClient]] = {}
