"""The state of a list that comes from several clusters: one dead cluster is named, and costs the others nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tui.errors import Problem
from tui.model.feed import Feed, FeedState
from tui.model.kube import ResourceView, Table
from tui.present.clean import clean
from tui.present.parts import Part, count
from tui.present.states import Shown, Status, feed_status, retry_words, stale_words
from tui.present.units import Unit, alike, missing_words, narrow_words, partly, queued, troubles, units


def view_status(feed: Feed[ResourceView], now: float) -> Status:
    """What the merged list is, from the feeds of its clusters (and its own, while it has no value)."""
    view = feed.value
    if view is None or not view.parts:
        return feed_status(feed, now, empty=view is not None)
    if view.query.looks_through and (looking := _looking(view, now)) is not None:
        return looking
    if len(view.parts) == 1:
        return _one(view.parts[0].feed, now)
    return _several(units(view, now), "cluster" if len(view.query.clusters) > 1 else "kind", now)


def _looking(view: ResourceView, now: float) -> Status | None:
    """How far a question through all kinds has come, and in how many it could not look; None where its clusters tell
    it better."""
    total = count(len(view.parts), "kind")
    told = [part for part in view.parts if _told(part.feed)]
    if len(told) < len(view.parts) and any(part.feed.value is not None for part in view.parts):
        troubled = sum(bool(troubles(part)) for part in told)
        unseen = (Part(f"{troubled} not seen", "warn", 1),) if troubled else ()
        return Status(Shown.LOADING, f"looked through {len(told)} of {total}", unseen)
    if len(view.query.clusters) > 1 or all(part.feed.problem is not None for part in view.parts):
        return None
    unseen = [(part, found) for part in view.parts if (found := troubles(part))]
    if not unseen:
        return None
    words = f"{len(unseen)} of {total} {alike([found[0].problem for _, found in unseen])}"
    if len(unseen) == 1:
        (part, (gap, *_)) = unseen[0]
        who = part.asked if gap.who in ("", part.asked) else f"{part.asked}: {gap.who}"
        words = f"{clean(who, 60)} {gap.problem.kind.value}"
    return Status(Shown.PARTIAL, f"partial: {words}")


def _told(feed: Feed[Table]) -> bool:
    """Whether it has been looked through, or cannot be."""
    return not queued(feed) and (feed.problem is not None or (feed.value is not None and feed.value.complete))


def _one(feed: Feed[Table], now: float) -> Status:
    table = feed.value
    if table is not None and not table.complete and feed.problem is None:
        return Status(Shown.LOADING, "reading", (Part(_progress(table), "dim", 1),))
    if feed.state(now) is FeedState.PARTIAL:
        return Status(Shown.PARTIAL, f"partial: {partly(feed)}")
    return feed_status(feed, now, empty=table is not None and not table.rows)


def _progress(table: Table) -> str:
    read = f"{len(table.rows):,}"
    return f"{read} of about {table.total:,}" if table.total else read


def _several(parts: Sequence[Unit], noun: str, now: float) -> Status:
    """noun: what the parts are."""
    missing = [unit for unit in parts if unit.state in {FeedState.FAILED, FeedState.STALE}]
    loading = [unit for unit in parts if unit.state is FeedState.LOADING]
    narrow = [unit for unit in parts if unit.state is FeedState.PARTIAL]
    total = len(parts)
    if len(loading) == total:
        return Status(Shown.LOADING, "loading", (Part(count(total, noun), "dim", 2),))
    if all(unit.state is FeedState.FAILED for unit in parts):
        return Status(Shown.FAILED, f"failed: {missing_words(missing, total, noun)}", _retry(missing, now))
    if len(missing) == total:
        return Status(Shown.STALE, stale_words(_oldest(missing), now), _retry(missing, now))
    if missing:
        more = (Part(narrow_words(narrow, total, noun), "warn", 1),) if narrow else ()
        return Status(Shown.PARTIAL, f"partial: {missing_words(missing, total, noun)}", (*more, *_retry(missing, now)))
    if loading:
        return Status(Shown.PARTIAL, f"partial: {len(loading)} of {count(total, noun)} loading")
    if narrow:
        return Status(Shown.PARTIAL, f"partial: {narrow_words(narrow, total, noun)}")
    empty = not any(unit.rows for unit in parts)
    return Status(Shown.EMPTY, "empty, live") if empty else Status(Shown.LIVE, "live")


def _oldest(parts: Sequence[Unit]) -> float | None:
    return min((unit.as_of for unit in parts if unit.as_of is not None), default=None)


def _retry(parts: Sequence[Unit], now: float) -> tuple[Part, ...]:
    due = [unit.retry_at for unit in parts if unit.retry_at is not None]
    return (Part(retry_words(min(due), now), "dim", 2),) if due else ()


def stale_parts(view: ResourceView, now: float) -> frozenset[int]:
    """The clusters whose rows are old news, by their position."""
    return frozenset(index for index, part in enumerate(view.parts) if part.feed.state(now) is FeedState.STALE)


def first_trouble(feed: Feed[ResourceView]) -> tuple[str, Problem, float | None] | None:
    """Who failed, how, and when it is tried again: what the strip and the empty pane explain. Of several failures the
    one that most clusters have: a cluster that is away must not hide what all the others say."""
    if feed.problem is not None:
        return "", feed.problem, feed.retry_at
    parts = feed.value.parts if feed.value is not None else ()
    failing = [part for part in parts if part.feed.problem is not None and (len(parts) == 1 or not queued(part.feed))]
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
