"""metrics.k8s.io: what pods and nodes use, by seed and time, as a metrics server would report it.

Nothing is measured or stored: a pod's usage is a slow wave around a level of its own, the same at every asking of
the same moment. Windows and timestamps move as the recorded server's do: a sample is some seconds old, and stands
for the seconds before it.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable

from tui.sim.kube.dice import Dice
from tui.sim.kube.kinds import Kind, builtin
from tui.sim.kube.objects import items, labels_of, mapping, text, timestamp
from tui.sim.kube.quantities import total
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

_API = "metrics.k8s.io/v1beta1"
_SAMPLE_EVERY = 15.0
_WAVE = 900.0  # seconds of one swell
_MEBI = 1 << 20
_PODS: Kind = builtin("", "pods")
_NODES: Kind = builtin("", "nodes")


class Metrics:
    """now: the cluster's time. seed: makes each cluster's levels its own."""

    def __init__(self, store: Store, now: Callable[[], float], seed: int = 0) -> None:
        self._store = store
        self._now = now
        self._seed = seed

    def pods(self, namespace: str) -> list[Obj]:
        """PodMetrics of the running pods in a namespace ("" = all), in key order."""
        return [self._pod(pod) for pod in self._store.list(_PODS, namespace) if _runs(pod)]

    def nodes(self, namespace: str = "") -> list[Obj]:
        """NodeMetrics of all nodes."""
        used: dict[str, list[int]] = {}
        for pod in self._store.list(_PODS):
            if _runs(pod):
                sums = used.setdefault(text(pod["spec"].get("nodeName")), [0, 0])
                for container in pod["spec"]["containers"]:
                    nano, memory = self._usage(pod, container)
                    sums[0] += nano
                    sums[1] += memory
        return [self._node(node, *used.get(node["metadata"]["name"], [0, 0])) for node in self._store.list(_NODES)]

    def used(self, pod: Obj, resource: str) -> int:
        """What a pod uses of "cpu" or "memory", for the autoscaler: millicores, thousandths of a byte."""
        used = [self._usage(pod, container) for container in pod["spec"]["containers"]]
        if resource == "cpu":
            return sum(nano for nano, _ in used) // 10**6
        return sum(memory for _, memory in used) * 1000 if resource == "memory" else 0

    def _pod(self, pod: Obj) -> Obj:
        metadata = pod["metadata"]
        containers = [
            {"name": container["name"], "usage": _written(*self._usage(pod, container))}
            for container in pod["spec"]["containers"]
        ]
        shown: Obj = {"name": metadata["name"], "namespace": metadata["namespace"]}
        return {**self._head("PodMetrics", shown, pod), "containers": containers}

    def _node(self, node: Obj, nano: int, memory: int) -> Obj:
        system = Dice(self._seed, _number(node["metadata"]["name"]))
        nano += int((0.04 + 0.05 * self._swell(system.bits())) * 10**9)
        usage = _written(nano, memory + system.between(300, 500) * _MEBI)
        return {**self._head("NodeMetrics", {"name": node["metadata"]["name"]}, node), "usage": usage}

    def _head(self, kind: str, metadata: Obj, of: Obj) -> Obj:
        now, dice = self._now(), Dice(_number(text(of["metadata"].get("uid"))))
        late = 12.0 + dice.below(10)
        taken = math.floor((now - late) / _SAMPLE_EVERY) * _SAMPLE_EVERY
        labels = labels_of(of)
        return {
            "kind": kind,
            "apiVersion": _API,
            "metadata": {**metadata, "creationTimestamp": timestamp(now), **({"labels": labels} if labels else {})},
            "timestamp": timestamp(taken),
            "window": f"{10 + dice.below(20000) / 1000:.3f}s".replace(".000s", "s"),
        }

    def _usage(self, pod: Obj, container: Obj) -> tuple[int, int]:
        """(nanocores, bytes) of a container now."""
        place = _number(f"{pod['metadata'].get('uid')}/{container['name']}")
        dice = Dice(self._seed ^ place)
        request = mapping(mapping(container.get("resources")).get("requests"))
        level = _cores(request.get("cpu")) or dice.skewed(2, 180) / 1000
        swell = self._swell(dice.bits())
        share = 0.2 + 0.3 * dice.part() + 0.2 * swell
        memory = dice.between(24, 220) * _MEBI + int(swell * 8 * _MEBI)
        return int(level * share * 10**9), memory

    def _swell(self, phase: int) -> float:
        """0..1, slowly; steady between two samples."""
        sample = math.floor(self._now() / _SAMPLE_EVERY) * _SAMPLE_EVERY
        return 0.5 + 0.5 * math.sin(2 * math.pi * (sample / _WAVE + (phase % 1000) / 1000))


def register(cluster: ClusterState, metrics: Metrics) -> None:
    """Let a cluster serve them (`ClusterState.virtual`)."""
    cluster.virtual["metrics.k8s.io", "pods"] = metrics.pods
    cluster.virtual["metrics.k8s.io", "nodes"] = metrics.nodes


def _runs(pod: Obj) -> bool:
    statuses = items(mapping(pod.get("status")).get("containerStatuses"))
    return bool(statuses) and all("running" in mapping(one.get("state")) for one in statuses)


def _number(name: str) -> int:
    return zlib.crc32(name.encode())


def _cores(quantity: object) -> float:
    written = total([str(quantity)]) if quantity else "0"
    return float(written[:-1]) / 1000 if written.endswith("m") else float(written) if written.isdigit() else 0.0


def _written(nano: int, memory: int) -> Obj:
    return {"cpu": f"{nano}n" if nano else "0", "memory": f"{memory // 1024}Ki"}
