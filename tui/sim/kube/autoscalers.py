"""HorizontalPodAutoscaler between autoscaling/v2, which is stored, and autoscaling/v1.

v1 knows CPU utilisation alone; whatever else a v2 object has travels in annotations (pkg/apis/autoscaling/v1/
conversion.go), so that a client of v1 that writes back what it read loses nothing.
"""

from __future__ import annotations

import json
from typing import Any

from tui.sim.kube.objects import items, mapping, metadata_of, nested, with_metadata
from tui.sim.kube.status import Obj

_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_BEHAVIOUR = "autoscaling.alpha.kubernetes.io/behavior"
_CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
_ANNOTATIONS = (_METRICS, _BEHAVIOUR, _CURRENT, _CONDITIONS)


def to_v1(scaler: Obj) -> Obj:
    spec, status = dict(mapping(scaler.get("spec"))), dict(mapping(scaler.get("status")))
    metrics = items(spec.pop("metrics", None))
    carried = {
        _METRICS: [metric for metric in metrics if not _is_cpu(metric)],
        _BEHAVIOUR: spec.pop("behavior", None),
        _CURRENT: status.pop("currentMetrics", None),
        _CONDITIONS: status.pop("conditions", None),
    }
    current = next((metric for metric in items(carried[_CURRENT]) if _is_cpu(metric)), None)
    target = next((metric for metric in metrics if _is_cpu(metric)), None)
    if target is not None:
        spec["targetCPUUtilizationPercentage"] = nested(target, ("resource", "target", "averageUtilization"))
    if current is not None:
        status["currentCPUUtilizationPercentage"] = nested(current, ("resource", "current", "averageUtilization"))
    annotations = dict(metadata_of(scaler).get("annotations") or {})
    annotations.update({key: json.dumps(value, separators=(",", ":")) for key, value in carried.items() if value})
    return {**with_metadata(scaler, {"annotations": annotations or None}), "spec": spec, "status": status}


def to_v2(scaler: Obj) -> Obj:
    spec, status = dict(mapping(scaler.get("spec"))), dict(mapping(scaler.get("status")))
    annotations = dict(metadata_of(scaler).get("annotations") or {})
    carried = {key: _parsed(annotations.pop(key, "")) for key in _ANNOTATIONS}
    utilisation = spec.pop("targetCPUUtilizationPercentage", None)
    status.pop("currentCPUUtilizationPercentage", None)
    cpu = [_cpu_metric(utilisation)] if utilisation is not None else []
    for part, field, value in (
        (spec, "metrics", cpu + items(carried[_METRICS])),
        (spec, "behavior", carried[_BEHAVIOUR]),
        (status, "currentMetrics", carried[_CURRENT]),
        (status, "conditions", carried[_CONDITIONS]),
    ):
        if value:
            part[field] = value
    changed = with_metadata(scaler, {"annotations": annotations or None})
    return {**changed, "spec": spec, "status": status}


def _is_cpu(metric: object) -> bool:
    return nested(metric, ("resource", "name")) == "cpu"


def _cpu_metric(utilisation: object) -> Obj:
    target = {"type": "Utilization", "averageUtilization": utilisation}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _parsed(written: str) -> Any:
    try:
        return json.loads(written) if written else None
    except json.JSONDecodeError:
        return None
