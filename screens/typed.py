"""What a `:` line leads to, as a value. Imported when the first line is typed, as all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from tui.model.cluster import ClusterRef
from tui.model.sorting import BY_NAME, SortBy, Sortings
from tui.model.views import SavedView
from tui.present.commands import Command, ShowKind, Word, match_clusters
from tui.present.logcommand import OpenLogs
from tui.present.navigation import PaneId, View

_ACTIONS = {
    Word.HELP: "app.help",
    Word.QUIT: "app.quit",
    Word.JOURNAL: "screen.journal",
    Word.FORWARDS: "screen.forwards",
    Word.APPLY: "screen.change('apply')",
    Word.WRITE: "screen.lock(False)",
    Word.LOCK: "screen.lock(True)",
}


def global_action(command: Command) -> str:
    """The action that the command stands for; "" where it leads to a view."""
    return _ACTIONS.get(command, "") if isinstance(command, Word) else ""


def destination(
    command: Command,
    view: View,
    clusters: Sequence[ClusterRef],
    views: Mapping[str, SavedView] | None = None,
    shown: Sequence[ClusterRef] = (),
) -> tuple[View, str]:
    """The view that a command leads to, and the filter for its list. clusters: all that are known. views: the saved
    ones, by name. shown: the clusters that the panes are about now.

    Raises UsageError where a cluster pattern matches none, or logs are asked for of nowhere.
    """
    match command:
        case ShowKind():
            saved = (views or {}).get(command.kind)
            if saved is not None:
                return _saved(saved, command, view, clusters), command.filter or saved.filter
            return _listed(command, view, clusters), command.filter
        case Word.CONNECTIONS:
            return replace(view, pane=PaneId.CONNECTIONS), ""
        case OpenLogs():
            chosen = match_clusters(command.clusters, clusters) if command.clusters else shown
            return replace(view, pane=PaneId.LOGS, logs=command.query(chosen, view.namespace)), command.filter
        case Word.LOGS:
            return replace(view, pane=PaneId.LOGS, logs=None), ""
        case _:
            return replace(view, pane=PaneId.FLEETS), ""


def _saved(saved: SavedView, command: ShowKind, view: View, clusters: Sequence[ClusterRef]) -> View:
    """A saved view; what is typed behind its name stands before what it says itself."""
    patterns = command.clusters or saved.clusters
    return replace(
        view,
        pane=PaneId.RESOURCES,
        pinned=match_clusters(patterns, clusters) if patterns else view.pinned,
        kind=saved.kind,
        namespace=saved.namespace if command.namespace is None else command.namespace,
        labels=command.labels or saved.labels,
        fields=saved.fields,
        columns=saved.columns,
        saved=saved.name,
        find="",
        since=0.0,
    )


def _listed(command: ShowKind, view: View, clusters: Sequence[ClusterRef]) -> View:
    pinned = match_clusters(command.clusters, clusters) if command.clusters else view.pinned
    shown = replace(view, pane=PaneId.RESOURCES, pinned=pinned)
    if command.find or command.since:  # through all namespaces, unless one is named
        shown = replace(shown, namespace="")
    if command.kind or command.find or command.since:
        shown = replace(shown, kind=command.kind or view.kind, labels=command.labels, fields="", columns=(), saved="")
        shown = replace(shown, find=command.find, since=command.since)
    elif command.labels:
        shown = replace(shown, labels=command.labels)
    return shown if command.namespace is None else replace(shown, namespace=command.namespace)


def begin_sorted(view: View, views: Mapping[str, SavedView], sortings: Sortings) -> None:
    """Sort a saved view as it says, and changes by their time, until the user has sorted them otherwise."""
    wanted = views[view.saved].sort if view.saved else SortBy("age") if view.since else BY_NAME
    name = f":{view.saved}" if view.saved else ":changes"
    if wanted != BY_NAME and sortings.of(name) == BY_NAME:
        sortings.remember(name, wanted)
