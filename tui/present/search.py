"""Filtering fifty thousand rows between two keys: the text of each row is made once, and plain words are looked for in
all of them at a time (one `str.find` over the lot is a hundred times faster than one per row)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from tui.model.kube import Row
from tui.present.column_words import Comparison, Test, meaning_in, test_of
from tui.present.fields import LONGEST, Field, field_named, text_of, texts_of
from tui.present.filters import Filter, Labels, TextWord
from tui.present.resources import Entry

_NO_LABELS: dict[str, str] = {}
_END = "\x00"
"""Between two rows' texts; no Kubernetes name, label or printed cell may hold it, and a needle cannot."""

_MANY = 10
"""Where more than one of so many rows match, each by itself is looked through sooner."""


class Search:
    """Looks through one list after another that are mostly the same rows. names: what each cluster is called, by its
    place in the view; "" where the column is not shown."""

    def __init__(self) -> None:
        self._names: Sequence[str] = ()
        self._texts: dict[int, tuple[Row, str, str]] = {}
        self._indexed: Sequence[Entry] = ()
        self._rows: Sequence[Entry] = ()
        self._lines: list[str] = []
        self._lowered: list[str] = []
        self._blob = ""
        self._ends: list[int] = []
        self._cells: dict[int, list[str]] = {}
        self._counts: dict[int, Counter[str]] = {}
        self._keys: dict[int, tuple[Callable[[str], object], list[Any]]] = {}

    def warm(self, rows: Sequence[Entry], names: Sequence[str], start: int, limit: int) -> int:
        """Make the texts of `limit` rows from `start` on; returns where to go on. For the time before the first key."""
        self._name(names)
        for entry in rows[start : start + limit]:
            self._text(entry)
        if start + limit >= len(rows):
            self._begin(rows, names)
            self._index()
        return start + limit

    def select(
        self,
        rows: Sequence[Entry],
        names: Sequence[str],
        wanted: Filter,
        fields: Sequence[Field] = (),
        now: float = 0.0,
    ) -> Sequence[Entry]:
        """The rows that match, in their order. fields: the columns there are. now: epoch seconds that ages are
        counted up to. Raises UsageError for a word that asks what the list cannot answer."""
        columns = _asked(wanted, fields)
        self._begin(rows, names)
        asked = [(field, self._test(wanted, field, index, now)) for index, field in columns]
        found: Sequence[int] = range(len(rows))
        if wanted.words:
            self._index()
        plain = [word for word in wanted.words if word.pattern is None]
        for word in (*plain, *(word for word in wanted.words if word.pattern is not None)):
            found = self._holding(word, found)
        for field, test in asked:
            found = self._passing(field, test, found)
        for label in wanted.labels:
            found = [at for at in found if label(rows[at][3].labels or _NO_LABELS)]
        if wanted.inverse:
            left = set(found)
            return [entry for at, entry in enumerate(rows) if at not in left]
        return rows if len(found) == len(rows) else [rows[at] for at in found]

    def values(self, rows: Sequence[Entry], names: Sequence[str], field: Field) -> Mapping[str, int]:
        """The texts in a column, with the number of rows that have them; made once for each list."""
        self._begin(rows, names)
        found = self._counts.get(field.place)
        if found is None:
            found = self._counts[field.place] = Counter(self._texts_of(field))
        return found

    def judge(
        self, names: Sequence[str], wanted: Filter, fields: Sequence[Field], now: float
    ) -> Callable[[Entry], bool]:
        """The same question for single rows, of the list that was searched last."""
        asked = [(field.place, self._test(wanted, field, index, now)) for index, field in _asked(wanted, fields)]

        def text(entry: Entry) -> str:
            held = self._texts.get(id(entry[3]))  # what is looked at once is not kept: rows come and go by thousands
            return held[1] if held is not None and held[0] is entry[3] else self._line(entry)

        def admits(entry: Entry) -> bool:
            labels = entry[3].labels or _NO_LABELS
            holds = (
                all(word.found(text(entry)) for word in wanted.words)
                and all(test(text_of(entry, place, names)) for place, test in asked)
                and all(test(labels) for test in wanted.labels)
            )
            return holds is not wanted.inverse

        return admits

    def _test(self, wanted: Filter, field: Field, index: int, now: float) -> Test:
        return test_of(wanted.columns[index], meaning_in(field, self._texts_of(field)), now)

    def _texts_of(self, field: Field) -> list[str]:
        """The cells of a column, made once for each list."""
        found = self._cells.get(field.place)
        if found is None:
            found = self._cells[field.place] = texts_of(self._rows, field.place, self._names)
        return found

    def _keys_of(self, field: Field, key: Callable[[str], object]) -> list[Any]:
        """What the cells of a column are compared by."""
        held = self._keys.get(field.place)
        if held is None or held[0] != key:
            texts = self._texts_of(field)
            made = {text: key(text) for text in set(texts)}
            held = self._keys[field.place] = (key, [made[text] for text in texts])
        return held[1]

    def _name(self, names: Sequence[str]) -> None:
        if list(names) != list(self._names):
            self._names = list(names)
            self._texts = {}
            self._rows = self._indexed = ()

    def _begin(self, rows: Sequence[Entry], names: Sequence[str]) -> None:
        """What was made for another list is forgotten."""
        self._name(names)
        if rows is not self._rows:
            self._rows = rows
            self._cells.clear()
            self._keys.clear()
            self._counts.clear()

    def _index(self) -> None:
        """One text for each row; those of rows that are gone are forgotten."""
        if self._rows is self._indexed:
            return
        self._indexed = rows = self._rows
        texts = [self._text(entry) for entry in rows]
        self._texts = {id(held[0]): held for held in texts}
        self._lines = [held[1] for held in texts]
        self._lowered = [held[2] for held in texts]
        self._blob = _END.join(self._lowered)
        self._ends = list(accumulate(len(text) + 1 for text in self._lowered))

    def _text(self, entry: Entry) -> tuple[Row, str, str]:
        """The row, its text, and the same in lower case."""
        row = entry[3]
        held = self._texts.get(id(row))
        if held is None or held[0] is not row:
            line = self._line(entry)
            held = self._texts[id(row)] = (row, line, line.lower())
        return held

    def _line(self, entry: Entry) -> str:
        _, _, part, row = entry
        cells = "\n".join([cell[:LONGEST] if isinstance(cell, str) else str(cell) for cell in row.cells])
        return f"{self._names[part]}\n{row.namespace}\n{cells}"

    def _holding(self, word: TextWord, among: Sequence[int]) -> Sequence[int]:
        if word.pattern is None and not word.sensitive and isinstance(among, range):
            return self._find(word.text)
        texts = self._lines if word.sensitive else self._lowered
        if word.pattern is None:
            needle = word.text
            return [at for at in among if needle in texts[at]]
        search = (word.pattern if word.sensitive or word.quick is None else word.quick).search
        return [at for at in among if search(texts[at]) is not None]

    def _find(self, needle: str) -> Sequence[int]:
        blob, ends = self._blob, self._ends
        if blob.count(needle) * _MANY > len(ends):
            return [at for at, text in enumerate(self._lowered) if needle in text]
        found: list[int] = []
        at = blob.find(needle)
        while at >= 0:
            index = bisect_right(ends, at)
            found.append(index)
            at = blob.find(needle, ends[index])
        return found

    def _passing(self, field: Field, test: Test, among: Sequence[int]) -> Sequence[int]:
        """Each different text is tested once; what texts are compared by is made once for each list."""
        if isinstance(test, Comparison):
            return test.among(among, self._keys_of(field, test.key))
        texts = self._texts_of(field)
        different = set(texts) if isinstance(among, range) else {texts[at] for at in among}
        passing = {text for text in different if test(text)}
        return [at for at in among if texts[at] in passing] if len(passing) < len(different) else among


def _asked(wanted: Filter, fields: Sequence[Field]) -> list[tuple[int, Field]]:
    return [(index, field_named(word.name, fields)) for index, word in enumerate(wanted.columns)]


def admitted(
    wanted: Filter, names: Sequence[str], rows: Sequence[Sequence[str]], labels: Sequence[Labels], now: float
) -> list[bool]:
    """Which rows of a small table match: names of its columns, and all cells of each row. Raises UsageError."""
    fields = [Field(name.upper(), index) for index, name in enumerate(names)]
    tests: list[tuple[int, Test]] = []
    for index, field in _asked(wanted, fields):
        meaning = meaning_in(field, [row[field.place] for row in rows])
        tests.append((field.place, test_of(wanted.columns[index], meaning, now)))
    plain = wanted if not wanted.inverse else _upright(wanted)
    return [
        (plain.matches(cells, held) and all(test(cells[place]) for place, test in tests)) is not wanted.inverse
        for cells, held in zip(rows, labels, strict=True)
    ]


def _upright(wanted: Filter) -> Filter:
    return Filter(wanted.text, wanted.words, wanted.labels, wanted.columns)
