"""The state of a list that comes from several clusters: one dead cluster is named, and costs the others nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tui.errors import Problem
from tui.model.feed import Feed, FeedState
from tui.model.kube import OTHER_NAMESPACES, ClusterTable, ResourceView, Table
from tui.present.clean import clean
from tui.present.parts import Part, count
from tui.present.states import Shown, Status, feed_status, gap_words, retry_words, stale_words


def view_status(feed: Feed[ResourceView], now: float) -> Status:
    """What the merged list is, from the feeds of its clusters (and its own, while it has no value)."""
    view = feed.value
    if view is None or not view.parts:
        return feed_status(feed, now, empty=view is not None)
    if len(view.parts) == 1:
        return _one(view.parts[0].feed, now)
    return _several(view.parts, now)


def _one(feed: Feed[Table], now: float) -> Status:
    table = feed.value
    if table is not None and not table.complete and feed.problem is None:
        return Status(Shown.LOADING, "reading", (Part(_progress(table), "dim", 1),))
    if feed.state(now) is FeedState.PARTIAL:
        return Status(Shown.PARTIAL, f"partial: {partly(feed)}")
    return feed_status(feed, now, empty=table is not None and not table.rows)


def partly(feed: Feed[Table]) -> str:
    """What of one cluster could not be seen: "3 of 40 namespaces forbidden", "only 2 namespaces answer"."""
    seen = feed.value.namespaces if feed.value is not None else ()
    gaps = [gap for gap in feed.gaps if gap.who != OTHER_NAMESPACES]
    if not seen:
        return gap_words(feed.gaps, "namespace")
    if not gaps:
        return f"only {count(len(seen), 'namespace')} {'answers' if len(seen) == 1 else 'answer'}"
    kinds = {gap.problem.kind.value for gap in gaps}
    what = kinds.pop() if len(kinds) == 1 else "not seen"
    return f"{len(gaps)} of {count(len(seen) + len(gaps), 'namespace')} {what}"


def _progress(table: Table) -> str:
    read = f"{len(table.rows):,}"
    return f"{read} of about {table.total:,}" if table.total else read


def _several(parts: Sequence[ClusterTable], now: float) -> Status:
    states = [part.feed.state(now) for part in parts]
    answered = [part for part, state in zip(parts, states, strict=True) if state in {FeedState.LIVE, FeedState.PARTIAL}]
    missing = [part for part, state in zip(parts, states, strict=True) if state in {FeedState.FAILED, FeedState.STALE}]
    loading = len(parts) - len(answered) - len(missing)
    if loading == len(parts):
        return Status(Shown.LOADING, "loading", (Part(count(len(parts), "cluster"), "dim", 2),))
    if all(state is FeedState.FAILED for state in states):
        return Status(Shown.FAILED, f"failed: {_missing(missing, len(parts))}", _retry(missing, now))
    if not answered and not loading:
        return Status(Shown.STALE, stale_words(_oldest(missing), now), _retry(missing, now))
    if missing:
        narrow = [part for part in answered if part.feed.gaps]
        more = (Part(_narrow(narrow, len(parts)), "warn", 1),) if narrow else ()
        return Status(Shown.PARTIAL, f"partial: {_missing(missing, len(parts))}", (*more, *_retry(missing, now)))
    if loading:
        return Status(Shown.PARTIAL, f"partial: {loading} of {count(len(parts), 'cluster')} loading")
    narrow = [part for part in answered if part.feed.gaps]
    if narrow:
        return Status(Shown.PARTIAL, f"partial: {_narrow(narrow, len(parts))}")
    empty = not any(part.feed.value.rows for part in answered if part.feed.value is not None)
    return Status(Shown.EMPTY, "empty, live") if empty else Status(Shown.LIVE, "live")


def _missing(missing: Sequence[ClusterTable], total: int) -> str:
    kinds = {part.feed.problem.kind.value if part.feed.problem else "stale" for part in missing}
    what = kinds.pop() if len(kinds) == 1 else "not seen"
    if len(missing) == 1 and total > 1:
        return f"{clean(missing[0].cluster.name, 40)} {what}"
    return f"{len(missing)} of {count(total, 'cluster')} {what}"


def _narrow(parts: Sequence[ClusterTable], total: int) -> str:
    """Clusters that answer for some of their namespaces only."""
    if len(parts) == 1:
        return f"{clean(parts[0].cluster.name, 40)}: {partly(parts[0].feed)}"
    return f"{len(parts)} of {count(total, 'cluster')} in part"


def _oldest(parts: Sequence[ClusterTable]) -> float | None:
    return min((part.feed.as_of for part in parts if part.feed.as_of is not None), default=None)


def _retry(parts: Sequence[ClusterTable], now: float) -> tuple[Part, ...]:
    due = [part.feed.retry_at for part in parts if part.feed.retry_at is not None]
    return (Part(retry_words(min(due), now), "dim", 2),) if due else ()


def stale_parts(view: ResourceView, now: float) -> frozenset[int]:
    """The clusters whose rows are old news, by their position."""
    return frozenset(index for index, part in enumerate(view.parts) if part.feed.state(now) is FeedState.STALE)


def first_trouble(feed: Feed[ResourceView]) -> tuple[str, Problem, float | None] | None:
    """Who failed, how, and when it is tried again: what the strip and the empty pane explain. Of several failures the
    one that most clusters have: a cluster that is away must not hide what all the others say."""
    if feed.problem is not None:
        return "", feed.problem, feed.retry_at
    failing = [part for part in (feed.value.parts if feed.value is not None else ()) if part.feed.problem is not None]
    kinds = Counter(part.feed.problem.kind for part in failing if part.feed.problem is not None)
    for part in failing:
        if part.feed.problem is not None and part.feed.problem.kind is kinds.most_common(1)[0][0]:
            return part.cluster.name, part.feed.problem, part.feed.retry_at
    for part in feed.value.parts if feed.value is not None else ():
        if part.feed.gaps:
            return f"{part.cluster.name}/{part.feed.gaps[0].who}", part.feed.gaps[0].problem, None
    if feed.gaps:
        return feed.gaps[0].who, feed.gaps[0].problem, None
    return None
