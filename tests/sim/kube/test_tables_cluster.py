"""Nodes, networks, storage, access and events, case by case, after k8s.io/kubernetes' own printer tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.kube.printing import BORN, Obj, cells, condition


def service(**spec: Any) -> list[Any]:
    return cells("services", spec=spec, status=spec.pop("status", {}))[1:5]


def test_services() -> None:
    ports = [{"port": 80, "protocol": "TCP"}, {"port": 53, "protocol": "UDP", "nodePort": 30053}]
    assert service(clusterIPs=["10.0.0.1"], ports=ports) == ["ClusterIP", "10.0.0.1", "<none>", "80/TCP,53:30053/UDP"]
    assert service(clusterIP="None") == ["ClusterIP", "None", "<none>", "<none>"]
    assert service(type="NodePort", externalIPs=["1.1.1.1", "2.2.2.2"])[2] == "1.1.1.1,2.2.2.2"
    assert service(type="LoadBalancer")[2] == "<pending>"
    assert service(type="Mystery")[2] == "<unknown>"
    balancer = {"loadBalancer": {"ingress": [{"ip": "9.9.9.9"}, {"hostname": "a.example.com"}, {"ip": "8.8.8.8"}]}}
    assert service(type="LoadBalancer", status=balancer)[2] == "8.8.8.8,9.9.9.9,a.example.com"
    assert service(type="LoadBalancer", status=balancer, externalIPs=["1.1.1.1"])[2].endswith("a.example.com,1.1.1.1")
    assert service(type="ExternalName", externalName="db.example.com")[1:3] == ["<none>", "db.example.com"]


def addresses(count: int) -> list[Obj]:
    return [{"ip": f"10.0.0.{i}"} for i in range(1, count + 1)]


def test_endpoints() -> None:
    assert cells("endpoints")[1] == "<none>"
    assert cells("endpoints", subsets=[{"addresses": addresses(2)}])[1] == "10.0.0.1,10.0.0.2"
    two_ports = [{"addresses": addresses(2), "ports": [{"port": 80}, {"port": 81}]}]
    assert cells("endpoints", subsets=two_ports)[1] == "10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more..."
    assert (
        cells("endpoints", subsets=[{"addresses": [{"ip": "fd00::1"}], "ports": [{"port": 80}]}])[1] == "[fd00::1]:80"
    )
    ports = [{"port": 80}, {"name": "any"}, {}, {"port": 1}]
    endpoints = [{"addresses": [f"10.0.0.{i}"]} for i in range(5)]
    assert cells("endpointslices.discovery.k8s.io", addressType="IPv4", ports=ports, endpoints=endpoints)[1:4] == [
        "IPv4",
        "80,any,* + 1 more...",
        "10.0.0.0,10.0.0.1,10.0.0.2 + 2 more...",
    ]
    assert cells("endpointslices.discovery.k8s.io")[2:4] == ["<unset>", "<unset>"]


def test_ingresses() -> None:
    rules = [{"host": "a"}, {}, {"host": "b"}, {"host": "c"}, {"host": "d"}]
    spec = {"ingressClassName": "nginx", "rules": rules, "tls": [{}]}
    status = {"loadBalancer": {"ingress": [{"ip": "9.9.9.9"}]}}
    assert cells("ingresses.networking.k8s.io", spec=spec, status=status)[1:5] == [
        "nginx",
        "a,b,c + 2 more...",
        "9.9.9.9",
        "80, 443",
    ]
    assert cells("ingresses.networking.k8s.io")[1:5] == ["<none>", "*", "", "80"]
    parameters = {"kind": "Params", "apiGroup": "example.com", "name": "p"}
    for given, expected in (
        (parameters, "Params.example.com/p"),
        ({"kind": "K", "name": "p"}, "K/p"),
        (None, "<none>"),
    ):
        assert cells("ingressclasses.networking.k8s.io", spec={"parameters": given})[2] == expected
    assert cells("networkpolicies.networking.k8s.io", spec={"podSelector": {}})[1] == "<none>"
    reference = {"resource": "services", "namespace": "default", "name": "kubernetes"}
    assert cells("ipaddresses.networking.k8s.io", spec={"parentRef": reference})[1] == "services/default/kubernetes"
    assert cells("servicecidrs.networking.k8s.io", spec={"cidrs": ["10.0.0.0/24", "fd00::/112"]})[1].count(",") == 1


def test_nodes() -> None:
    labels = {
        "node-role.kubernetes.io/worker": "",
        "node-role.kubernetes.io/": "",
        "kubernetes.io/role": "control-plane",
    }
    info = {"kubeletVersion": "v1.36.2", "osImage": "Debian", "kernelVersion": "6.18", "architecture": "arm64"}
    found = [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "InternalIP", "address": "fd00::1"}]
    assert cells(
        "nodes",
        metadata={"labels": labels},
        spec={"unschedulable": True},
        status={"conditions": condition("Ready"), "nodeInfo": info, "addresses": found},
    )[1:] == [
        "Ready,SchedulingDisabled",
        "control-plane,worker",
        "5m",
        "v1.36.2",
        "10.0.0.1",
        "<none>",
        "Debian",
        "6.18 (arm64)",
        "<unknown>",
    ]
    assert cells("nodes", status={"conditions": condition("Ready", "False")})[1] == "NotReady"
    assert cells("nodes", status={"conditions": condition("Ready", "Unknown")})[1] == "NotReady"
    assert cells("nodes")[1:3] == ["Unknown", "<none>"]


def test_storage() -> None:
    volume = {
        "capacity": {"storage": "1024Mi"},
        "accessModes": ["ReadWriteMany", "ReadWriteOnce", "ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Delete",
        "claimRef": {"namespace": "shop", "name": "data"},
        "storageClassName": "fast",
        "volumeAttributesClassName": "gold",
        "volumeMode": "Block",
    }
    assert cells("persistentvolumes", spec=volume, status={"phase": "Bound", "reason": "why"})[1:] == [
        "1Gi",
        "RWO,RWX",
        "Delete",
        "Bound",
        "shop/data",
        "fast",
        "gold",
        "why",
        "5m",
        "Block",
    ]
    claim = {"volumeName": "pv1", "storageClassName": "fast"}
    held = {"phase": "Bound", "capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOncePod"]}
    assert cells("persistentvolumeclaims", spec=claim, status=held)[1:6] == ["Bound", "pv1", "5Gi", "RWOP", "fast"]
    assert cells("persistentvolumeclaims", status=held)[1:5] == ["Bound", "", "", ""]
    assert cells("persistentvolumeclaims", metadata={"deletionTimestamp": BORN}, status=held)[1] == "Terminating"
    old = {"annotations": {"volume.beta.kubernetes.io/storage-class": "old"}}
    assert cells("persistentvolumeclaims", metadata=old, spec=claim)[5] == "old"
    default = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    assert cells("storageclasses.storage.k8s.io", metadata=default, provisioner="p", allowVolumeExpansion=True) == [
        "x (default)",
        "p",
        "Delete",
        "Immediate",
        True,
        "5m",
    ]
    driver = {"attachRequired": False, "tokenRequests": [{"audience": "a"}, {"audience": "b"}]}
    assert cells("csidrivers.storage.k8s.io", spec=driver)[1:7] == [False, False, False, "a,b", False, "<none>"]
    assert cells("csidrivers.storage.k8s.io")[1:7] == [True, False, False, "<unset>", False, "<none>"]
    assert cells("csinodes.storage.k8s.io", spec={"drivers": [{}, {}]})[1] == 2
    assert cells("csistoragecapacities.storage.k8s.io", storageClassName="fast", capacity="2048Mi")[1:] == [
        "fast",
        "2Gi",
    ]
    attachment = {"attacher": "csi", "nodeName": "n", "source": {"persistentVolumeName": "pv"}}
    assert cells("volumeattachments.storage.k8s.io", spec=attachment, status={"attached": True})[1:5] == [
        "csi",
        "pv",
        "n",
        True,
    ]


def test_configuration_and_quota() -> None:
    assert cells("configmaps", data={"a": "1"}, binaryData={"b": "MQ=="})[1] == 2
    assert cells("secrets", type="kubernetes.io/tls", data={"a": "", "b": ""})[1:3] == ["kubernetes.io/tls", 2]
    hard = {"requests.cpu": "2", "limits.cpu": "4000m", "pods": "10", "limits.memory": "1Gi"}
    used = {"requests.cpu": "0.5", "limits.cpu": "1", "pods": "3"}
    assert cells("resourcequotas", status={"hard": hard, "used": used})[1:3] == [
        "pods: 3/10, requests.cpu: 500m/2",
        "limits.cpu: 1/4, limits.memory: 0/1Gi",
    ]
    healthy = [{"type": "Healthy", "status": "False", "message": "m", "error": "e"}]
    assert cells("componentstatuses", conditions=healthy) == ["x", "Unhealthy", "m", "e"]
    assert cells("namespaces", status={"phase": "Terminating"}) == ["x", "Terminating", "5m"]


@pytest.mark.parametrize(
    ("types", "certificate", "expected"),
    [
        ((), "", "Pending"),
        (("Approved",), "", "Approved"),
        (("Approved",), "MQ==", "Approved,Issued"),
        (("Approved", "Denied"), "", "Denied"),
        (("Approved", "Failed"), "", "Approved,Failed"),
    ],
)
def test_the_condition_of_a_signing_request(types: tuple[str, ...], certificate: str, expected: str) -> None:
    status = {"conditions": [{"type": each} for each in types], "certificate": certificate}
    spec = {"username": "ana", "expirationSeconds": 3600}
    printed = cells("certificatesigningrequests.certificates.k8s.io", spec=spec, status=status)
    assert printed == ["x", "5m", "<none>", "ana", "60m", expected]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([], "Unknown"),
        (condition("Available"), "True"),
        ([{"type": "Available", "status": "False", "reason": "MissingEndpoints"}], "False (MissingEndpoints)"),
        (condition("Available", "False"), "False"),
    ],
)
def test_whether_an_api_service_is_available(conditions: list[Obj], expected: str) -> None:
    spec = {"service": {"namespace": "kube-system", "name": "metrics-server"}}
    printed = cells("apiservices.apiregistration.k8s.io", spec=spec, status={"conditions": conditions})
    assert printed == ["x", "kube-system/metrics-server", expected, "5m"]


def test_admission() -> None:
    group = "admissionregistration.k8s.io"
    assert cells(f"mutatingwebhookconfigurations.{group}", webhooks=[{}, {}])[1] == 2
    policy = {"validations": [{}], "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}}
    assert cells(f"validatingadmissionpolicies.{group}", spec=policy)[1:3] == [1, "v1/ConfigMap"]
    assert cells(f"mutatingadmissionpolicies.{group}", spec={"mutations": [{}, {}]})[1:3] == [2, "<unset>"]
    bindings = f"validatingadmissionpolicybindings.{group}"
    for reference, expected in (
        ({"name": "p", "namespace": "ns"}, "ns/p"),
        ({"name": "p"}, "*/p"),
        (None, "<unset>"),
    ):
        assert cells(bindings, spec={"policyName": "pol", "paramRef": reference})[1:3] == ["pol", expected]


SUBJECTS = [
    {"kind": "User", "name": "ana"},
    {"kind": "Group", "name": "ops"},
    {"kind": "User", "name": "bo"},
    {"kind": "ServiceAccount", "name": "app", "namespace": "shop"},
    {"kind": "Robot", "name": "r"},
]


@pytest.mark.parametrize("plural", ["rolebindings", "clusterrolebindings"])
def test_bindings_name_their_subjects_by_kind(plural: str) -> None:
    role = {"kind": "ClusterRole", "name": "view"}
    printed = cells(f"{plural}.rbac.authorization.k8s.io", roleRef=role, subjects=SUBJECTS)
    assert printed == ["x", "ClusterRole/view", "5m", "ana, bo", "ops", "shop/app"]


EVENT = {
    "type": "Warning",
    "reason": "BackOff",
    "involvedObject": {"kind": "Pod", "name": "p", "fieldPath": "spec.containers{c}"},
    "source": {"component": "kubelet", "host": "node1"},
    "message": " Back-off\n",
    "firstTimestamp": BORN,
    "lastTimestamp": "2026-11-22T01:04:00Z",
    "count": 9,
}
PRINTED = ["60s", "Warning", "BackOff", "pod/p", "spec.containers{c}", "kubelet, node1", "Back-off", "5m", 9, "x"]


def test_events_of_either_group_are_printed_alike() -> None:
    assert cells("events", **EVENT) == PRINTED
    renamed = {
        "involvedObject": "regarding",
        "source": "deprecatedSource",
        "message": "note",
        "firstTimestamp": "deprecatedFirstTimestamp",
        "lastTimestamp": "deprecatedLastTimestamp",
        "count": "deprecatedCount",
    }
    newer = {renamed.get(field, field): value for field, value in EVENT.items()}
    assert cells("events.events.k8s.io", **newer) == PRINTED


def test_an_event_of_the_newer_kind_counts_by_its_series() -> None:
    once = {"eventTime": BORN, "reportingComponent": "scheduler", "involvedObject": {"kind": "Node"}}
    printed = cells("events", **once)
    assert (printed[0], printed[3], printed[5], printed[7], printed[8]) == ("5m", "node", "scheduler", "5m", 1)
    series = {"count": 4, "lastObservedTime": "2026-11-22T01:04:30.000000Z"}
    printed = cells("events", **once, series=series)
    assert (printed[0], printed[8]) == ("30s", 4)


def test_metrics_of_a_node() -> None:
    usage = {"cpu": "93310215n", "memory": "514032Ki"}
    assert cells("nodes.metrics.k8s.io", usage=usage, window="10.019s") == ["x", "93310215n", "514032Ki", "10.019s"]
