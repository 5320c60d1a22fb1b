"""How many replicas one metric of an autoscaler proposes (pkg/controller/podautoscaler, replica_calculator.go).

Resource metrics are measured; for others there is no API in these clusters, which is then said in the controller's
words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.sim.kube.actors.pods import is_active, is_ready
from tui.sim.kube.actors.requests import thousandths
from tui.sim.kube.objects import mapping, name_of, text
from tui.sim.kube.quantities import canonical
from tui.sim.kube.status import Obj

_TOLERANCE = 0.1

Usage = Callable[[Obj, str], int]
"""What a pod uses now of a resource ("cpu", "memory"), in thousandths of its unit."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """name: of the metric, as events tell it. status: as `status.currentMetrics` shows it."""

    replicas: int
    name: str
    status: Obj


class Unmeasurable(Exception):
    """A metric that cannot be had. reason: of the condition and the event; value: what could not be computed."""

    def __init__(self, reason: str, message: str, value: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.value = value


def propose(metric: Obj, pods: Sequence[Obj], current: int, usage: Usage) -> Proposal:
    """pods: those the target's selector chooses. Raises Unmeasurable."""
    match text(metric.get("type")):
        case "Resource":
            return _resource(mapping(metric.get("resource")), "Resource", pods, current, usage)
        case "ContainerResource":
            source = mapping(metric.get("containerResource"))
            only = [_only(pod, text(source.get("container"))) for pod in pods]
            return _resource(source, "ContainerResource", only, current, usage)
        case "External":
            name = text(mapping(mapping(metric.get("external")).get("metric")).get("name"))
            why = "no external metrics API (external.metrics.k8s.io) registered"
            said = f"unable to get external metric {name}: unable to fetch metrics from external metrics API: {why}"
            raise Unmeasurable("FailedGetExternalMetric", said, f"{name} external metric value")
        case kind:
            name = text(mapping(mapping(metric.get(kind.lower())).get("metric")).get("name"))
            why = "no custom metrics API (custom.metrics.k8s.io) registered"
            said = f"unable to get metric {name}: unable to fetch metrics from custom metrics API: {why}"
            raise Unmeasurable(f"FailedGet{kind}Metric", said, f"{kind.lower()} metric value")


def _only(pod: Obj, container: str) -> Obj:
    chosen = [one for one in pod["spec"]["containers"] if one.get("name") == container]
    return {**pod, "spec": {**pod["spec"], "containers": chosen}}


def _resource(source: Obj, kind: str, pods: Sequence[Obj], current: int, usage: Usage) -> Proposal:
    name, target = text(source.get("name")), mapping(source.get("target"))
    average, share = target.get("averageValue"), target.get("averageUtilization")
    what = "usage" if average is not None else "utilization"
    in_container = "container " if kind == "ContainerResource" else ""

    def failed(why: str) -> Unmeasurable:
        value = f"{name} {in_container}resource metric value"
        return Unmeasurable(f"FailedGet{kind}Metric", f"failed to get {name} {what}: {why}", value)

    active = [pod for pod in pods if is_active(pod)]
    measured = [pod for pod in active if name != "cpu" or is_ready(pod)]
    unready = len(active) - len(measured)
    if not measured:
        why = "did not receive metrics for targeted pods (pods might be unready)"
        if not active:
            why = f"unable to get metrics for resource {name}: no metrics returned from resource metrics API"
        raise failed(why)
    used = [usage(pod, name) for pod in measured]
    shown: Obj = {"averageValue": canonical(f"{sum(used) // len(used)}m")}
    if average is not None:
        ratio = sum(used) / len(used) / max(1, thousandths(str(average)))
    else:
        asked = 0
        for pod in active:
            for container in pod["spec"]["containers"]:
                amount = mapping(mapping(container.get("resources")).get("requests")).get(name)
                if amount is None:
                    of = f"container {container['name']} of Pod {name_of(pod)}"
                    raise failed(f"missing request for {name} in {of}")
                asked += thousandths(str(amount)) if name != "cpu" or is_ready(pod) else 0
        percent = 100 * sum(used) // max(1, asked)
        shown = {"averageUtilization": percent, **shown}
        ratio = percent / max(1, int(share or 1))
    label = f"{name} {in_container}resource" + ("" if average is not None else " utilization (percentage of request)")
    status: Obj = {"name": name, "current": shown}
    if kind == "ContainerResource":
        status["container"] = source.get("container")
    field = kind[0].lower() + kind[1:]
    return Proposal(_replicas(ratio, len(measured), unready, current), label, {"type": kind, field: status})


def _replicas(ratio: float, measured: int, unready: int, current: int) -> int:
    if unready and ratio > 1:  # those not ready yet are taken to use nothing, so that one does not overshoot
        ratio, before = ratio * measured / (measured + unready), ratio
        measured += unready
        if (before > 1) != (ratio > 1):
            return current
    if abs(1 - ratio) <= _TOLERANCE:
        return current
    return math.ceil(ratio * measured)
