"""A pane over the rows of `tui.present.listed`: sorted by any column, and filtered by words that ask one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui.clock import Clock
from tui.model.kube import ClusterTable, ResourceView
from tui.model.sorting import BY_NAME, SortBy, Sortings
from tui.present.columns import ColumnSpec
from tui.present.fields import Field, spelled
from tui.present.listed import Listed
from tui.present.resources import Entry
from tui.present.sorting import place_of, stepped, turned
from widgets.table_pane import TablePane

LARGE = 2_000
"""Rows from which work is done in steps of as many, and the list is repainted at most four times a second, so that keys
come first."""


FADE_EVERY = 0.25
"""Seconds between two looks at what has stood out for long enough."""


class ListedPane(TablePane[ResourceView, Entry]):
    """Sub-classes put rows into `listed` and fill the table with what is chosen of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("less_than_sign", "sort(-1)", "Sort by the column to the left", id="pane.sort_left"),
        Binding("greater_than_sign", "sort(1)", "Sort by the column to the right", id="pane.sort_right"),
        Binding("i", "invert", "Sort the other way round", id="pane.invert"),
    ]

    def __init__(self, clock: Clock, sortings: Sortings, *, flash: bool = True) -> None:
        super().__init__(clock)
        self._sortings = sortings
        self._flash = flash
        self.begin()

    def begin(self) -> None:
        """Another list begins."""
        self.listed = Listed()
        self._sorted: tuple[str, SortBy] = ("", BY_NAME)
        """What kind is listed, and by what it is sorted."""
        self._settled: tuple[object, ...] = ()
        """The tables of the last rows that were shown, where each was whole."""

    @property
    def view(self) -> ResourceView | None:
        return self.feed.value

    def key(self, item: Entry) -> Hashable:
        return self.listed.key(item)

    def finder(self, items: Sequence[Entry]) -> Callable[[Hashable], int | None]:
        return self.listed.finder()

    def state(self, item: Entry) -> object:
        return item[3]

    # Changes -------------------------------------------------------------------------------------------------------

    def show_chosen(self) -> None:
        """Fill the table; what has changed in it since the last time stands out for a moment. Not while a list is
        being read: what comes then is no news."""
        now = self.clock.monotonic()
        parts = self.view.parts if self.view is not None else ()
        whole = tuple((part.cluster.key, part.asked) for part in parts) if all(map(_whole, parts)) else ()
        news = now if self._flash and whole and whole == self._settled else None
        self.fill(self.left(lambda: self.listed.chosen(self.filter, self.only_faults, self.clock.now())), news)
        self._settled = whole
        if len(self.table.flashes):
            self._fade()

    @work(exclusive=True, group="flash")
    async def _fade(self) -> None:
        while True:
            await self.clock.sleep(FADE_EVERY)
            if not self.table.fade(self.clock.monotonic()):
                return

    # Filtering -----------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="search")
    async def _warm_search(self) -> None:
        """Make the filter's texts in small steps while the user has yet to type."""
        start = 0
        while start < len(self.listed.rows):
            start = self.listed.warm(start, LARGE)
            await self.clock.sleep(0)

    def all_items(self) -> Sequence[Entry]:
        return self.listed.rows

    def filter_fields(self) -> Sequence[Field]:
        return self.listed.fields

    def filter_values(self, field: Field) -> Mapping[str, int]:
        return self.listed.values(field)

    def prepare_filter(self) -> None:
        self._warm_search()

    # Sorting -------------------------------------------------------------------------------------------------------

    def recall(self, kind: str) -> None:
        """Rows of this kind are listed: in the order in which they were seen last."""
        if kind and kind != self._sorted[0]:
            self._sorted = (kind, self._sortings.of(kind))
            self.listed.sort(self._sorted[1])

    def _sort(self, by: SortBy) -> None:
        kind = self._sorted[0]
        if not kind:
            return
        self._sorted = (kind, by)
        self._sortings.remember(kind, by)
        if len(self.listed.rows) <= LARGE:
            self.listed.sort(by)
            self.paint()
        else:
            self._sort_in_steps(by)

    @work(exclusive=True, group="sort")
    async def _sort_in_steps(self, by: SortBy) -> None:
        """Make what rows are compared by in small steps, so that no key waits for it; then put them into order."""
        listed, order, start = self.listed, self.listed.order(by), 0
        while start < len(listed.plain):
            start = order.warm(listed.plain, start, LARGE)
            await self.clock.sleep(0)
        if listed is self.listed:
            listed.sort(by, order)
            self.paint()

    def sort_words(self) -> str:
        """What the rows are sorted by, where no heading can say so."""
        by = self._sorted[1]
        return f"by {by.column} {by.mark}" if by.column and place_of(by, self.specs()) is None else ""

    def sort_mark(self, spec: ColumnSpec) -> str:
        by = self._sorted[1]
        place = place_of(by, self.specs()) if by.mark else None
        return by.mark if place is not None and self.specs()[place] is spec else ""

    def action_sort(self, step: int) -> None:
        self._sort(stepped(self._sorted[1], [spelled(spec.name) for spec in self.specs()], step))

    def action_invert(self) -> None:
        self._sort(turned(self._sorted[1]))


def _whole(part: ClusterTable) -> bool:
    """Whether the list has been read to its end; one that cannot be read is as whole as it gets."""
    feed = part.feed
    return feed.problem is not None or (feed.value is not None and feed.value.complete)
