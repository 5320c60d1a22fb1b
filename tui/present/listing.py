"""What the Resources pane says around its rows: its state, its title, and what stands there while there are none."""

from __future__ import annotations

from collections.abc import Sequence

from tui.errors import ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed, FeedState
from tui.model.kube import ResourceQuery, ResourceView
from tui.present.ages import age, time_of_day
from tui.present.clean import clean
from tui.present.merged import first_trouble, view_status
from tui.present.parts import Part, count
from tui.present.problems import Line, explanation
from tui.present.states import Shown, Status, problem_words


def list_status(query: ResourceQuery | None, feed: Feed[ResourceView], now: float, *, looking: bool = True) -> Status:
    """The state of the list. query None: no cluster is chosen: yet, while they are being looked for."""
    if query is None:
        return Status(Shown.LOADING if looking else Shown.EMPTY, "no cluster chosen")
    if unknown_kind(feed, now):
        return Status(Shown.FAILED, "unknown kind")
    return view_status(feed, now)


def unknown_kind(feed: Feed[ResourceView], now: float) -> bool:
    """Whether every cluster has answered, and none of them knows the kind."""
    view = feed.value
    if view is None or view.kind is not None or len(view.kinds) > 1 or first_trouble(feed) is not None:
        return False
    return all(part.feed.state(now) is not FeedState.LOADING for part in view.parts)


def kind_name(query: ResourceQuery | None, view: ResourceView | None) -> str:
    """As discovery calls the kind, else as it was asked for."""
    if query is not None and query.looks_through:
        return f"find {clean(query.find, 60)}" if query.find else f"changes {age(query.since)}"
    if view is not None and view.kind is not None:
        return clean(view.kind.plural, 60)
    return clean(query.kind, 60) if query is not None else ""


def remembered_as(view: ResourceView | None) -> str:
    """The name by which it is remembered how a list was sorted: its kind's, or what it was asked with; "" while it is
    not known what is listed."""
    if view is None or not view.columns:
        return ""
    if view.query.looks_through:
        return ":find" if view.query.find else ":changes"
    if view.query.saved:
        return f":{view.query.saved}"
    return view.kind.qualified if view.kind else view.query.kind


def cluster_names(clusters: Sequence[ClusterRef]) -> str:
    """ "prod-eu, prod-us +3"."""
    names = ", ".join(clean(cluster.name, 40) for cluster in clusters[:2])
    return f"{names} +{len(clusters) - 2}" if len(clusters) > 2 else names


def list_title(query: ResourceQuery, view: ResourceView | None, now: float) -> tuple[str, ...]:
    """What follows the kind in the frame: clusters, namespace, selectors, of changes how far back deletions
    go, and why there are no metrics where there should be."""
    chosen = " ".join(clean(text, 120) for text in (query.labels, query.fields) if text)
    saved = f":{query.saved}" if query.saved else ""
    where = clean(namespace_of(query, view), 60)
    return (saved, cluster_names(query.clusters), where, chosen, deletions(query, view, now), unmeasured(view))


def unmeasured(view: ResourceView | None) -> str:
    """ "no metrics: forbidden": why it is not told what pods or nodes use, where a cluster has the API that should."""
    tables = [(part.cluster, part.feed.value) for part in view.parts] if view is not None else []
    without = [(ref, table.unmeasured) for ref, table in tables if table is not None and table.unmeasured is not None]
    if not without:
        return ""
    kinds = {one.summary if one.kind is ProblemKind.MISSING else problem_words(one) for _, one in without}
    why = kinds.pop() if len(kinds) == 1 else "no answer"
    if len(without) == len(tables):
        return f"no metrics: {why}"
    return f"no metrics of {cluster_names([ref for ref, _ in without])}: {why}"


def deletions(query: ResourceQuery, view: ResourceView | None, now: float) -> str:
    """Since when deletions are known, where that is not as long as was asked for: nothing in a cluster tells of what is
    there no more, but that it was there when we looked before."""
    if not query.since or view is None:
        return ""
    known = [table.gone_since for part in view.parts if (table := part.feed.value) is not None]
    times = [when for when in known if when is not None]
    if len(times) < len(known) or not times:
        return "deletions not seen"
    return f"deletions since {time_of_day(max(times), now)}" if max(times) > now - query.since else ""


def namespace_of(query: ResourceQuery, view: ResourceView | None) -> str:
    """The namespace that the list is of: none once its kind is known to be of the whole cluster, whatever was asked."""
    known = view is not None and bool(view.kinds)
    return query.namespace if view is None or not known or view.namespaced else ""


def list_counts(view: ResourceView | None, shown: int, total: int) -> tuple[Part, ...]:
    """ "412 of 2,310 · 2 clusters"."""
    if view is None:
        return ()
    several = len(view.query.clusters)
    counts = f"{total:,}" if shown == total else f"{shown:,} of {total:,}"
    return (Part(counts, "", 1), Part(count(several, "cluster") if several > 1 else "", "", 3))


def refusal(words: str) -> list[Line]:
    """What stands in a pane whose filter asks for what the list does not have."""
    return [Line(f"× {words}", "bad"), Line("esc shows all rows again.", "dim")]


def instead(query: ResourceQuery, feed: Feed[ResourceView], total: int, now: float) -> list[Line]:
    """What stands in the pane while it shows no rows. total: rows there are, hidden by a filter."""
    if total:
        return [Line(f"Nothing matches; {total:,} rows are hidden. esc shows them again.", "dim")]
    kind = kind_name(query, None)
    where = cluster_names(query.clusters)
    if namespace := namespace_of(query, feed.value):
        where = f"{where}, namespace {clean(namespace, 60)}"
    if unknown_kind(feed, now):
        return [
            Line(f"× No kind is called “{kind}” in {where}.", "bad"),
            Line("Press : and type; tab completes the kinds that these clusters serve.", "dim"),
        ]
    if trouble := first_trouble(feed):
        named = [Line(clean(trouble[0], 80), "heading")] if trouble[0] else []
        return [*named, *explanation(trouble[1], now, trouble[2])]
    if view_status(feed, now).shown is Shown.LOADING:
        return [Line(f"Reading {kind} of {where}…", "dim")]
    if query.find:
        return [Line(f"Nothing in {where} has “{clean(query.find, 80)}” in its name.", "")]
    return [Line(f"No {kind} in {where}.", "")]
