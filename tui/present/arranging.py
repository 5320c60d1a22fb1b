"""A list kept in its order while it changes: fifty thousand rows of which two thousand change each second.

What has changed is found by the rows' identity (a row that has not changed is the same row), and is put into its new
place; only a list that has changed in many places is sorted as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from tui.model.kube import ResourceView, Row
from tui.present.resources import Entry, entries
from tui.present.sorting import PLAIN, Order

_FEW = 8
"""Of so many rows one may change, and the list is still mended rather than made anew."""


class Arrangement:
    """rows: all, in their order. shown: those of them that the filter lets through. Both are other lists after each
    change, so that who holds one can tell by its identity whether anything has."""

    def __init__(self) -> None:
        self.rows: list[Entry] = []
        self.shown: Sequence[Entry] = self.rows
        self.order = PLAIN
        self._plain = self.rows
        self._parts: tuple[str, ...] = ()
        self._held: list[_Held] = []
        self._admits: Callable[[Entry], bool] | None = None

    def take(self, view: ResourceView | None, parts: Sequence[str]) -> bool:
        """Take over the rows of `view`. parts: what tells its parts from those of other views. Whether the list was
        made anew, so that it has to be filtered again."""
        if view is None or tuple(parts) != self._parts:
            self._parts = tuple(parts)
            self._held = [_Held() for _ in parts]
            self._rebuild(view)
            return True
        changes = [(*pair, place) for place, held in enumerate(self._held) for pair in held.take(_rows(view, place))]
        if len(changes) * _FEW > len(self.rows):
            self._rebuild(view)
            return True
        if changes:
            self._mend(changes)
        return False

    def sort(self, order: Order) -> None:
        """Another order; to be filtered again."""
        self.order = order
        self.rows = order.arranged(self._plain)
        self.narrow()

    def narrow(
        self, shown: Sequence[Entry] | None = None, admits: Callable[[Entry], bool] | None = None
    ) -> Sequence[Entry]:
        """Show only these (None: all), and of rows that change those that `admits` lets through."""
        self.shown = self.rows if shown is None else shown
        self._admits = admits
        return self.shown

    def position(self, namespace: str, name: str, part: int) -> int | None:
        """Where the row is among those that are shown."""
        at = _plain_place(self._plain, (namespace, name, part))
        if at == len(self._plain) or self._plain[at][:3] != (namespace, name, part):
            return None
        return self._find(self.shown, self._plain[at])

    def _rebuild(self, view: ResourceView | None) -> None:
        for place, held in enumerate(self._held):
            held.take(_rows(view, place) if view is not None else [])
        self._plain = entries(view) if view is not None else []
        self.rows = self.order.arranged(self._plain)
        self.narrow()

    def _mend(self, changes: Sequence[tuple[Row | None, Row | None, int]]) -> None:
        """changes: rows that are gone, and what has come in their stead, with the place of their cluster."""
        plain = self._plain.copy()
        rows = plain if self.rows is self._plain else self.rows.copy()
        shown = rows if self.shown is self.rows else list(self.shown)
        for old, new, place in changes:
            before = None if old is None else (old.namespace, old.name, place, old)
            after = None if new is None else (new.namespace, new.name, place, new)
            _exchange_plain(plain, before, after)
            if rows is not plain:
                self._exchange(rows, before, after)
            if shown is not rows:
                admitted = after is not None and (self._admits is None or self._admits(after))
                self._exchange(shown, before, after if admitted else None)
        self._plain, self.rows, self.shown = plain, rows, shown

    def _exchange(self, rows: list[Entry], before: Entry | None, after: Entry | None) -> None:
        at = self._find(rows, before) if before is not None else None
        stays = before is not None and after is not None and self.order.key(before) == self.order.key(after)
        if at is not None and after is not None and stays:
            rows[at] = after
            return
        if at is not None:
            del rows[at]
        if after is not None:
            rows.insert(self._place(rows, after), after)

    def _find(self, rows: Sequence[Entry], entry: Entry) -> int | None:
        at = self._place(rows, entry)
        return at if at < len(rows) and rows[at][:3] == entry[:3] else None

    def _place(self, rows: Sequence[Entry], entry: Entry) -> int:
        """Where the entry is, or would be."""
        if self.order is PLAIN:
            return _plain_place(rows, entry[:3])
        before = self.order.before
        low, high = 0, len(rows)
        while low < high:
            middle = (low + high) // 2
            if before(rows[middle], entry):
                low = middle + 1
            else:
                high = middle
        return low


class _Held:
    """The rows of one part as they were taken over last."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._ids: set[int] = set()

    def take(self, rows: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
        """Take over these rows; those that are gone, each with what has come in its stead.

        By identity, since fifty thousand keys cost ten times as much to look up as to count; the rows are held, so
        that no new one can have the identity of one that is gone.
        """
        ids = set(map(id, rows))
        if ids == self._ids:
            self._rows = list(rows)
            return []
        new, old = ids - self._ids, self._ids - ids
        come = {row.key: row for row in rows if id(row) in new}
        gone = {row.key: row for row in self._rows if id(row) in old}
        self._rows, self._ids = list(rows), ids
        return [(gone.get(key), come.get(key)) for key in gone | come]


def _rows(view: ResourceView, place: int) -> list[Row]:
    table = view.parts[place].feed.value
    return list(table.rows.values()) if table is not None else []


def _plain_place(rows: Sequence[Entry], wanted: tuple[str, str, int]) -> int:
    return bisect_left(rows, wanted)  # pyright: ignore[reportArgumentType, reportCallIssue]


def _exchange_plain(rows: list[Entry], before: Entry | None, after: Entry | None) -> None:
    one = before or after
    if one is None:
        return
    at = _plain_place(rows, one[:3])
    if before is None and after is not None:
        rows.insert(at, after)
    elif after is None:
        del rows[at]
    else:
        rows[at] = after
