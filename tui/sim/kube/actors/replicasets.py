"""The ReplicaSet controller: as many pods as asked for, the least useful first when there are too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.sim.kube.actors.catalogue import PODS, REPLICA_SETS
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.owners import controller_of, owned_by, reference
from tui.sim.kube.actors.pods import available_in, from_template, is_active, is_ready, replicas_of
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import labels_of, mapping, number, text, with_metadata
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_COMPONENT = "replicaset-controller"
_FIRST_RETRY, _LONGEST_RETRY = 1.0, 1000.0  # seconds before a refused pod is tried again, doubling
_BURST = 500
"""Pods made or deleted in one go (replicaset.BurstReplicas)."""


class ReplicaSets:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._refused: dict[Key, int] = {}

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {REPLICA_SETS.storage: own, PODS.storage: self._pod_changed}

    def _pod_changed(self, record: WatchRecord) -> list[Key]:
        keys: list[Key] = list(owned_by(REPLICA_SETS, record))
        if record.change == "ADDED" and controller_of(record.obj) is None and labels_of(record.obj):
            keys.extend(self._may_adopt(record.obj))
        return keys

    def _may_adopt(self, pod: Obj) -> list[Key]:
        namespace = text(pod["metadata"].get("namespace"))
        return [
            (namespace, found["metadata"]["name"])
            for found in self._site.store.list(REPLICA_SETS, namespace)
            if _selects(found, pod)
        ]

    def sync(self, key: Key) -> float | None:
        replica_set = self._site.get(REPLICA_SETS, key)
        if replica_set is None:
            return None
        if not replica_set["metadata"].get("deletionTimestamp"):
            self._adopt(replica_set)
            if not self._manage(replica_set):
                self._tell(replica_set)
                self._refused[key] = self._refused.get(key, 0) + 1
                return min(_LONGEST_RETRY, _FIRST_RETRY * 2.0 ** min(self._refused[key], 12))
            self._refused.pop(key, None)
        return self._tell(replica_set)

    def _adopt(self, replica_set: Obj) -> None:
        """Pods that match and belong to nobody: left behind by a deletion with --cascade=orphan, mostly."""
        namespace = text(replica_set["metadata"]["namespace"])
        if not replicas_of(replica_set) or self._site.children(replica_set, PODS):
            return
        for pod in self._site.store.list(PODS, namespace):
            if controller_of(pod) is None and is_active(pod) and _selects(replica_set, pod):
                owners = [reference(REPLICA_SETS, replica_set)]
                self._site.store.update(PODS, with_metadata(pod, {"ownerReferences": owners}))

    def _manage(self, replica_set: Obj) -> bool:
        """Returns whether every pod that was to be made could be."""
        pods = [pod for pod in self._site.children(replica_set, PODS) if is_active(pod)]
        missing = replicas_of(replica_set) - len(pods)
        for _ in range(min(missing, _BURST)):
            if not self._create(replica_set):
                return False
        for pod in sorted(pods, key=_usefulness)[: min(max(-missing, 0), _BURST)]:
            self._site.delete(PODS, pod)
            said = f"Deleted pod: {pod['metadata']['name']}"
            self._site.record.normal(REPLICA_SETS, replica_set, "SuccessfulDelete", said, _COMPONENT)
        return True

    def _create(self, replica_set: Obj) -> bool:
        pod = from_template(REPLICA_SETS, replica_set, mapping(replica_set["spec"].get("template")))
        made = self._site.create_pod(REPLICA_SETS, replica_set, pod, _COMPONENT)
        if made is None:
            return False
        said = f"Created pod: {made['metadata']['name']}"
        self._site.record.normal(REPLICA_SETS, replica_set, "SuccessfulCreate", said, _COMPONENT)
        return True

    def _tell(self, replica_set: Obj) -> float | None:
        pods = self._site.children(replica_set, PODS)
        active = [pod for pod in pods if is_active(pod)]
        template = mapping(mapping(replica_set["spec"]).get("template"))
        wanted = mapping(mapping(template.get("metadata")).get("labels"))
        waits = [
            available_in(pod, number(replica_set["spec"].get("minReadySeconds")), self._site.now()) for pod in active
        ]
        status: Obj = {
            "replicas": len(active),
            "fullyLabeledReplicas": _count(active, wanted) or None,
            "readyReplicas": sum(map(is_ready, active)) or None,
            "availableReplicas": sum(wait == 0 for wait in waits) or None,
            "terminatingReplicas": sum(bool(pod["metadata"].get("deletionTimestamp")) for pod in pods),
            "observedGeneration": number(replica_set["metadata"].get("generation"), 1),
        }
        live = self._site.get(REPLICA_SETS, _key(replica_set))
        if live is not None:
            self._site.set_status(REPLICA_SETS, live, status)
        return min((wait for wait in waits if wait), default=None)


def _key(obj: Obj) -> Key:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def _selects(replica_set: Obj, pod: Obj) -> bool:
    return object_selector(replica_set["spec"].get("selector")).matches(labels_of(pod))


def _count(pods: Sequence[Obj], labels: Mapping[str, str]) -> int:
    return sum(labels.items() <= labels_of(pod).items() for pod in pods)


def _usefulness(pod: Obj) -> tuple[bool, bool, float, str]:
    """Low goes first: without a node, not ready, younger (controller.ActivePods)."""
    created = text(pod["metadata"].get("creationTimestamp"))
    age = -float(created.translate(str.maketrans("", "", "-:TZ")) or 0)
    return bool(mapping(pod.get("spec")).get("nodeName")), is_ready(pod), age, text(pod["metadata"]["name"])
