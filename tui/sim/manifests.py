"""Workloads of a scenario as the manifests a person would have applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from tui.sim.kube.actors.behaviours import Behaviour
from tui.sim.kube.objects import mapping
from tui.sim.kube.status import Obj
from tui.sim.scenario import WorkloadSpec

_API = {"CronJob": "batch/v1", "Job": "batch/v1"}
_GPU = "nvidia.com/gpu"
_BATCH = ("Job", "CronJob")


def behaviour_of(spec: WorkloadSpec) -> Behaviour:
    """How its containers live. A Job that is said to be steady still comes to an end."""
    ends: dict[str, tuple[float | None, int]] = {
        "crash": (spec.crash_after, spec.exit_code),
        "complete": (spec.crash_after, 0),
    }
    kind = "complete" if spec.kind in _BATCH and spec.behaviour == "steady" else spec.behaviour
    runs_for, exit_code = ends.get(kind, (None, 0))
    facts = {"lines": str(spec.log_lines)} if spec.log_lines else {}
    return Behaviour(kind, runs_for, exit_code, log=spec.log, log_rate=spec.log_rate, facts=facts)


def workload(spec: WorkloadSpec, image: str) -> Obj:
    """The object itself, with the image of one of its revisions."""
    labels = spec.labels or {"app": spec.name}
    template = {"metadata": {"labels": labels}, "spec": _pod_spec(spec, image)}
    metadata = {"name": spec.name, "namespace": spec.namespace, "labels": labels}
    made: Obj = {"apiVersion": _API.get(spec.kind, "apps/v1"), "kind": spec.kind, "metadata": metadata}
    if spec.kind == "CronJob":
        return {**made, "spec": _cron_spec(spec, template)}
    if spec.kind == "Job":
        return {**made, "spec": {"template": template, "completions": spec.replicas, "parallelism": 1}}
    running: Obj = {"selector": {"matchLabels": labels}, "template": template}
    if spec.kind != "DaemonSet":
        running["replicas"] = spec.replicas
    if spec.kind == "StatefulSet":
        running["serviceName"] = spec.name
    if spec.storage:
        running["volumeClaimTemplates"] = [_claim(spec.storage)]
    return {**made, "spec": running}


def _cron_spec(spec: WorkloadSpec, template: Obj) -> Obj:
    return {
        "schedule": spec.schedule,
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {"spec": {"template": template}},
    }


def _claim(size: str) -> Obj:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "volumeMode": "Filesystem"}
    return {"metadata": {"name": "data"}, "spec": spec}


def _pod_spec(spec: WorkloadSpec, image: str) -> Obj:
    containers = [_container(spec, name, image, first=index == 0) for index, name in enumerate(spec.containers)]
    made: Obj = {"containers": containers}
    if spec.kind in _BATCH:
        made["restartPolicy"] = "Never"
    if spec.service_account:
        made["serviceAccountName"] = spec.service_account
    return _merged(made, spec.extra)


def _container(spec: WorkloadSpec, name: str, image: str, *, first: bool) -> Obj:
    """The first container is the workload's own; the others are its companions, each with an image of its name."""
    if not first:
        registry = image.rpartition("/")[0] or "registry.example.com"
        return {"name": name, "image": f"{registry}/{name}:2.4.1", "resources": {}}
    requests = {key: value for key, value in (("cpu", spec.cpu), ("memory", spec.memory)) if value}
    resources: Obj = {"requests": requests} if requests else {}
    if spec.behaviour == "pending":
        resources = {"requests": {**requests, _GPU: "1"}, "limits": {_GPU: "1"}}
    made: Obj = {"name": name, "image": image, "resources": resources}
    if spec.kind not in _BATCH:
        made["ports"] = [{"name": "http", "containerPort": spec.port, "protocol": "TCP"}]
    return made


def companions(spec: WorkloadSpec) -> Iterator[Obj]:
    """What comes with it: a Service, an autoscaler, a disruption budget for what has several replicas."""
    labels = spec.labels or {"app": spec.name}
    metadata = {"name": spec.name, "namespace": spec.namespace, "labels": labels}
    if spec.service:
        port = {"name": "http", "port": 80, "targetPort": spec.port, "protocol": "TCP"}
        service: Obj = {"selector": labels, "ports": [port]}
        if spec.kind == "StatefulSet":
            service["clusterIP"] = "None"
        yield {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service}
    if spec.max_replicas:
        cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
        target = {"apiVersion": "apps/v1", "kind": spec.kind, "name": spec.name}
        scaling = {
            "scaleTargetRef": target,
            "minReplicas": spec.replicas,
            "maxReplicas": spec.max_replicas,
            "metrics": [{"type": "Resource", "resource": cpu}],
        }
        yield {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": metadata,
            "spec": scaling,
        }
    if spec.service and spec.replicas > 2:
        budget = {"maxUnavailable": 1, "selector": {"matchLabels": labels}}
        yield {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": budget}


def _merged(base: Obj, changes: Mapping[str, object]) -> Obj:
    """`changes` over `base`: objects are joined, named list items too, anything else is replaced."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = _merged(cast("Obj", old), cast("Obj", value))
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = _merged_list(cast("list[Any]", old), cast("list[Any]", value))
        else:
            result[key] = value
    return result


def _merged_list(base: list[Any], changes: list[Any]) -> list[Any]:
    changed = {one["name"]: one for one in changes if "name" in mapping(one)}
    if len(changed) != len(changes):
        return changes
    names = {mapping(one).get("name") for one in base}
    joined = [_merged(one, changed.get(one.get("name"), {})) for one in map(mapping, base)]
    return [*joined, *(one for name, one in changed.items() if name not in names)]
