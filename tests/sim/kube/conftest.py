"""A simulated API server on loopback, and a client that speaks to it as one of three people."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from yarl import URL

from tui.sim.kube.cluster import KubeCluster, User

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
NAMESPACES = "/api/v1/namespaces"

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


class Time:
    """Wall-clock time that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: Any

    @property
    def message(self) -> str:
        return str(self.body["message"])

    @property
    def names(self) -> list[str]:
        """Of the items of a list."""
        return [item["metadata"]["name"] for item in self.body["items"]]

    @property
    def version(self) -> str:
        return str(self.body["metadata"]["resourceVersion"])


class Stream:
    """An open watch."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> Any:
        """The next event; None at the end of the stream."""
        line = await self.response.content.readline()
        return json.loads(line) if line else None

    async def take(self, count: int) -> list[tuple[str, str]]:
        """(type, name) of the next events."""
        events = [await self.next() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]

    async def rest(self) -> list[Any]:
        return [json.loads(line) for line in (await self.response.read()).splitlines()]


class Api:
    """as_: a bearer token ("admin", "viewer", "nobody"), or "" for none."""

    def __init__(self, cluster: KubeCluster, client: aiohttp.ClientSession, server: BaseTestServer) -> None:
        self.cluster = cluster
        self._client = client
        self._server = server

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        as_: str = "admin",
        accept: str = "application/json",
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        follow: bool = True,
    ) -> Answer:
        """follow: go where a redirection leads."""
        sent = {"Accept": accept, "User-Agent": "tester/1.0", **(headers or {})}
        if as_:
            sent["Authorization"] = f"Bearer {as_}"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = content_type
        url = self.url(URL(path, encoded=True))
        content = data and io.BytesIO(data)
        async with self._client.request(method, url, data=content, headers=sent, allow_redirects=follow) as response:
            raw = await response.read()
            is_json = raw and response.headers["Content-Type"].startswith("application/json")
            return Answer(
                response.status, response.headers, json.loads(raw) if is_json else raw.decode(errors="replace")
            )

    def url(self, path: URL) -> URL:
        return self._server.make_url("/").join(path)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.send("GET", path, **options)

    async def post(self, path: str, body: Any, **options: Any) -> Answer:
        return await self.send("POST", path, body, **options)

    async def put(self, path: str, body: Any, **options: Any) -> Answer:
        return await self.send("PUT", path, body, **options)

    async def delete(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.send("DELETE", path, body, **options)

    async def patch(self, path: str, body: Any, content_type: str = MERGE, **options: Any) -> Answer:
        return await self.send("PATCH", path, body, content_type=content_type, **options)

    @asynccontextmanager
    async def watch(self, path: str, *, as_: str = "admin", accept: str = "application/json") -> AsyncIterator[Stream]:
        headers = {"Authorization": f"Bearer {as_}", "Accept": accept}
        url = self.url(URL(path, encoded=True)).update_query(watch="true")
        async with self._client.get(url, headers=headers) as response:
            yield Stream(response)

    async def grant(self, name: str, *verbs: str, groups: str = "*", resources: str = "*") -> None:
        """Give a user these rights in the whole cluster."""
        access = "/apis/rbac.authorization.k8s.io/v1"
        rules = [{"verbs": list(verbs), "apiGroups": [groups], "resources": [resources]}]
        await self.post(f"{access}/clusterroles", {"metadata": {"name": "granted"}, "rules": rules})
        binding = {
            "metadata": {"name": "granted"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "granted"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
        }
        assert (await self.post(f"{access}/clusterrolebindings", binding)).status == 201

    async def pod(self, name: str = "p", node: str = "n1", **metadata: Any) -> Any:
        """A pod that runs, as stored."""
        body = {
            "metadata": {"name": name, **metadata},
            "spec": {"containers": [{"name": "c", "image": "i"}], "nodeName": node},
        }
        answer = await self.post(PODS, body)
        assert answer.status == 201, answer.body
        return answer.body


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def cluster(time: Time) -> KubeCluster:
    """Bootstrapped; "viewer" is of the group viewers, which may `view`; "nobody" may nothing."""
    made = KubeCluster("test", now=time)
    made.bootstrap()
    made.tokens["admin"] = User("token-admin", ("system:masters",))
    made.tokens["viewer"] = User("token-viewer", ("viewers",), "uid-viewer")
    made.tokens["nobody"] = User("token-nobody")
    made.apply_manifest(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "viewers"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "viewers"}],
        }
    )
    return made


@pytest.fixture
async def api(cluster: KubeCluster) -> AsyncIterator[Api]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await cluster.handle(request, request.path, None)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        yield Api(cluster, client, server)
