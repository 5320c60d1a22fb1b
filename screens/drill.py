"""What enter and `l` lead to, as values: from a row to the view that it opens."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tui.model.bodies import obj, selector, strings
from tui.model.builtin import CRON_JOBS
from tui.model.cluster import ClusterRef
from tui.model.connection import Connection
from tui.model.kube import ResourceView
from tui.model.logs import LogPick, LogQuery, query_of
from tui.model.objects import Body, ObjectRef
from tui.present.navigation import PaneId, View
from tui.present.resources import Entry, is_pods, kind_of, selector_of

_BY_MAP = frozenset({"services", "replicationcontrollers"})
"""Kinds of the core group whose selector is a map of labels and no LabelSelector."""


def pods_of(view: View, cluster: ClusterRef) -> View:
    """A cluster's pods, of every namespace."""
    return replace(
        view,
        pane=PaneId.RESOURCES,
        kind="pods",
        namespace="",
        labels="",
        fields="",
        pinned=(cluster,),
        logs=None,
        columns=(),
        saved="",
        find="",
        since=0.0,
    )


def objects_of(view: View, connection: Connection) -> tuple[View, str]:
    """The list that holds a connection's objects, and the name of the first that is missing (else of the first): its
    pods where it is not known what it should have made."""
    expected = connection.objects.value or ()
    first = next((thing for thing in expected if thing.present is False), expected[0] if expected else None)
    opened = replace(pods_of(view, connection.cluster), namespace=connection.linker.namespace)
    if first is None:
        return opened, ""
    return replace(opened, kind=first.kind.lower(), namespace=first.namespace), first.name


def logs_of(view: View, table: ResourceView, chosen: Sequence[Entry], *, previous: bool = False) -> View | None:
    """The logs of these rows, of whatever clusters and namespaces: of the pods themselves, and of the pods that
    workloads select. None: they have none."""
    picks = [pick for entry in chosen if (pick := _picked(entry, table)) is not None]
    return replace(view, pane=PaneId.LOGS, logs=query_of(picks, previous=previous)) if picks else None


def _picked(entry: Entry, table: ResourceView) -> LogPick | None:
    """The pods that one row stands for; None: it stands for none. A cron job selects no pods, and has them by its
    jobs."""
    namespace, name, index, _ = entry
    cluster, kind = table.parts[index].cluster, kind_of(entry, table)
    if is_pods(kind):
        return LogPick(cluster, namespace, pods=(name,))
    if kind is not None and kind.qualified == CRON_JOBS.qualified:
        return LogPick(cluster, namespace, workloads=(f"{kind.qualified}/{name}",))
    labels = selector_of(entry, table)
    return LogPick(cluster, namespace, labels) if labels else None


def logs_of_object(ref: ObjectRef, body: Body | None, *, previous: bool = False) -> LogQuery | None:
    """The logs of one object: a pod's own, or those of the pods that it selects and makes; None: it has none, or
    (body None) is not there."""
    if body is None:
        return None
    if is_pods(ref.kind):
        return LogQuery((ref.cluster,), namespace=ref.namespace, pods=(ref.name,), previous=previous)
    if ref.kind.qualified == CRON_JOBS.qualified:
        workload = f"{ref.kind.qualified}/{ref.name}"
        return LogQuery((ref.cluster,), namespace=ref.namespace, workloads=(workload,), previous=previous)
    if ref.kind.group == "" and ref.kind.plural in _BY_MAP:
        labels = ",".join(f"{key}={value}" for key, value in sorted(strings(body, "spec", "selector").items()))
    else:  # what has no template makes no pods: a claim selects volumes
        labels = selector(obj(body, "spec", "selector")) if obj(body, "spec", "template") else ""
    return LogQuery((ref.cluster,), namespace=ref.namespace, labels=labels, previous=previous) if labels else None


def inside(view: View, table: ResourceView, entry: Entry) -> View | None:
    """What enter opens: a pod's logs; a namespace's, a node's or a workload's pods; None: nothing but its details."""
    cluster = table.parts[entry[2]].cluster
    opened = pods_of(view, cluster)
    kind = kind_of(entry, table)
    match kind.plural if kind is not None else "":
        case "pods":
            return logs_of(view, table, [entry])
        case "namespaces":
            return replace(opened, namespace=entry[1])
        case "nodes":
            return replace(opened, fields=f"spec.nodeName={entry[1]}")
        case _:
            selector = selector_of(entry, table)
            return replace(opened, namespace=entry[0], labels=selector) if selector else None
