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
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body
from tui.model.streams import Queued, StreamPort
from tui.streams.finding import best_of, is_pod
from tui.streams.heirs import heirs_of
from tui.streams.links import TellDialled, Way
from tui.streams.oldforward import OldWay
from tui.streams.paths import Place
from tui.streams.succession import WATCH_SECONDS, Heirs, Succession, Tell
from tui.streams.targets import leaving, ports_of, ready, running, selector_of
from tui.streams.tunnel import tunnelled
from tui.waits import finishing

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
        self._succession = Succession(clock, wait)
        self._dialled = False
        self._heirs = Heirs(namespace, "")
        """By which the pod that was asked for is followed."""

    @asynccontextmanager
    async def dial(self, tell: TellDialled) -> AsyncGenerator[OpenRoad]:
        """Open a way: at first to the pod that kubectl would take; from then on to one that is ready, which is waited
        for. Raises SourceError where no pod is there, or where it cannot be reached."""
        port = await self._port()
        pod, service = await self._find(port, tell)
        name = name_of(pod)
        ports = ports_of(self._asked, pod, service)
        place = Place(self._namespace, name)

        def queued(queued: Queued | None) -> None:
            self._dialled = True  # it may wait for long, and whoever waited goes on with the next pod as any other
            tell("" if queued is None else queued)

        try:
            async with tunnelled(port.telling(queued), place) as (tunnel, task):
                road = OpenRoad(tunnel, name, ports)
                task.add_done_callback(lambda task: road.end(None if task.cancelled() else task.exception()))
                async with self._taken(port, pod, road, tell):
                    yield road
                return
        except SourceError as exc:
            if not _too_old(exc.problem):
                raise
        road = OpenRoad(OldWay(port, place), name, ports)
        async with self._taken(port, pod, road, tell):
            yield road

    async def _find(self, port: StreamPort, tell: Tell) -> tuple[Body, Body | None]:
        """The pod to go to, and the service by which its ports are named."""
        if is_pod(self._kind):
            return await self._pod(port, tell), None
        owner = await port.body(self._kind, self._namespace, self._name)
        labels, what = selector_of(owner), f"{self._kind.kind.lower()} {self._name}"
        if self._dialled:
            pod = await self._succession.next(port, Heirs(self._namespace, what, labels), tell)
        else:
            pod = _running(await best_of(port, self._kind, self._namespace, self._name, labels))
        return pod, owner if text(owner, "kind") == "Service" else None

    async def _pod(self, port: StreamPort, tell: Tell) -> Body:
        if self._dialled:
            return await self._succession.next(port, self._heirs, tell)
        pod = _running(await port.body(PODS, self._namespace, self._name))
        self._heirs = await heirs_of(port, pod)
        return pod

    @asynccontextmanager
    async def _taken(self, port: StreamPort, pod: Body, road: OpenRoad, tell: Tell) -> AsyncGenerator[None]:
        """Watch the pod of a road for as long as that is used."""
        self._dialled = True
        tell(self._succession.taken(pod))
        watching = asyncio.create_task(self._watch(port, pod, road, tell), name=f"the pod {road.pod}")
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, port: StreamPort, pod: Body, road: OpenRoad, tell: Tell) -> None:
        """Tell the road when its pod is going, and whoever listens once it is ready. Who may not watch finds out by a
        connection that fails."""
        fields = f"metadata.name={road.pod}"
        while True:
            try:
                version, found = await self._listed(port, fields, uid_of(pod))
                if found is None or leaving(found):
                    road.leave()
                    return
                self._look(found, tell)
                opened = port.watch_bodies(
                    PODS, namespace=self._namespace, fields=fields, version=version, timeout=WATCH_SECONDS
                )
                async with finishing(opened) as events:
                    async for batch in events:
                        for event in batch:
                            if event.type == "DELETED" or (event.body is not None and leaving(event.body)):
                                road.leave()
                                return
                            if event.body is not None:
                                self._look(event.body, tell)
                problem = Problem(ProblemKind.EXPIRED, "the watch ended")
            except SourceError as exc:
                if exc.problem.kind is ProblemKind.FORBIDDEN:
                    return
                problem = exc.problem
            await self._clock.sleep(self._wait(problem))

    def _look(self, pod: Body, tell: Tell) -> None:
        if ready(pod):
            tell(self._succession.taken(pod))

    async def _listed(self, port: StreamPort, fields: str, uid: str) -> tuple[str, Body | None]:
        """The version to watch the pod from, and the pod; None where it has gone. The version is the list's and not the
        pod's own: what happened since a pod was changed last, days ago, no server remembers."""
        version, found = "", None
        async with finishing(port.body_pages(PODS, namespace=self._namespace, fields=fields)) as pages:
            async for page in pages:
                version = page.version
                found = next((one for one in page.items if uid_of(one) == uid), found)
        return version, found


def _running(pod: Body) -> Body:
    """Raises SourceError where it does not run: kubectl begins no port-forward then either."""
    if not running(pod):
        phase = text(pod, "status", "phase") or "unknown"
        raise SourceError(Problem(ProblemKind.INVALID, f"pod {name_of(pod)} is not running: it is {phase}"))
    return pod


def _too_old(problem: Problem) -> bool:
    """Whether a server does not know the tunnel: 403 without a word (an unknown protocol, recorded), 400 in the words
    of one that knows WebSockets only in the older form ('query parameter "port" is required'), or an agreement on
    nothing."""
    if problem.kind is ProblemKind.PROTOCOL and problem.status is None:
        return True
    if problem.status == 403:
        return not problem.server_words
    return problem.status == 400 and any(words in problem.server_words for words in _OLDER)
