"""metrics.k8s.io: printed by metrics-server, not by the API server, hence the lower-case columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.sim.kube.objects import mapping, text
from tui.sim.kube.printers.base import Column, Printing, Printings, name_of, parts
from tui.sim.kube.quantities import total
from tui.sim.kube.status import Obj

_RESOURCES = ("cpu", "memory")
_COLUMNS = (
    Column("Name", "Name of the resource", format="name"),
    *(Column(resource, format="quantity") for resource in _RESOURCES),
    Column("Window", format="duration"),
)


def _pod(obj: Obj, now: float) -> list[Any]:
    return _cells(obj, [mapping(container.get("usage")) for container in parts(obj.get("containers"))])


def _node(obj: Obj, now: float) -> list[Any]:
    return _cells(obj, [mapping(obj.get("usage"))])


def _cells(obj: Obj, usages: Sequence[Obj]) -> list[Any]:
    sums = [total(str(usage.get(resource, "0")) for usage in usages) for resource in _RESOURCES]
    return [name_of(obj), *sums, text(obj.get("window"))]


PRINTINGS: Printings = {
    ("metrics.k8s.io", "pods"): Printing(_COLUMNS, _pod),
    ("metrics.k8s.io", "nodes"): Printing(_COLUMNS, _node),
}
