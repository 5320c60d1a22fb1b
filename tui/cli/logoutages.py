"""Clusters that go down while their logs are followed: a line for all logs of one that are not read, and one when they
are again.

Streams break one after the other, and are opened again so. So it is waited for a moment before anything is said, and
what has healed by then is not worth a word: nothing is missing from a stream that was joined. A log that breaks alone
has trouble of its own, and so has one that does not come back when others of its cluster do.
"""

from __future__ import annotations

from collections import Counter

from tui.cli.output import say
from tui.clock import Clock
from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed
from tui.model.logs import LogSource, LogStatus
from tui.present.clean import clean
from tui.present.parts import count

OUTAGE = frozenset({ProblemKind.UNREACHABLE, ProblemKind.TIMEOUT, ProblemKind.SERVER, ProblemKind.SIGNED_OUT})
"""What befalls a cluster, and not one of its pods."""
REFUSED = frozenset({ProblemKind.THROTTLED})
"""What is said elsewhere (`logcrowds.Pauses`), and tells nothing of whether the trouble is over."""
GATHERS = 1.0
"""Seconds in which other logs of the cluster break too, if it is the cluster's trouble."""
CROWD = 2
"""Logs that are told of together."""
MUCH = 2
"""So many times as many as were told of are worth another line."""
LEFT = 10.0
"""Seconds after which those that do not come back when others do are told of by themselves."""


class _Outage:
    """Of one cluster. down: its logs that are not read, by their numbers, with what was last said of each. known: all
    that were not. told: how many were told of, -1 = nothing was said yet. silent: that the cluster does not answer was
    said, too. kinds: what was said. again: some were read before. back: since when some are read again."""

    def __init__(self, since: float) -> None:
        self.since = since
        self.down: dict[int, Problem] = {}
        self.known: set[int] = set()
        self.told = -1
        self.silent = False
        self.kinds: set[ProblemKind] = set()
        self.again = False
        self.back: float | None = None

    def sees(self, source: LogSource) -> None:
        """How one of its logs fares."""
        problem = source.problem
        ended = source.state == "ended" or source.gone
        if ended or (problem is not None and not source.queued and problem.kind not in OUTAGE | REFUSED):
            self.down.pop(source.index, None)
            self.known.discard(source.index)
        elif source.state == "following":
            self.down.pop(source.index, None)
        elif problem is not None and problem.kind in OUTAGE and not source.queued:
            self.down[source.index] = problem
            self.known.add(source.index)
            self.again = self.again or source.read


class Outages:
    """Tells of them. own: logs whose troubles are their own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._outages: dict[str, _Outage] = {}
        self._own: set[int] = set()

    def look(self, feed: Feed[LogStatus], told: set[str]) -> set[int | str]:
        """Say what has changed. told: clusters that do not answer, which was said elsewhere. The numbers of logs, and
        the names of clusters, of which is said here what there is to say."""
        clusters: dict[str, list[LogSource]] = {}
        for source in feed.value.sources if feed.value is not None else ():
            clusters.setdefault(source.cluster.name, []).append(source)
        gaps = {gap.who: gap.problem for gap in feed.gaps if gap.who not in told}
        spoken: set[int | str] = set()
        for name, sources in clusters.items():
            outage = self._cluster(name, sources, gaps.get(name))
            if outage is not None:
                spoken |= {name, *outage.known}
        return spoken

    def _cluster(self, name: str, sources: list[LogSource], silent: Problem | None) -> _Outage | None:
        """One cluster, with what it is refused with; what there is to say of it."""
        now = self._clock.monotonic()
        self._own -= {source.index for source in sources if source.state == "following"}
        outage = self._outages.get(name) or _Outage(now)
        for source in sources:
            if source.index not in self._own:
                outage.sees(source)
        if silent is not None and silent.kind not in (OUTAGE | REFUSED if outage.silent else OUTAGE):
            silent = None  # another trouble, said elsewhere
        if not outage.down and silent is None:
            if self._outages.pop(name, None) is not None and outage.told >= 0:
                _relief(name, outage, len(outage.known))
            return None
        self._outages[name] = outage
        if outage.told < 0 and now - outage.since < GATHERS:
            return outage
        if outage.told < 0 and silent is None and len(outage.down) < CROWD:
            self._own |= outage.down.keys()
            del self._outages[name]
            return None
        _tell(name, outage, silent)
        back = silent is None and any(one.index in outage.known and one.state == "following" for one in sources)
        outage.back = None if not back else now if outage.back is None else outage.back
        if outage.back is not None and now - outage.back >= LEFT:
            left = sum(one.index in outage.down and not one.queued for one in sources)
            _relief(name, outage, len(outage.known) - left)
            del self._outages[name]
            return None
        return outage


def _tell(name: str, outage: _Outage, silent: Problem | None) -> None:
    """Say that it is so, where that is news."""
    if silent is not None and silent.kind in REFUSED:
        return
    if outage.told < 0:
        outage.known = set(outage.down)
    problems = [silent] if silent is not None else list(outage.down.values())
    kind = Counter(problem.kind for problem in problems).most_common(1)[0][0]
    known = len(outage.known)
    if kind in outage.kinds and known < max(1, outage.told) * MUCH and bool(known) == bool(outage.told):
        return
    outage.kinds.add(kind)
    outage.told = known
    outage.silent = outage.silent or silent is not None
    words = next(str(problem) for problem in problems if problem.kind is kind)
    verb = "is" if known == 1 else "are"
    many = f"{count(known, 'log')} {verb} not read: " if known else ""
    say(f"{clean(name, 100)}: {many}{words}")


def _relief(name: str, outage: _Outage, back: int) -> None:
    """Say that it is over. back: how many logs are read again."""
    known = len(outage.known)
    parts = ["answers again"] if outage.silent else []
    if known:
        of = f"{back:,} of " if back < known else ""
        verb = "is" if known == 1 else "are"
        parts.append(f"{of}{count(known, 'log')} {verb} followed{' again' if outage.again else ''}")
    if parts:
        say(f"{clean(name, 100)}: {', and '.join(parts)}")
