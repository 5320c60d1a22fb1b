"""Kubernetes as clusterview lists it: kinds from discovery and rows from server-printed Tables.

Full objects are never decoded in a list or watch path (facts/performance section 3): a row holds the printed cells
and the little metadata that keys, filters and drill-downs need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

import msgspec
from msgspec import Struct

from tui.errors import Problem
from tui.model.cluster import ClusterRef

if TYPE_CHECKING:
    from tui.model.feed import Feed


class Pick(Struct, frozen=True):
    """A column of the user's own choice. path: where its cell lies in the object (`tui.model.jsonpath`); "" = as the
    server prints it under this heading."""

    heading: str
    path: str = ""


class KindRef(Struct, frozen=True):
    """One served resource (discovery v2 `APIResourceDiscovery`). group is "" for core. version: the preferred one.
    others: those in which it is served too."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str = ""
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: frozenset[str] = frozenset()
    subresources: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()

    @property
    def api(self) -> str:
        """`v1` or `group/version`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`plural` or `plural.group`, as kubectl names it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path below the server URL, not escaped beyond what Kubernetes names allow."""
        parts = [f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"]
        if self.namespaced and namespace:
            parts.append(f"namespaces/{namespace}")
        parts.append(self.plural)
        if name:
            parts.append(name)
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


PODS = KindRef(
    "", "v1", "pods", "Pod", "pod", True, ("po",), ("all",),
    frozenset({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}),
    frozenset({"attach", "exec", "log", "portforward", "status", "eviction"}),
)  # fmt: skip
"""Known without asking, so that the first list needs no discovery."""


class Column(Struct, frozen=True):
    """A server-printed column (meta.k8s.io/v1 TableColumnDefinition). priority 0 is always shown, more is "wide"."""

    name: str
    type: str = "string"
    priority: int = 0
    format: str = ""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row of a Table. cells: as printed (str, int, float, bool or None), untrusted. version: resourceVersion.
    created / deleting: RFC 3339 strings as sent, "" where absent. printed: wall-clock seconds at which the cells were
    read, since some say how long ago something was; 0 = not known."""

    uid: str
    name: str
    namespace: str
    cells: tuple[str | int | float | bool | None, ...]
    version: str = ""
    created: str = ""
    deleting: str = ""
    labels: dict[str, str] | None = None
    printed: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """Unique within a kind and cluster."""
        return (self.namespace, self.name)


OTHER_NAMESPACES = "other namespaces"
"""Who is missing from a table of some namespaces, where nobody tells which others there are (`Gap.who`)."""


RowKey: TypeAlias = tuple[str, str]
"""Namespace and name."""


class RowLog(Protocol):
    """Which rows of a table have changed lately: whoever keeps them in an order need not look at all of them."""

    @property
    def count(self) -> int:
        """How many changes there have been."""
        ...

    def since(self, count: int) -> Sequence[RowKey] | None:
        """The keys of the rows that have come, changed or gone after that many changes; None where the log does not
        reach back so far."""
        ...


class Table(Struct, frozen=True):
    """All rows of one kind of one cluster. `rows` is a read-only live view that its reflector goes on changing;
    `Feed.revision` tells whether it did. complete is False while the first list is still being paged in;
    `total` is then the server's estimate (rows so far + remainingItemCount) where it gave one. namespaces: those that
    the rows are of, where the whole cluster may not be listed; () = all of it (or the one that was asked for). log: of
    just these rows; None where they are made of others. gone_since: of a table of changes, the wall-clock time since
    when deletions are known; None = they are not. unmeasured: why it is not told what its pods or nodes use."""

    kind: KindRef
    columns: tuple[Column, ...]
    rows: Mapping[RowKey, Row]
    complete: bool = True
    total: int | None = None
    namespaces: tuple[str, ...] = ()
    log: RowLog | None = None
    gone_since: float | None = None
    unmeasured: Problem | None = None


class ResourceQuery(Struct, frozen=True):
    """What the Resources pane shows. kind: as the user typed it ("po", "deploy.apps"); several with commas between
    them, or a category ("deploy,sts", "all"). namespace: one, or several with commas between them, "" = all.
    columns: the user's own choice, () = the server's. saved: the name of the saved view that this is, "" = none.
    find: objects of all kinds by a part of their names. since: what has changed in so many seconds."""

    kind: str
    clusters: tuple[ClusterRef, ...]
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    columns: tuple[Pick, ...] = ()
    saved: str = ""
    find: str = ""
    since: float = 0.0

    @property
    def looks_through(self) -> bool:
        """Whether it goes through all kinds instead of listing one or some."""
        return bool(self.find or self.since)


class ClusterTable(Struct, frozen=True):
    """One cluster's part of a merged list, of one kind; its feed carries that cluster's own age and problem. asked:
    the kind as it was asked for, for parts that are not known yet."""

    cluster: ClusterRef
    feed: Feed[Table]
    asked: str = ""

    @property
    def kind(self) -> KindRef | None:
        """What its rows are; None while nothing has been read. In a list of several kinds only this says what a row
        is: what is done to a row goes by it."""
        return self.feed.value.kind if self.feed.value is not None else None


class ResourceView(Struct, frozen=True):
    """A list over one or several clusters, of one or several kinds. parts are in the query's order: for each cluster,
    one for each kind. kind None: no cluster knows it (yet), or there are several: then only the row's part tells."""

    query: ResourceQuery
    kind: KindRef | None
    columns: tuple[Column, ...]
    parts: tuple[ClusterTable, ...]

    @property
    def kinds(self) -> tuple[KindRef, ...]:
        """Those that have been read, each once, in the order of the parts."""
        found = {(kind.group, kind.plural): kind for part in self.parts if (kind := part.kind) is not None}
        return tuple(found.values())

    @property
    def namespaced(self) -> bool:
        """Whether any of its rows is in a namespace."""
        return self.kind.namespaced if self.kind is not None else any(kind.namespaced for kind in self.kinds)


class EventType(StrEnum):
    """Watch event types (Kubernetes API concepts, "Efficient detection of changes")."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"
    ERROR = "ERROR"


class TablePage(Struct, frozen=True):
    """One page of a list. columns is () on pages that repeat none. version: the list's resourceVersion."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    version: str
    continue_token: str = ""
    remaining: int | None = None


class RowEvent(Struct, frozen=True):
    """One decoded watch event. row is None for BOOKMARK; version is always the newest resourceVersion seen.
    initial_events_end: the bookmark annotation `k8s.io/initial-events-end` was there."""

    type: EventType
    row: Row | None
    version: str
    columns: tuple[Column, ...] = ()
    initial_events_end: bool = False
