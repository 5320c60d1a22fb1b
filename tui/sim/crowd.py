"""Very many plain pods, to measure with: running from the start, nobody's, and cheap, since they share all they can."""

from __future__ import annotations

import hashlib
import random

from tui.sim.kube.actors.addresses import nth_address
from tui.sim.kube.actors.catalogue import NODES, PODS
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.objects import mapping, text, timestamp
from tui.sim.kube.status import Obj

_IN_ONE_NAMESPACE = 1000
_IMAGE = "registry.example.com/load/worker:1.4.2"
_AGES = 64  # different ages there are
_OLDEST = 20 * 86400.0


def crowd(cluster: KubeCluster, count: int, now: float) -> None:
    """Put `count` pods onto the cluster's nodes, a thousand to a namespace."""
    found = cluster.store.list(NODES)
    nodes = [node["metadata"]["name"] for node in found]
    networks = [text(mapping(node.get("spec")).get("podCIDR")) for node in found]
    if not count or not nodes:
        return
    chance = random.Random(f"{cluster.name}/crowd")
    ages = [timestamp(now - chance.uniform(600, _OLDEST)) for _ in range(_AGES)]
    specs = [_spec(node) for node in nodes]
    conditions = {age: _conditions(age) for age in ages}
    labels = [{"app": f"load-{tenth}", "tier": "load"} for tenth in range(10)]
    for start in range(0, count, _IN_ONE_NAMESPACE):
        namespace = f"load-{start // _IN_ONE_NAMESPACE:03d}"
        cluster.ensure_namespace(namespace)
        for number in range(start, min(start + _IN_ONE_NAMESPACE, count)):
            age, host = ages[chance.randrange(_AGES)], number % len(nodes)
            name = f"worker-{number:06d}"
            # From the end of the node's network: the pods that come later are numbered from its beginning.
            address = nth_address(networks[host], -1 - number // len(nodes))
            status = _status(name, address, age, conditions[age], f"10.132.{host // 250}.{host % 250 + 2}")
            metadata = {
                "name": name,
                "namespace": namespace,
                "generation": 1,
                "creationTimestamp": age,
                "labels": labels[number % 10],
            }
            cluster.store.create(PODS, {"metadata": metadata, "spec": specs[host], "status": status})


def _spec(node: str) -> Obj:
    container = {
        "name": "worker",
        "image": _IMAGE,
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }
    return {
        "containers": [container],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default",
        "serviceAccount": "default",
        "automountServiceAccountToken": False,
        "nodeName": node,
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }


def _conditions(since: str) -> list[Obj]:
    names = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    return [
        {
            "type": name,
            "observedGeneration": 1,
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": since,
        }
        for name in names
    ]


def _status(name: str, address: str, since: str, conditions: list[Obj], host: str) -> Obj:
    digest = hashlib.sha256(name.encode()).hexdigest()
    container: Obj = {
        "name": "worker",
        "state": {"running": {"startedAt": since}},
        "lastState": {},
        "ready": True,
        "restartCount": 0,
        "image": _IMAGE,
        "imageID": f"{_IMAGE.partition(':')[0]}@sha256:{'0' * 64}",
        "containerID": f"containerd://{digest}",
        "started": True,
    }
    return {
        "observedGeneration": 1,
        "phase": "Running",
        "conditions": conditions,
        "hostIP": host,
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": since,
        "containerStatuses": [container],
        "qosClass": "Burstable",
    }
