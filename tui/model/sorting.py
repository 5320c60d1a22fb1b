"""What a list is sorted by, and where that is remembered."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class SortBy(Struct, frozen=True):
    """column: as it is typed in a filter ("restarts"); "" for namespace and name. inverted: the largest first; of ages
    the oldest."""

    column: str = ""
    inverted: bool = False

    @property
    def mark(self) -> str:
        """What stands behind the heading; nothing in the plain order."""
        return "▼" if self.inverted else "▲" if self.column else ""


BY_NAME = SortBy()


class Sortings(Protocol):
    """What each kind was sorted by last. kind: its qualified plural, or what was asked for where it is several."""

    def of(self, kind: str) -> SortBy:
        """`BY_NAME` where nothing else was chosen."""
        ...

    def remember(self, kind: str, by: SortBy) -> None:
        """The user has chosen this order."""
        ...
