"""Workloads and what bounds them, case by case, after k8s.io/kubernetes' own printer tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.kube.printing import BORN, Obj, cells, condition

TEMPLATE = {"spec": {"containers": [{"name": "a", "image": "one:1"}, {"name": "b", "image": "two:2"}]}}
SELECTOR = {
    "matchLabels": {"app": "x", "tier": "web"},
    "matchExpressions": [
        {"key": "env", "operator": "NotIn", "values": ["test", "dev"]},
        {"key": "canary", "operator": "DoesNotExist"},
        {"key": "zone", "operator": "Exists"},
        {"key": "ring", "operator": "In", "values": ["1"]},
    ],
}
SELECTED = "app=x,!canary,env notin (dev,test),ring in (1),tier=web,zone"


def test_workloads() -> None:
    assert cells(
        "deployments.apps",
        spec={"replicas": 3, "template": TEMPLATE, "selector": SELECTOR},
        status={"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1},
    ) == ["x", "1/3", 2, 1, "5m", "a,b", "one:1,two:2", SELECTED]
    assert cells("deployments.apps", spec={}) == ["x", "0/1", 0, 0, "5m", "", "", ""]
    assert cells("replicasets.apps", spec={"replicas": 0, "selector": {}})[1:] == [0, 0, 0, "5m", "", "", "<none>"]
    assert cells("statefulsets.apps", spec={"replicas": 2}, status={"readyReplicas": 2})[1:3] == ["2/2", "5m"]
    assert cells(
        "daemonsets.apps",
        spec={"template": {"spec": {"nodeSelector": {"b": "2", "a": "1"}}}, "selector": SELECTOR},
        status={"desiredNumberScheduled": 5, "currentNumberScheduled": 4, "numberReady": 3, "numberAvailable": 1},
    ) == ["x", 5, 4, 3, 0, 1, "a=1,b=2", "5m", "", "", SELECTED]
    assert cells("replicationcontrollers", spec={"selector": {"a": "1"}})[1:] == [1, 0, 0, "5m", "", "", "a=1"]
    assert cells("podtemplates", template=TEMPLATE | {"metadata": {"labels": {}}}) == [
        "x",
        "a,b",
        "one:1,two:2",
        "<none>",
    ]


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ([], "<none>"),
        ([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"}], "<none>"),
        ([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "controller": True}], "statefulset.apps/web"),
        ([{"apiVersion": "v1", "kind": "Node", "name": "n", "controller": True}], "node/n"),
    ],
)
def test_the_controller_of_a_revision(owners: list[Obj], expected: str) -> None:
    printed = cells("controllerrevisions.apps", revision=4, metadata={"ownerReferences": owners})
    assert printed == ["x", expected, 4, "5m"]


def job(spec: Obj, **status: Any) -> list[Any]:
    return cells("jobs.batch", spec=spec, status=status)[1:4]


def test_jobs() -> None:
    started = {"startTime": "2026-11-22T01:01:00Z"}
    assert job({"completions": 3}, succeeded=1, **started) == ["Running", "1/3", "4m"]
    assert job({"parallelism": 4}) == ["Running", "0/1 of 4", ""]
    assert job({"parallelism": 1}, succeeded=1) == ["Running", "1/1", ""]
    finished = {**started, "completionTime": "2026-11-22T01:01:09Z", "succeeded": 1}
    assert job({"completions": 1}, conditions=condition("Complete"), **finished) == ["Complete", "1/1", "9s"]
    for condition_type in ("Failed", "Suspended", "FailureTarget"):
        assert job({}, conditions=condition(condition_type))[0] == condition_type
    assert job({}, conditions=condition("Complete", "False"))[0] == "Running"
    assert cells("jobs.batch", metadata={"deletionTimestamp": BORN})[1] == "Terminating"


def test_cron_jobs() -> None:
    spec = {"schedule": "*/5 * * * *", "timeZone": "Etc/UTC", "suspend": True}
    spec |= {"jobTemplate": {"spec": {"template": TEMPLATE, "selector": SELECTOR}}}
    status = {"lastScheduleTime": "2026-11-22T01:04:00Z", "active": [{}, {}]}
    assert cells("cronjobs.batch", spec=spec, status=status)[1:8] == [
        "*/5 * * * *",
        "Etc/UTC",
        "True",
        2,
        "60s",
        "5m",
        "a,b",
    ]
    assert cells("cronjobs.batch")[2:6] == ["<none>", "False", 0, "<none>"]


def metric(metric_type: str, source: str, target: Obj, **more: Any) -> Obj:
    return {"type": metric_type, source: {"target": target, **more}}


def current(metric_type: str, source: str, value: Obj) -> Obj:
    return {"type": metric_type, source: {"current": value}}


def targets(spec: list[Obj], status: list[Obj] | None = None) -> str:
    return cells(
        "horizontalpodautoscalers.autoscaling", spec={"metrics": spec}, status={"currentMetrics": status or []}
    )[2]


CPU = metric("Resource", "resource", {"averageUtilization": 80}, name="cpu")
MEMORY = metric("Resource", "resource", {"averageValue": "1024Mi"}, name="memory")


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ([], [], "<none>"),
        ([CPU], [], "cpu: <unknown>/80%"),
        ([CPU], [current("Resource", "resource", {"averageUtilization": 50})], "cpu: 50%/80%"),
        ([metric("Resource", "resource", {}, name="cpu")], [], "cpu: <unknown>/<auto>"),
        ([MEMORY], [current("Resource", "resource", {"averageValue": "512Mi"})], "memory: 512Mi/1Gi"),
        (
            [metric("ContainerResource", "containerResource", {"averageUtilization": 60}, name="cpu", container="c")],
            [current("ContainerResource", "containerResource", {"averageUtilization": 7})],
            "cpu: 7%/60%",
        ),
        ([metric("Pods", "pods", {"averageValue": "10"})], [current("Pods", "pods", {"averageValue": "3"})], "3/10"),
        ([metric("Object", "object", {"value": "1k"})], [current("Object", "object", {"value": "500"})], "500/1k"),
        ([metric("Object", "object", {"averageValue": "5"})], [], "<unknown>/5 (avg)"),
        ([metric("External", "external", {"value": "5"})], [current("External", "external", {"value": "2"})], "2/5"),
        ([metric("External", "external", {"averageValue": "5"})], [], "<unknown>/5 (avg)"),
        ([CPU, MEMORY, CPU, CPU], [], "cpu: <unknown>/80%, memory: <unknown>/1Gi + 2 more..."),
        ([{"type": "Moon"}], [], "<unknown type>"),
    ],
)
def test_targets_of_an_autoscaler(spec: list[Obj], status: list[Obj], expected: str) -> None:
    assert targets(spec, status) == expected


def test_an_autoscaler_of_the_first_version_is_printed_alike() -> None:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "targetCPUUtilizationPercentage": 70}
    spec |= {"minReplicas": 2, "maxReplicas": 9}
    status = {"currentCPUUtilizationPercentage": 12, "currentReplicas": 3}
    printed = cells("horizontalpodautoscalers.autoscaling", spec=spec, status=status)
    assert printed == ["x", "Deployment/web", "cpu: 12%/70%", "2", 9, 3, "5m"]


def test_budgets_priorities_and_devices() -> None:
    budget = {"minAvailable": "50%"}
    assert cells("poddisruptionbudgets.policy", spec=budget, status={"disruptionsAllowed": 1})[1:4] == ["50%", "N/A", 1]
    assert cells("poddisruptionbudgets.policy", spec={"maxUnavailable": 0})[1:3] == ["N/A", "0"]
    assert cells("priorityclasses.scheduling.k8s.io", value=7, globalDefault=True, preemptionPolicy="Never")[1:] == [
        7,
        True,
        "5m",
        "Never",
    ]
    claimed = {"allocation": {"devices": {}}, "reservedFor": [{}]}
    gone = {"deletionTimestamp": BORN}
    claims = "resourceclaims.resource.k8s.io"
    assert cells(claims)[1] == "pending"
    assert cells(claims, status=claimed)[1] == "allocated,reserved"
    assert cells(claims, metadata=gone)[1] == "deleted"
    assert cells(claims, metadata=gone, status={"allocation": {"devices": {}}})[1] == "deleted,allocated"
    level = {
        "type": "Limited",
        "limited": {"nominalConcurrencyShares": 30, "limitResponse": {"queuing": {"queues": 64}}},
    }
    levels = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"
    assert cells(levels, spec=level)[1:] == ["Limited", 30, 64, "<none>", "<none>", "5m"]
