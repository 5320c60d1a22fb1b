"""What listens in the pods of a cluster, and for how long: as long as the container's run.

Every declared port of a container that runs is served by the program the container is (see `programs`). When the run
ends, its connections end with it; a pod that is gone is refused in containerd's words.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from dataclasses import dataclass

from tui.sim.kube.actors.behaviours import Behaviours
from tui.sim.kube.forwarding.buffers import Connection, connection
from tui.sim.kube.forwarding.programs import Listening, Server, server_of
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.kinds import builtin
from tui.sim.kube.objects import items, mapping, name_of, namespace_of, number, parse_timestamp, text, uid_of
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import Obj

PODS = builtin("", "pods")


class Unreachable(Exception):
    """No connection to that port. The message is what a kubelet says of it, behind its own introduction."""


@dataclass(slots=True, eq=False)
class _Live:
    """A connection that somebody in a pod serves. run: the containerID."""

    container: str
    run: str
    served: Connection
    task: asyncio.Task[None]


class Listeners:
    """The programs of all pods of one cluster, started as they are connected to."""

    def __init__(self, cluster: ClusterState, behaviours: Behaviours) -> None:
        self._cluster = cluster
        self._behaviours = behaviours
        self._live: dict[str, list[_Live]] = {}
        self._watching = False

    def sandbox(self, pod: Obj) -> PodSandbox:
        """The pod as it is to be forwarded to, for as long as there is one of that uid."""
        return PodSandbox(self, namespace_of(pod), name_of(pod), uid_of(pod))

    def pod(self, namespace: str, name: str, uid: str) -> Obj | None:
        """The pod of that uid, if it has not been replaced."""
        live = self._cluster.store.get(PODS, namespace, name)
        return live if live is not None and uid_of(live) == uid else None

    def connect(self, pod: Obj, port: int) -> Connection | None:
        """A connection to what listens on a port; None where nothing does."""
        for container in map(mapping, items(mapping(pod.get("spec")).get("containers"))):
            status = _status(pod, text(container.get("name")))
            begun = parse_timestamp(text(mapping(mapping(status.get("state")).get("running")).get("startedAt")))
            if begun is None or port not in _ports(container):
                continue
            program = self._behaviours.program(pod, container)
            late = program.ready_after is not None and self._cluster.now() < begun + program.ready_after
            serve = server_of(program, container)
            if serve is not None and not late:
                listening = Listening(name_of(pod), namespace_of(pod), text(container["name"]), port, self._cluster.now)
                return self._serve(
                    uid_of(pod), text(container["name"]), text(status.get("containerID")), serve, listening
                )
        return None

    def _serve(self, uid: str, container: str, run: str, serve: Server, listening: Listening) -> Connection:
        if not self._watching:  # not before: most clusters are never forwarded into
            self._watching = True
            self._cluster.store.subscribe(self._changed)
        near, far = connection()
        task = asyncio.create_task(_run(serve, far, listening), name=f"port {listening.port} of {listening.pod}")
        live = _Live(container, run, far, task)
        self._live.setdefault(uid, []).append(live)
        task.add_done_callback(lambda _: self._forget(uid, live))
        return near

    def _forget(self, uid: str, live: _Live) -> None:
        others = self._live.get(uid, [])
        if live in others:
            others.remove(live)
        if not others:
            self._live.pop(uid, None)

    def _changed(self, record: WatchRecord) -> None:
        """Connections end with the run that served them."""
        if record.storage != PODS.storage or not self._live:
            return
        for live in tuple(self._live.get(uid_of(record.obj), ())):
            status = _status(record.obj, live.container)
            runs = "running" in mapping(status.get("state")) and status.get("containerID") == live.run
            if record.change == "DELETED" or not runs:
                live.served.close()
                live.task.cancel()


async def _run(serve: Server, connection: Connection, listening: Listening) -> None:
    try:
        await serve(connection, listening)
    except ConnectionResetError:
        pass
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class PodSandbox:
    """One pod to forward to, by its uid: another pod of its name is another pod."""

    _listeners: Listeners
    _namespace: str
    _name: str
    _uid: str

    @property
    def id(self) -> str:
        """As the container runtime names it."""
        return hashlib.sha256(f"{self._uid}/sandbox".encode()).hexdigest()

    def dial(self, port: int) -> Connection:
        """Raises Unreachable."""
        pod = self._listeners.pod(self._namespace, self._name, self._uid)
        if pod is None:
            raise Unreachable(f'failed to find sandbox "{self.id}" in store: not found')
        found = self._listeners.connect(pod, port)
        if found is None:
            raise Unreachable(
                f'{self._failed} failed to connect to localhost:{port} inside namespace "{self.id}", '
                f"IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused "
                "IPv6 dial tcp6: address localhost: no suitable address found "
            )
        return found

    def cut_off(self, port: int) -> str:
        ends = f"127.0.0.1:{40000 + port % 20000}->127.0.0.1:{port}"
        return f"{self._failed} read tcp4 {ends}: read: connection reset by peer"

    @property
    def _failed(self) -> str:
        network = uuid.uuid5(uuid.NAMESPACE_OID, self._uid)
        return f'failed to execute portforward in network namespace "/var/run/netns/cni-{network}":'


def _ports(container: Obj) -> set[int]:
    """The TCP ports that a container declares."""
    declared = map(mapping, items(container.get("ports")))
    return {number(one.get("containerPort")) for one in declared if text(one.get("protocol")) in ("", "TCP")}


def _status(pod: Obj, container: str) -> Obj:
    statuses = map(mapping, items(mapping(pod.get("status")).get("containerStatuses")))
    return next((one for one in statuses if one.get("name") == container), Obj())
