"""What a server fills in: against every recorded object, and kind by kind."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import recordings
from tests.recordings import load
from tests.sim.kube.samples import DEPLOYMENTS, PODS, container, deployment, kind_of, pod
from tui.sim.kube import admission
from tui.sim.kube.apply import server_side_apply
from tui.sim.kube.completion import quality_of_service
from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.status import Obj


def recorded_objects() -> Iterator[tuple[str, Obj]]:
    registry = Registry()
    for name in recordings.names("*"):
        raw = json.loads((recordings.FOLDER / f"{name}.json").read_text())
        body = raw.get("body")
        if not isinstance(body, dict):
            continue
        kind = body.get("kind", "")
        found: list[Obj] = []
        if kind.endswith("List") and "items" in body:
            found = [{"kind": kind[:-4], "apiVersion": body["apiVersion"], **item} for item in body["items"]]
        elif kind == "Table":
            found = [row["object"] for row in body["rows"] if row.get("object")]
        elif body.get("metadata", {}).get("uid"):
            found = [body]
        for obj in found:
            if registry.for_object(obj.get("apiVersion", ""), obj.get("kind", "")) is not None:
                yield f"{name}:{obj['metadata'].get('name')}", obj


@recordings.needed
def test_a_recorded_object_is_already_what_decoding_and_defaults_make_of_it():
    met = 0
    for name, obj in recorded_objects():
        kind = kind_of(obj["kind"], obj["apiVersion"])
        result = admission.default(obj, kind)
        assert json.dumps(result) == json.dumps(obj), name  # the order of fields too
        assert admission.unknown_fields(obj, kind) == [], name
        admission.validate(result, kind)
        admission.validate(result, kind, obj)
        met += 1
    assert met > 30


@recordings.needed
def test_what_a_recorded_deployment_s_creator_said_gives_the_recorded_deployment():
    recorded = load("list-deployments").body["items"][0]
    said = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "dep", "namespace": "default"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "dep"}},
            "template": {
                "metadata": {"labels": {"app": "dep"}},
                "spec": {
                    "containers": [
                        {
                            "name": "web",
                            "image": "localhost/busybox:1.35",
                            "command": ["httpd", "-f", "-p", "8080", "-h", "/www"],
                            "ports": [{"containerPort": 8080}],
                        }
                    ],
                    "terminationGracePeriodSeconds": 1,
                },
            },
        },
    }
    entry = recorded["metadata"]["managedFields"][0]
    applied = server_side_apply(None, said, kind=DEPLOYMENTS, manager="kubectl", force=False, now=entry["time"])
    result = admission.default(applied, DEPLOYMENTS)
    assert json.dumps(result["spec"]) == json.dumps(recorded["spec"])
    assert result["metadata"]["managedFields"] == [entry]


def test_quantities_come_back_in_canonical_form():
    resources = {"requests": {"cpu": "0.5", "memory": "1024Mi"}, "limits": {"cpu": 2}}
    result = admission.default(container(resources=resources), PODS)["spec"]["containers"][0]["resources"]
    assert result == {"limits": {"cpu": "2"}, "requests": {"cpu": "500m", "memory": "1Gi"}}


def test_inputs_are_not_changed():
    for obj, kind in ((pod(volumes=[{"name": "v"}]), PODS), (deployment(), DEPLOYMENTS)):
        before = copy.deepcopy(obj)
        admission.default(obj, kind)
        assert obj == before


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:1", "IfNotPresent"),
        ("nginx@sha256:0", "IfNotPresent"),
    ],
)
def test_the_pull_policy_follows_the_tag(image: str, policy: str):
    assert admission.default(container(image=image), PODS)["spec"]["containers"][0]["imagePullPolicy"] == policy


@pytest.mark.parametrize(
    ("kind", "obj", "path", "value"),
    [
        (kind_of("Namespace"), {"metadata": {"name": "n"}}, "metadata.labels", {"kubernetes.io/metadata.name": "n"}),
        (kind_of("Namespace"), {"metadata": {"name": "n"}}, "spec.finalizers", ["kubernetes"]),
        (PODS, pod(), "spec.tolerations.1.key", "node.kubernetes.io/unreachable"),
        (PODS, pod(), "spec.enableServiceLinks", True),
        (PODS, pod(volumes=[{"name": "v"}]), "spec.volumes.0.emptyDir", {}),
        (PODS, pod(volumes=[{"name": "v", "secret": {"secretName": "s"}}]), "spec.volumes.0.secret.defaultMode", 420),
        (
            PODS,
            container(livenessProbe={"httpGet": {"port": 80}}),
            "spec.containers.0.livenessProbe",
            {
                "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
                "timeoutSeconds": 1,
                "periodSeconds": 10,
                "successThreshold": 1,
                "failureThreshold": 3,
            },
        ),
        (
            PODS,
            pod(hostNetwork=True, containers=[{"name": "c", "ports": [{"containerPort": 80}]}]),
            "spec.containers.0.ports.0.hostPort",
            80,
        ),
        (DEPLOYMENTS, deployment(strategy={"type": "Recreate"}), "spec.strategy", {"type": "Recreate"}),
        (
            kind_of("DaemonSet", "apps/v1"),
            {},
            "spec.updateStrategy",
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
        ),
        (
            kind_of("StatefulSet", "apps/v1"),
            {},
            "spec.updateStrategy",
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        ),
        (kind_of("Job", "batch/v1"), {"spec": {"parallelism": 3}}, "spec.completions", None),
        (kind_of("Job", "batch/v1"), {}, "spec.completions", 1),
        (kind_of("CronJob", "batch/v1"), {}, "spec.successfulJobsHistoryLimit", 3),
        (
            kind_of("Service"),
            {"spec": {"type": "NodePort", "ports": [{"port": 80}]}},
            "spec.ports",
            [{"protocol": "TCP", "port": 80, "targetPort": 80}],
        ),
        (kind_of("Service"), {"spec": {"type": "NodePort"}}, "spec.externalTrafficPolicy", "Cluster"),
        (kind_of("Service"), {"spec": {"type": "ExternalName"}}, "spec.ipFamilies", None),
        (kind_of("Secret"), {"stringData": {"a": "b"}}, "data", {"a": "Yg=="}),
        (kind_of("Secret"), {}, "type", "Opaque"),
        (
            kind_of("RoleBinding", "rbac.authorization.k8s.io/v1"),
            {"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "User", "name": "u"}]},
            "subjects.0.apiGroup",
            "rbac.authorization.k8s.io",
        ),
        (kind_of("PersistentVolumeClaim"), {}, "metadata.finalizers", ["kubernetes.io/pvc-protection"]),
        (kind_of("NetworkPolicy", "networking.k8s.io/v1"), {"spec": {"egress": [{}]}}, "spec.policyTypes.1", "Egress"),
        (kind_of("HorizontalPodAutoscaler", "autoscaling/v2"), {}, "spec.metrics.0.resource.name", "cpu"),
        (kind_of("StorageClass", "storage.k8s.io/v1"), {}, "volumeBindingMode", "Immediate"),
    ],
)
def test_what_is_left_out_is_filled_in(kind: Kind, obj: Obj, path: str, value: object):
    node: Any = admission.default(obj, kind)
    for step in path.split("."):
        node = node[int(step)] if isinstance(node, list) else node.get(step) if node is not None else None
    if path == "metadata.labels":
        node = {key: node[key] for key in ("kubernetes.io/metadata.name",)}
    assert node == value


def test_defaults_are_filled_once():
    obj = admission.default(deployment(), DEPLOYMENTS)
    assert admission.default(obj, DEPLOYMENTS) == obj


def test_what_admission_adds_comes_after_what_decoding_fills():
    decoded = admission.decoded(pod(), PODS)
    assert "tolerations" not in decoded["spec"]
    assert decoded["spec"]["restartPolicy"] == "Always"
    assert admission.completed(decoded, PODS) == admission.default(pod(), PODS)


@pytest.mark.parametrize(
    ("resources", "quality"),
    [
        ([{}], "BestEffort"),
        ([{"requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}}, {}], "Burstable"),
        ([{"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1"}}], "Burstable"),
    ],
)
def test_quality_of_service(resources: list[Obj], quality: str):
    assert quality_of_service({"containers": [{"resources": entry} for entry in resources]}) == quality
