"""The line above a list of several clusters: each with its mark, its count and what is wrong with it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui.model.kube import ResourceView
from tui.present.parts import Part
from tui.present.strip import BETWEEN, cluster_strip
from widgets.ink import ink

PADDING = 2


class ClusterStrip(Static):
    """Not there for a list of one cluster."""

    DEFAULT_CSS = """
    ClusterStrip { display: none; height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ClusterStrip.-several { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="clusters", markup=False)
        self._shown: tuple[Part, ...] = ()

    def show(self, view: ResourceView | None, now: float, width: int) -> None:
        """Say how the clusters of `view` are now, in `width` columns; touched only when it says something else."""
        parts = cluster_strip(view, now, max(10, width - PADDING))
        if parts == self._shown:
            return
        self._shown = parts
        self.set_class(bool(parts), "-several")
        self.update(Content(" " * BETWEEN).join(ink(part.text, part.style) for part in parts), layout=False)
