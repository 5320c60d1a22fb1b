"""What a `:` line leads to, as a value. Imported when the first line is typed, as all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui.model.cluster import ClusterRef
from tui.present.commands import ShowKind, match_clusters
from tui.present.navigation import PaneId, View


def listed(view: View, command: ShowKind, clusters: Sequence[ClusterRef]) -> View:
    """What a `:` line asks for. clusters: all that are known. Raises UsageError where a pattern matches none."""
    pinned = match_clusters(command.clusters, clusters) if command.clusters else view.pinned
    shown = replace(view, pane=PaneId.RESOURCES, pinned=pinned)
    if command.kind:
        shown = replace(shown, kind=command.kind, labels=command.labels, fields="")
    elif command.labels:
        shown = replace(shown, labels=command.labels)
    return shown if command.namespace is None else replace(shown, namespace=command.namespace)
