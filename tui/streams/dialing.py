"""From the target of a port-forward to an open way to one of its pods, and news of when another one is to be taken.

A pod that is being deleted goes on serving for its grace period, and a tunnel outlives its pod: the API server keeps it
open and only each new connection fails. So the pod is watched, and left when it is going and not when it has gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import name_of, text, uid_of
from tui.model.builtin import (
    DAEMON_SETS,
    DEPLOYMENTS,
    JOBS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    STATEFUL_SETS,
)
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body
from tui.model.streams import StreamPort
from tui.streams.finding import best_of, is_pod
from tui.streams.links import Way
from tui.streams.oldforward import OldWay
from tui.streams.paths import Place
from tui.streams.targets import controller_of, leaving, ports_of, selector_of
from tui.streams.tunnel import tunnelled
from tui.waits import finishing

WATCH_SECONDS = 300

_MAKERS = {
    kind.kind: kind for kind in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, JOBS, REPLICA_SETS, REPLICATION_CONTROLLERS)
}
"""Kinds that make pods."""
_OLDER = ("no tunneling spdy protocols", 'query parameter "port')
"""What an API server and a kubelet say that are asked for a tunnel and know none."""


class OpenRoad:
    """Fits `tui.streams.forward.Road`."""

    def __init__(self, way: Way, pod: str, ports: Mapping[int | str, int]) -> None:
        self.way = way
        self.pod = pod
        self.ports = ports
        self._leaving = asyncio.Event()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def open(self) -> bool:
        return not self._over.done()

    async def leaving(self) -> None:
        await self._leaving.wait()

    async def over(self) -> None:
        await asyncio.shield(self._over)

    def leave(self) -> None:
        """The pod is going."""
        self._leaving.set()

    def end(self, died_of: BaseException | None) -> None:
        """The way has ended."""
        if not self._over.done():
            if died_of is None:
                self._over.set_result(None)
            else:
                self._over.set_exception(died_of)
                self._over.exception()  # there may be nobody who waits for it
        self._leaving.set()


class Dialer:
    """Finds the pod and opens the way. port: gives the cluster's client, anew for each dial. kind, name: what was
    asked for. asked: its ports, by number or name. wait: seconds to wait after a failure of the watch."""

    def __init__(
        self,
        port: Callable[[], Awaitable[StreamPort]],
        kind: KindRef,
        namespace: str,
        name: str,
        asked: Sequence[int | str],
        clock: Clock,
        wait: Callable[[Problem], float],
    ) -> None:
        self._port = port
        self._kind = kind
        self._namespace = namespace
        self._name = name
        self._asked = tuple(asked)
        self._clock = clock
        self._wait = wait
        self._heirs = ""
        """The selector of what made the pod that was asked for, by which its successor is found."""

    @asynccontextmanager
    async def dial(self) -> AsyncGenerator[OpenRoad]:
        """Open a way. Raises SourceError where no pod is there, or where it cannot be reached."""
        port = await self._port()
        pod, service = await self._find(port)
        name = name_of(pod)
        ports = ports_of(self._asked, pod, service)
        place = Place(self._namespace, name)
        try:
            async with tunnelled(port, place) as (tunnel, running):
                road = OpenRoad(tunnel, name, ports)
                running.add_done_callback(lambda task: road.end(None if task.cancelled() else task.exception()))
                async with self._watched(port, pod, road):
                    yield road
                return
        except SourceError as exc:
            if not _too_old(exc.problem):
                raise
        road = OpenRoad(OldWay(port, place), name, ports)
        async with self._watched(port, pod, road):
            yield road

    async def _find(self, port: StreamPort) -> tuple[Body, Body | None]:
        """The pod to go to, and the service by which its ports are named."""
        if is_pod(self._kind):
            return await self._pod(port), None
        owner = await port.body(self._kind, self._namespace, self._name)
        pod = await self._among(port, selector_of(owner))
        return pod, owner if text(owner, "kind") == "Service" else None

    async def _pod(self, port: StreamPort) -> Body:
        try:
            pod = await port.body(PODS, self._namespace, self._name)
        except SourceError as exc:
            if exc.problem.kind is not ProblemKind.NOT_FOUND or not self._heirs:
                raise
            return await self._among(port, self._heirs)
        self._heirs = self._heirs or await self._selector_of_maker(port, pod)
        return pod if not leaving(pod) or not self._heirs else await self._among(port, self._heirs)

    async def _among(self, port: StreamPort, labels: str) -> Body:
        return await best_of(port, self._kind, self._namespace, self._name, labels)

    async def _selector_of_maker(self, port: StreamPort, pod: Body) -> str:
        """The selector of the workload that made `pod`; "" where nobody did, or we may not see it."""
        owner = controller_of(pod)
        kind = _MAKERS.get(text(owner, "kind"))
        if kind is None:
            return ""
        try:
            made = await port.body(kind, self._namespace, text(owner, "name"))
            above = controller_of(made)
            if text(above, "kind") in _MAKERS:
                made = await port.body(_MAKERS[text(above, "kind")], self._namespace, text(above, "name"))
        except SourceError:
            return ""
        return selector_of(made)

    @asynccontextmanager
    async def _watched(self, port: StreamPort, pod: Body, road: OpenRoad) -> AsyncGenerator[None]:
        watching = asyncio.create_task(self._watch(port, pod, road), name=f"the pod {road.pod}")
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, port: StreamPort, pod: Body, road: OpenRoad) -> None:
        """Tell the road when its pod is going. Who may not watch finds out by a connection that fails."""
        fields = f"metadata.name={road.pod}"
        while True:
            try:
                version = await self._version(port, fields, uid_of(pod))
                if version is None:
                    road.leave()
                    return
                opened = port.watch_bodies(
                    PODS, namespace=self._namespace, fields=fields, version=version, timeout=WATCH_SECONDS
                )
                async with finishing(opened) as events:
                    async for batch in events:
                        for event in batch:
                            if event.type == "DELETED" or (event.body is not None and leaving(event.body)):
                                road.leave()
                                return
                problem = Problem(ProblemKind.EXPIRED, "the watch ended")
            except SourceError as exc:
                if exc.problem.kind is ProblemKind.FORBIDDEN:
                    return
                problem = exc.problem
            await self._clock.sleep(self._wait(problem))

    async def _version(self, port: StreamPort, fields: str, uid: str) -> str | None:
        """The version to watch the pod from; None where it is going or gone. It is the list's and not the pod's own:
        what happened since a pod was changed last, days ago, no server remembers."""
        version, there = "", False
        async with finishing(port.body_pages(PODS, namespace=self._namespace, fields=fields)) as pages:
            async for page in pages:
                version = page.version
                there = there or any(uid_of(one) == uid and not leaving(one) for one in page.items)
        return version if there else None


def _too_old(problem: Problem) -> bool:
    """Whether a server does not know the tunnel: 403 without a word (an unknown protocol, recorded), 400 in the words
    of one that knows WebSockets only in the older form ('query parameter "port" is required'), or an agreement on
    nothing."""
    if problem.kind is ProblemKind.PROTOCOL and problem.status is None:
        return True
    if problem.status == 403:
        return not problem.server_words
    return problem.status == 400 and any(words in problem.server_words for words in _OLDER)
