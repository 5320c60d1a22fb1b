"""The right to write to one cluster, without which no client sends a request that writes.

Only the lock (`tui.changes.lock`) makes permits. A client asks the permit as the last thing before each request, so
what is refused is never sent, whoever asked for it and whatever was decided before.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef

Stopped = Callable[[], SourceError | None]
"""Why a request is not wanted any more; None while it is."""


class Permit:
    """cluster: the only one it is for. refusal: why nothing may be written now, None where something may. dry: it is
    for requests of which the server stores nothing."""

    def __init__(self, cluster: ClusterRef, refusal: Callable[[], Problem | None], *, dry: bool = False) -> None:
        self._cluster = cluster
        self._refusal = refusal
        self._dry = dry
        self._stopped: Stopped | None = None

    def until(self, stopped: Stopped | None) -> Permit:
        """The same, until `stopped` gives an error: a request may wait long for its turn, and whoever wanted it may
        have changed his mind."""
        made = copy(self)
        made._stopped = stopped
        return made

    def check(self, cluster: ClusterRef, *, dry: bool) -> None:
        """Raises SourceError where a request to `cluster` may not be sent. dry: the server would store nothing of
        it."""
        if self._stopped is not None and (error := self._stopped()) is not None:
            raise error
        problem = self._refusal()
        if problem is None and cluster.key != self._cluster.key:  # names on screen may differ
            problem = Problem(ProblemKind.FORBIDDEN, f"writing to {cluster.name} is not what was permitted")
        if problem is None and self._dry and not dry:
            problem = Problem(ProblemKind.FORBIDDEN, "only trying it was permitted")
        if problem is not None:
            raise SourceError(problem)
