"""A row that leaves no garbage behind.

Textual asks every row where it is to be cut, for widgets that stand beside it, and has it keep the answer: most often
that it stays whole, which is the row itself. Such a ring is freed by a search for garbage alone; with all that belongs
to a row, a screen of new ones would be a thousand objects for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.strip import Strip


class RowStrip(Strip):
    """A strip that does not keep itself."""

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        within = [cut for cut in cuts if cut <= self.cell_length]
        return [self] if within == [self.cell_length] else super().divide(within)
