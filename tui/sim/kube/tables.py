"""Server-side printing: objects of any kind as a `meta.k8s.io/v1` Table, as the real API server prints them.

A client that sends `Accept: application/json;as=Table;v=v1;g=meta.k8s.io` gets lists, single objects and watch events
in this form. Rows and metadata share the stored objects' own dictionaries: nothing here is copied, and nothing handed
out may be changed.

`include_object` is the query parameter includeObject: "Metadata" (what the server does without it), "Object" or "None".
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import metadata_of
from tui.sim.kube.printers import (
    apps,
    batch,
    core,
    custom,
    events,
    metrics,
    misc,
    networking,
    pods,
    policy,
    rbac,
    scaling,
    scheduling,
    storage,
)
from tui.sim.kube.printers.base import DEFAULT, Printing
from tui.sim.kube.status import Obj

_PRINTINGS: dict[tuple[str, str], Printing] = {
    key: printing
    for family in (
        pods,
        core,
        apps,
        batch,
        networking,
        rbac,
        storage,
        policy,
        scaling,
        scheduling,
        events,
        misc,
        metrics,
    )
    for key, printing in family.PRINTINGS.items()
}


def columns(kind: Kind) -> list[Obj]:
    """`columnDefinitions` of a kind. Shared: not to be changed."""
    return _printing(kind).definitions


def render(kind: Kind, objects: Sequence[Obj], *, now: float, list_meta: Obj, include_object: str = "Metadata") -> Obj:
    """A list as a Table. now: seconds since the epoch, for the ages; list_meta: resourceVersion, continue and so on."""
    printing = _printing(kind)
    rows = [_row(printing, kind, obj, now, include_object) for obj in ordered(kind, objects)]
    return _table(list_meta, printing.definitions, rows)


def ordered(kind: Kind, objects: Sequence[Obj]) -> Sequence[Obj]:
    """In the order in which the kind is printed, which for nearly all is the one they are in."""
    order = _printing(kind).order
    return sorted(objects, key=order) if order else objects


def row(kind: Kind, obj: Obj, *, now: float, include_object: str = "Metadata") -> Obj:
    """One row: `cells`, `conditions` where the kind has them, `object`."""
    return _row(_printing(kind), kind, obj, now, include_object)


def single(kind: Kind, obj: Obj, *, now: float, include_object: str = "Metadata", with_columns: bool = True) -> Obj:
    """One object as a Table: the answer to a GET, or the `object` of a watch event.

    Only the first event of a watch carries the columns (recorded: watch-table-initial); a bookmark is printed like any
    other object, of which only resourceVersion and annotations are known.
    """
    return around(kind, obj, row(kind, obj, now=now, include_object=include_object), with_columns=with_columns)


def around(kind: Kind, obj: Obj, printed: object, *, with_columns: bool = True) -> Obj:
    """The Table of one object, of which the row is there already."""
    list_meta = {"resourceVersion": version} if (version := metadata_of(obj).get("resourceVersion")) else {}
    return _table(list_meta, columns(kind) if with_columns else None, [printed])


def _printing(kind: Kind) -> Printing:
    if isinstance(kind, custom.CustomKind):
        return custom.printing(kind.columns)
    return _PRINTINGS.get((kind.group, kind.plural), DEFAULT)


def _row(printing: Printing, kind: Kind, obj: Obj, now: float, include_object: str) -> Obj:
    printed: Obj = {"cells": printing.cells(obj, now)}
    if printing.conditions and (conditions := printing.conditions(obj)):
        printed["conditions"] = conditions
    printed["object"] = _included(kind, obj, include_object)
    return printed


def _included(kind: Kind, obj: Obj, include_object: str) -> Obj | None:
    match include_object:
        case "Object":
            return {"kind": kind.kind, "apiVersion": kind.api_version, **obj}
        case "None":
            return None
        case _:
            return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata_of(obj)}


def _table(list_meta: Obj, definitions: list[Obj] | None, rows: Sequence[object]) -> Obj:
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list_meta,
        "columnDefinitions": definitions,
        "rows": rows,
    }
