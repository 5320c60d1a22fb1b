"""Workloads: apps."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import mapping, number, owners_of, text
from tui.sim.kube.printers.base import (
    AGE,
    CONTAINERS,
    IMAGES,
    NAME,
    Column,
    Printing,
    Printings,
    age_of,
    name_of,
    wide,
)
from tui.sim.kube.printers.formats import containers, labels, replicas, selector, selector_or_none
from tui.sim.kube.status import Obj


def _deployment(obj: Obj, now: float) -> list[Any]:
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    return [
        name_of(obj),
        _ready(spec, status),
        number(status.get("updatedReplicas")),
        number(status.get("availableReplicas")),
        age_of(obj, now),
        *containers(spec.get("template")),
        selector(spec.get("selector")),
    ]


def _stateful_set(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    ready = _ready(spec, mapping(obj.get("status")))
    return [name_of(obj), ready, age_of(obj, now), *containers(spec.get("template"))]


def _ready(spec: Obj, status: Obj) -> str:
    return f"{number(status.get('readyReplicas'))}/{number(spec.get('replicas'), 1)}"


def _replica_set(obj: Obj, now: float) -> list[Any]:
    return [*replicas(obj, now), selector_or_none(mapping(obj.get("spec")).get("selector"))]


_DAEMON_SET_COUNTS = (
    "desiredNumberScheduled",
    "currentNumberScheduled",
    "numberReady",
    "updatedNumberScheduled",
    "numberAvailable",
)


def _daemon_set(obj: Obj, now: float) -> list[Any]:
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    template = mapping(spec.get("template"))
    return [
        name_of(obj),
        *(number(status.get(count)) for count in _DAEMON_SET_COUNTS),
        labels(mapping(template.get("spec")).get("nodeSelector")),
        age_of(obj, now),
        *containers(template),
        selector_or_none(spec.get("selector")),
    ]


def _controller_revision(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), _controller(obj), number(obj.get("revision")), age_of(obj, now)]


def _controller(obj: Obj) -> str:
    """The owner that controls it, as "statefulset.apps/web"."""
    for owner in owners_of(obj):
        if owner.get("controller"):
            group, _, _ = text(owner.get("apiVersion")).rpartition("/")
            kind = f"{owner.get('kind')}.{group}" if group else f"{owner.get('kind')}"
            return f"{kind.lower()}/{owner.get('name')}"
    return "<none>"


PRINTINGS: Printings = {
    ("apps", "deployments"): Printing(
        (
            NAME,
            Column("Ready", "Number of the pod with ready state"),
            Column("Up-to-date", "Total number of non-terminating pods targeted by this deployment"),
            Column("Available", "Total number of available non-terminating pods"),
            AGE,
            wide(CONTAINERS),
            wide(IMAGES),
            wide(Column("Selector", "Label selector for pods.")),
        ),
        _deployment,
    ),
    ("apps", "statefulsets"): Printing(
        (NAME, Column("Ready", "Number of the pod with ready state"), AGE, wide(CONTAINERS), wide(IMAGES)),
        _stateful_set,
    ),
    ("apps", "replicasets"): Printing(
        (
            NAME,
            Column("Desired", "Replicas is the number of desired pods.", type="integer"),
            Column("Current", "Replicas is the most recently observed number of non-terminating pods.", type="integer"),
            Column("Ready", "The number of non-terminating pods targeted by this ReplicaSet", type="integer"),
            AGE,
            wide(CONTAINERS),
            wide(IMAGES),
            wide(Column("Selector", "Selector is a label query over pods that should match the replica count.")),
        ),
        _replica_set,
    ),
    ("apps", "daemonsets"): Printing(
        (
            NAME,
            Column("Desired", "The total number of nodes that should be running the daemon pod", type="integer"),
            Column("Current", "The number of nodes that are running at least 1 daemon pod", type="integer"),
            Column("Ready", "numberReady is the number of nodes that should be running the daemon pod", type="integer"),
            Column("Up-to-date", "The total number of nodes that are running updated daemon pod", type="integer"),
            Column("Available", "The number of nodes that should be running the daemon pod", type="integer"),
            Column("Node Selector", "NodeSelector is a selector which must be true for the pod to fit on a node."),
            AGE,
            wide(CONTAINERS),
            wide(IMAGES),
            wide(Column("Selector", "A label query over pods that are managed by the daemon set.")),
        ),
        _daemon_set,
    ),
    ("apps", "controllerrevisions"): Printing(
        (
            NAME,
            Column("Controller", "Controller of the object"),
            Column("Revision", "Revision indicates the revision of the state represented by Data."),
            AGE,
        ),
        _controller_revision,
    ),
}
