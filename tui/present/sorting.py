"""Sorting a list by any of its columns, by what the column means: ages, quantities, versions, ratios, numbers, and
texts in their natural order. What a row has nothing in stands last, whichever way round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec.structs import replace

from tui.model.sorting import BY_NAME, SortBy
from tui.present.column_words import meaning_in
from tui.present.columns import ColumnSpec
from tui.present.fields import Field, spelled, text_of, texts_of
from tui.present.meaning import AMOUNTS, MISSING, Meaning, natural
from tui.present.resources import Entry

Key: TypeAlias = float | str
_DIGITS_ONLY = str.maketrans("", "", "-T:Z")
_SAMPLE = 2_000
"""Rows looked at to learn what a column means."""
_MOST = 200_000
"""Keys that are kept for another order of the same column."""


def stepped(by: SortBy, shown: Sequence[str], step: int) -> SortBy:
    """Another column, of those that are shown. Beyond either end is the plain order by namespace and name."""
    places = ["", *shown]
    at = places.index(by.column) if by.column in places else 0
    return SortBy(places[(at + step) % len(places)])


def place_of(by: SortBy, shown: Sequence[ColumnSpec]) -> int | None:
    """Where the column that rows are sorted by stands, among those that are shown."""
    names = [spelled(spec.name) for spec in shown]
    columns = (by.column,) if by.column else ("namespace", "name")
    return next((names.index(column) for column in columns if column in names), None)


def turned(by: SortBy) -> SortBy:
    """The same column the other way round."""
    return replace(by, inverted=not by.inverted)


class Order:
    """The order of a list: by one column, and by namespace, name and cluster where that is equal. names: what each
    cluster is called, by its place in the view. rows: some that tell what the column means. like: another order, whose
    keys are used where it is of the same column."""

    def __init__(
        self, by: SortBy, field: Field | None, names: Sequence[str], rows: Sequence[Entry], like: Order | None = None
    ) -> None:
        self.by = by
        self.field = field
        self.names = list(names)
        self.meaning = Meaning.TEXT
        if field is not None:
            self.meaning = meaning_in(field, texts_of(rows[:_SAMPLE], field.place, names))
        # Ages grow as the time of creation falls.
        self._reverse = by.inverted is not (self.meaning is Meaning.BORN)
        self._keys: dict[str, Key | None] = {}
        self._keyed = _Keyed(())
        if like is not None and like.compares(self) and len(like._keys) < _MOST:
            # What rows are compared by is not made again only to turn them round.
            self._keys, self._keyed = like._keys, like._keyed

    def compares(self, other: Order) -> bool:
        """Whether `other` compares rows by the same."""
        mine, theirs = (self.field, self.names, self.meaning), (other.field, other.names, other.meaning)
        return mine == theirs

    def warm(self, rows: Sequence[Entry], start: int, limit: int) -> int:
        """Make the keys of `limit` rows from `start` on, of those that are to be arranged; returns where to go on."""
        if self.field is None or self._keyed.whole(rows):
            return len(rows)
        if start == 0:
            self._keyed = _Keyed(rows)
        keys = self._learned(rows[start : start + limit])
        if self._keyed.rows is rows:  # else they have changed since: only what is new will have to be learned then
            self._keyed.keys += keys
        return start + limit

    def arranged(self, rows: list[Entry]) -> list[Entry]:
        """`rows`, which are by namespace and name, in this order."""
        if self.field is None:
            return rows[::-1] if self.by.inverted else rows
        if not self._keyed.whole(rows):
            self._keyed = _Keyed(rows)
            self._keyed.keys = self._learned(rows)
        return [rows[at] for at in self._keyed.places(reverse=self._reverse)]

    def place(self, rows: Sequence[Entry], entry: Entry) -> int:
        """Where the entry is among `rows`, which are in this order, or would be."""
        mine, low, high = self.key(entry), 0, len(rows)
        while low < high:
            middle = (low + high) // 2
            if self._before(rows[middle], entry, mine):
                low = middle + 1
            else:
                high = middle
        return low

    def _before(self, other: Entry, entry: Entry, mine: Key | None) -> bool:
        """Whether `other` stands before `entry`, which is sorted by `mine`."""
        if self.field is None:
            return other[:3] > entry[:3] if self.by.inverted else other[:3] < entry[:3]
        theirs = self.key(other)
        if mine == theirs:
            return other[:3] < entry[:3]
        if mine is None or theirs is None:
            return mine is None
        return (theirs > mine) if self._reverse else (theirs < mine)  # type: ignore[operator]

    def key(self, entry: Entry) -> Key | None:
        """What the row is sorted by; None where it has nothing in the column."""
        if self.field is None:
            return None
        text = text_of(entry, self.field.place, self.names)
        if text not in self._keys:
            self._keys[text] = self._key_of(text)
        return self._keys[text]

    def _learned(self, rows: Sequence[Entry]) -> list[Key | None]:
        assert self.field is not None
        texts = texts_of(rows, self.field.place, self.names)
        for text in set(texts).difference(self._keys):
            self._keys[text] = self._key_of(text)
        return [self._keys[text] for text in texts]

    def _key_of(self, text: str) -> Key | None:
        parse = AMOUNTS.get(self.meaning)
        if parse is not None:
            return parse(text)
        if text in MISSING:
            return None
        if self.meaning is Meaning.BORN:
            return float(text.translate(_DIGITS_ONLY))  # numbers are put into order in half the time of texts
        return natural(text.removeprefix("v") if self.meaning is Meaning.VERSION else text)


class _Keyed:
    """A list, and what each of its rows is sorted by."""

    def __init__(self, rows: Sequence[Entry]) -> None:
        self.rows = rows
        self.keys: list[Key | None] = []
        self._sorted: list[int] | None = None

    def whole(self, rows: Sequence[Entry]) -> bool:
        """Whether this is that list, with all its keys."""
        return self.rows is rows and len(self.keys) == len(rows)

    def places(self, *, reverse: bool) -> list[int]:
        """The places of the rows in their order. One that was sorted before, and equal rows stay as they are: turning
        it round takes a fifth of the time of sorting it."""
        keys: list[Any] = self.keys
        nothing = [at for at, key in enumerate(keys) if key is None] if None in keys else []
        if self._sorted is None:
            self._sorted = [at for at, key in enumerate(keys) if key is not None] if nothing else [*range(len(keys))]
        self._sorted = sorted(self._sorted, key=keys.__getitem__, reverse=reverse)
        return self._sorted + nothing


PLAIN = Order(BY_NAME, None, (), ())
"""By namespace, name and cluster: the order in which `tui.present.resources.entries` gives them."""
