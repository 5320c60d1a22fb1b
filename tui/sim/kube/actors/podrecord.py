"""A kubelet's memory of one pod: what its status cannot hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.sim.kube.actors.behaviours import workload_of
from tui.sim.kube.actors.podstatus import ContainerRun
from tui.sim.kube.objects import items, mapping, number, parse_timestamp, text
from tui.sim.kube.status import Obj


@dataclass(slots=True)
class PodRecord:
    """Times are seconds since the epoch, by container name where there is one for each.

    name: of the pod; workload: (namespace, name) of what it was made for. ends_at, exits_with: the fate of the
    present run; ready_at: when it would be ready. retry_at: when a waiting container is tried again. failures: ends
    in a row; counted: the run that was counted last. stop_at: when a pod being deleted has stopped.
    """

    name: str
    workload: tuple[str, str]
    arrived: float
    runs: list[ContainerRun]
    containers: dict[str, Obj]
    address: str = ""
    ends_at: dict[str, float] = field(default_factory=dict[str, float])
    exits_with: dict[str, int] = field(default_factory=dict[str, int])
    ready_at: dict[str, float] = field(default_factory=dict[str, float])
    retry_at: dict[str, float] = field(default_factory=dict[str, float])
    failures: dict[str, int] = field(default_factory=dict[str, int])
    counted: dict[str, int] = field(default_factory=dict[str, int])
    stop_at: float | None = None


def adopt(pod: Obj, now: float) -> PodRecord:
    """The record of a pod first met: on its arrival, or (made as already running) from its status."""
    spec, status = pod["spec"], mapping(pod.get("status"))
    containers = {text(one["name"]): mapping(one) for one in (*items(spec.get("initContainers")), *spec["containers"])}
    init = {text(one["name"]) for one in items(spec.get("initContainers"))}
    known = {
        text(one["name"]): mapping(one)
        for one in (*items(status.get("initContainerStatuses")), *items(status.get("containerStatuses")))
    }
    runs = [_run(name, one, name in init, known.get(name, {})) for name, one in containers.items()]
    arrived = parse_timestamp(text(status.get("startTime"))) or now
    place = (text(pod["metadata"].get("namespace")), workload_of(pod))
    name = text(pod["metadata"]["name"])
    record = PodRecord(name, place, arrived, runs, containers, address=text(status.get("podIP")))
    take_in_ephemeral(pod, record)
    return record


def take_in_ephemeral(pod: Obj, record: PodRecord) -> None:
    """The ephemeral containers that the record does not know yet."""
    statuses = map(mapping, items(mapping(pod.get("status")).get("ephemeralContainerStatuses")))
    known = {text(one.get("name")): one for one in statuses}
    for one in map(mapping, items(pod["spec"].get("ephemeralContainers"))):
        name = text(one.get("name"))
        if name not in record.containers:
            record.containers[name] = one
            run = _run(name, one, False, known.get(name, {}))
            run.ephemeral = True
            record.runs.append(run)


def _run(name: str, container: Obj, init: bool, status: Obj) -> ContainerRun:
    run = ContainerRun(name, text(container.get("image")), init)
    state = mapping(status.get("state"))
    run.number = number(status.get("restartCount"))
    run.ready = bool(status.get("ready"))
    run.last = mapping(mapping(status.get("lastState")).get("terminated")) or None
    if "running" in state:
        run.phase, run.reason = "running", ""
        run.begun = parse_timestamp(text(mapping(state["running"]).get("startedAt"))) or 0.0
    elif "terminated" in state:
        ended = mapping(state["terminated"])
        run.phase, run.reason = "terminated", text(ended.get("reason"))
        run.exit_code = number(ended.get("exitCode"))
        run.begun = parse_timestamp(text(ended.get("startedAt"))) or 0.0
        run.ended = parse_timestamp(text(ended.get("finishedAt"))) or 0.0
    return run
