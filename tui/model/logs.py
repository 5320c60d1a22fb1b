"""Log lines, their sources and the counters that prove nothing was lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from tui.errors import Problem
from tui.model.cluster import ClusterRef
from tui.model.feed import Topic


class LogQuery(Struct, frozen=True):
    """What a log view follows.

    clusters × namespace × (labels | pod names). containers: () = all. tail: lines of history per container at the
    start. `agents=True` is "the connect agents of these clusters": the namespace labelled hub.gke.io/project (else
    gke-connect) and pods app=gke-connect-agent; on AKS the sc-system namespace.
    """

    clusters: tuple[ClusterRef, ...]
    namespace: str = ""
    labels: str = ""
    pods: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    agents: bool = False
    tail: int = 100
    since_seconds: int | None = None
    previous: bool = False

    @property
    def title(self) -> str:
        return "connect agents" if self.agents else ", ".join(self.pods) or self.labels or self.namespace or "all pods"


class LogSource(Struct, frozen=True):
    """One container's stream: where it comes from and how it fares. opened: times that it has been asked for."""

    index: int
    cluster: ClusterRef
    namespace: str
    pod: str
    container: str
    state: str = "opening"  # opening | following | ended | waiting (to be opened again)
    problem: Problem | None = None
    opened: int = 0


class LogLine(NamedTuple):
    """One line. at: nanoseconds since the epoch from the kubelet's timestamp (0 where it had none). source: index
    into LogStatus.sources. text: raw bytes, untrusted, no trailing newline."""

    seq: int
    at: int
    source: int
    text: bytes


class LogStatus(Struct, frozen=True):
    """What the Logs pane's border says. received: lines taken in. repeated: lines a reconnect brought again, dropped.
    lost: lines known to be missing. late: lines that came after newer ones of another source had been shown.
    evicted: oldest lines that left the ring because it was full (they were shown, and can be saved no more).
    gaps: times that a resumed stream no longer held its last line (rotated away, or two restarts): nobody can know how
    many lines are missing there, if any."""

    sources: tuple[LogSource, ...] = ()
    received: int = 0
    repeated: int = 0
    lost: int = 0
    late: int = 0
    evicted: int = 0
    first_seq: int = 0
    next_seq: int = 0
    gaps: int = 0


class LogBook(Protocol):
    """The reading side of a log view: a ring of lines, not latest-wins."""

    @property
    def status(self) -> Topic[LogStatus]: ...

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        """Lines with sequence >= seq, oldest first, at most `limit`; and how many before them have been evicted."""
        ...
