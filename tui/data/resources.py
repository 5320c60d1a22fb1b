"""Lists of one or several kinds over one or several clusters, merged for the Resources pane.

Each cluster resolves the kind by its own discovery and has its own watch, age and problem: one that is dead, or does
not know the kind, costs the others nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias
from weakref import WeakValueDictionary

from msgspec.structs import replace

from tui.data.demand import on_demand
from tui.data.derived import Derived, Read, carry
from tui.data.discovery import Discovery
from tui.data.kinds import find_kinds, known_kind, words_of
from tui.data.listwatch import Scope
from tui.data.looking import LINGER, Looking
from tui.data.measured import Measuring, Memory
from tui.data.merge import gaps_of
from tui.data.narrowed import Narrowed
from tui.data.reach import Reachability
from tui.data.reshaped import Made, MadeRows, Reshaped, picked
from tui.data.runtime import Runtime
from tui.data.severalkinds import common_columns, places
from tui.data.topic import Cell
from tui.data.usage import MEASURED
from tui.errors import Problem
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import ClusterTable, Column, KindRef, Pick, ResourceQuery, ResourceView, Table

Doubts: TypeAlias = "dict[tuple[str, str], float | None]"
"""Kinds that a cluster (by its key) did not know, and as of when, when they were first wanted in this list."""

JUST_NOW = 5.0
"""Seconds for which an answer of discovery need not be doubted."""


class Resources:
    """Merged lists by query."""

    def __init__(
        self,
        runtime: Runtime,
        narrowed: Narrowed,
        measuring: Measuring,
        looking: Looking,
        discovery: Discovery,
        reach: Reachability,
    ) -> None:
        self._looking = looking
        self._runtime = runtime
        self._measuring = measuring
        self._narrowed = narrowed
        self._discovery = discovery
        self._reach = reach
        self._views: WeakValueDictionary[ResourceQuery, Cell[ResourceView]] = WeakValueDictionary()

    def view(self, query: ResourceQuery) -> Cell[ResourceView]:
        """The merged list; the same query is the same topic for as long as somebody holds it."""
        cell = self._views.get(query)
        if cell is None:
            name = f"{query.kind} of {len(query.clusters)} clusters"
            cell = self._views[query] = on_demand(
                self._runtime,
                lambda made: Derived(name, made, self._computing(query), self._runtime, ready),
                linger=LINGER if query.looks_through else None,
            )
        return cell

    def _computing(self, query: ResourceQuery) -> Callable[[Read], Feed[ResourceView]]:
        made: defaultdict[tuple[str, str], Made] = defaultdict(Made)
        measured: defaultdict[tuple[str, str], Memory] = defaultdict(Memory)
        doubts: Doubts = {}

        def compute(read: Read) -> Feed[ResourceView]:
            parts = tuple(part for ref in query.clusters for part in self._parts(query, ref, read, doubts))
            if len(parts) <= len(query.clusters) and not query.looks_through:
                kept = [measured[part.cluster.key, part.asked] for part in parts]
                parts = tuple(self._measured(part, query, read, held) for part, held in zip(parts, kept, strict=True))
            return feed_of(query, parts, self._runtime.clock.now(), made)

        return compute

    def _parts(self, query: ResourceQuery, ref: ClusterRef, read: Read, doubts: Doubts) -> list[ClusterTable]:
        """One for each kind that is asked of `ref`."""
        # What is on screen is probed: a watch that has gone silent is doubted when the probe fails.
        read(self._reach.of(ref))
        paths = tuple(pick.path for pick in query.columns if pick.path)
        if query.looks_through:
            return self._looked_through(query, ref, read)
        scope = Scope(query.namespace, query.labels, query.fields, paths)
        parts: dict[tuple[str, str], ClusterTable] = {}
        for word in words_of(query.kind):
            found = self._resolve(word, ref, read, doubts)
            if isinstance(found, Feed):
                parts["", word] = ClusterTable(ref, found, word)
                continue
            for kind in found:
                table = self._narrowed.table(ref, kind, scope, read)
                parts.setdefault((kind.group, kind.plural), ClusterTable(ref, table, kind.plural))
        return list(parts.values())

    def _looked_through(self, query: ResourceQuery, ref: ClusterRef, read: Read) -> list[ClusterTable]:
        served = read(self._discovery.kinds(ref))
        if served.value is None:
            return [ClusterTable(ref, carry(served, None), "discovery")]
        kinds = self._looking.kinds(query, served.value)
        if isinstance(kinds, Problem):
            return [ClusterTable(ref, Feed(problem=kinds), query.find)]
        return [ClusterTable(ref, read(self._looking.table(query, ref, kind)), kind.qualified) for kind in kinds]

    def _measured(self, part: ClusterTable, query: ResourceQuery, read: Read, memory: Memory) -> ClusterTable:
        """With what its pods or nodes use, where that is served."""
        table = part.feed.value
        # Their figures must not hold up the pages that are still to come.
        if table is None or table.kind.plural not in MEASURED or not table.complete:
            return part
        served = read(self._discovery.kinds(part.cluster)).value or ()
        return self._measuring.part(part, query, served, read, self._runtime.clock.now(), memory)

    def _resolve(self, text: str, ref: ClusterRef, read: Read, doubts: Doubts) -> tuple[KindRef, ...] | Feed[Table]:
        """The kinds on `ref`, or the feed that says why they are not known (yet). That there is no such kind is said
        only by a cluster that has been asked since: its definition may be a minute old."""
        known = known_kind(text)
        if known is not None:
            return (known,)
        kinds = read(self._discovery.kinds(ref))
        if kinds.value is None:
            return carry(kinds, None)
        found = find_kinds(text, kinds.value)
        if not isinstance(found, Problem):
            return found
        answered = doubts.setdefault((ref.key, text), kinds.as_of)
        if kinds.as_of != answered or self._just_now(kinds.as_of):
            return Feed(problem=found)
        if kinds.problem is not None:
            return carry(kinds, None)
        self._discovery.look_again(ref)
        return Feed()

    def _just_now(self, at: float | None) -> bool:
        return at is not None and self._runtime.clock.now() - at < JUST_NOW


def ready(feed: Feed[ResourceView]) -> Iterator[None]:
    """Make the rows that are shown in another shape than their cluster's, in slices: whoever reads them first would
    make fifty thousand at once."""
    for part in feed.value.parts if feed.value is not None else ():
        table = part.feed.value
        if table is not None and isinstance(table.rows, MadeRows):
            yield from table.rows.make()


def feed_of(
    query: ResourceQuery,
    parts: tuple[ClusterTable, ...],
    now: float,
    made: Mapping[tuple[str, str], Made] | None = None,
) -> Feed[ResourceView]:
    """The whole, from its parts: loading until one of them is known or has failed; then the parts speak for
    themselves, and those that fail are gaps. Where all fail, so does the whole. made: what was made of the rows of
    each part, by cluster and kind."""
    feeds = [part.feed for part in parts]
    gaps = gaps_of([(part.cluster.name, part.feed) for part in parts])
    if parts and all(feed.value is None and feed.problem is None for feed in feeds):
        return Feed()
    view = _view_of(query, parts, made if made is not None else defaultdict(Made))
    as_of = min((feed.as_of for feed in feeds if feed.as_of is not None), default=None if parts else now)
    if parts and len(gaps) == len(parts):
        worst = min(feeds, key=lambda feed: feed.retry_at or float("inf"))
        return Feed(view, as_of, worst.problem, worst.failures, gaps=gaps, retry_at=worst.retry_at)
    fresh_for = min((feed.fresh_for for feed in feeds if feed.fresh_for is not None), default=None)
    return Feed(view, as_of, gaps=gaps, fresh_for=fresh_for)


def _view_of(
    query: ResourceQuery, parts: tuple[ClusterTable, ...], made: Mapping[tuple[str, str], Made]
) -> ResourceView:
    tables = [part.feed.value for part in parts if part.feed.value is not None]
    if not tables:
        return ResourceView(query, None, (), parts)
    if several_kinds(query, parts):
        columns = common_columns(_one_of_each([table for table in tables if table.rows] or tables[:1]))
        shaped = tuple(_shaped(part, columns, made, several=True) for part in parts)
        return ResourceView(query, None, columns, shaped)
    if query.columns:
        chosen = tuple(_chosen(part, query.columns, made) for part in parts)
        first = next(part.feed.value for part in chosen if part.feed.value is not None)
        return ResourceView(query, first.kind, first.columns, chosen)
    columns = max((table.columns for table in tables), key=len)  # the first of those that print most
    return ResourceView(
        query, tables[0].kind, columns, tuple(_shaped(part, columns, made, several=False) for part in parts)
    )


def _chosen(part: ClusterTable, picks: tuple[Pick, ...], made: Mapping[tuple[str, str], Made]) -> ClusterTable:
    """`part` in the user's own columns. One that is not there is empty."""
    table = part.feed.value
    if table is None:
        return part
    by_path = {column.name: index for index, column in enumerate(table.columns)}
    by_name = {column.name.upper(): index for index, column in enumerate(table.columns)}
    order = tuple((by_path if pick.path else by_name).get(pick.path or pick.heading, -1) for pick in picks)
    printed = [table.columns[index] if index >= 0 else Column("") for index in order]
    columns = tuple(
        Column(pick.heading, column.type, 0, column.format) for pick, column in zip(picks, printed, strict=True)
    )
    kept = made[part.cluster.key, table.kind.qualified]
    kept.begin(order, len(table.rows))
    rows = Reshaped(table.rows, picked(order), kept)
    return replace(part, feed=replace(part.feed, value=replace(table, columns=columns, rows=rows, log=None)))


def several_kinds(query: ResourceQuery, parts: Sequence[ClusterTable]) -> bool:
    """Whether the list is one of several kinds: by what was asked for, or since a category turned out to be that."""
    return query.looks_through or len(words_of(query.kind)) > 1 or len(parts) > len(query.clusters)


def _one_of_each(tables: Sequence[Table]) -> list[Table]:
    found = {(table.kind.group, table.kind.plural): table for table in reversed(tables)}
    return list(found.values())[::-1]


def _shaped(
    part: ClusterTable, columns: tuple[Column, ...], made: Mapping[tuple[str, str], Made], *, several: bool
) -> ClusterTable:
    """`part` with its cells in the order of `columns`: kinds, and clusters of different versions, print different
    ones."""
    table = part.feed.value
    if table is None or (not several and [one.name for one in table.columns] == [one.name for one in columns]):
        return part
    order = places(table, columns[several:])
    kind = (table.kind.kind,) if several else ()
    kept = made[part.cluster.key, table.kind.qualified]
    kept.begin((order, kind), len(table.rows))
    rows = Reshaped(table.rows, picked(order, *kind), kept)
    return replace(part, feed=replace(part.feed, value=replace(table, columns=columns, rows=rows, log=None)))
