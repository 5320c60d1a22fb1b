"""A cluster of which pods, what made them, and the sockets are there; its watches say what they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.streams.fakesocket import FakeSocket
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import KindRef
from tui.model.objects import Body, BodyEvent, BodyPage
from tui.model.streams import Queued, TellQueued
from tui.streams.paths import Query

NOT_FOUND = SourceError(Problem(ProblemKind.NOT_FOUND, "not there", status=404))


def pod(
    name: str, owner: Body | None = None, *, phase: str = "Running", ready: bool = True, uid: str = "", **meta: Any
) -> Body:
    """ready: as its probe says. uid: its name, where none is given."""
    owners = [{"kind": owner["kind"], "name": owner["metadata"]["name"], "controller": True}] if owner else []
    metadata = {
        "name": name,
        "uid": uid or name,
        "resourceVersion": "1",
        "labels": {"app": "x"},
        "ownerReferences": owners,
    }
    status = {"phase": phase, "conditions": [{"type": "Ready", "status": str(ready)}]}
    return {"kind": "Pod", "metadata": {**metadata, **meta}, "spec": {"nodeName": "n"}, "status": status}


DEPLOYMENT: Body = {
    "kind": "Deployment",
    "metadata": {"name": "shop"},
    "spec": {"selector": {"matchLabels": {"app": "x"}}},
}
SET: Body = {
    "kind": "ReplicaSet",
    "metadata": {
        "name": "shop-1",
        "ownerReferences": [{"kind": "Deployment", "name": "shop", "controller": True}],
    },
    "spec": {"selector": {"matchLabels": {"app": "x", "hash": "1"}}},
}
SERVICE: Body = {
    "kind": "Service",
    "metadata": {"name": "shop"},
    "spec": {"selector": {"app": "x"}, "ports": [{"port": 80, "targetPort": 8080}]},
}


PRESENT = "9000"
"""The version of lists, and the only one that is remembered: pods have been as they are for days."""


class FakeCluster:
    """Fits `StreamPort`. bodies: by kind and name. refusals: by the protocol. queued: how the queue stands for a socket
    while `turn` is not set, None = there is none."""

    def __init__(self, *pods: Body) -> None:
        self.pods = {one["metadata"]["name"]: one for one in pods}
        self.others = {("Deployment", "shop"): DEPLOYMENT, ("ReplicaSet", "shop-1"): SET, ("Service", "shop"): SERVICE}
        self.refusals: dict[str, SourceError] = {}
        self.asked: list[tuple[str, Query, Sequence[str]]] = []
        self.listed: list[str] = []
        self.sockets: list[FakeSocket] = []
        self.events: asyncio.Queue[BodyEvent | SourceError | None] = asyncio.Queue()
        self.no_watch = False
        self.queued: Queued | None = None
        self.turn = asyncio.Event()
        self._tell: TellQueued = lambda queued: None
        self.watches = 0
        self.watching = asyncio.Event()

    def telling(self, tell: TellQueued) -> FakeCluster:
        self._tell = tell
        return self

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[FakeSocket]:
        if self.queued is not None:
            self._tell(self.queued)
            await self.turn.wait()
            self._tell(None)
        self.asked.append((path, query, protocols))
        if refusal := self.refusals.get(protocols[0]):
            raise refusal
        self.sockets.append(FakeSocket(protocols[0]))
        yield self.sockets[-1]

    async def body(self, kind: KindRef, namespace: str, name: str) -> Body:
        held = self.pods.get(name) if kind.plural == "pods" else self.others.get((kind.kind, name))
        if held is None:
            raise NOT_FOUND
        return held

    async def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        return name in self.pods

    async def body_pages(
        self, kind: KindRef, *, namespace: str = "", labels: str = "", fields: str = "", limit: int = 200
    ) -> AsyncIterator[BodyPage]:
        self.listed.append(labels)
        named = fields.removeprefix("metadata.name=")
        yield BodyPage(tuple(one for name, one in self.pods.items() if named in ("", name)), PRESENT)

    async def watch_bodies(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
    ) -> AsyncIterator[list[BodyEvent]]:
        if version != PRESENT:
            raise SourceError(Problem(ProblemKind.EXPIRED, f"{version} is too old"))
        if self.no_watch:
            raise SourceError(Problem(ProblemKind.FORBIDDEN, "pods may not be watched", status=403))
        self.watches += 1
        self.watching.set()
        while True:
            event = await self.events.get()
            if event is None:
                return
            if isinstance(event, SourceError):
                raise event
            yield [event]

    def becomes(self, body: Body) -> None:
        """There is a pod, or it has changed."""
        self.pods[body["metadata"]["name"]] = body
        self.says("MODIFIED", body)

    def says(self, type: str, body: Body) -> None:
        self.events.put_nowait(BodyEvent(type, body, "2"))  # pyright: ignore[reportArgumentType]
