"""Which cells have just changed: by row and column, until they fade. No widget, so tables of cases test it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from tui.present.parts import Cell, cell_text

LASTS = 1.5
"""Seconds for which a changed cell stands out."""

NOTHING: frozenset[str] = frozenset()


class Flashes:
    """Times are seconds of whichever clock the caller has."""

    def __init__(self) -> None:
        self._until: dict[Hashable, dict[str, float]] = {}

    def __len__(self) -> int:
        """How many rows have cells that stand out."""
        return len(self._until)

    def compare(
        self,
        before: Mapping[Hashable, Sequence[Cell]],
        after: Iterable[tuple[Hashable, Sequence[Cell]]],
        columns: Sequence[str],
        at: float,
    ) -> None:
        """The rows `before` say something else now. columns: one name for each cell, "" where changes are not news.
        What a cell looks like does not count, only what it says."""
        for key, cells in after:
            old = before.get(key)
            if old is None or old is cells:
                continue
            for name, was, now in zip(columns, old, cells, strict=False):
                if name and cell_text(was) != cell_text(now):
                    self._until.setdefault(key, {})[name] = at + LASTS

    def lit(self, key: Hashable) -> Mapping[str, float] | frozenset[str]:
        """The columns of this row whose cells stand out."""
        return self._until.get(key, NOTHING)

    def fade(self, at: float) -> set[Hashable]:
        """Forget what has stood out for long enough; the rows that look different now."""
        faded: set[Hashable] = set()
        for key, columns in list(self._until.items()):
            left = {name: until for name, until in columns.items() if until > at}
            if len(left) < len(columns):
                faded.add(key)
            if left:
                self._until[key] = left
            else:
                del self._until[key]
        return faded

    def clear(self) -> None:
        self._until.clear()
