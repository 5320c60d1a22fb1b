"""The rows of a list as they are shown: arranged in an order, narrowed by a filter or to the faulty ones, and kept so
while they change. Pure: what it costs is counted by its caller, who may have keys made in small steps before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import cast

from tui.errors import UsageError
from tui.model.kube import ResourceView
from tui.model.sorting import BY_NAME, SortBy
from tui.present.arranging import Arrangement
from tui.present.fields import BORN, Field, field_named, fields_of
from tui.present.filters import Filter
from tui.present.resources import Entry, faults, marked_entries
from tui.present.search import Search
from tui.present.sorting import PLAIN, Order

AGES_EVERY = 1.0
"""Seconds after which rows that are filtered by their age are looked at again though they have not changed."""


class Listed:
    """One list after another: `take` what is known, then ask what is `chosen` of it."""

    def __init__(self) -> None:
        self.by = BY_NAME
        self._view: ResourceView | None = None
        self._names: Sequence[str] = ()
        self._parts: Sequence[str] = ()
        self._arrangement = Arrangement()
        self._search = Search()
        self._chosen: tuple[Filter | None, bool] | None = (None, False)
        self._looked_at = 0.0
        self._ages = False

    @property
    def rows(self) -> Sequence[Entry]:
        """All of them, in their order."""
        return self._arrangement.rows

    @property
    def plain(self) -> Sequence[Entry]:
        """All of them by namespace and name: what an order is made of."""
        return self._arrangement.plain

    @property
    def fields(self) -> tuple[Field, ...]:
        """What may be filtered and sorted by."""
        return fields_of(self._view) if self._view is not None else ()

    def take(self, view: ResourceView | None, parts: Sequence[str], names: Sequence[str]) -> None:
        """The newest rows. parts: what tells the parts of the view from those of others. names: what each part's
        cluster is called, "" where that is not shown."""
        changed = view is None or self._view is None or view.columns != self._view.columns or names != self._names
        self._view, self._names, self._parts = view, list(names), list(parts)
        if self._arrangement.take(view, parts) or changed:
            order, present = self.order(self.by), self._arrangement.order
            if not (order.by == present.by and order.compares(present)):
                self._arrangement.sort(order)
            self._again()

    def chosen(self, wanted: Filter | None, only_faults: bool, now: float) -> Sequence[Entry]:
        """The rows that are shown. now: epoch seconds. Raises UsageError for a filter that the list cannot answer."""
        if (wanted, only_faults) != self._chosen or (self._ages and now - self._looked_at >= AGES_EVERY):
            self._choose(wanted, only_faults, now)
        return self._arrangement.shown

    def _choose(self, wanted: Filter | None, only_faults: bool, now: float) -> None:
        self._again()
        view, rows = self._view, self._arrangement.rows
        found: Sequence[Entry] = rows
        tests: list[Callable[[Entry], bool]] = []
        if wanted is not None and view is not None:
            try:
                found = self._search.select(rows, self._names, wanted, self.fields, now)
            except UsageError:
                self._arrangement.narrow((), lambda entry: False)
                self._chosen = None
                raise
            tests.append(self._search.judge(self._names, wanted, self.fields, now))
            self._ages = any(field_named(word.name, self.fields).place == BORN for word in wanted.columns)
        if only_faults and view is not None:
            found = faults(found, view)
            tests.append(lambda entry: bool(faults((entry,), view)))
        self._arrangement.narrow(None if found is rows else found, _all_of(tests))
        self._chosen, self._looked_at = (wanted, only_faults), now

    def _again(self) -> None:
        """Whatever was chosen has to be chosen again."""
        self._arrangement.narrow()
        self._chosen, self._ages = (None, False), False

    def order(self, by: SortBy) -> Order:
        """The order of this list that `by` means; the plain one where it has no such column."""
        field = self._field(by.column)
        if field is None and (by.column or not by.inverted):
            return PLAIN
        return Order(by, field, self._names, self._arrangement.rows, like=self._arrangement.order)

    def _field(self, column: str) -> Field | None:
        try:
            return field_named(column, self.fields) if column else None
        except UsageError:
            return None

    def sort(self, by: SortBy, order: Order | None = None) -> None:
        """Another order. order: what `order(by)` gave, where its keys have been made before."""
        self.by = by
        self._arrangement.sort(order or self.order(by))
        self._again()

    def key(self, entry: Entry) -> Hashable:
        """What a row stays the same by while the list changes: its part, its namespace, its name."""
        namespace, name, part, _ = entry
        return (self._parts[part], namespace, name)

    def finder(self) -> Callable[[Hashable], int | None]:
        """From a row's key to where it is among those that are shown."""
        places = {key: place for place, key in enumerate(self._parts)}

        def find(key: Hashable) -> int | None:
            part, namespace, name = cast("tuple[str, str, str]", key)
            return self._arrangement.position(namespace, name, places[part]) if part in places else None

        return find

    def keyed(self, keys: Iterable[Hashable]) -> list[Entry]:
        """The rows with these keys, in the order of their names, whether or not a filter hides them."""
        return marked_entries(self._view, self._parts, keys) if self._view is not None else []

    def namespaces(self) -> list[str]:
        """Those seen in the list; for completion."""
        return sorted({entry[0] for entry in self.rows if entry[0]})

    def values(self, field: Field) -> Mapping[str, int]:
        """The texts in a column, with the number of rows that have them."""
        return self._search.values(self._arrangement.rows, self._names, field)

    def warm(self, start: int, limit: int) -> int:
        """Make what a filter looks through for `limit` rows from `start` on; returns where to go on."""
        return self._search.warm(self._arrangement.rows, self._names, start, limit)


def _all_of(tests: Sequence[Callable[[Entry], bool]]) -> Callable[[Entry], bool] | None:
    if len(tests) <= 1:
        return tests[0] if tests else None
    return lambda entry: all(test(entry) for test in tests)
