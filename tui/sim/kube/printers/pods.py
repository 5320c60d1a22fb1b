"""Pods: the one column everybody reads, STATUS, is worked out here from phases, conditions and containers."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.durations import epoch, since
from tui.sim.kube.objects import items, mapping, metadata_of, number, text
from tui.sim.kube.printers.base import AGE, NAME, Column, Printing, Printings, age_of, or_none, parts, wide
from tui.sim.kube.status import Obj

_COLUMNS = (
    NAME,
    Column("Ready", "The aggregate readiness state of this pod for accepting traffic."),
    Column("Status", "The aggregate status of the containers in this pod."),
    Column("Restarts", "The number of times the containers in this pod have been restarted"),
    AGE,
    wide(Column("IP", "podIP address allocated to the pod.")),
    wide(Column("Node", "NodeName indicates in which node this pod is scheduled.")),
    wide(Column("Nominated Node", "nominatedNodeName is set only when this pod preempts other pods on the node,")),
    wide(Column("Readiness Gates", "If specified, all readiness gates will be evaluated for pod readiness.")),
)

_FINISHED = {
    phase: [{"type": "Completed", "status": "True", "reason": phase, "message": message}]
    for phase, message in (("Succeeded", "The pod has completed successfully."), ("Failed", "The pod failed."))
}


class _Restarts:
    """How often containers restarted, and when one last did."""

    __slots__ = ("_latest", "count", "last")

    def __init__(self) -> None:
        self.count = 0
        self.last = ""
        self._latest = 0.0

    def add(self, container: Obj) -> None:
        self.count += number(container.get("restartCount"))
        ended = mapping(mapping(container.get("lastState")).get("terminated")).get("finishedAt")
        if ended and (moment := epoch(ended) or 0.0) > self._latest:
            self.last, self._latest = ended, moment

    def cell(self, now: float) -> str:
        return f"{self.count} ({since(self.last, now)} ago)" if self.count and self.last else str(self.count)


def _cells(pod: Obj, now: float) -> list[Any]:
    spec, status = mapping(pod.get("spec")), mapping(pod.get("status"))
    sidecars = {each.get("name") for each in parts(spec.get("initContainers")) if each.get("restartPolicy") == "Always"}
    reason = _first_reason(status)
    init_reason, ready, restarts, sidecar_restarts = _init_containers(spec, status, sidecars)
    reason = init_reason or reason
    if not init_reason or _condition_true(status, "Initialized"):
        restarts = sidecar_restarts
        reason, running = _containers(status, reason, restarts)
        ready += running
    return [
        text(metadata_of(pod).get("name")),
        f"{ready}/{len(items(spec.get('containers'))) + len(sidecars)}",
        _deletion_reason(pod, status) or reason,
        restarts.cell(now),
        age_of(pod, now),
        or_none(_address(status)),
        or_none(text(spec.get("nodeName"))),
        or_none(text(status.get("nominatedNodeName"))),
        _readiness_gates(spec, status),
    ]


def _first_reason(status: Obj) -> str:
    """What the pod says of itself, before its containers are asked."""
    for condition in parts(status.get("conditions")):
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "SchedulingGated":
            return "SchedulingGated"
    return text(status.get("reason")) or text(status.get("phase"))


def _init_containers(spec: Obj, status: Obj, sidecars: set[Any]) -> tuple[str, int, _Restarts, _Restarts]:
    """The reason of the init container that holds the pod up ("" if none does), ready sidecars, both restarts."""
    ready, restarts, sidecar_restarts = 0, _Restarts(), _Restarts()
    for position, container in enumerate(parts(status.get("initContainerStatuses"))):
        restarts.add(container)
        sidecar = container.get("name") in sidecars
        if sidecar:
            sidecar_restarts.add(container)
        state = mapping(container.get("state"))
        terminated = state.get("terminated")
        if terminated is not None and not mapping(terminated).get("exitCode"):
            continue
        if sidecar and container.get("started"):
            ready += bool(container.get("ready"))
            continue
        waiting = text(mapping(state.get("waiting")).get("reason"))
        if terminated is not None:
            reason = f"Init:{_ended(mapping(terminated))}"
        elif waiting and waiting != "PodInitializing":
            reason = f"Init:{waiting}"
        else:
            reason = f"Init:{position}/{len(items(spec.get('initContainers')))}"
        return reason, ready, restarts, sidecar_restarts
    return "", ready, restarts, sidecar_restarts


def _containers(status: Obj, reason: str, restarts: _Restarts) -> tuple[str, int]:
    """The pod's reason, by its containers from the last to the first, and how many of them are ready."""
    ready = 0
    for container in reversed(parts(status.get("containerStatuses"))):
        restarts.add(container)
        state = mapping(container.get("state"))
        waiting, terminated = text(mapping(state.get("waiting")).get("reason")), state.get("terminated")
        if waiting:
            reason = waiting
        elif terminated is not None:
            reason = _ended(mapping(terminated))
        elif container.get("ready") and state.get("running") is not None:
            ready += 1
    if reason == "Completed" and ready:
        reason = "Running" if _condition_true(status, "Ready") else "NotReady"
    return reason, ready


def _ended(terminated: Obj) -> str:
    if reason := text(terminated.get("reason")):
        return reason
    if signal := number(terminated.get("signal")):
        return f"Signal:{signal}"
    return f"ExitCode:{number(terminated.get('exitCode'))}"


def _deletion_reason(pod: Obj, status: Obj) -> str:
    if not metadata_of(pod).get("deletionTimestamp"):
        return ""
    if status.get("reason") == "NodeLost":
        return "Unknown"
    return "" if status.get("phase") in ("Succeeded", "Failed") else "Terminating"


def _condition_true(status: Obj, condition_type: str) -> bool:
    return any(
        condition.get("type") == condition_type and condition.get("status") == "True"
        for condition in parts(status.get("conditions"))
    )


def _address(status: Obj) -> str:
    addresses = parts(status.get("podIPs"))
    return text(addresses[0].get("ip")) if addresses else text(status.get("podIP"))


def _readiness_gates(spec: Obj, status: Obj) -> str:
    gates = parts(spec.get("readinessGates"))
    if not gates:
        return "<none>"
    return f"{sum(_condition_true(status, text(gate.get('conditionType'))) for gate in gates)}/{len(gates)}"


def _conditions(pod: Obj) -> list[Obj] | None:
    return _FINISHED.get(text(mapping(pod.get("status")).get("phase")))


PRINTINGS: Printings = {("", "pods"): Printing(_COLUMNS, _cells, conditions=_conditions)}
