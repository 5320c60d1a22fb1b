"""exec and attach of one cluster's pods.

What exec runs is real: processes of this machine, with the rights of whoever runs the simulator, who must therefore be
the only one to reach it. It listens on loopback alone, and nothing gets here without a token that the simulator made
for this run, and the rights in the cluster. Where Linux allows it, a command sees nothing but its container's folder
and, read-only, the machine's programs (`cell`); that keeps mistakes in, not malice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from tui.sim.kube.history import WatchRecord
from tui.sim.kube.logs import PodLogs
from tui.sim.kube.objects import name_of, text, uid_of
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import Obj
from tui.sim.kube.streams import attached
from tui.sim.kube.streams.asked import (
    Asked,
    KubeletRefusalError,
    check_channels,
    container_spec,
    id_if_running,
    raw_query,
    read_query,
    running_id,
)
from tui.sim.kube.streams.cell import NO_WALLS
from tui.sim.kube.streams.ending import Ending, not_started
from tui.sim.kube.streams.environ import environment
from tui.sim.kube.streams.images import missing
from tui.sim.kube.streams.link import Link, Said
from tui.sim.kube.streams.process import NotStartedError, Process, Start, started
from tui.sim.kube.streams.rooms import Rooms
from tui.sim.kube.streams.talk import Sizes, converse
from tui.sim.kube.streams.welcome import receive
from tui.wire.channels import RESIZE

_SIZE_SECONDS = 0.25
"""How long a terminal's first size is waited for, so that what starts finds it right. Clients send it at once."""


@dataclass(slots=True, eq=False)
class _Session:
    """A command that runs. id: the containerID of where it does."""

    container: str
    id: str
    process: Process


class Streams:
    """Serves them: `exec` is a `PodStream`, as is `attach` once it knows the logs.

    rooms: where commands run. walls: whether they see nothing else, until it is found that this cannot be.
    """

    def __init__(self, cluster: ClusterState) -> None:
        self._cluster = cluster
        self.rooms = Rooms()
        self._sessions: dict[str, set[_Session]] = {}  # by uid of the pod
        self.walls = True
        cluster.store.subscribe(self._react)

    async def exec(self, request: web.Request, pod: Obj) -> web.StreamResponse:
        """Raises ApiError 400 before the answer has begun."""
        asked = read_query(raw_query(request), pod)
        id, refusal = "", None
        try:
            check_channels(asked)
            id = running_id(pod, asked.container)
        except KubeletRefusalError as refused:
            refusal = refused
        welcomed = await receive(self._cluster.version, request, asked, refusal)
        if welcomed.link is not None:
            await self._run(welcomed.link, pod, asked, id)
        return welcomed.response

    async def attach(self, logs: PodLogs, request: web.Request, pod: Obj) -> web.StreamResponse:
        """logs: of which the container writes one. Raises ApiError 400 before the answer has begun."""
        asked, refusal = read_query(raw_query(request), pod), None
        try:
            check_channels(asked)
            running_id(pod, asked.container, attach=True)
        except KubeletRefusalError as refused:
            refusal = refused
        welcomed = await receive(self._cluster.version, request, asked, refusal)
        if welcomed.link is not None:
            await attached.watch(welcomed.link, logs, pod, asked)
        return welcomed.response

    def close(self) -> None:
        """Kill what still runs, and remove its folders."""
        for session in [one for sessions in self._sessions.values() for one in sessions]:
            session.process.kill()
        self.rooms.close()

    async def _run(self, link: Link, pod: Obj, asked: Asked, id: str) -> None:
        first = asyncio.create_task(link.receive(), name="first from the client")
        try:
            ending = await self._ending(link, pod, asked, id, first)
        finally:
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
        if ending is not None:
            try:
                await link.finish(ending)
            except ConnectionError:
                pass  # it has left meanwhile

    async def _ending(
        self, link: Link, pod: Obj, asked: Asked, id: str, first: asyncio.Task[Said | None]
    ) -> Ending | None:
        """None where the client left before the end."""
        size = await _first_size(first) if asked.tty else None
        try:
            process = await self._start(pod, asked, id, size)
        except NotStartedError as error:
            return not_started(id, asked.command[0] if asked.command else "", error.report)
        session = _Session(asked.container, id, process)
        sessions = self._sessions.setdefault(uid_of(pod), set())
        sessions.add(session)
        try:
            return await converse(link, process, first, asked.channels)
        finally:
            sessions.discard(session)
            if not sessions:
                self._sessions.pop(uid_of(pod), None)
            await process.close()

    async def _start(self, pod: Obj, asked: Asked, id: str, size: tuple[int, int] | None) -> Process:
        spec = container_spec(pod, asked.container)
        why = missing(text(spec.get("image")), asked.command[0]) if asked.command else "not in path"
        if why:
            raise NotStartedError(why)
        start = Start(
            asked.command,
            self.rooms.of(pod, asked.container, id),
            name_of(pod),
            text(spec.get("workingDir")) or "/",
            environment(self._cluster.store, pod, spec, tty=asked.tty),
            tty=asked.tty,
            stdin=asked.stdin,
            stderr=asked.stderr,
            size=size,
        )
        try:
            return await started(start, walls=self.walls)
        except NotStartedError as error:
            if error.report != NO_WALLS or not self.walls:
                raise
            self.walls = False
            return await started(start, walls=False)

    def _react(self, record: WatchRecord) -> None:
        if record.storage != ("", "pods"):
            return
        uid, gone = uid_of(record.obj), record.change == "DELETED"
        for session in tuple(self._sessions.get(uid, ())):
            if gone or id_if_running(record.obj, session.container) != session.id:
                session.process.kill()
        if gone:
            self.rooms.forget(uid)


async def _first_size(first: asyncio.Task[Said | None]) -> tuple[int, int] | None:
    await asyncio.wait((first,), timeout=_SIZE_SECONDS)
    said = first.result() if first.done() and first.exception() is None else None
    sizes = Sizes().read(said.data) if said is not None and said.channel == RESIZE else []
    return sizes[-1] if sizes else None
