"""What a follow says of its clusters and sources, on stderr: each trouble once, and its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.cli.logcrowds import Pauses, Waiting, held_up
from tui.cli.lognames import Naming
from tui.cli.logoutages import Outages
from tui.cli.logprint import stamp
from tui.cli.output import say
from tui.clock import Clock
from tui.errors import ProblemKind
from tui.model.feed import Feed
from tui.model.logs import LogGap, LogQuery, LogSource, LogStatus
from tui.present.logcontainers import lacking_words, no_such_container, unknown_containers, unknown_words
from tui.present.logs import out_of_step


def missing(gap: LogGap) -> str:
    """Where lines may be missing. A clock that was set back, or another run's file, may go on before it stopped."""
    if gap.before < gap.after:
        return f"lines may be missing after {stamp(gap.after)} (it was {gap.why}, and goes on at {stamp(gap.before)})"
    return f"lines may be missing from {stamp(gap.after)} to {stamp(gap.before)} (it was {gap.why})"


class Troubles:
    """Says the troubles of clusters and sources once, on stderr. said: those that were said. naming: what sources are
    called, as before their lines. query: what is followed. counted, shown: see `Ports`. What befalls many for one
    reason is said once for all: that they wait for their turns, that a quota is used up, and that their cluster is
    down. To be told every second."""

    def __init__(
        self,
        said: Mapping[str, str],
        naming: Naming,
        query: LogQuery,
        clock: Clock,
        counted: Callable[[str], str] = str,
        shown: Callable[[str], str] = str,
    ) -> None:
        self._waiting = Waiting(naming, clock)
        self._pauses = Pauses(query, clock, counted, shown)
        self._outages = Outages(clock)
        self._name = naming.name
        self._query = query
        self._lacking = ""
        self._unknown: set[str] = set()
        self._said: dict[str, str] = dict(said)
        self._sources: dict[int, str] = {}  # by their numbers: a source may be called otherwise later
        self._followed: set[int] = set()
        self._gaps: set[str] = set()
        self._missing = 0
        self._out_of_step: set[int] = set()

    def tell(self, feed: Feed[LogStatus]) -> None:
        """What has changed."""
        self._pauses.look(feed)
        spoken = self._outages.look(feed, self._gaps)
        gaps = [gap for gap in feed.gaps if gap.who in self._gaps or gap.who not in spoken]
        troubles = [gap for gap in gaps if gap.problem.kind is not ProblemKind.THROTTLED]
        for gap in troubles:
            self._trouble(gap.who, str(gap.problem))
        for who in sorted(self._gaps - {gap.who for gap in gaps}):
            self._relief(who, "answers again")
        self._gaps = {gap.who for gap in troubles} | (self._gaps & {gap.who for gap in gaps})
        status = feed.value or LogStatus()
        self._containers(status)
        self._waiting.look(status)
        for source in status.sources:
            if source.index not in spoken:
                self._source(source)
            if source.index not in self._out_of_step and (late := out_of_step(source)):
                self._out_of_step.add(source.index)
                say(f"{self._name(source)}: {late}")
        for gap in status.lately[len(status.lately) - (status.gaps - self._missing) :]:
            say(f"{self._name(status.sources[gap.source])}: {missing(gap)}")
        self._missing = status.gaps

    def _source(self, source: LogSource) -> None:
        """How one fares."""
        if source.queued:
            return
        if source.problem is not None:
            if not held_up(source):
                self._sources.setdefault(source.index, self._name(source))
                self._trouble(self._sources[source.index], str(source.problem))
        elif source.state == "following":
            again = source.index in self._followed
            self._relief(self._sources.pop(source.index, ""), "following again" if again else "following")
            self._followed.add(source.index)

    def _containers(self, status: LogStatus) -> None:
        """That pods have no container that is asked for: once that none has, and once that some have not."""
        nowhere = no_such_container(self._query, status)
        words = f"{nowhere.summary}: {nowhere.remedy}" if nowhere is not None else lacking_words(self._query, status)
        kind = "none" if nowhere is not None else "some" if words else ""
        if kind and kind not in self._lacking:
            self._lacking += kind
            say(words)
        unknown = unknown_containers(self._query, status)
        if not self._unknown.issuperset(unknown):
            self._unknown.update(unknown)
            say(unknown_words(self._query, unknown, status))

    def _trouble(self, who: str, words: str) -> None:
        if self._said.get(who) != words:
            self._said[who] = words
            say(f"{who}: {words}")

    def _relief(self, who: str, words: str) -> None:
        if self._said.pop(who, None) is not None:
            say(f"{who}: {words}")
