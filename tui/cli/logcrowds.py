"""What befalls many logs at once, said in a line for all of them: they wait for their turns, or a quota is used up.

Logs that take turns do so for as long as they are followed, and a quota that is used up refuses all that it counts, so
that a line for each would bury what there is to know, and what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable

from tui.cli.lognames import Naming
from tui.cli.output import say
from tui.clock import Clock
from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed
from tui.model.logs import LogQuery, LogSource, LogStatus
from tui.present.logturns import waiting_words

SETTLES = 3.0
"""Seconds for which it is so before it is said how many wait: one leaves and the next comes all the time."""
MUCH = 2
"""So many times as many, or as few, as were told of are worth another line."""
CALM = 10.0
"""Seconds without a refusal after which a quota is no longer used up."""


class Waiting:
    """Those that wait for their turns. naming: what sources are called."""

    def __init__(self, naming: Naming, clock: Clock) -> None:
        self._name = naming.name
        self._clock = clock
        self._told = 0
        self._since: float | None = None

    def look(self, status: LogStatus) -> None:
        """Say how many wait, where that is worth it."""
        waiting = [source for source in status.sources if source.queued]
        if not self._news(len(waiting)):
            self._since = None
            return
        now = self._clock.monotonic()
        if self._since is None:
            self._since = now
        elif now - self._since >= SETTLES:
            self._since, self._told = None, len(waiting)
            say(waiting_words(status.sources, self._name) or "no log waits for its turn any more")

    def _news(self, count: int) -> bool:
        if not self._told or not count:
            return bool(count) != bool(self._told)
        return count >= self._told * MUCH or count * MUCH <= self._told


class Pauses:
    """Quotas that are used up: of a fleet, or of a cluster's own server. counted, shown: see `Ports`."""

    def __init__(
        self, query: LogQuery, clock: Clock, counted: Callable[[str], str], shown: Callable[[str], str]
    ) -> None:
        self._clock = clock
        self._counted = counted
        self._shown = shown
        self._quotas = {cluster.name: cluster.quota for cluster in query.clusters}
        self._refused: dict[tuple[str, str], float] = {}
        """When it last was so, by quota, or else by cluster."""

    def look(self, feed: Feed[LogStatus]) -> None:
        """Say of each once that it is used up, and that it no longer is."""
        now = self._clock.monotonic()
        # Whose a quota is that was refused may be known only since.
        self._refused = {(self._counted(quota), name): last for (quota, name), last in self._refused.items()}
        for whose, problem in self._refusals(feed):
            if whose not in self._refused:
                say(f"{self._called(*whose)}: {problem}")
            self._refused[whose] = now
        for whose in [whose for whose, last in self._refused.items() if now - last >= CALM]:
            del self._refused[whose]
            say(f"{self._called(*whose)}: requests are let through again")

    def _called(self, quota: str, cluster: str) -> str:
        return self._shown(quota) if quota else cluster

    def _whose(self, cluster: str) -> tuple[str, str]:
        quota = self._quotas.get(cluster)
        return (self._counted(quota), "") if quota else ("", cluster)

    def _refusals(self, feed: Feed[LogStatus]) -> list[tuple[tuple[str, str], Problem]]:
        gaps = [(gap.who, gap.problem) for gap in feed.gaps]
        sources = feed.value.sources if feed.value is not None else ()
        refused = [(one.cluster.name, one.problem) for one in sources if one.problem is not None and held_up(one)]
        return [
            (self._whose(who.partition(":")[0]), problem)
            for who, problem in (*gaps, *refused)
            if problem.kind is ProblemKind.THROTTLED
        ]


def held_up(source: LogSource) -> bool:
    """Whether it is not read because a quota is used up, and will be; else it has been given up."""
    problem = source.problem
    return problem is not None and problem.kind is ProblemKind.THROTTLED and source.state != "ended"
