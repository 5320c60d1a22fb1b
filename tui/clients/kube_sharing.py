"""One object for each text that many rows hold: fifty thousand pods say "Running", and a deployment's pods have the
same labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

PrintedCell: TypeAlias = str | int | float | bool | None
Cells: TypeAlias = tuple[PrintedCell, ...]

_SAMPLE = 64
"""Rows looked at to learn whether a column says the same again and again."""


class Shared:
    """What is not seen again is forgotten with the rest, so that it never grows. Only texts are shared (True would
    become 1), and only short ones."""

    MOST = 4096
    LONGEST = 256

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._labels: dict[tuple[str, ...], dict[str, str]] = {}
        self._last: dict[str, str] = {}

    def rows(self, rows: Sequence[Cells], names: Sequence[str], name_at: int) -> Sequence[Cells]:
        """The same cells, looked at column by column: of a page that takes a quarter of the time that its rows take.
        names: of the objects, which most kinds print once more at `name_at`."""
        try:
            columns = list(zip(*rows, strict=True))
        except ValueError:  # rows of several lengths
            return [self.cells(row) for row in rows]
        if not columns:
            return rows
        same = name_at < len(columns) and columns[name_at] == tuple(names)
        made = (names if same and at == name_at else self._column(column) for at, column in enumerate(columns))
        return list(zip(*made, strict=True))

    def _column(self, column: Cells) -> Sequence[PrintedCell]:
        if len(set(column[:_SAMPLE])) > _SAMPLE / 2:
            return column  # addresses: each row has its own
        texts = self._short(column)
        return column if texts is None else self.texts(texts)

    def _short(self, cells: Cells) -> Sequence[str] | None:
        """The cells, where all of them are short texts."""
        texts = cast("Sequence[str]", cells)
        try:
            return texts if max(map(len, texts)) <= self.LONGEST else None
        except TypeError:  # of all that is printed, only texts have a length
            return None

    def cells(self, cells: Cells) -> Cells:
        """The same cells, of one row."""
        texts = self._short(cells) if cells else None
        return cells if texts is None else tuple(map(self.text, texts))

    def texts(self, texts: Sequence[str]) -> Sequence[str]:
        """The same texts, of which many are alike."""
        if len(self._texts) > self.MOST:
            self._texts.clear()
        return list(map(self._texts.setdefault, texts, texts))

    def text(self, text: str) -> str:
        """The same text."""
        if len(self._texts) > self.MOST:
            self._texts.clear()
        return self._texts.setdefault(text, text)

    def labels(self, labels: dict[str, str] | None) -> dict[str, str] | None:
        """Labels that nobody may change, as nobody does."""
        if not labels:
            return None
        if labels == self._last:  # neighbours in a list are of one deployment
            return self._last
        if len(self._labels) > self.MOST:
            self._labels.clear()
        self._last = self._labels.setdefault((*labels, *labels.values()), labels)
        return self._last
