"""Kinds, and the clusters of `tests.ui.world` by name: what several stories of the overview are told with."""

from __future__ import annotations

from tests.ui import world
from tests.ui.fake import FakeHub
from tui.model.cluster import ClusterRef
from tui.model.kube import Column, KindRef, ResourceQuery, Row


def ref(name: str) -> ClusterRef:
    return next(one.cluster for one in world.members() if one.cluster.name == name)


def serve(hub: FakeHub, query: ResourceQuery, *rows: Row, kind: KindRef, columns: tuple[Column, ...]) -> None:
    table = world.table(rows, kind, columns)
    hub.resources(query).put(world.view_of(query, *(world.live(table) for _ in query.clusters)), world.NOW)


DEPLOYMENTS = KindRef("apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",))
NAMESPACES = KindRef("", "v1", "namespaces", "Namespace", "namespace", False, ("ns",))
NODES = KindRef("", "v1", "nodes", "Node", "node", False, ("no",))
PLAIN = (Column("Name", format="name"), Column("Age"))
WORKLOAD = (*PLAIN, Column("Selector", priority=1))
