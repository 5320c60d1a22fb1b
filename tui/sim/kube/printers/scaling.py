"""Scales, and the TARGETS cell of an autoscaler: "cpu: 12%/70%, 3/10 (avg) + 1 more..."."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import mapping, number, text
from tui.sim.kube.printers.base import AGE, Column, Printing, age_of, name_of, parts
from tui.sim.kube.quantities import canonical
from tui.sim.kube.status import Obj

_SHOWN = 2
_UNKNOWN = "<unknown>"
_SOURCES = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


def targets(spec: Obj, status: Obj) -> str:
    """Current and wanted value of each metric; of autoscaling/v1, which knows only processor use, as well."""
    metrics = parts(spec.get("metrics")) or _metrics_of_v1(spec, "target")
    current = parts(status.get("currentMetrics")) or _metrics_of_v1(status, "current")
    if not metrics:
        return "<none>"
    said = [_target(metric, current[i] if i < len(current) else {}) for i, metric in enumerate(metrics)]
    shown = ", ".join(said[:_SHOWN])
    return f"{shown} + {len(said) - _SHOWN} more..." if len(said) > _SHOWN else shown


def _metrics_of_v1(part: Obj, value: str) -> list[Obj]:
    utilization = part.get(f"{value}CPUUtilizationPercentage")
    if utilization is None:
        return []
    return [{"type": "Resource", "resource": {"name": "cpu", value: {"averageUtilization": utilization}}}]


def _target(metric: Obj, current_metric: Obj) -> str:
    source = _SOURCES.get(text(metric.get("type")))
    if source is None:
        return "<unknown type>"
    wanted = mapping(mapping(metric.get(source)).get("target"))
    current = mapping(mapping(current_metric.get(source)).get("current"))
    if source in ("resource", "containerResource"):
        return f"{mapping(metric.get(source)).get('name')}: {_of_resource(wanted, current)}"
    if source == "pods":
        return f"{_quantity(current, 'averageValue')}/{_quantity(wanted, 'averageValue')}"
    if wanted.get("averageValue") is not None:
        return f"{_quantity(current, 'averageValue')}/{_quantity(wanted, 'averageValue')} (avg)"
    return f"{_quantity(current, 'value')}/{_quantity(wanted, 'value')}"


def _of_resource(wanted: Obj, current: Obj) -> str:
    if wanted.get("averageValue") is not None:
        return f"{_quantity(current, 'averageValue')}/{_quantity(wanted, 'averageValue')}"
    return f"{_percent(current, _UNKNOWN)}/{_percent(wanted, '<auto>')}"


def _percent(value: Obj, missing: str) -> str:
    utilization: Any = value.get("averageUtilization")
    return missing if utilization is None else f"{utilization}%"


def _quantity(value: Obj, field: str) -> str:
    found: Any = value.get(field)
    return _UNKNOWN if found is None else canonical(str(found))


def _scale(obj: Obj, now: float) -> list[Any]:
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    return [name_of(obj), number(spec.get("replicas")), number(status.get("replicas")), age_of(obj, now)]


PRINTINGS = {
    ("autoscaling", "scales"): Printing(
        (
            Column("Name", "Name must be unique within a namespace."),
            Column("Desired", "replicas is the desired number of instances for the scaled object.", type="integer"),
            Column("Available", "replicas is the actual number of observed instances of the scaled object.", "integer"),
            AGE,
        ),
        _scale,
    )
}
