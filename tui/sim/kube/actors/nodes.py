"""Nodes: what one looks like on each platform, and its signs of life.

Heartbeats are sparser than real ones (a lease every ten seconds, here every forty) to spare watch traffic; a node's
own status is renewed every five minutes, as by a real kubelet.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tui.sim.kube.actors.addresses import pod_network
from tui.sim.kube.actors.catalogue import LEASES, NODES
from tui.sim.kube.actors.engine import Interest, Key
from tui.sim.kube.actors.recorder import micro_timestamp
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import items, timestamp
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

LEASE_EVERY = 40.0
STATUS_EVERY = 300.0
_LEASES = "kube-node-lease"


@dataclass(frozen=True, slots=True)
class Platform:
    """name, provider: with {cluster}, {tag} (random letters), {index}, {region}; provider with {project}, {zone}, too.
    zone: of {region} and {letter}."""

    name: str
    provider: str
    os_image: str
    kernel: str
    instance: str
    labels: Mapping[str, str]
    zone: str = "{region}-{letter}"


_GKE = "Container-Optimized OS from Google"
PLATFORMS: Mapping[str, Platform] = {
    "gke": Platform(
        "gke-{cluster}-default-pool-{tag}-{index:04x}",
        "gce://{project}/{zone}/gke-{cluster}-default-pool-{tag}-{index:04x}",
        _GKE,
        "6.6.72+",
        "e2-standard-4",
        {"cloud.google.com/gke-nodepool": "default-pool", "cloud.google.com/gke-os-distribution": "cos"},
    ),
    "vmware": Platform(
        "{cluster}-pool-1-{tag}-{index}", "vsphere://{uuid}", "Ubuntu 22.04.5 LTS", "5.15.0-1070-gkeop", "", {}
    ),
    "baremetal": Platform(
        "{cluster}-bm{index}", "baremetal://10.0.0.{index}", "Ubuntu 24.04.2 LTS", "6.8.0-58-generic", "", {}
    ),
    "aws": Platform(
        "ip-10-0-{index}-23.{region}.compute.internal",
        "aws:///{zone}/i-0{tag}{index}",
        "Ubuntu 22.04.5 LTS",
        "6.8.0-1024-aws",
        "m5.xlarge",
        {},
        "{region}{letter}",
    ),
    "azure": Platform(
        "np1-{tag}-vmss{index:06d}",
        "azure:///np1-{tag}-vmss{index:06d}",
        "Ubuntu 22.04.5 LTS",
        "5.15.0-1081-azure",
        "Standard_D4s_v5",
        {},
    ),
    "attached": Platform(
        "ip-192-168-{index}-87.{region}.compute.internal",
        "aws:///{zone}/i-0{tag}{index}",
        "Bottlerocket OS 1.36.0 (aws-k8s)",
        "6.1.134",
        "m6i.large",
        {},
        "{region}{letter}",
    ),
    "edge": Platform("{cluster}-edge-{index}", "edge://{cluster}/{index}", _GKE, "6.6.72+", "", {}),
    "aks": Platform(
        "aks-nodepool1-{tag}-vmss{index:06d}",
        "azure:///subscriptions/0/aks-nodepool1-{tag}-vmss/{index}",
        "Ubuntu 22.04.5 LTS",
        "5.15.0-1084-azure",
        "Standard_D4ds_v5",
        {"kubernetes.azure.com/agentpool": "nodepool1", "kubernetes.azure.com/mode": "system"},
    ),
}
"""By membership kind; "aks" for clusters of Azure."""

_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
_CAPACITY = {
    "cpu": "4",
    "ephemeral-storage": "98831908Ki",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    "memory": "16374972Ki",
    "pods": "110",
}
_ALLOCATABLE = {**_CAPACITY, "cpu": "3920m", "ephemeral-storage": "47060071478", "memory": "13556924Ki"}


def node(
    cluster: str,
    index: int,
    platform: str,
    region: str,
    version: str,
    now: float,
    pods: int = 110,
    project: str = "",
) -> Obj:
    """The node `index` of a cluster, ready since `now`. pods: how many it has room for. project: of Google's that owns
    it, where one does."""
    kind = PLATFORMS[platform]
    digest = hashlib.sha256(f"{cluster}/{index}".encode()).hexdigest()
    tag = hashlib.sha256(cluster.encode()).hexdigest()[:8]
    zone = kind.zone.format(region=region, letter="abc"[index % 3])
    words = {"cluster": cluster, "tag": tag, "index": index, "region": region, "uuid": str(uuid.UUID(digest[:32]))}
    words |= {"zone": zone, "project": project}
    name = kind.name.format(**words)
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
        **({"node.kubernetes.io/instance-type": kind.instance} if kind.instance else {}),
        **kind.labels,
    }
    annotations = {
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }
    network = pod_network(index, pods)
    stamp = timestamp(now)
    return {
        # In order, as a server prints every map: what a write answers would else differ from what was read.
        "metadata": {
            "name": name,
            "creationTimestamp": stamp,
            "labels": dict(sorted(labels.items())),
            "annotations": annotations,
        },
        "spec": {"podCIDR": network, "podCIDRs": [network], "providerID": kind.provider.format(**words)},
        "status": {
            "capacity": {**_CAPACITY, "pods": str(pods)},
            "allocatable": {**_ALLOCATABLE, "pods": str(pods)},
            "conditions": [_condition(*one, stamp) for one in _CONDITIONS],
            "addresses": [
                {"type": "InternalIP", "address": f"10.132.{index // 250}.{index % 250 + 2}"},
                {"type": "Hostname", "address": name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": _info(kind, digest, version),
            "images": [],
        },
    }


def _info(kind: Platform, digest: str, version: str) -> Obj:
    return {
        "machineID": digest[:32],
        "systemUUID": str(uuid.UUID(digest[32:])),
        "bootID": str(uuid.UUID(digest[16:48])),
        "kernelVersion": kind.kernel,
        "osImage": kind.os_image,
        "containerRuntimeVersion": "containerd://2.0.5",
        "kubeletVersion": version,
        "kubeProxyVersion": "",
        "operatingSystem": "linux",
        "architecture": "amd64",
    }


def _condition(name: str, status: str, reason: str, message: str, stamp: str) -> Obj:
    times = {"lastHeartbeatTime": stamp, "lastTransitionTime": stamp}
    return {"type": name, "status": status, **times, "reason": reason, "message": message}


def heartbeats_of(nodes: Iterable[Obj]) -> Iterator[Key]:
    """What has to beat for these nodes."""
    for found in nodes:
        yield found["metadata"]["name"], "lease"
        yield found["metadata"]["name"], "status"


class Heartbeats:
    """Renews the lease and the status of every node, from the time the cluster is first seen."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {NODES.storage: self._appeared}

    def _appeared(self, record: WatchRecord) -> tuple[Key, ...]:
        return tuple(heartbeats_of([record.obj])) if record.change == "ADDED" else ()

    def sync(self, key: Key) -> float | None:
        found = self._site.get(NODES, ("", key[0]))
        if found is None:
            return None
        now = self._site.now()
        if key[1] == "lease":
            self._renew(found, now)
            return LEASE_EVERY if now >= self._site.present else self._site.present - now
        if now >= self._site.present:
            conditions = [{**one, "lastHeartbeatTime": timestamp(now)} for one in items(found["status"]["conditions"])]
            self._site.set_status(NODES, found, {**found["status"], "conditions": conditions})
            return STATUS_EVERY
        return self._site.present - now

    def _renew(self, found: Obj, now: float) -> None:
        name = found["metadata"]["name"]
        spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": micro_timestamp(now)}
        lease = self._site.get(LEASES, (_LEASES, name))
        if lease is not None:
            self._site.store.update(LEASES, {**lease, "spec": spec})
            return
        owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": found["metadata"]["uid"]}
        metadata = {"name": name, "namespace": _LEASES, "ownerReferences": [owner]}
        self._site.store.create(LEASES, {"metadata": metadata, "spec": spec})
