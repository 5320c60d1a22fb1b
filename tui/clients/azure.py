"""Azure Resource Manager, as far as Service Connector on AKS needs it: plain requests over azure-core for clusters and
linkers, the SDK's own client for the k8s-extension."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from tui.clients.answers import Answer
from tui.clients.azure_auth import SIGN_IN, AzureCredentials
from tui.clients.azure_models import (
    aks_from_api,
    extension_from_api,
    kubeconfig_from_api,
    linker_from_api,
    service_connector,
)
from tui.clients.azure_sdk import load
from tui.clients.http import Http
from tui.clients.json_fields import JsonObject, child, children, text, texts
from tui.clients.kube_endpoint import Access, KubeEndpoint, bearer
from tui.clients.kubeconfig import ContextLoader
from tui.clients.problems import plain_url
from tui.clients.shared import failed, start
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.connection import AksCluster, Extension, Linker

if TYPE_CHECKING:
    from tui.clients.azure_pipeline import Pipeline

SUBSCRIPTIONS_VERSION = "2022-12-01"
CLUSTERS_VERSION = "2024-09-01"
LINKERS_VERSION = "2024-04-01"
"""Released api-versions; ARM keeps serving these for years."""

_UNUSABLE_STATES = ("disabled", "deleted")


class AzureArm:
    """Every method raises SourceError. contexts: turns a cluster's user kubeconfig into an endpoint. hosts: the API
    servers of the clusters that were listed, by their keys."""

    def __init__(self, http: Http, credentials: AzureCredentials, contexts: ContextLoader | None = None) -> None:
        self._http = http
        self._credentials = credentials
        self._contexts = contexts or ContextLoader()
        self._pipeline: asyncio.Task[Pipeline] | None = None
        self.hosts: dict[str, frozenset[str]] = {}

    async def subscriptions(self) -> tuple[str, ...]:
        """Ids of the subscriptions that the account sees and that can be used."""
        found = await self._all(f"/subscriptions?api-version={SUBSCRIPTIONS_VERSION}")
        usable = [one for one in found if text(one, "state").lower() not in _UNUSABLE_STATES]
        return tuple(text(one, "subscriptionId") for one in usable if text(one, "subscriptionId"))

    async def aks_clusters(self, subscription: str) -> tuple[AksCluster, ...]:
        """All AKS clusters of a subscription."""
        path = f"/subscriptions/{quote(subscription)}/providers/Microsoft.ContainerService/managedClusters"
        found = tuple(map(aks_from_api, await self._all(f"{path}?api-version={CLUSTERS_VERSION}")))
        self.hosts.update({cluster.key: frozenset(cluster.hosts) for cluster in found})
        return found

    async def linkers(self, cluster: AksCluster) -> tuple[Linker, ...]:
        """The Service Connector connections of an AKS cluster."""
        path = f"{quote(cluster.id)}/providers/Microsoft.ServiceLinker/linkers?api-version={LINKERS_VERSION}"
        return tuple(linker_from_api(one, cluster.id) for one in await self._all(path))

    async def extension(self, cluster: AksCluster) -> Extension | None:
        """Service Connector's k8s-extension; None where it is not installed."""
        pipeline = await self._opened()
        place = (cluster.subscription, cluster.resource_group, cluster.name)
        try:
            found = await pipeline.extensions(*place)
        except SourceError as exc:
            if exc.problem.status != 401 or not self._credentials.invalidate(self._credentials.cloud.scope):
                raise
            found = await pipeline.extensions(*place)
        return service_connector([extension_from_api(one) for one in found])

    async def user_kubeconfig(self, cluster: AksCluster) -> JsonObject:
        """The kubeconfig that ARM hands out to users of a cluster. ARM wants a POST for it; nothing is changed."""
        return await self._kubeconfig(cluster.id)

    async def endpoint(self, cluster: AksCluster) -> KubeEndpoint:
        """The way to an AKS cluster."""
        return await self.endpoint_of(cluster.id)

    async def endpoint_of(self, cluster_id: str) -> KubeEndpoint:
        """The same by ARM id, in any case.

        A cluster with Entra sign-in names kubelogin as its plugin, which by default shows a device code to type in
        elsewhere. What it does is to ask for a token of the server application; we have a sign-in of our own for that.
        """
        document = await self._kubeconfig(cluster_id)
        server_app = _kubelogin_server(document)
        if not server_app:
            return await self._contexts.endpoint_of(document, cluster_id)
        nobody: JsonObject = {}
        users: list[JsonObject] = [{"name": text(one, "name"), "user": nobody} for one in children(document, "users")]
        endpoint = await self._contexts.endpoint_of({**document, "users": users}, cluster_id)
        return replace(endpoint, auth=AzureBearer(self._credentials, f"{server_app}/.default"))

    async def _kubeconfig(self, cluster_id: str) -> JsonObject:
        path = f"{quote(cluster_id)}/listClusterUserCredential?api-version={CLUSTERS_VERSION}&format=exec"
        answer = await self._ask("POST", self._url(path))
        return kubeconfig_from_api(answer.json(), plain_url(answer.url))

    async def _all(self, path: str) -> list[JsonObject]:
        """Every page of a list."""
        url = self._url(path)
        found: list[JsonObject] = []
        seen: set[str] = set()
        while url:
            if url in seen or urlsplit(url).netloc != urlsplit(self._credentials.cloud.arm).netloc:
                # The token goes wherever this leads, so it may lead nowhere but to ARM.
                summary = "the next page of ARM's list lies elsewhere, or nowhere new"
                raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=plain_url(url)))
            seen.add(url)
            page = (await self._ask("GET", url)).json()
            found += children(page, "value")
            url = text(page, "nextLink")
        return found

    def _url(self, path: str) -> str:
        return f"{self._credentials.cloud.arm}/{path.lstrip('/')}"

    async def _ask(self, method: str, url: str) -> Answer:
        """A success. A refused token is renewed once."""
        pipeline = await self._opened()
        answer = await pipeline.send(method, url)
        if answer.status == 401 and self._credentials.invalidate(self._credentials.cloud.scope):
            answer = await pipeline.send(method, url)
        return answer.checked(self._credentials.account)

    async def _opened(self) -> Pipeline:
        if self._pipeline is None or failed(self._pipeline):
            self._pipeline = start(self._open())
        return await asyncio.shield(self._pipeline)

    async def _open(self) -> Pipeline:
        module = await load("tui.clients.azure_pipeline")
        return module.Pipeline(self._http, self._credentials, await self._http.opened())


class AzureBearer:
    """An `Authoriser` by the program's Azure sign-in, for one application."""

    remedy = SIGN_IN

    def __init__(self, credentials: AzureCredentials, scope: str) -> None:
        self._credentials = credentials
        self._scope = scope

    @property
    def account(self) -> str:
        return self._credentials.account

    async def access(self) -> Access:
        return bearer(await self._credentials.token(self._scope))

    def refused(self, access: Access) -> bool:
        return self._credentials.invalidate(self._scope)


def _kubelogin_server(document: JsonObject) -> str:
    """The server application that a kubelogin user entry names; "" where there is none."""
    for user in children(document, "users"):
        spec = child(user, "user", "exec")
        arguments = texts(spec, "args")
        if text(spec, "command").rpartition("/")[2].removesuffix(".exe") == "kubelogin":
            pairs = dict(itertools.pairwise(arguments))
            return pairs.get("--server-id", "")
    return ""
