"""3 Resources: any kind of one or many clusters in one list, in the columns that the server prints."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from tui.clock import Clock
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed, FeedState, Topic
from tui.model.kube import ResourceQuery, ResourceView
from tui.present.clean import clean
from tui.present.columns import ColumnSpec
from tui.present.merged import first_trouble, stale_parts, view_status
from tui.present.navigation import PaneId
from tui.present.parts import Cell, Part, count
from tui.present.problems import Line, explanation, one_line
from tui.present.resources import Entry, Layout, cells, entries, faults, is_pods, layout, position_of
from tui.present.search import Search
from tui.present.states import Shown, Status
from widgets.table_pane import TablePane

if TYPE_CHECKING:
    from tui.present.details import Details

_NOTHING = Layout((), False, False, (), None)

LARGE = 2_000
"""Rows from which the list is repainted at most four times a second, so that keys come first."""


class ResourcePane(TablePane[ResourceView, Entry]):
    """Rows of `tui.present.resources`."""

    PANE = PaneId.RESOURCES
    NAME = "Resources"
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("table.open", "open"),
        ("go.logs", "logs"),
        ("go.previous_logs", "previous"),
        ("pane.details", "details"),
        ("go.all_namespaces", "all namespaces"),
        ("pane.wide", "wide"),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w,ctrl+w", "wide", "All columns", id="pane.wide"),
    ]

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.query_shown: ResourceQuery | None = None
        self.waiting = "Waiting for the first cluster…"
        """What is said while there is no query."""
        self.wide = False
        self._plan = _NOTHING
        self._stale: frozenset[int] = frozenset()
        self._entries: list[Entry] = []
        self._taken: Feed[ResourceView] | None = None
        self._cluster_keys: list[str] = []
        self._search = Search()
        self._wanted: Hashable | None = None

    def show(self, query: ResourceQuery | None, topic: Topic[ResourceView] | None, name: str = "") -> None:
        """Look at another list. name: put the cursor on the row of this name once it is there."""
        self.query_shown = query
        self._wanted = name or None
        self._search = Search()
        self.table.clear_marks()
        self._widths.clear()
        self.follow(topic)
        self.paint()

    def pace(self) -> float:
        return 0.25 if len(self._entries) > LARGE else 0.05

    @property
    def view(self) -> ResourceView | None:
        return self.feed.value

    # What the table shows ------------------------------------------------------------------------------------------

    def specs(self) -> Sequence[ColumnSpec]:
        return self._plan.specs

    def key(self, item: Entry) -> Hashable:
        namespace, name, part, _ = item
        return (self._cluster_keys[part], namespace, name)

    def finder(self, items: Sequence[Entry]) -> Callable[[Hashable], int | None]:
        parts = {key: part for part, key in enumerate(self._cluster_keys)}

        def find(key: Hashable) -> int | None:
            cluster, namespace, name = cast("tuple[str, str, str]", key)
            return position_of(items, namespace, name, parts[cluster]) if cluster in parts else None

        return find

    def cells(self, item: Entry) -> Sequence[Cell]:
        view = self.feed.value
        return () if view is None else cells(item, view, self._plan, self.clock.now(), self._stale)

    def paint(self) -> None:
        view = self.feed.value
        if self.feed is not self._taken:
            self._taken = self.feed
            self._cluster_keys = [part.cluster.key for part in view.parts] if view is not None else []
            self._entries = entries(view) if view is not None else []
        self._plan = layout(view, wide=self.wide) if view is not None else _NOTHING
        self._stale = stale_parts(view, self.clock.now()) if view is not None else frozenset()
        self.fill(self._chosen(view))
        self._find_wanted()
        self.reframe()

    def _chosen(self, view: ResourceView | None) -> Sequence[Entry]:
        if view is None:
            return ()
        chosen = self._entries
        if self.filter is not None:
            chosen = self._search.select(chosen, self._names(view), self.filter)
        return faults(chosen, view) if self.only_faults else chosen

    def _names(self, view: ResourceView) -> list[str]:
        return [part.cluster.name if self._plan.cluster else "" for part in view.parts]

    @work(exclusive=True, group="search")
    async def _warm_search(self) -> None:
        """Make the filter's texts in small steps while the user has yet to type."""
        start = 0
        while self.view is not None and start < len(self._entries):
            start = self._search.warm(self._entries, self._names(self.view), start, LARGE)
            await self.clock.sleep(0)

    def action_filter(self) -> None:
        super().action_filter()
        self._warm_search()

    def _find_wanted(self) -> None:
        """Put the cursor where a drill-down pointed, once."""
        if self._wanted is None:
            return
        found = next((entry for entry in self._entries if entry[1] == self._wanted), None)
        if found is not None and self.table.move_to(self.key(found)):
            self._wanted = None

    def reframe(self) -> None:
        now = self.clock.now()
        shown = len(self.table.rows)
        self.frame(self._title(), self._lead(shown), self._status(now))
        self.say(self._instead(now) if not shown else [])
        trouble = first_trouble(self.feed) if shown else None
        self.warn(one_line(trouble[1], trouble[0]) if trouble is not None else "")

    def _status(self, now: float) -> Status:
        if self.query_shown is None:
            return Status(Shown.LOADING, "no cluster chosen")
        if self._unknown_kind(now):
            return Status(Shown.FAILED, "unknown kind")
        return view_status(self.feed, now)

    def _unknown_kind(self, now: float) -> bool:
        """Whether every cluster has answered, and none of them knows the kind."""
        view = self.view
        if view is None or view.kind is not None or first_trouble(self.feed) is not None:
            return False
        return all(part.feed.state(now) is not FeedState.LOADING for part in view.parts)

    @property
    def kind_name(self) -> str:
        """As discovery calls the kind, else as it was asked for."""
        if self.view is not None and self.view.kind is not None:
            return clean(self.view.kind.plural, 60)
        return clean(self.query_shown.kind, 60) if self.query_shown is not None else ""

    @property
    def name_words(self) -> str:
        return self.kind_name.capitalize() or self.NAME

    def _title(self) -> Content:
        query = self.query_shown
        if query is None:
            return self.title()
        where = clean(query.namespace, 60)
        chosen = " ".join(clean(text, 120) for text in (query.labels, query.fields) if text)
        return self.title(self._clusters(query.clusters), where, chosen, *self._modes())

    def _clusters(self, clusters: Sequence[ClusterRef]) -> str:
        names = ", ".join(clean(cluster.name, 40) for cluster in clusters[:2])
        return f"{names} +{len(clusters) - 2}" if len(clusters) > 2 else names

    def _modes(self) -> Sequence[str]:
        return [word for word, on in (("wide", self.wide), ("faults only", self.only_faults)) if on]

    def _lead(self, shown: int) -> tuple[Part, ...]:
        if self.view is None:
            return ()
        counts = f"{len(self._entries):,}" if shown == len(self._entries) else f"{shown:,} of {len(self._entries):,}"
        several = len(self.view.parts)
        return (Part(counts, "", 1), Part(count(several, "cluster") if several > 1 else "", "", 3))

    def _instead(self, now: float) -> list[Line]:
        query = self.query_shown
        if query is None:
            return [Line(self.waiting, "dim")]
        if len(self._entries):
            return [Line(f"Nothing matches; {len(self._entries):,} rows are hidden. esc shows them again.", "dim")]
        status = self._status(now)
        where = (
            f"{self._clusters(query.clusters)}{f', namespace {clean(query.namespace, 60)}' if query.namespace else ''}"
        )
        if self._unknown_kind(now):
            return [
                Line(f"× No kind is called “{clean(query.kind, 60)}” in {where}.", "bad"),
                Line("Press : and type; tab completes the kinds that these clusters serve.", "dim"),
            ]
        if trouble := first_trouble(self.feed):
            named = [Line(clean(trouble[0], 80), "heading")] if trouble[0] else []
            return [*named, *explanation(trouble[1], now, trouble[2])]
        if status.shown is Shown.LOADING:
            return [Line(f"Reading {clean(query.kind, 60)} of {where}…", "dim")]
        return [Line(f"No {clean(query.kind, 60)} in {where}.", "")]

    # Keys ----------------------------------------------------------------------------------------------------------

    @property
    def shows_pods(self) -> bool:
        return self.view is not None and is_pods(self.view.kind)

    def cluster_of(self, entry: Entry) -> ClusterRef | None:
        return self.view.parts[entry[2]].cluster if self.view is not None else None

    def namespaces(self) -> list[str]:
        """Those seen in the list; for completion."""
        return sorted({entry[0] for entry in self._entries if entry[0]})

    def action_wide(self) -> None:
        self.wide = not self.wide
        self.paint()

    def details(self) -> Details | None:
        from tui.present.details import of_resource, of_view

        now = self.clock.now()
        if self.view is not None and (entry := self.current) is not None:
            return of_resource(entry, self.view, now)
        return of_view("Resources", self.feed, now) if self.query_shown is not None else None

    def copy_text(self) -> str:
        chosen = self.marked or ([self.current] if self.current is not None else [])
        return "\n".join(entry[1] for entry in chosen)
