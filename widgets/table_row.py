"""One row of a table, as its owner makes it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from msgspec import Struct

from tui.present.parts import Cell


class TableRow(Struct, frozen=True):
    """key: what makes it the same row after a refresh. state: what the cells were made of; where that is the same as
    before, other texts (ages that go on) are no news."""

    key: Hashable
    cells: Sequence[Cell]
    state: object = None
