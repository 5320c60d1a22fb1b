"""What a `:` line leads to, as a value. Imported when the first line is typed, as all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tui.model.cluster import ClusterRef
from tui.present.commands import Command, ShowKind, Word, match_clusters
from tui.present.navigation import PaneId, View


def global_action(command: Command) -> str:
    """The app's action that the command stands for; "" where it leads to a view."""
    return {Word.HELP: "app.help", Word.QUIT: "app.quit"}.get(command, "") if isinstance(command, Word) else ""


def destination(command: Command, view: View, clusters: Sequence[ClusterRef]) -> tuple[View, str]:
    """The view that a command leads to, and the filter for its list. clusters: all that are known.

    Raises UsageError where a cluster pattern matches none.
    """
    match command:
        case ShowKind():
            return _listed(command, view, clusters), command.filter
        case Word.CONNECTIONS:
            return replace(view, pane=PaneId.CONNECTIONS), ""
        case Word.LOGS:
            return replace(view, pane=PaneId.LOGS, logs=None), ""
        case _:
            return replace(view, pane=PaneId.FLEETS), ""


def _listed(command: ShowKind, view: View, clusters: Sequence[ClusterRef]) -> View:
    pinned = match_clusters(command.clusters, clusters) if command.clusters else view.pinned
    shown = replace(view, pane=PaneId.RESOURCES, pinned=pinned)
    if command.kind:
        shown = replace(shown, kind=command.kind, labels=command.labels, fields="")
    elif command.labels:
        shown = replace(shown, labels=command.labels)
    return shown if command.namespace is None else replace(shown, namespace=command.namespace)
