"""Which description belongs to which kind. Modules are imported when the first object of a kind is described."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from tui.model.bodies import group_of, text
from tui.model.feed import Feed
from tui.model.objects import Beside, Body, Happening
from tui.present.describe.common import events
from tui.present.describe.known import Describer, Known
from tui.present.describe.page import Block

_HOME = "tui.present.describe"
_RBAC = "rbac.authorization.k8s.io"
_KINDS = {
    ("", "Pod"): "pod",
    ("", "ConfigMap"): "data:config_map",
    ("", "Secret"): "data:secret_",
    ("", "ServiceAccount"): "data:service_account",
    ("", "Service"): "network:service",
    ("", "Node"): "nodes",
    ("", "Namespace"): "limits:namespace",
    ("", "ResourceQuota"): "limits:quota",
    ("", "LimitRange"): "limits:limit_range",
    ("", "PersistentVolumeClaim"): "storage:claim",
    ("", "PersistentVolume"): "storage:volume",
    ("", "ReplicationController"): "workloads:replica_set",
    ("apps", "Deployment"): "deployment",
    ("apps", "ReplicaSet"): "workloads:replica_set",
    ("apps", "StatefulSet"): "workloads:stateful_set",
    ("apps", "DaemonSet"): "workloads:daemon_set",
    ("batch", "Job"): "workloads:job",
    ("batch", "CronJob"): "workloads:cron_job",
    ("autoscaling", "HorizontalPodAutoscaler"): "limits:autoscaler",
    ("policy", "PodDisruptionBudget"): "limits:budget",
    ("discovery.k8s.io", "EndpointSlice"): "network:endpoint_slice",
    ("networking.k8s.io", "Ingress"): "network:ingress",
    ("networking.k8s.io", "NetworkPolicy"): "network:network_policy",
    ("storage.k8s.io", "StorageClass"): "storage:storage_class",
    (_RBAC, "Role"): "rules:role",
    (_RBAC, "ClusterRole"): "rules:role",
    (_RBAC, "RoleBinding"): "rules:binding",
    (_RBAC, "ClusterRoleBinding"): "rules:binding",
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "definitions",
}
"""By group and kind: the module, and after a colon the function where it is not `describe`."""


def describer(body: Body) -> Describer:
    """The one for an object's kind; the generic one for all others."""
    target = _KINDS.get((group_of(text(body, "apiVersion")), text(body, "kind")), "generic")
    module, _, name = target.partition(":")
    return cast("Describer", getattr(import_module(f"{_HOME}.{module}"), name or "describe"))


def description(
    body: Body,
    happened: Feed[tuple[Happening, ...]],
    now: float,
    *,
    beside: Beside | None = None,
    shown: bool = False,
) -> list[Block]:
    """Everything that is said of an object: what is wrong, what it is, what happened to it."""
    return [*describer(body)(Known(body, now, beside, shown)), *events(happened, now)]
