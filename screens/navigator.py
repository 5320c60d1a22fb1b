"""Puts a `View` on screen: which lists and logs the panes show, from the view, the marks and the cursor.

The only place that asks the data layer for lists and logs. A moving cursor is waited for, so that holding a key down
does not open a stream for every row it passes (ten streams is all that a whole team has).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tui.model.cluster import ClusterRef
from tui.model.connection import Connection
from tui.model.datalayer import DataLayer
from tui.model.feed import FeedState
from tui.model.kube import ResourceQuery
from tui.model.logs import LogBook, LogQuery
from tui.present.header import breadcrumbs
from tui.present.listing import namespace_of
from tui.present.loglook import TAIL
from tui.present.logs import subject as subject_words
from tui.present.navigation import History, PaneId, View
from tui.present.parts import Part
from tui.present.problems import Line
from tui.present.scope import agent_logs, chosen_clusters
from tui.present.unchosen import LOOKING, NO_AGENT, NO_CLUSTER, no_fleet
from widgets.connection_pane import ConnectionPane
from widgets.fleet_pane import FleetPane
from widgets.log_pane import LogPane
from widgets.resource_pane import ResourcePane


class Navigator:
    """Holds the history; knows the panes; paints nothing itself."""

    def __init__(
        self,
        hub: DataLayer,
        fleets: FleetPane,
        connections: ConnectionPane,
        resources: ResourcePane,
        logs: LogPane,
        first: View,
    ) -> None:
        self._hub = hub
        self._fleets = fleets
        self._connections = connections
        self._resources = resources
        self._logs = logs
        self.history = History(first)
        self.source = PaneId.FLEETS
        """The pane whose cursor chooses the cluster: the one of Fleets and Connections that had the focus last."""

    @property
    def view(self) -> View:
        return self.history.current

    @property
    def connection(self) -> Connection | None:
        """The connection under the cursor, where that is what chooses the cluster."""
        return self._connections.current if self.source is PaneId.CONNECTIONS else None

    def clusters(self) -> tuple[ClusterRef, ...]:
        """Those the Resources and Logs panes are about now."""
        fleets = self._fleets
        return chosen_clusters(self.view, fleets.rows, fleets.table.marks, fleets.table.cursor_key, self.connection)

    def agents(self) -> LogQuery | None:
        """The logs of the agents that the pane with the focus is about: of the connection under the cursor, of the
        clusters marked (else of the one under the cursor), or of those that are shown; None where none has an agent."""
        fleets, view = self._fleets, self.view
        if view.pane is PaneId.CONNECTIONS:
            under = self._connections.current
            clusters = (under.cluster,) if under is not None else ()
        else:
            shown = replace(view, pinned=()) if view.pane is PaneId.FLEETS else view
            clusters = chosen_clusters(shown, fleets.rows, fleets.table.marks, fleets.table.cursor_key, None)
        return agent_logs(clusters, fleets.rows) if clusters else None

    def undecided(self) -> bool:
        """Nothing is shown yet, so the first cluster that comes need not be waited for."""
        return self._resources.query_shown is None

    def aim(self, row: str = "") -> None:
        """Make the Resources and Logs panes show what view, marks and cursor say. row: name of the row to go to."""
        clusters = self.clusters()
        self._show_resources(clusters, row)
        self._show_logs(clusters)

    def _waiting(self, what: str) -> tuple[Line, ...]:
        if self._fleets.rows:
            return NO_CLUSTER
        return LOOKING if self._fleets.feed.state(0) is FeedState.LOADING else no_fleet(what)

    def _show_resources(self, clusters: tuple[ClusterRef, ...], row: str) -> None:
        view, pane = self.view, self._resources
        query = _query(view, clusters) if clusters else None
        pane.waiting = self._waiting("resources")
        if query != pane.query_shown or query is None or row:
            pane.show(query, self._hub.resources(query) if query is not None else None, row)

    def _show_logs(self, clusters: Sequence[ClusterRef]) -> None:
        pane = self._logs
        subject = self.view.logs or (agent_logs(clusters, self._fleets.rows) if clusters else None)
        if subject != pane.subject:
            pane.subject, pane.window = subject, TAIL  # others' last hours are asked for when somebody wants them
        query = pane.window.of(subject) if subject is not None else None
        pane.waiting = NO_AGENT if clusters and query is None else self._waiting("logs")
        if query != pane.query_shown or query is None:
            pane.show(query, self._book(query))

    def _book(self, query: LogQuery | None) -> LogBook | None:
        return self._hub.logs(query) if query is not None else None

    def path(self) -> tuple[Part, ...]:
        """For the header."""
        view = self.view
        names = [cluster.name for cluster in self.clusters()]
        chosen = " ".join(text for text in (view.labels, view.fields) if text)
        match view.pane:
            case PaneId.FLEETS:
                return breadcrumbs("fleets", [], "", "", "")
            case PaneId.CONNECTIONS:
                return breadcrumbs("connections", [], "", "", "")
            case PaneId.RESOURCES:
                pane = self._resources
                query = pane.query_shown
                namespace = view.namespace if query is None else namespace_of(query, pane.view)
                return breadcrumbs("fleets", names, pane.kind_name, namespace, chosen)
            case _:
                query = self._logs.query_shown
                return breadcrumbs("fleets", names, "logs", subject_words(query) if query is not None else "", "")


def _query(view: View, clusters: tuple[ClusterRef, ...]) -> ResourceQuery:
    return ResourceQuery(
        view.kind,
        clusters,
        view.namespace,
        view.labels,
        view.fields,
        view.columns,
        view.saved,
        view.find,
        view.since,
    )
