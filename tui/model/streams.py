"""Streams as data: what is open, to whom, how long and how it fares; what screens and the command line show."""

from __future__ import annotations

from msgspec import Struct

from tui.errors import Problem
from tui.model.cluster import ClusterRef


class ForwardTarget(Struct, frozen=True):
    """What a port-forward leads to. kind: the plural resource name: pods, services, deployments, … Whatever is not a
    pod leads to one of its pods, and to another one when that goes."""

    cluster: ClusterRef
    namespace: str
    kind: str
    name: str

    @property
    def title(self) -> str:
        """`pods/name`, as kubectl writes it."""
        return f"{self.kind}/{self.name}"


class PortPair(Struct, frozen=True):
    """local: on this machine; 0 = any that is free. remote: number or name of a port of the target."""

    local: int
    remote: int | str


class Bound(Struct, frozen=True):
    """One port that listens. addresses: those of this machine. remote: the port's number in the pod, 0 while no pod is
    known."""

    local: int
    asked: int | str
    remote: int
    addresses: tuple[str, ...]


class ForwardState(Struct, frozen=True):
    """How a port-forward fares.

    state: opening | live | waiting (its pod has gone, or the connection broke; it is dialled again) | ended. since:
    wall-clock seconds at which it got into that state. open, total, failed: connections. sent, received: bytes, seen
    from here. dials: times that a way to a pod was opened. problem: the last one; of a single connection while live.
    """

    ports: tuple[Bound, ...] = ()
    state: str = "opening"
    since: float = 0.0
    pod: str = ""
    open: int = 0
    total: int = 0
    failed: int = 0
    sent: int = 0
    received: int = 0
    dials: int = 0
    problem: Problem | None = None
