"""Which clusters the Resources and Logs panes are about."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from msgspec import Struct

from tui.model.cluster import ClusterRef, Via
from tui.model.connection import Connection
from tui.model.logs import LogQuery
from tui.model.objects import ObjectRef
from tui.present.fleet import FleetEntry
from tui.present.navigation import View


class Selection(Struct, frozen=True):
    """What the keys of a pane are about. targets: the objects marked, else the one under the cursor. hidden: how many
    of them a filter hides. clusters: those that the pane is about."""

    targets: tuple[ObjectRef, ...] = ()
    hidden: int = 0
    clusters: tuple[ClusterRef, ...] = ()


def chosen_clusters(
    view: View,
    rows: Sequence[FleetEntry],
    marks: Collection[Hashable],
    cursor: Hashable | None,
    under: Connection | None,
) -> tuple[ClusterRef, ...]:
    """Those the view pins; else the marked ones; else the connection's, where the cursor moved last in Connections
    (under); else the one under the cursor in Fleets."""
    if view.pinned:
        return view.pinned
    marked = tuple(row.cluster for row in rows if row.cluster.key in marks)
    if marked:
        return marked
    if under is not None:
        return (under.cluster,)
    return tuple(row.cluster for row in rows if row.cluster.key == cursor)


def agent_logs(clusters: Sequence[ClusterRef], rows: Sequence[FleetEntry]) -> LogQuery | None:
    """The connect agents of these clusters (on AKS Service Connector's pods); None where none of them has any."""
    unmanaged = {
        row.cluster.key
        for row in rows
        if row.cluster.via is Via.GATEWAY and row.member is not None and not row.member.uses_agent
    }
    without = tuple(cluster for cluster in clusters if cluster.key in unmanaged or cluster.via is Via.CONTEXT)
    followed = tuple(cluster for cluster in clusters if cluster not in without)
    return LogQuery(followed, agents=True, agentless=without) if followed else None
