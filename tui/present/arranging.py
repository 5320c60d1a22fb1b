"""A list kept in its order while it changes: fifty thousand rows of which two thousand change each second.

What has changed is told by the tables' logs, or found by the rows' identity (a row that has not changed is the same
row), and is put into its new place; only a list that has changed in many places is sorted as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, islice

from tui.model.kube import ResourceView, Row, RowKey, RowLog, Table
from tui.present.resources import Entry, by_name
from tui.present.sorting import PLAIN, Order

_FEW = 8
"""Of so many rows one may change, and the list is still mended rather than made anew."""


class Arrangement:
    """plain: all, by namespace and name. rows: all, in their order. shown: those of them that the filter lets through.
    Each is another list after each change, so that who holds one can tell by its identity whether anything has."""

    def __init__(self) -> None:
        self.rows: list[Entry] = []
        self.shown: Sequence[Entry] = self.rows
        self.order = PLAIN
        self.plain = self.rows
        self._parts: tuple[str, ...] = ()
        self._held: list[_Held] = []
        self._admits: Callable[[Entry], bool] | None = None

    def take(self, view: ResourceView | None, parts: Sequence[str]) -> bool:
        """Take over the rows of `view`. parts: what tells its parts from those of other views. Whether the list was
        made anew, so that it has to be filtered again."""
        fresh = view is None or tuple(parts) != self._parts
        if fresh:
            self._parts = tuple(parts)
            self._held = [_Held() for _ in parts]
        few = len(self.rows) // _FEW
        told = [held.take(_table(view, place), few) for place, held in enumerate(self._held)]
        changes = [(*pair, place) for place, pairs in enumerate(told) for pair in pairs or ()]
        if fresh or None in told or len(changes) > few:
            self._rebuild()
            return True
        if changes:
            self._mend(changes)
        return False

    def sort(self, order: Order) -> None:
        """Another order; to be filtered again."""
        self.order = order
        self.rows = order.arranged(self.plain)
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
        at = _plain_place(self.plain, (namespace, name, part))
        if at == len(self.plain) or self.plain[at][:3] != (namespace, name, part):
            return None
        return self._find(self.shown, self.plain[at])

    def _rebuild(self) -> None:
        self.plain = by_name([held.rows for held in self._held])
        self.rows = self.order.arranged(self.plain)
        self.narrow()

    def _mend(self, changes: Sequence[tuple[Row | None, Row | None, int]]) -> None:
        """changes: rows that are gone, and what has come in their stead, with the place of their cluster."""
        plain = self.plain.copy()
        rows = plain if self.rows is self.plain else self.rows.copy()
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
        self.plain, self.rows, self.shown = plain, rows, shown

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
        return self.order.place(rows, entry)


class _Held:
    """The rows of one part as they were taken over last."""

    def __init__(self) -> None:
        self.rows: dict[RowKey, Row] = {}
        self._log: RowLog | None = None
        self._seen = 0

    def take(self, table: Table | None, few: int) -> list[tuple[Row | None, Row | None]] | None:
        """Take over the rows of the table; those that are gone, each with what has come in its stead; None where these
        are more than `few`.

        Which they are its log tells. Where it tells nothing, all rows are compared, by identity.
        """
        rows: Mapping[RowKey, Row] = table.rows if table is not None else {}
        log = table.log if table is not None else None
        told = log.since(self._seen) if log is not None and log is self._log else None
        self._log, self._seen = log, log.count if log is not None else 0
        if told is not None:
            return [pair for key in dict.fromkeys(told) if (pair := self._put(key, rows.get(key))) is not None]
        held, self.rows = self.rows, dict(rows.items())
        found = self.rows
        new = (key for key, row in found.items() if held.get(key) is not row)
        changed = list(islice(chain(new, (key for key in held if key not in found)), few + 1))
        return [(held.get(key), found.get(key)) for key in changed] if len(changed) <= few else None

    def _put(self, key: RowKey, new: Row | None) -> tuple[Row | None, Row | None] | None:
        old = self.rows.get(key)
        if old is new:
            return None
        if new is None:
            del self.rows[key]
        else:
            self.rows[key] = new
        return (old, new)


def _table(view: ResourceView | None, place: int) -> Table | None:
    return view.parts[place].feed.value if view is not None else None


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
