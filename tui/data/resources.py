"""Lists of one kind over one or several clusters, merged for the Resources pane.

Each cluster resolves the kind by its own discovery and has its own watch, age and problem: one that is dead, or does
not know the kind, costs the others nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakValueDictionary

from msgspec.structs import replace

from tui.data.demand import on_demand
from tui.data.derived import Derived, Read, carry
from tui.data.discovery import Discovery
from tui.data.kinds import find_kind, known_kind
from tui.data.merge import gaps_of
from tui.data.narrowed import Narrowed
from tui.data.reach import Reachability
from tui.data.reflector import Scope
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import Problem
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import ClusterTable, Column, KindRef, ResourceQuery, ResourceView, Row, Table


class Resources:
    """Merged lists by query."""

    def __init__(self, runtime: Runtime, narrowed: Narrowed, discovery: Discovery, reach: Reachability) -> None:
        self._runtime = runtime
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
                lambda made: Derived(name, made, lambda read: self._compute(query, read), self._runtime),
            )
        return cell

    def _compute(self, query: ResourceQuery, read: Read) -> Feed[ResourceView]:
        parts = tuple(ClusterTable(ref, self._part(query, ref, read)) for ref in query.clusters)
        return feed_of(query, parts, self._runtime.clock.now())

    def _part(self, query: ResourceQuery, ref: ClusterRef, read: Read) -> Feed[Table]:
        # What is on screen is probed: a watch that has gone silent is doubted when the probe fails.
        read(self._reach.of(ref))
        kind = known_kind(query.kind) or self._resolve(query.kind, ref, read)
        if isinstance(kind, Feed):
            return kind
        return self._narrowed.table(ref, kind, Scope(query.namespace, query.labels, query.fields), read)

    def _resolve(self, text: str, ref: ClusterRef, read: Read) -> KindRef | Feed[Table]:
        """The kind on `ref`, or the feed that says why it is not known (yet)."""
        kinds = read(self._discovery.kinds(ref))
        if kinds.value is None:
            return carry(kinds, None)
        found = find_kind(text, kinds.value)
        return Feed(problem=found) if isinstance(found, Problem) else found


def feed_of(query: ResourceQuery, parts: tuple[ClusterTable, ...], now: float) -> Feed[ResourceView]:
    """The whole, from its parts: loading until one of them is known or has failed; then the parts speak for
    themselves, and those that fail are gaps. Where all fail, so does the whole."""
    feeds = [part.feed for part in parts]
    gaps = gaps_of([(part.cluster.name, part.feed) for part in parts])
    if parts and all(feed.value is None and feed.problem is None for feed in feeds):
        return Feed()
    first = next((feed.value for feed in feeds if feed.value is not None), None)
    if first is None:
        view = ResourceView(query, None, (), parts)
    else:
        view = ResourceView(query, first.kind, first.columns, tuple(_aligned(part, first.columns) for part in parts))
    as_of = min((feed.as_of for feed in feeds if feed.as_of is not None), default=None if parts else now)
    if parts and len(gaps) == len(parts):
        worst = min(feeds, key=lambda feed: feed.retry_at or float("inf"))
        return Feed(view, as_of, worst.problem, worst.failures, gaps=gaps, retry_at=worst.retry_at)
    fresh_for = min((feed.fresh_for for feed in feeds if feed.fresh_for is not None), default=None)
    return Feed(view, as_of, gaps=gaps, fresh_for=fresh_for)


def _aligned(part: ClusterTable, columns: tuple[Column, ...]) -> ClusterTable:
    """`part` with its cells in the order of `columns`: clusters of different versions print different columns."""
    table = part.feed.value
    if table is None or [column.name for column in table.columns] == [column.name for column in columns]:
        return part
    place = {column.name: index for index, column in enumerate(table.columns)}
    rows = _Rearranged(table.rows, tuple(place.get(column.name, -1) for column in columns))
    return replace(part, feed=replace(part.feed, value=replace(table, columns=columns, rows=rows)))


class _Rearranged(Mapping[tuple[str, str], Row]):
    """A live view of rows with their cells in another order; -1 stands for a cell that the cluster does not print."""

    def __init__(self, rows: Mapping[tuple[str, str], Row], order: tuple[int, ...]) -> None:
        self._rows = rows
        self._order = order

    def __getitem__(self, key: tuple[str, str]) -> Row:
        row = self._rows[key]
        cells = tuple(row.cells[index] if 0 <= index < len(row.cells) else None for index in self._order)
        return Row(row.uid, row.name, row.namespace, cells, row.version, row.created, row.deleting, row.labels)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
