"""3 Resources: any kind of one or many clusters in one list, in the columns that the server prints."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.clock import Clock
from tui.model.feed import Feed, Topic
from tui.model.kube import ResourceQuery, ResourceView
from tui.model.objects import ObjectRef
from tui.model.sorting import Sortings
from tui.present.columns import ColumnSpec
from tui.present.listing import instead, kind_name, list_counts, list_status, list_title, refusal, remembered_as
from tui.present.merged import first_trouble, stale_parts
from tui.present.navigation import History, PaneId
from tui.present.parts import Cell
from tui.present.problems import Line, one_line
from tui.present.resources import Entry, Layout, cells, layout, marks_of, object_of, part_key, part_names
from tui.present.scope import Selection
from tui.present.unchosen import LOOKING
from widgets.cluster_strip import ClusterStrip
from widgets.listed_pane import LARGE, ListedPane

if TYPE_CHECKING:
    from tui.present.details import Details

_NOTHING = Layout((), False, False, (), None)


class ResourcePane(ListedPane):
    """Rows of `tui.present.resources`."""

    PANE = PaneId.RESOURCES
    NAME = "Resources"
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("table.open", "open"),
        ("change.menu", "menu"),
        ("go.logs", "logs"),
        ("stream.shell", "shell"),
        ("go.previous_logs", "previous"),
        ("pane.details", "describe"),
        ("pane.yaml", "yaml"),
        ("pane.related", "related"),
        ("go.all_namespaces", "all namespaces"),
        ("pane.wide", "wide"),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w,ctrl+w", "wide", "All columns", id="pane.wide"),
        Binding("y", "open_as('YAML')", "YAML of the object", id="pane.yaml"),
        Binding("u", "open_as('Related')", "What stands around the object", id="pane.related"),
    ]

    class ObjectWanted(Message):
        """An object is to be opened. tab: the way to look at it, by its name on screen."""

        def __init__(self, ref: ObjectRef, tab: str) -> None:
            super().__init__()
            self.ref = ref
            self.tab = tab

    def __init__(self, clock: Clock, sortings: Sortings, *, flash: bool = True) -> None:
        super().__init__(clock, sortings, flash=flash)
        self.query_shown: ResourceQuery | None = None
        self.waiting: Sequence[Line] = LOOKING
        """What is said while there is no query."""
        self.wide = False
        self._plan = _NOTHING
        self._stale: frozenset[int] = frozenset()
        self._taken: Feed[ResourceView] | None = None
        self._wanted: Hashable | None = None
        self._back_to: Hashable | None = None
        self._left: dict[ResourceQuery, Hashable] = {}
        """The rows on which the cursor was when lists were left, for when they are come back to."""
        self._strip_of_clusters = ClusterStrip()

    def compose(self) -> ComposeResult:
        yield self._strip_of_clusters
        yield from super().compose()

    def show(self, query: ResourceQuery | None, topic: Topic[ResourceView] | None, name: str = "") -> None:
        """Look at another list. name: put the cursor on the row of this name once it is there; else it goes back to
        where it was when the list was left, if it was."""
        self._leave()
        self.query_shown = query
        self._wanted = name or None
        self._back_to = self._left.get(query) if query is not None and not name else None
        self.begin()
        self.table.begin()
        self.table.clear_marks()
        self._widths.clear()
        self.follow(topic)
        self.paint()

    def _leave(self) -> None:
        if self.query_shown is not None and self.table.cursor_key is not None:
            self._left.pop(self.query_shown, None)
            self._left[self.query_shown] = self.table.cursor_key
            if len(self._left) > History.LENGTH:
                del self._left[next(iter(self._left))]

    def pace(self) -> float:
        return 0.25 if len(self.listed.rows) > LARGE else 0.05

    # What the table shows ------------------------------------------------------------------------------------------

    def specs(self) -> Sequence[ColumnSpec]:
        return self._plan.specs

    def cells(self, item: Entry) -> Sequence[Cell]:
        view = self.feed.value
        return () if view is None else cells(item, view, self._plan, self.clock.now(), self._stale)

    def paint(self) -> None:
        view = self.feed.value
        self._plan = layout(view, wide=self.wide) if view is not None else _NOTHING
        if self.feed is not self._taken:
            self._taken = self.feed
            self.recall(remembered_as(view))
            parts = [part_key(part) for part in view.parts] if view is not None else []
            self.listed.take(view, parts, part_names(view, self._plan) if view is not None else ())
        self._stale = stale_parts(view, self.clock.now()) if view is not None else frozenset()
        self.show_chosen()
        self._find_wanted()
        self.reframe()

    def _find_wanted(self) -> None:
        """Put the cursor where a drill-down pointed, or where it was before, once."""
        if self._back_to is not None and (self.table.move_to(self._back_to) or self._whole):
            self._back_to = None
        if self._wanted is None:
            return
        found = next((entry for entry in self.listed.rows if entry[1] == self._wanted), None)
        if (found is not None and self.table.move_to(self.key(found))) or self._whole:
            self._wanted = None

    @property
    def _whole(self) -> bool:
        """Whether there is nothing more to come of the list as it is now."""
        parts = self.view.parts if self.view is not None else ()
        return bool(parts) and all(part.feed.value is not None and part.feed.value.complete for part in parts)

    def reframe(self) -> None:
        now = self.clock.now()
        self._strip_of_clusters.show(self.view, now, self.content_size.width)
        query, shown, total = self.query_shown, len(self.table.rows), len(self.listed.rows)
        modes = [word for word, on in (("wide", self.wide), ("faults only", self.only_faults)) if on]
        modes += [self.sort_words()] if self.sort_words() else []
        title = self.title(*list_title(query, self.view, now), *modes) if query is not None else self.title()
        self.frame(
            title,
            list_counts(self.view, shown, total),
            list_status(query, self.feed, now, looking=self.waiting is LOOKING),
        )
        if shown:
            self.say([])
        elif self.refused:
            self.say(refusal(self.refused))
        else:
            self.say(instead(query, self.feed, total, now) if query is not None else self.waiting)
        trouble = first_trouble(self.feed) if shown else None
        self.warn(one_line(trouble[1], trouble[0]) if trouble is not None else "")

    @property
    def kind_name(self) -> str:
        return kind_name(self.query_shown, self.view)

    @property
    def name_words(self) -> str:
        return self.kind_name.capitalize() or self.NAME

    # Keys ----------------------------------------------------------------------------------------------------------

    def action_wide(self) -> None:
        self.wide = not self.wide
        self.paint()

    def details(self) -> Details | None:
        from tui.present.details import of_view

        return of_view("Resources", self.feed, self.clock.now()) if self.query_shown is not None else None

    @property
    def under(self) -> ObjectRef | None:
        """The object under the cursor."""
        entry, view = self.current, self.view
        return object_of(entry, view) if entry is not None and view is not None else None

    def action_details(self) -> None:
        """Describe the object under the cursor; where there is none, say what stands in the list's way."""
        if self.under is None:
            super().action_details()
        else:
            self.action_open_as("Describe")

    def action_open_as(self, tab: str) -> None:
        ref = self.under
        if ref is not None:
            self.post_message(self.ObjectWanted(ref, tab))

    def by_hand(self) -> Details | None:
        from tui.present.by_hand import list_lines, object_lines, page

        query = self.query_shown
        if query is None:
            return None
        row = object_lines(self.under) if self.under is not None else []
        return page([*list_lines(query, self.kind_name), *row], query.clusters)

    def selection(self) -> Selection:
        """The marked rows, also those that a filter hides now; else the one under the cursor."""
        view = self.view
        if view is None or self.query_shown is None:
            return Selection()
        chosen, seen = self.listed.keyed(self.table.marks), len(self.marked)
        if not chosen and self.current is not None:
            chosen, seen = [self.current], 1
        found = (object_of(entry, view) for entry in chosen)
        targets = tuple(ref for ref in found if ref is not None)
        return Selection(targets, max(0, len(chosen) - seen), self.query_shown.clusters)

    def unmark(self, refs: Sequence[ObjectRef]) -> None:
        """These have been changed as was wished: what is marked still is what is left to do."""
        if self.view is not None:
            self.table.clear_marks(marks_of(self.view, self.table.marks, refs))

    def copy_text(self) -> str:
        chosen = self.marked or ([self.current] if self.current is not None else [])
        return "\n".join(entry[1] for entry in chosen)
