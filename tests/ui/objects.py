"""Objects for the object screen: a pod that crashes, a secret, and what happened to them."""

from __future__ import annotations

import base64
from typing import Any

from tests.ui import world
from tests.ui.fake import FakeHub
from tui.model import builtin
from tui.model.feed import Feed, Gap
from tui.model.kube import PODS, KindRef
from tui.model.objects import Happening, Held, ObjectRef, Related, RelatedNode, Relation

SECRETS = KindRef("", "v1", "secrets", "Secret", "secret", True)
EU = world.members()[0].cluster
US = world.members()[1].cluster
POD = ObjectRef(US, PODS, "payments", "api-7c9f6d-kk0d2")
SECRET = ObjectRef(EU, SECRETS, "payments", "db")


def pod() -> dict[str, Any]:
    started = world.rfc3339(world.NOW - 660)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "api-7c9f6d-kk0d2",
            "namespace": "payments",
            "uid": "uid-api-7c9f6d-kk0d2",
            "resourceVersion": "41",
            "creationTimestamp": started,
            "labels": {"app": "api", "pod-template-hash": "7c9f6d"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "api-7c9f6d", "uid": "uid-rs", "controller": True}],
            "managedFields": [{"manager": "kubelet", "operation": "Update"}],
        },
        "spec": {
            "nodeName": "gke-prod-us-1",
            "serviceAccountName": "api",
            "containers": [
                {
                    "name": "api",
                    "image": "eu.gcr.io/acme/api:2.14.1",
                    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                    "args": ["--config", "/etc/api/config.yaml"],
                    "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
                    "env": [{"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}],
                    "volumeMounts": [{"name": "config", "mountPath": "/etc/api", "readOnly": True}],
                },
                {"name": "proxy", "image": "envoyproxy/envoy:v1.33"},
            ],
            "volumes": [{"name": "config", "configMap": {"name": "api-config"}}],
        },
        "status": {
            "phase": "Running",
            "qosClass": "Burstable",
            "podIP": "10.8.0.4",
            "hostIP": "10.0.0.7",
            "startTime": started,
            "conditions": [
                {
                    "type": "Ready",
                    "status": "False",
                    "reason": "ContainersNotReady",
                    "message": "containers with unready status: [api]",
                    "lastTransitionTime": world.rfc3339(world.NOW - 45),
                },
                {"type": "PodScheduled", "status": "True", "lastTransitionTime": started},
            ],
            "containerStatuses": [
                {
                    "name": "api",
                    "ready": False,
                    "restartCount": 7,
                    "state": {
                        "waiting": {
                            "reason": "CrashLoopBackOff",
                            "message": "back-off 5m0s restarting failed container=api pod=api-7c9f6d-kk0d2_payments",
                        }
                    },
                    "lastState": {
                        "terminated": {
                            "exitCode": 137,
                            "reason": "OOMKilled",
                            "startedAt": world.rfc3339(world.NOW - 71),
                            "finishedAt": world.rfc3339(world.NOW - 45),
                        }
                    },
                },
                {"name": "proxy", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": started}}},
            ],
        },
    }


def happenings() -> tuple[Happening, ...]:
    def one(type_: str, reason: str, said: str, count: int, first: float, last: float) -> Happening:
        return Happening(type_, reason, said, "kubelet", count, world.NOW - first, world.NOW - last)

    return (
        Happening("Normal", "Scheduled", "Successfully assigned payments/api-7c9f6d-kk0d2 to gke-prod-us-1",
                  "default-scheduler", 1, world.NOW - 660, world.NOW - 660),
        one("Normal", "Pulled", 'Container image "eu.gcr.io/acme/api:2.14.1" already present on machine', 8, 655, 71),
        one("Warning", "BackOff", "Back-off restarting failed container api in pod api-7c9f6d-kk0d2", 31, 600, 5),
    )  # fmt: skip


def secret() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": "db",
            "namespace": "payments",
            "uid": "uid-db",
            "creationTimestamp": world.rfc3339(world.NOW - 9e5),
        },
        "data": {"password": base64.b64encode(b"correct horse").decode(), "user": base64.b64encode(b"ledger").decode()},
    }


def live_hub() -> FakeHub:
    """The overview's world, with a crashing pod and a secret that can be opened."""
    made = world.live_hub()
    put(made, POD, pod(), happenings())
    put(made, SECRET, secret())
    around = related()
    made.related(POD).put(around, world.NOW, gaps=around.gaps, fresh_for=140)
    return made


def put(hub: FakeHub, ref: ObjectRef, body: dict[str, Any] | None, events: tuple[Happening, ...] = ()) -> None:
    """What the server says of an object, and what happened to it."""
    hub.object(ref).put(Held(body), world.NOW)
    uid = (body or {}).get("metadata", {}).get("uid", "")
    hub.events(ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name, uid)).put(events, world.NOW)
    hub.opened.clear()


def gone(hub: FakeHub, ref: ObjectRef) -> None:
    held = hub.object(ref).feed.value
    assert held is not None
    hub.object(ref).put(Held(held.body, deleted=True), world.NOW)


def never(hub: FakeHub, ref: ObjectRef) -> None:
    hub.object(ref).replace(Feed(problem=world.RBAC, failures=2, retry_at=world.NOW + 12))


def node(
    relation: Relation, kind: KindRef, body: dict[str, Any], *children: RelatedNode, note: str = "", lost: str = ""
) -> RelatedNode:
    """One object of a tree."""
    meta = body["metadata"]
    namespace = meta.get("namespace", "")
    ref = ObjectRef(US, kind, namespace, meta["name"], meta.get("uid", ""))
    return RelatedNode(relation, kind.kind, meta["name"], namespace, ref, body, note, lost, children)


def related() -> Related:
    """Around the crashing pod: its replica set and deployment, what selects it and what it uses."""
    made = world.rfc3339(world.NOW - 9 * 86400)

    def of(kind: str, name: str, **more: Any) -> dict[str, Any]:
        meta = {"name": name, "namespace": "payments", "uid": f"uid-{name}", "creationTimestamp": made}
        return {"kind": kind, "metadata": meta, **more}

    scaled = {"spec": {"replicas": 3}, "status": {"readyReplicas": 2}}
    deployment = node(Relation.OWNED_BY, builtin.DEPLOYMENTS, of("Deployment", "api", **scaled), note="controller")
    replicas = of("ReplicaSet", "api-7c9f6d", **scaled)
    return Related(
        (
            node(Relation.OWNED_BY, builtin.REPLICA_SETS, replicas, deployment, note="controller"),
            node(Relation.SELECTED_BY, builtin.SERVICES, of("Service", "api")),
            node(Relation.SELECTED_BY, builtin.BUDGETS, of("PodDisruptionBudget", "api")),
            node(Relation.USES, SECRETS, of("Secret", "db"), note="env DB"),
            node(
                Relation.USES,
                builtin.CONFIG_MAPS,
                of("ConfigMap", "api-config"),
                note="volume config",
                lost="not found",
            ),
            RelatedNode(Relation.USES, "Widget", "w1", "payments", note="a kind that is not served"),
        ),
        (Gap("networkpolicies.networking.k8s.io", world.RBAC),),
    )
