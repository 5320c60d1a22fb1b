"""What the desk is told at its birth, and what the configuration says of each cluster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import Struct

from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.patterns import cluster_filter
from tui.model.writes import GuardedPort

DEFAULT_MINUTES = 5.0
Connect = Callable[[ClusterRef], Awaitable[GuardedPort]]
"""The client of a cluster. Raises SourceError."""


class ChangeSettings(Struct, frozen=True):
    """read_only: patterns of clusters that are never written to. production: patterns of clusters whose name must be
    typed to confirm. minutes: how long writing stays unlocked. journal: the file; None = kept in memory only. source:
    where read_only is configured, for the words of a refusal."""

    read_only: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    minutes: float = DEFAULT_MINUTES
    journal: Path | None = None
    source: str = "the configuration"


class Rules:
    """What is configured for a cluster. Raises UsageError for a pattern that is not valid."""

    def __init__(self, settings: ChangeSettings) -> None:
        self._settings = settings
        self._read_only = _matching(settings.read_only, self._names)
        self._production = _matching(settings.production, self._names)
        self._learned: dict[ClusterRef, frozenset[str]] = {}

    def learn(self, cluster: ClusterRef, names: frozenset[str]) -> None:
        """What `cluster` goes by at the end of its road: a context may be called anything."""
        self._learned[cluster] = names

    def _names(self, cluster: ClusterRef) -> frozenset[str]:
        return self._learned.get(cluster, frozenset())

    @property
    def closed(self) -> str:
        """Why nothing at all can be unlocked, "" where something can."""
        return f"{self._settings.source} makes every cluster read-only" if "*" in self._settings.read_only else ""

    def read_only(self, cluster: ClusterRef) -> Problem | None:
        """Why `cluster` is never written to."""
        if not self._read_only(cluster):
            return None
        summary = f"{cluster.name} is read-only: {self._settings.source} says so (read_only)"
        return Problem(ProblemKind.FORBIDDEN, summary, target=cluster.name)

    def production(self, cluster: ClusterRef) -> bool:
        """Whether a person must type the name of `cluster` to confirm a change."""
        return self._production(cluster)


def _matching(patterns: Sequence[str], learned: Callable[[ClusterRef], frozenset[str]]) -> Callable[[ClusterRef], bool]:
    """Matches a cluster by any name it goes by, so that no other road leads round a rule; none where there is none.

    Patterns that only leave out are held against the names that a person sees: no host would be left out by them.
    """
    chosen = cluster_filter(patterns)
    wanted = any(not pattern.startswith("^") for pattern in patterns)

    def matches(cluster: ClusterRef) -> bool:
        names = names_of(cluster) | learned(cluster) if wanted else names_of(cluster)
        return bool(patterns) and any(map(chosen, names))

    return matches


def names_of(cluster: ClusterRef) -> frozenset[str]:
    """The short name on screen, the resource's own, and what gcloud makes of it as the name of a context
    (`gke_PROJECT_LOCATION_NAME`, `connectgateway_PROJECT_LOCATION_NAME`)."""
    own = cluster.key.rpartition("/")[2] if cluster.via is not Via.CONTEXT else cluster.key.removeprefix("context:")
    names = {cluster.name, own}
    parts = own.split("_", 3)
    if len(parts) == 4 and parts[0] in ("gke", "connectgateway"):
        names.add(parts[3])
    return frozenset(names)
