"""Logs over a real socket, as kubectl asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from yarl import URL

from tests.sim.kube.living import Town
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.identity import User
from tui.sim.kube.logs import PodLogs

ADMIN = User("admin", ("system:masters",))


class Reader:
    """Asks for logs as kubectl does."""

    def __init__(self, town: Town, logs: PodLogs, server: BaseTestServer, client: aiohttp.ClientSession) -> None:
        self.town = town
        self.logs = logs
        self._server = server
        self._client = client

    def open(self, pod: str, query: str = "") -> Any:
        path = f"/api/v1/namespaces/default/pods/{pod}/log?{query}"
        return self._client.get(self._server.make_url("/").join(URL(path, encoded=True)))

    async def text(self, pod: str, query: str = "") -> str:
        async with self.open(pod, query) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    async def lines(self, pod: str, query: str = "") -> list[str]:
        return (await self.text(pod, query)).splitlines()

    async def refusal(self, pod: str, query: str = "") -> tuple[int, str, str]:
        async with self.open(pod, query) as response:
            body = await response.json()
            return response.status, body["reason"], body["message"]


@asynccontextmanager
async def reading() -> AsyncIterator[Reader]:
    """A town whose logs can be read."""
    town = Town()
    logs = PodLogs(town.cluster, town.behaviours)
    logs.ends_at = town.crew.ends_at
    town.cluster.pod_streams["log"] = logs.serve

    async def handle(request: web.Request) -> web.StreamResponse:
        return await town.cluster.handle(request, request.path, ADMIN)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        yield Reader(town, logs, server, client)


def running(town: Town, seconds: float = 100.0, **how: Any) -> None:
    """A pod "one" with one line a second, that has run for a while."""
    town.behave("one", **{"log": "http", "log_rate": 1.0, **how})
    town.pod()
    town.until(lambda: town.get(PODS, "one")["status"]["phase"] == "Running")
    town.live(seconds)
