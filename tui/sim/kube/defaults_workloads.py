"""Defaults of workloads (pkg/apis/apps/v1/defaults.go, batch/v1, autoscaling/v2)."""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.kube.defaults_pods import child, give
from tui.sim.kube.objects import items, mapping
from tui.sim.kube.status import Obj

_ALL_INDEXES = 2**31 - 1


def _deployment(deployment: Obj) -> None:
    spec = child(deployment, "spec")
    give(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = child(spec, "strategy")
    give(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        give(child(strategy, "rollingUpdate"), maxUnavailable="25%", maxSurge="25%")


def _daemon_set(daemon_set: Obj) -> None:
    spec = child(daemon_set, "spec")
    give(spec, revisionHistoryLimit=10)
    strategy = child(spec, "updateStrategy")
    give(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        give(child(strategy, "rollingUpdate"), maxUnavailable=1, maxSurge=0)


def _stateful_set(stateful_set: Obj) -> None:
    spec = child(stateful_set, "spec")
    give(spec, replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady")
    strategy = child(spec, "updateStrategy")
    given = bool(strategy.get("type"))
    give(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate" and (not given or strategy.get("rollingUpdate") is not None):
        give(child(strategy, "rollingUpdate"), partition=0)
    give(child(spec, "persistentVolumeClaimRetentionPolicy"), whenDeleted="Retain", whenScaled="Retain")


def _replica_set(replica_set: Obj) -> None:
    give(child(replica_set, "spec"), replicas=1)


def _replication_controller(controller: Obj) -> None:
    spec = child(controller, "spec")
    give(spec, replicas=1)
    labels = _template_labels(spec)
    if labels:
        give(spec, selector=labels)
        _label(controller, labels)


def _job(job: Obj) -> None:
    spec = child(job, "spec")
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    give(
        spec,
        parallelism=1,
        backoffLimit=6 if spec.get("backoffLimitPerIndex") is None else _ALL_INDEXES,
        completionMode="NonIndexed",
        suspend=False,
        manualSelector=False,
        podReplacementPolicy="Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed",
    )
    labels = _template_labels(spec)
    if labels:
        _label(job, labels)


def _template_labels(spec: Obj) -> Obj:
    return mapping(mapping(mapping(spec.get("template")).get("metadata")).get("labels"))


def _label(obj: Obj, labels: Obj) -> None:
    metadata = child(obj, "metadata")
    if not metadata.get("labels"):
        metadata["labels"] = dict(labels)


def _cron_job(cron_job: Obj) -> None:
    spec = child(cron_job, "spec")
    give(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)


def _autoscaler(autoscaler: Obj) -> None:
    spec = child(autoscaler, "spec")
    give(spec, minReplicas=1)
    if not items(spec.get("metrics")):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    behaviour = spec.get("behavior")
    if behaviour is not None:
        spec["behavior"] = behaviour = dict(mapping(behaviour))
        halve = {"type": "Percent", "value": 100, "periodSeconds": 15}
        add = {"type": "Pods", "value": 4, "periodSeconds": 15}
        give(child(behaviour, "scaleUp"), stabilizationWindowSeconds=0, selectPolicy="Max", policies=[add, halve])
        give(child(behaviour, "scaleDown"), selectPolicy="Max", policies=[halve])


def _autoscaler_v1(autoscaler: Obj) -> None:
    give(child(autoscaler, "spec"), minReplicas=1)


BY_TYPE: dict[str, Callable[[Obj], None]] = {
    "io.k8s.api.apps.v1.Deployment": _deployment,
    "io.k8s.api.apps.v1.DaemonSet": _daemon_set,
    "io.k8s.api.apps.v1.StatefulSet": _stateful_set,
    "io.k8s.api.apps.v1.ReplicaSet": _replica_set,
    "io.k8s.api.core.v1.ReplicationController": _replication_controller,
    "io.k8s.api.batch.v1.Job": _job,
    "io.k8s.api.batch.v1.CronJob": _cron_job,
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": _autoscaler,
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler": _autoscaler_v1,
}
