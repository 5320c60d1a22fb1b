"""A simulated API server furnished like the recorded one, and the recorded requests sent to it again.

Whatever two servers cannot agree on (uids, versions, times, addresses) is made equal before answers are compared; the
rest is compared to the letter.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, web
from aiohttp.test_utils import TestServer
from yarl import URL

from tests.recordings import Recording, load
from tui.sim.kube.actors.behaviours import Behaviour, Behaviours
from tui.sim.kube.cluster import KubeCluster, User
from tui.sim.kube.durations import epoch
from tui.sim.kube.logs import PodLogs

Obj = dict[str, Any]

NOW = epoch("2026-11-22T01:04:11Z") or 0.0  # when most of it was recorded

_USERS = {
    "admin": User("token-admin", ("system:masters",), "uid-admin"),
    "viewer": User("token-viewer", ("viewers",), "uid-viewer"),
    "nobody": User("token-nobody", (), "uid-nobody"),
}
_LISTS = {
    "list-deployments": "apps/v1/Deployment",
    "list-replicasets": "apps/v1/ReplicaSet",
    "list-jobs": "batch/v1/Job",
    "list-services": "v1/Service",
    "list-nodes": "v1/Node",
    "list-secrets": "v1/Secret",
    "list-crds": "apiextensions.k8s.io/v1/CustomResourceDefinition",
    "list-gadgets": "example.com/v1/Gadget",
}


@dataclass(frozen=True)
class Answer:
    """body: decoded JSON, `_text` or `_lines`, as in a recording. text: as it came."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]
    text: str = ""

    @property
    def padding(self) -> int:
        """How many bytes of the body are between the tokens of its JSON, and behind them."""
        return len(self.text.encode()) - _compact(self.body)


class Replica:
    """The server, and a client with the recorded users' tokens."""

    def __init__(self, cluster: KubeCluster, client: ClientSession, base: URL) -> None:
        self.cluster = cluster
        self._client = client
        self._base = base

    @asynccontextmanager
    async def open(self, request: Obj, **changes: str) -> AsyncIterator[ClientResponse]:
        """Send a recorded request. changes: query parameters to set anew. One with `protocols` opens a WebSocket."""
        url = self._base.join(URL(request["path"], encoded=True))
        if changes:
            url = url.update_query(changes)
        headers = {"Accept": request.get("accept", "*/*"), "User-Agent": "recorder/1.0"}
        if "protocols" in request:
            headers |= {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
            headers |= {"Sec-WebSocket-Protocol": ", ".join(request["protocols"])}
        if request["as"]:
            headers["Authorization"] = f"Bearer {request['as']}-token"
        if "content_type" in request:
            headers["Content-Type"] = request["content_type"]
        body = request.get("body")
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        method = request.get("method", "GET")
        async with self._client.request(method, url, headers=headers, data=data) as response:
            yield response

    @asynccontextmanager
    async def socket(self, request: Obj) -> AsyncIterator[ClientWebSocketResponse]:
        """Open the WebSocket of a recorded stream."""
        url = self._base.join(URL(request["path"], encoded=True))
        headers = {"Authorization": f"Bearer {request['as']}-token"}
        async with self._client.ws_connect(url, protocols=request["protocols"], headers=headers) as socket:
            yield socket

    async def text(self, path: str) -> str:
        """What admin is answered."""
        headers = {"Authorization": "Bearer admin-token"}
        async with self._client.get(self._base.join(URL(path, encoded=True)), headers=headers) as response:
            return await response.text()

    def at(self, when: float) -> None:
        """Let it be another time."""
        self.cluster.now = lambda: when

    async def ask(self, recording: Recording, **changes: str) -> Answer:
        """The whole answer to a recorded request."""
        async with self.open(recording.request, **changes) as response:
            text = await response.text()
            return Answer(response.status, dict(response.headers), _body(text), text)

    async def lines(self, recording: Recording, count: int, **changes: str) -> list[Obj]:
        """The first `count` lines of a stream, which is then left."""
        async with self.open(recording.request, **changes) as response:
            return [json.loads(await response.content.readline()) for _ in range(count)]


def recorded_padding(recording: Recording) -> int | None:
    """As `Answer.padding`; None where the length was not recorded, or the body is no JSON."""
    length = recording.headers.get("Content-Length")
    is_json = not {"_text", "_lines"} & recording.body.keys()
    return int(length) - _compact(recording.body) if length and is_json else None


def _compact(body: Obj) -> int:
    return len(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())


def _body(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"_text": text}
    return found if isinstance(found, dict) else {"_text": text}


def recorded_cluster() -> KubeCluster:
    """As the recorded one was when most of it was recorded."""
    cluster = KubeCluster("recorded", now=lambda: NOW)
    behaviours = Behaviours()
    behaviours.add("default", "ticker", "localhost/busybox:1.35", Behaviour(log_rate=2.0))
    cluster.keep_logs(PodLogs(cluster, behaviours))
    furnish(cluster)
    return cluster


@asynccontextmanager
async def replica() -> AsyncIterator[Replica]:
    """A fresh one, over a real socket."""
    cluster = recorded_cluster()

    async def handle(request: web.Request) -> web.StreamResponse:
        return await cluster.handle(request, request.path, None)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server, ClientSession() as client:
        yield Replica(cluster, client, server.make_url("/"))


def furnish(cluster: KubeCluster) -> None:
    """With the users, rights and objects of the recorded cluster."""
    cluster.bootstrap()
    cluster.tokens.update({f"{name}-token": user for name, user in _USERS.items()})
    cluster.apply_manifest(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "viewers"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "viewers"}],
        }
    )
    for name, kind in _LISTS.items():
        for obj in load(name).body["items"]:
            _keep(cluster, obj, kind)
    job = load("list-jobs").body["items"][0]
    for name in ("cron-29921824", "job"):  # of these two only the rows were recorded
        _keep(cluster, {**job, "metadata": {**job["metadata"], "name": name}}, "batch/v1/Job")
    for line in load("watch-send-initial-events").lines:
        if line["type"] == "ADDED":
            _keep(cluster, line["object"], "v1/Pod")
    _keep(cluster, _config_map(), "v1/ConfigMap")
    _keep(cluster, _stateful_set(), "apps/v1/StatefulSet")


def _keep(cluster: KubeCluster, obj: Obj, kind: str) -> None:
    """As it was, but for what only a server gives."""
    api_version, _, name = kind.rpartition("/")
    metadata = {key: value for key, value in obj["metadata"].items() if key not in ("uid", "resourceVersion")}
    cluster.apply_manifest({"apiVersion": api_version, "kind": name, **obj, "metadata": metadata})


def _config_map() -> Obj:
    """`cfg` as `kubectl create` made it, before it was patched."""
    recorded = load("merge-patch").body
    created = {**recorded["metadata"]["managedFields"][0], "fieldsV1": {"f:data": {".": {}, "f:a": {}}}}
    return {**recorded, "metadata": {**recorded["metadata"], "managedFields": [created]}, "data": {"a": "1"}}


def _stateful_set() -> Obj:
    """`web` before it was deleted."""
    recorded = load("delete-foreground").body
    gone = ("deletionTimestamp", "deletionGracePeriodSeconds", "finalizers")
    metadata = {key: value for key, value in recorded["metadata"].items() if key not in gone}
    return {**recorded, "metadata": {**metadata, "generation": 1}}


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION = re.compile(r"(?<=resource version: )\d+( \(\d+\))?|(?<=current: )\d+")
_CHANGING = {"resourceVersion": "VERSION", "serverAddress": "ADDRESS"}


def alike(value: Any) -> Any:
    """A copy without what no two servers share: two answers are equal when these are."""
    if isinstance(value, dict):
        return {key: _CHANGING.get(key) or _token(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [alike(each) for each in value]
    if isinstance(value, str):
        said = _VERSION.sub("VERSION", _TIME.sub("TIME", value))
        return _UUID.sub("UID", said)
    return value


def _token(key: str, value: Any) -> Any:
    """A continue token by what is in it."""
    if key == "continue" and value:
        fields = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        return {**fields, "rv": "VERSION"}
    return alike(value)
