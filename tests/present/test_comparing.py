"""What of two objects is compared: nothing that differs by nature, and all that a person chose."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.recordings import load, needed
from tui.present.bynature import settled
from tui.present.comparing import Look, lines_of

SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "api", "uid": "u", "ownerReferences": [{"kind": "App", "name": "api", "uid": "o"}]},
    "spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{"port": 80, "nodePort": 30001}]},
    "status": {"loadBalancer": {}},
}
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "api"},
    "spec": {
        "nodeName": "n1",
        "containers": [
            {"name": "a", "volumeMounts": [{"name": "kube-api-access-x1", "mountPath": "/t"}, {"name": "d"}]}
        ],
        "volumes": [{"name": "kube-api-access-x1", "projected": {}}, {"name": "d"}],
    },
}
JOB: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "j", "labels": {"batch.kubernetes.io/controller-uid": "u", "app": "j"}},
    "spec": {
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}},
        "template": {"metadata": {"labels": {"controller-uid": "u", "job-name": "j"}}},
    },
}


@pytest.mark.parametrize(
    ("body", "kept", "gone"),
    [
        (
            SERVICE,
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "api", "ownerReferences": [{"kind": "App", "name": "api"}]},
                "spec": {"ports": [{"port": 80}]},
            },
            ("status", "metadata.uid", "metadata.ownerReferences.uid", "spec.clusterIP", "spec.clusterIPs",
             "spec.ports.nodePort"),
        ),
        (
            POD,
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "api"},
                "spec": {"containers": [{"name": "a", "volumeMounts": [{"name": "d"}]}], "volumes": [{"name": "d"}]},
            },
            ("spec.nodeName", "spec.volumes.kube-api-access-…"),
        ),
        (
            JOB,
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "j", "labels": {"app": "j"}},
                "spec": {"selector": {}, "template": {"metadata": {"labels": {"job-name": "j"}}}},
            },
            (
                "metadata.labels.batch.kubernetes.io/controller-uid",
                "spec.selector.matchLabels.batch.kubernetes.io/controller-uid",
                "spec.template.metadata.labels.controller-uid",
            ),
        ),
    ],
    ids=["service", "pod", "job"],
)  # fmt: skip
def test_what_the_cluster_fills_in_is_left_out_and_said(
    body: dict[str, Any], kept: dict[str, Any], gone: tuple[str, ...]
) -> None:
    before = copy.deepcopy(body)
    assert settled(body) == (kept, gone)
    assert body == before, "the body is somebody else's"


def test_a_headless_service_differs_from_one_with_an_address() -> None:
    headless = {**SERVICE, "spec": {**SERVICE["spec"], "clusterIP": "None", "clusterIPs": ["None"]}}
    assert settled(headless)[0]["spec"]["clusterIP"] == "None"


SHAPELESS: tuple[Any, ...] = (None, 7, "x", [], [None, 1, "a", [[]]], {}, {"a": None})


@pytest.mark.parametrize("kind", ["Service", "Pod", "Job", "Secret", "Node", "PersistentVolume"])
def test_no_shape_is_too_odd(kind: str) -> None:
    head = {"apiVersion": "batch/v1" if kind == "Job" else "v1", "kind": kind}
    for odd in SHAPELESS:
        inner = dict.fromkeys(("ports", "volumes", "containers", "claimRef", "selector", "template"), odd)
        for spec in (odd, inner):
            meta = {"ownerReferences": odd, "annotations": odd, "labels": odd}
            for metadata in (odd, meta):
                body = {**head, "metadata": metadata, "spec": spec, "data": odd}
                assert lines_of(body, {"data": odd, "metadata": odd}, "other", Look())[0]


@needed
@pytest.mark.parametrize("name", ["list-pods", "list-deployments", "list-nodes", "list-services"])
def test_real_objects_are_the_same_as_themselves_of_another_life(name: str) -> None:
    for body in load(name).body["items"]:
        other = copy.deepcopy(body)
        meta = other["metadata"]
        meta["uid"], meta["resourceVersion"], other["status"] = "another", "9", {}
        texts = [lines_of(one, two, "x", Look())[0] for one, two in ((body, other), (other, body))]
        assert texts[0] == texts[1]
        assert len(texts[0]) > 5
