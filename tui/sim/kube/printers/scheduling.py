"""What decides where and how pods run: priorities, runtimes, devices (scheduling, node and resource groups)."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import is_terminating, items, mapping, number, text
from tui.sim.kube.printers.base import AGE, NAME, NAME_AND_AGE, Column, Printing, Printings, age_of, name_of
from tui.sim.kube.status import Obj


def _priority_class(obj: Obj, now: float) -> list[Any]:
    return [
        name_of(obj),
        number(obj.get("value")),
        bool(obj.get("globalDefault")),
        age_of(obj, now),
        text(obj.get("preemptionPolicy")) or "PreemptLowerPriority",
    ]


def _runtime_class(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), text(obj.get("handler")), age_of(obj, now)]


def _resource_claim(obj: Obj, now: float) -> list[Any]:
    status = mapping(obj.get("status"))
    states = ["deleted"] if is_terminating(obj) else []
    if status.get("allocation"):
        states += ["allocated", "reserved"] if items(status.get("reservedFor")) else ["allocated"]
    elif not states:
        states = ["pending"]
    return [name_of(obj), ",".join(states), age_of(obj, now)]


def _resource_slice(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    pool = mapping(spec.get("pool"))
    return [
        name_of(obj),
        text(spec.get("nodeName")),
        text(spec.get("driver")),
        text(pool.get("name")),
        age_of(obj, now),
    ]


PRINTINGS: Printings = {
    ("scheduling.k8s.io", "priorityclasses"): Printing(
        (
            NAME,
            Column("Value", "value represents the integer value of this priority class.", type="integer"),
            Column("Global-Default", "globalDefault specifies whether this PriorityClass", type="boolean"),
            AGE,
            Column("PreemptionPolicy", "preemptionPolicy is the Policy for preempting pods with lower priority."),
        ),
        _priority_class,
    ),
    ("node.k8s.io", "runtimeclasses"): Printing((NAME, Column("Handler"), AGE), _runtime_class),
    ("resource.k8s.io", "deviceclasses"): NAME_AND_AGE,
    ("resource.k8s.io", "resourceclaimtemplates"): NAME_AND_AGE,
    ("resource.k8s.io", "resourceclaims"): Printing(
        (NAME, Column("State", "A summary of the current state (allocated, pending, reserved, etc.)."), AGE),
        _resource_claim,
    ),
    ("resource.k8s.io", "resourceslices"): Printing(
        (
            NAME,
            Column("Node", "NodeName identifies the node which provides the resources in this pool."),
            Column("Driver", "Driver identifies the DRA driver providing the capacity information."),
            Column("Pool", "Name is used to identify the pool."),
            AGE,
        ),
        _resource_slice,
    ),
}
