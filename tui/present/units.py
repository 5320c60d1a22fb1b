"""What each part of a merged list is now: each cluster of several, or each kind of several on one cluster.

The title counts them and the strip names them, so both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed, FeedState, Gap
from tui.model.kube import OTHER_NAMESPACES, ClusterTable, ResourceView, Table
from tui.present.clean import clean
from tui.present.parts import count
from tui.present.states import gap_words

_SHORT = {
    ProblemKind.SIGNED_OUT: "auth",
    ProblemKind.FORBIDDEN: "forbidden",
    ProblemKind.NOT_FOUND: "not found",
    ProblemKind.INVALID: "no such kind",
    ProblemKind.THROTTLED: "quota",
    ProblemKind.UNREACHABLE: "net",
    ProblemKind.TIMEOUT: "no answer",
    ProblemKind.SERVER: "server",
    ProblemKind.PROTOCOL: "protocol",
    ProblemKind.MISSING: "not set up",
}
"""A problem in a word or two, for a strip that names twelve clusters in one line."""


class Unit(Struct, frozen=True):
    """name: cleaned. rows: how many it shows. complete: they are all there. problem: of the first part that fails, with
    its next try. missing: what of it cannot be seen, in words, where the rest can."""

    name: str
    state: FeedState
    rows: int = 0
    complete: bool = True
    problem: Problem | None = None
    as_of: float | None = None
    retry_at: float | None = None
    missing: str = ""

    @property
    def why(self) -> str:
        """The problem in a word; "" where there is none."""
        return _SHORT.get(self.problem.kind, self.problem.kind.value) if self.problem is not None else ""


def queued(feed: Feed[Table]) -> bool:
    """Whether it has not been asked for yet only because we hold ourselves to our share of a quota: nothing is wrong
    with the cluster, whose own 429 would have a status."""
    problem = feed.problem
    return feed.value is None and problem is not None and problem.kind is ProblemKind.THROTTLED and not problem.status


def units(view: ResourceView, now: float) -> list[Unit]:
    """The clusters of the view, in its order; of one cluster alone its kinds."""
    if len(view.query.clusters) > 1:
        held: dict[str, list[ClusterTable]] = {}
        for part in view.parts:
            held.setdefault(part.cluster.key, []).append(part)
        return [_unit(clean(ref.name, 60), held.get(ref.key, []), now) for ref in view.query.clusters]
    return [_unit(clean(part.asked or part.cluster.name, 60), [part], now) for part in view.parts]


def _unit(name: str, parts: Sequence[ClusterTable], now: float) -> Unit:
    states = [FeedState.LOADING if queued(part.feed) else part.feed.state(now) for part in parts]
    failing = [part.feed for part in parts if part.feed.problem is not None]
    tables = [part.feed.value for part in parts if part.feed.value is not None]
    first = failing[0] if failing else None
    return Unit(
        name,
        _together(states),
        sum(len(table.rows) for table in tables),
        len(tables) == len(parts) and all(table.complete for table in tables),
        first.problem if first is not None else None,
        min((part.feed.as_of for part in parts if part.feed.as_of is not None), default=None),
        min((feed.retry_at for feed in failing if feed.retry_at is not None), default=None),
        _missing(parts),
    )


def _together(states: Sequence[FeedState]) -> FeedState:
    """Of several kinds: what all are; else what keeps them from being live."""
    if not states:
        return FeedState.LOADING
    if len(set(states)) == 1:
        return states[0]
    if FeedState.LOADING in states and not {FeedState.FAILED, FeedState.STALE} & set(states):
        return FeedState.LOADING
    return FeedState.PARTIAL


def _missing(parts: Sequence[ClusterTable]) -> str:
    unseen = [found[0].problem for part in parts if (found := troubles(part))]
    if len(parts) > 1 and (len(unseen) > 1 or any(part.feed.problem is not None for part in parts)):
        return f"{len(unseen)} of {len(parts)} kinds {alike(unseen)}" if len(unseen) < len(parts) else ""
    return next((partly(part.feed) for part in parts if part.feed.gaps), "")


def troubles(part: ClusterTable) -> list[Gap]:
    """What of one part cannot be seen."""
    problem = part.feed.problem
    return [Gap(part.asked, problem)] if problem is not None else list(part.feed.gaps)


def partly(feed: Feed[Table]) -> str:
    """What of one list could not be seen: "3 of 40 namespaces forbidden", "only 2 namespaces answer"."""
    seen = feed.value.namespaces if feed.value is not None else ()
    gaps = [gap for gap in feed.gaps if gap.who != OTHER_NAMESPACES]
    if not seen:
        return gap_words(feed.gaps, "namespace")
    if not gaps:
        return f"only {count(len(seen), 'namespace')} {'answers' if len(seen) == 1 else 'answer'}"
    total = count(len(seen) + len(gaps), "namespace")
    return f"{len(gaps)} of {total} {alike([gap.problem for gap in gaps])}"


def alike(problems: Sequence[Problem | None]) -> str:
    """What several problems have in common, in a word."""
    kinds = {problem.kind.value for problem in problems if problem is not None}
    return kinds.pop() if len(kinds) == 1 else "not seen"


def missing_words(missing: Sequence[Unit], total: int, noun: str) -> str:
    """ "plant-7 unreachable", "2 of 12 clusters forbidden"."""
    kinds = {unit.problem.kind.value if unit.problem else "stale" for unit in missing}
    what = kinds.pop() if len(kinds) == 1 else "not seen"
    if len(missing) == 1 and total > 1:
        return f"{missing[0].name} {what}"
    return f"{len(missing)} of {count(total, noun)} {what}"


def narrow_words(narrow: Sequence[Unit], total: int, noun: str) -> str:
    """Those that answer for a part of what was asked."""
    if len(narrow) == 1:
        return f"{narrow[0].name}: {narrow[0].missing}"
    return f"{len(narrow)} of {count(total, noun)} in part"
