"""Where the user is and was: a view is a value, so "back" is putting an older one on screen again."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from tui.model.cluster import ClusterRef
from tui.model.kube import Pick
from tui.model.logs import LogQuery


class PaneId(StrEnum):
    """The panes; each value is its widget's id. Those of the overview come first, in the order of their numbers."""

    FLEETS = "fleets"
    CONNECTIONS = "connections"
    RESOURCES = "resources"
    LOGS = "logs"
    JOURNAL = "journal"
    FORWARDS = "forwards"

    @property
    def number(self) -> int:
        return list(PaneId).index(self) + 1


class View(Struct, frozen=True):
    """pane: has the focus. pinned: clusters chosen by a command or by drilling in; () = those of the Fleets pane.
    columns, saved, find, since: as in `ResourceQuery`. logs: what the Logs pane was told to follow; None = the connect
    agents of the clusters."""

    pane: PaneId = PaneId.FLEETS
    zoomed: bool = False
    kind: str = "pods"
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    pinned: tuple[ClusterRef, ...] = ()
    logs: LogQuery | None = None
    columns: tuple[Pick, ...] = ()
    saved: str = ""
    find: str = ""
    since: float = 0.0


class History:
    """Views in the order they were visited, and a place among them, as in a browser."""

    LENGTH = 50

    def __init__(self, first: View) -> None:
        self._views = [first]
        self._at = 0
        self._last: View | None = None

    @property
    def current(self) -> View:
        return self._views[self._at]

    @property
    def deep(self) -> bool:
        """Whether there is an older view to go back to."""
        return self._at > 0

    def amend(self, view: View) -> None:
        """The current view changed in a way that is no step (the focus moved, a pane was zoomed)."""
        self._views[self._at] = view

    def visit(self, view: View) -> None:
        """A step to another view; what lay ahead is forgotten."""
        if view == self.current:
            return
        self._last = self.current
        self._views = [*self._views[: self._at + 1], view][-self.LENGTH :]
        self._at = len(self._views) - 1

    def step(self, direction: int) -> bool:
        """Back (-1) or forward (+1); False at the end."""
        target = self._at + direction
        if not 0 <= target < len(self._views):
            return False
        self._last = self.current
        self._at = target
        return True

    def swap(self) -> bool:
        """To the view before this one, and with the next call here again (`-`); False when there is none."""
        if self._last is None or self._last == self.current:
            return False
        self.visit(self._last)
        return True
