"""Autoscalers and disruption budgets."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import mapping, number, text
from tui.sim.kube.printers.base import AGE, NAME, Column, Printing, Printings, age_of, name_of
from tui.sim.kube.printers.scaling import targets
from tui.sim.kube.status import Obj

_NONE = "<none>"


def _autoscaler(obj: Obj, now: float) -> list[Any]:
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    reference = mapping(spec.get("scaleTargetRef"))
    return [
        name_of(obj),
        f"{text(reference.get('kind'))}/{text(reference.get('name'))}",
        targets(spec, status),
        str(number(spec.get("minReplicas"), 1)),
        number(spec.get("maxReplicas")),
        number(status.get("currentReplicas")),
        age_of(obj, now),
    ]


def _disruption_budget(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    return [
        name_of(obj),
        _bound(spec.get("minAvailable")),
        _bound(spec.get("maxUnavailable")),
        number(mapping(obj.get("status")).get("disruptionsAllowed")),
        age_of(obj, now),
    ]


def _bound(pods: Any) -> str:
    """A count or a percentage."""
    return "N/A" if pods is None else str(pods)


PRINTINGS: Printings = {
    ("autoscaling", "horizontalpodautoscalers"): Printing(
        (
            NAME,
            Column("Reference", "scaleTargetRef points to the target resource to scale,"),
            Column("Targets", "metrics contains the specifications for which to use to calculate"),
            Column("MinPods", "minReplicas is the lower limit for the number of replicas"),
            Column("MaxPods", "maxReplicas is the upper limit for the number of replicas"),
            Column("Replicas", "currentReplicas is current number of replicas of pods managed by this autoscaler,"),
            AGE,
        ),
        _autoscaler,
    ),
    ("policy", "poddisruptionbudgets"): Printing(
        (
            NAME,
            Column("Min Available", "The minimum number of pods that must be available."),
            Column("Max Unavailable", "The maximum number of pods that may be unavailable."),
            Column("Allowed Disruptions", "Calculated number of pods that may be disrupted", type="integer"),
            AGE,
        ),
        _disruption_budget,
    ),
}
