"""Log lines, their sources and the counters that prove nothing was lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct
from msgspec.structs import replace

from tui.errors import Problem, UsageError
from tui.model.cluster import ClusterRef

if TYPE_CHECKING:
    from tui.model.feed import Topic

SCREEN = "the screen"
"""Who holds the reading up where lines come faster than they are shown or searched."""
YOU = "you"
"""Who does where somebody looks at lines that would leave the full ring."""


class LogStart(Struct, frozen=True):
    """Where the reading of one log begins and where it ends. Times in nanoseconds since the epoch, as in `LogLine.at`.

    tail: lines of history to begin with; None = all. since_seconds: only those not older than so many seconds.
    since: only those not older than this time; until: nor newer than this one; 0 = no bound. previous: the log of the
    instance before the last restart, which is read once. follow: go on as new lines come; else what is there is read.
    """

    tail: int | None = None
    since_seconds: int | None = None
    since: int = 0
    until: int = 0
    previous: bool = False
    follow: bool = True


class LogPick(Struct, frozen=True):
    """Pods of one cluster: namespace × (labels | pod names | a pattern | workloads), each as in `LogQuery`."""

    cluster: ClusterRef
    namespace: str = ""
    labels: str = ""
    pods: tuple[str, ...] = ()
    pattern: str = ""
    workloads: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What is followed, in a few words."""
        named = ", ".join(self.pods) or ", ".join(self.workloads) or (f"/{self.pattern}/" if self.pattern else "")
        return named or self.labels or self.namespace or "all pods"

    def means(self, pod: str) -> bool:
        """Whether a pod of this name is followed, as far as its name tells."""
        if self.pods and pod not in self.pods:
            return False
        return not self.pattern or name_pattern(self.pattern).search(pod) is not None


class LogQuery(Struct, frozen=True):
    """What a log view follows.

    clusters × namespace × (labels | pod names | a pattern | workloads). namespace: "" = all; several with commas.
    pattern: a regular expression that is searched for in pods' names. workloads: of these, whatever their pods are,
    as "deployments.apps/web": plural, group and name. picks: these instead, where what is followed differs from one
    cluster or namespace to the other; clusters are theirs then (`query_of` makes both). containers: () = all, init and
    ephemeral ones too. tail, since, until, since_seconds, previous, follow: as in `LogStart`. `agents=True` is "the
    connect agents of these clusters": the namespace labelled hub.gke.io/project (else gke-connect) and pods
    app=gke-connect-agent; on AKS the sc-system namespace. agentless: those that were asked for too, and are known to
    have none.
    """

    clusters: tuple[ClusterRef, ...]
    namespace: str = ""
    labels: str = ""
    pods: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    agents: bool = False
    tail: int | None = 100
    since_seconds: int | None = None
    previous: bool = False
    pattern: str = ""
    workloads: tuple[str, ...] = ()
    since: int = 0
    until: int = 0
    follow: bool = True
    agentless: tuple[ClusterRef, ...] = ()
    picks: tuple[LogPick, ...] = ()

    @property
    def title(self) -> str:
        if self.agents:
            return "connect agents"
        return ", ".join(dict.fromkeys(pick.title for cluster in self.clusters for pick in self.of(cluster)))

    @property
    def of_one_pod(self) -> bool:
        """Whether it names a single pod, in however many clusters."""
        return len(self.pods) == 1 and not self.picks

    def of(self, cluster: ClusterRef) -> tuple[LogPick, ...]:
        """What is followed of one of its clusters."""
        if self.picks:
            return tuple(pick for pick in self.picks if pick.cluster == cluster)
        return (LogPick(cluster, self.namespace, self.labels, self.pods, self.pattern, self.workloads),)

    @property
    def start(self) -> LogStart:
        """Where each of its logs begins and ends."""
        return LogStart(self.tail, self.since_seconds, self.since, self.until, self.previous, self.follow)


def query_of(picks: Sequence[LogPick], *, previous: bool = False) -> LogQuery:
    """The query that follows all of `picks`, at least one: pods of one namespace are asked for together, and what is
    the same in all clusters is said once."""
    named: dict[tuple[ClusterRef, str], dict[str, None]] = {}
    rest: dict[LogPick, None] = {}
    for pick in picks:
        if pick.pods and pick == LogPick(pick.cluster, pick.namespace, pods=pick.pods):
            named.setdefault((pick.cluster, pick.namespace), {}).update(dict.fromkeys(pick.pods))
        else:
            rest[pick] = None
    merged = [*(LogPick(ref, space, pods=tuple(pods)) for (ref, space), pods in named.items()), *rest]
    clusters = tuple(dict.fromkeys(pick.cluster for pick in merged))
    first = merged[0]
    if len(merged) == len(clusters) and all(replace(pick, cluster=first.cluster) == first for pick in merged):
        return LogQuery(
            clusters,
            first.namespace,
            first.labels,
            first.pods,
            pattern=first.pattern,
            workloads=first.workloads,
            previous=previous,
        )
    return LogQuery(clusters, picks=tuple(merged), previous=previous)


@lru_cache(maxsize=64)
def name_pattern(pattern: str) -> re.Pattern[str]:
    """Raises UsageError where it is no regular expression."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"{pattern}: not a regular expression: {error}") from error


class LogGap(Struct, frozen=True):
    """Where lines may be missing: after the last line that was read, at `after`, and before the next one that was
    there, at `before`; nanoseconds since the epoch. why: "rotated" or "restarted". Nobody can know how many."""

    source: int
    after: int
    before: int
    why: str = ""


def how_often(every: float) -> str:
    """ "about every 40 s", "about every 4 min": how often a turn comes. every: seconds."""
    return f"about every {every:.0f} s" if every < 90 else f"about every {every / 60:.0f} min"


class LogSource(Struct, frozen=True):
    """One container's stream: where it comes from and how it fares. opened: times that it has been asked for. newest:
    time of its newest line, in nanoseconds, 0 = none yet. behind: seconds that its lines come after those of others, or
    before them (less than 0), where that is too much to wait for. The counters are those of `LogStatus`, of this
    source."""

    index: int
    cluster: ClusterRef
    namespace: str
    pod: str
    container: str
    state: str = "opening"  # opening | following | ended | waiting (to be opened again, or for its turn)
    problem: Problem | None = None
    opened: int = 0
    received: int = 0
    repeated: int = 0
    late: int = 0
    gaps: int = 0
    newest: int = 0
    queued: bool = False  # waits for its turn: more are followed than may be open at once
    over: bool = False  # all of it has been read, and its container will not run again
    gone: bool = False  # its pod does not exist any more
    behind: float = 0.0
    lacks: bool = False  # its pod has none of the containers that are asked for, so it stands for the pod alone
    there: tuple[str, ...] = ()  # which the pod has, where it has not all of those that are asked for
    read: bool = False  # its log has been opened once
    every: float = 0.0  # seconds, about, from one of its turns to the next; 0 = those of its cluster take none


class LogLine(NamedTuple):
    """One line. at: nanoseconds since the epoch from the kubelet's timestamp (0 where it had none). source: index
    into LogStatus.sources. text: raw bytes, untrusted, no trailing newline. late: it came after newer ones of another
    source had been passed on."""

    seq: int
    at: int
    source: int
    text: bytes
    late: bool = False


class LogStatus(Struct, frozen=True):
    """What the Logs pane's border says. received: lines taken in. repeated: lines a reconnect brought again, dropped.
    late: lines that came after newer ones of another source had been shown.
    evicted: oldest lines that left the ring because it was full (they were shown, and can be saved no more).
    gaps: times that a resumed stream no longer held its last line (rotated away, or two restarts): nobody can know how
    many lines are missing there, if any; `lately` are the newest of them, with their spans. held: who holds the reading
    up now, being slower than the streams ("" = nobody). bytes: what the ring holds; capacity, max_bytes: at most.
    complete: all pods that are there now are known, as far as they can be. merging: streams are still being opened, and
    what was written before is put in order before it is shown; for a while now.
    """

    sources: tuple[LogSource, ...] = ()
    received: int = 0
    repeated: int = 0
    late: int = 0
    evicted: int = 0
    first_seq: int = 0
    next_seq: int = 0
    gaps: int = 0
    lately: tuple[LogGap, ...] = ()
    held: str = ""
    bytes: int = 0
    capacity: int = 0
    max_bytes: int = 0
    complete: bool = False
    merging: bool = False


class LogReader(Protocol):
    """Somebody for whom the reading is held up, so that no line leaves the ring before he has seen it."""

    def reached(self, position: int) -> None:
        """All lines before this sequence number have been seen."""
        ...

    def looks_at(self, position: int) -> None:
        """The line of this sequence number and those behind it are looked at; it may be one that was seen before."""
        ...

    def leave(self) -> None:
        """Nothing is held up for him any more."""
        ...


class LogBook(Protocol):
    """The reading side of a log view: a ring of lines, not latest-wins."""

    @property
    def status(self) -> Topic[LogStatus]: ...

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        """Lines with sequence >= seq, oldest first, at most `limit`; and how many before them have been evicted."""
        ...

    def raw(self, seq: int, limit: int = 10_000) -> tuple[list[bytes], list[int], int]:
        """Lines as `LogBook.since` gives them, with their stamps; of each its source (`~index` where it came late);
        and how many before them have been evicted."""
        ...

    def reader(self, name: str, *, looks: bool = False) -> LogReader:
        """Hold the reading up for somebody from now on, until he leaves. name: as `LogStatus.held` tells it. looks: he
        stays where he is, and has as many lines ahead of him as the ring can hold."""
        ...


class RawBook(LogBook, Protocol):
    """A log book for whoever prints every line of it."""

    def counted(self) -> LogStatus:
        """The status as it is in this moment; its topic tells of it a moment later."""
        ...

    async def more(self, seq: int) -> None:
        """Return when there is a line with sequence >= seq."""
        ...


class Saved(Struct, frozen=True):
    """How the saving of a log into a file fares. lines, bytes: written so far. missing: lines that had left the ring
    before they could be written. problem: why nothing more is written, at the moment or for ever (`over`)."""

    path: Path
    lines: int = 0
    bytes: int = 0
    missing: int = 0
    problem: Problem | None = None
    over: bool = False


class LogSaving(Protocol):
    """A log that is being written into a file, from the oldest line of the ring on, until `stop`."""

    @property
    def status(self) -> Topic[Saved]: ...

    async def stop(self) -> None:
        """Write what has been read so far, and end."""
        ...
