"""Takes deletions further as soon as there is something to take: the garbage collector, terminating namespaces, pods
that are to go and never came to a node, and pods whose node is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.sim.kube.actors.catalogue import NAMESPACES, NODES, PODS
from tui.sim.kube.actors.engine import EVERYTHING, Interest, Key
from tui.sim.kube.actors.site import Site
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.deletion import DeleteOptions, delete_object
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import is_terminating, mapping, owners_of
from tui.sim.kube.store import Storage

_GARBAGE: Key = ("garbage",)
_NAMESPACES: Key = ("namespaces",)
_SETTLES = 0.1
_LOOK_AGAIN = 1.0


class Housekeeping:
    def __init__(self, site: Site, cluster: KubeCluster) -> None:
        self._site = site
        self._cluster = cluster

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {EVERYTHING: self._changed}

    def _changed(self, record: WatchRecord) -> Iterable[Key]:
        terminating = is_terminating(record.obj)
        if record.storage == NAMESPACES.storage and terminating:
            return (_NAMESPACES,)
        if record.storage == NODES.storage and record.change == "DELETED":
            return (_GARBAGE, ("node", record.obj["metadata"]["name"]))
        if record.storage == PODS.storage and terminating and record.change != "DELETED":
            return (_GARBAGE, ("pod", record.obj["metadata"]["namespace"], record.obj["metadata"]["name"]))
        fresh = record.change == "ADDED" and owners_of(record.obj)
        return (_GARBAGE,) if fresh or terminating or record.change == "DELETED" else ()

    def sync(self, key: Key) -> float | None:
        if key == _GARBAGE:
            return _SETTLES if self._cluster.collect_garbage() else None
        if key == _NAMESPACES:
            return _LOOK_AGAIN if self._cluster.drain_namespaces() else None
        if key[0] == "node":
            self._forsake(key[1])
            return None
        pod = self._site.get(PODS, key[1:])
        if pod is not None and not mapping(pod.get("spec")).get("nodeName"):
            self._site.set_metadata(PODS, pod, deletionGracePeriodSeconds=0)
        return None

    def _forsake(self, node: str) -> None:
        """No kubelet is left to end its pods: they go as they are (pkg/controller/podgc)."""
        if self._site.get(NODES, ("", node)) is not None:
            return
        for pod in self._site.store.list(PODS):
            if mapping(pod.get("spec")).get("nodeName") == node:
                delete_object(self._site.store, PODS, pod, DeleteOptions(grace=0), self._site.now())
