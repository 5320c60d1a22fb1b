"""A pod's STATUS, READY and RESTARTS, case by case, after k8s.io/kubernetes' own printer tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.kube.printing import BORN, NOW, Obj, cells, kind_of
from tui.sim.kube import tables


def running(ready: bool = True, **more: Any) -> Obj:
    return {"name": "c", "ready": ready, "state": {"running": {"startedAt": BORN}}, **more}


def waiting(reason: str, **more: Any) -> Obj:
    return {"name": "c", "ready": False, "state": {"waiting": {"reason": reason}}, **more}


def ended(code: int = 0, reason: str = "", signal: int = 0, **more: Any) -> Obj:
    terminated = {"exitCode": code, "reason": reason, "signal": signal}
    return {"name": "c", "ready": False, "state": {"terminated": terminated}, **more}


def restarted(count: int, at: str = "") -> Obj:
    return {"restartCount": count, **({"lastState": {"terminated": {"finishedAt": at}}} if at else {})}


READY = {"type": "Ready", "status": "True"}
INITIALIZED = {"type": "Initialized", "status": "True"}
SIDECAR = {"name": "c", "restartPolicy": "Always"}


def pod(containers: list[Obj], phase: str = "Running", **more: Any) -> list[Any]:
    status = {"phase": phase, "containerStatuses": containers, **more.pop("status", {})}
    spec = {"containers": [{"name": "c"}] * more.pop("wanted", max(1, len(containers))), **more.pop("spec", {})}
    return cells("pods", spec=spec, status=status, **more)


POD_STATUS: dict[str, tuple[list[Any], tuple[str, str, str]]] = {
    "running": (pod([running()]), ("1/1", "Running", "0")),
    "pending": (pod([], "Pending"), ("0/1", "Pending", "0")),
    "a reason of its own": (pod([], "Failed", status={"reason": "Evicted"}), ("0/1", "Evicted", "0")),
    "held by a scheduling gate": (
        pod([], "Pending", status={"conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}),
        ("0/1", "SchedulingGated", "0"),
    ),
    "a container waits": (pod([waiting("ImagePullBackOff")], "Pending"), ("0/1", "ImagePullBackOff", "0")),
    "the first container's reason wins": (
        pod([waiting("CrashLoopBackOff"), waiting("ErrImagePull")]),
        ("0/2", "CrashLoopBackOff", "0"),
    ),
    "running but not ready": (pod([running(ready=False)]), ("0/1", "Running", "0")),
    "ended with a reason": (pod([ended(1, "Error")], "Failed"), ("0/1", "Error", "0")),
    "ended with a code alone": (pod([ended(3)], "Failed"), ("0/1", "ExitCode:3", "0")),
    "ended by a signal": (pod([ended(137, signal=9)], "Failed"), ("0/1", "Signal:9", "0")),
    "completed": (pod([ended(0, "Completed")], "Succeeded"), ("0/1", "Completed", "0")),
    "one completed, one runs, pod ready": (
        pod([ended(0, "Completed"), running()], status={"conditions": [READY]}),
        ("1/2", "Running", "0"),
    ),
    "one completed, one runs, pod not ready": (
        pod([ended(0, "Completed"), running()]),
        ("1/2", "NotReady", "0"),
    ),
    "restarted, time unknown": (pod([running(restartCount=3)]), ("1/1", "Running", "3")),
    "restarted, latest time": (
        pod([running(**restarted(2, "2026-11-22T01:03:00Z")), running(**restarted(1, "2026-11-22T01:02:00Z"))]),
        ("2/2", "Running", "3 (2m ago)"),
    ),
    "going away": (
        pod([running()], metadata={"deletionTimestamp": BORN}),
        ("1/1", "Terminating", "0"),
    ),
    "going away, but it had ended": (
        pod([ended(0, "Completed")], "Succeeded", metadata={"deletionTimestamp": BORN}),
        ("0/1", "Completed", "0"),
    ),
    "going away from a lost node": (
        pod([running()], metadata={"deletionTimestamp": BORN}, status={"reason": "NodeLost"}),
        ("1/1", "Unknown", "0"),
    ),
}


def initialising(statuses: list[Obj], wanted: int = 2, **more: Any) -> list[Any]:
    spec = {"initContainers": more.pop("init", [{"name": "c"}] * wanted)}
    status = {"initContainerStatuses": statuses, **more.pop("status", {})}
    return pod(more.pop("containers", []), "Pending", spec=spec, status=status, **more)


POD_STATUS |= {
    "first of two init containers": (
        initialising([running(ready=False), waiting("PodInitializing")]),
        ("0/1", "Init:0/2", "0"),
    ),
    "second of two init containers": (
        initialising([ended(0, "Completed"), running(ready=False)]),
        ("0/1", "Init:1/2", "0"),
    ),
    "an init container waits": (
        initialising([waiting("CrashLoopBackOff", restartCount=4)]),
        ("0/1", "Init:CrashLoopBackOff", "4"),
    ),
    "an init container failed": (initialising([ended(1, "Error")]), ("0/1", "Init:Error", "0")),
    "an init container failed with a code alone": (initialising([ended(2)]), ("0/1", "Init:ExitCode:2", "0")),
    "an init container was killed": (initialising([ended(137, signal=9)]), ("0/1", "Init:Signal:9", "0")),
    "restarts of finished init containers no longer count": (
        initialising([ended(0, "Completed", restartCount=7)], containers=[running(restartCount=1)]),
        ("1/1", "Pending", "1"),
    ),
    "containers count once the pod is initialized": (
        initialising(
            [running(ready=False)], containers=[running(restartCount=1)], status={"conditions": [INITIALIZED]}
        ),
        ("1/1", "Init:0/2", "1"),
    ),
    "a sidecar counts as a container": (
        initialising([running(started=True, restartCount=2)], init=[SIDECAR], containers=[running(restartCount=1)]),
        ("2/2", "Pending", "3"),
    ),
    "a sidecar that has not started holds the pod up": (
        initialising([running(ready=False, started=False)], init=[SIDECAR, {"name": "d"}]),
        ("0/2", "Init:0/2", "0"),
    ),
}


@pytest.mark.parametrize("case", POD_STATUS)
def test_ready_status_and_restarts_of_a_pod(case: str) -> None:
    printed, expected = POD_STATUS[case]
    assert tuple(printed[1:4]) == expected


def test_wide_columns_of_a_pod() -> None:
    printed = pod(
        [running()],
        spec={"nodeName": "node1", "readinessGates": [{"conditionType": "a"}, {"conditionType": "b"}]},
        status={
            "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
            "podIP": "10.0.0.9",
            "nominatedNodeName": "node2",
            "conditions": [{"type": "a", "status": "True"}, {"type": "b", "status": "False"}],
        },
    )
    assert printed[5:] == ["10.0.0.1", "node1", "node2", "1/2"]
    assert pod([running()], status={"podIP": "10.0.0.9"})[5:] == ["10.0.0.9", "<none>", "<none>", "<none>"]


@pytest.mark.parametrize(("phase", "completed"), [("Running", False), ("Succeeded", True), ("Failed", True)])
def test_finished_pods_say_so_in_a_condition_of_their_row(phase: str, completed: bool) -> None:
    row = tables.row(kind_of("pods"), {"status": {"phase": phase}}, now=NOW)
    assert [condition["reason"] for condition in row.get("conditions", [])] == ([phase] if completed else [])
