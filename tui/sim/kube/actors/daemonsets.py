"""The DaemonSet controller: one pod on every node that will have it."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.kube.actors.catalogue import DAEMON_SETS, NODES, PODS
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.owners import owned_by
from tui.sim.kube.actors.pods import from_template, is_active, is_ready
from tui.sim.kube.actors.revisions import current_revision, hash_of, trim
from tui.sim.kube.actors.rollout import bounds
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_GENERATION = "deprecated.daemonset.template.generation"
_HASH = "controller-revision-hash"
_TOLERATED = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)


class DaemonSets:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {
            DAEMON_SETS.storage: own,
            PODS.storage: lambda record: owned_by(DAEMON_SETS, record),
            NODES.storage: self._node_changed,
        }

    def _node_changed(self, record: WatchRecord) -> list[Key]:
        old = record.old
        if record.change == "MODIFIED" and old is not None and old.get("spec") == record.obj.get("spec"):
            return []
        return [(one["metadata"]["namespace"], one["metadata"]["name"]) for one in self._site.store.list(DAEMON_SETS)]

    def sync(self, key: Key) -> float | None:
        daemons = self._site.get(DAEMON_SETS, key)
        if daemons is None or daemons["metadata"].get("deletionTimestamp"):
            return None
        generation = text(mapping(daemons["metadata"].get("annotations")).get(_GENERATION)) or "1"
        revision = current_revision(self._site, DAEMON_SETS, daemons, _HASH, {_GENERATION: generation})
        nodes = [node["metadata"]["name"] for node in self._site.store.list(NODES) if _wants(daemons, node)]
        by_node: dict[str, list[Obj]] = {}
        for pod in self._site.children(daemons, PODS):
            by_node.setdefault(_node_of(pod), []).append(pod)
        for node in nodes:
            if not by_node.get(node):
                self._create(daemons, node, hash_of(revision), generation)
        for node, pods in by_node.items():
            surplus = pods if node not in nodes else [pod for pod in pods if not _lives(pod)]
            self._delete_all(daemons, surplus)
        self._renew(daemons, nodes, hash_of(revision))
        self._tell(daemons, nodes, hash_of(revision))
        trim(self._site, daemons, {revision["metadata"]["name"]})
        return None

    def _create(self, daemons: Obj, node: str, hashed: str, generation: str) -> None:
        template = mapping(daemons["spec"].get("template"))
        labels = {_HASH: hashed, "pod-template-generation": generation}
        pod = from_template(DAEMON_SETS, daemons, template, labels=labels)
        field = {"key": "metadata.name", "operator": "In", "values": [node]}
        term = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        extra = [{"effect": effect, "key": key, "operator": "Exists"} for key, effect in _TOLERATED]
        pod["spec"] = {
            **pod["spec"],
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": term}},
            "tolerations": [*items(pod["spec"].get("tolerations")), *extra],
        }
        made = self._site.create_pod(DAEMON_SETS, daemons, pod, "daemonset-controller")
        if made is None:
            return
        said = f"Created pod: {made['metadata']['name']}"
        self._site.record.normal(DAEMON_SETS, daemons, "SuccessfulCreate", said, "daemonset-controller")

    def _delete_all(self, daemons: Obj, pods: list[Obj]) -> None:
        for pod in pods:
            if pod["metadata"].get("deletionTimestamp"):
                continue
            self._site.delete(PODS, pod)
            said = f"Deleted pod: {pod['metadata']['name']}"
            self._site.record.normal(DAEMON_SETS, daemons, "SuccessfulDelete", said, "daemonset-controller")

    def _renew(self, daemons: Obj, nodes: list[str], hashed: str) -> None:
        """Rolling update: old pods go as long as no more than maxUnavailable are missing."""
        strategy = mapping(daemons["spec"].get("updateStrategy"))
        if strategy.get("type") == "OnDelete":
            return
        rolling = mapping(strategy.get("rollingUpdate"))
        may_miss = max(1, bounds(0, rolling.get("maxUnavailable", 1), len(nodes)).unavailable)
        pods = self._site.children(daemons, PODS)
        missing = len(nodes) - sum(is_ready(pod) and is_active(pod) for pod in pods)
        for pod in sorted(pods, key=is_ready):
            if not is_active(pod) or _hash(pod) == hashed:
                continue
            if not is_ready(pod):
                self._delete_all(daemons, [pod])
            elif missing < may_miss:
                missing += 1
                self._delete_all(daemons, [pod])

    def _tell(self, daemons: Obj, nodes: list[str], hashed: str) -> None:
        pods = [pod for pod in self._site.children(daemons, PODS) if is_active(pod) and _node_of(pod) in nodes]
        ready = sum(map(is_ready, pods))
        status: Obj = {
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0,
            "desiredNumberScheduled": len(nodes),
            "numberReady": ready,
            "observedGeneration": number(daemons["metadata"].get("generation"), 1),
            "updatedNumberScheduled": sum(_hash(pod) == hashed for pod in pods) or None,
            "numberAvailable": ready or None,
            "numberUnavailable": len(nodes) - ready or None,
        }
        self._site.set_status(DAEMON_SETS, daemons, status)


def _wants(daemons: Obj, node: Obj) -> bool:
    """Node selector and taints; a cordon keeps no daemon away."""
    spec = mapping(mapping(daemons["spec"].get("template")).get("spec"))
    labels = mapping(node["metadata"].get("labels"))
    if any(labels.get(key) != value for key, value in mapping(spec.get("nodeSelector")).items()):
        return False
    tolerations = items(spec.get("tolerations"))
    anything = any(one.get("operator") == "Exists" and not one.get("key") for one in tolerations)
    keys = {one.get("key") for one in tolerations} | {key for key, _ in _TOLERATED}
    taints = [one for one in items(mapping(node.get("spec")).get("taints")) if one.get("effect") != "PreferNoSchedule"]
    return anything or all(taint.get("key") in keys for taint in taints)


def _node_of(pod: Obj) -> str:
    """The node a daemon is bound for, before it is bound as after."""
    affinity = mapping(mapping(mapping(pod.get("spec")).get("affinity")).get("nodeAffinity"))
    terms = items(mapping(affinity.get("requiredDuringSchedulingIgnoredDuringExecution")).get("nodeSelectorTerms"))
    for term in terms:
        for field in items(term.get("matchFields")):
            return text(items(field.get("values"))[0])
    return text(pod["spec"].get("nodeName"))


def _lives(pod: Obj) -> bool:
    return mapping(pod.get("status")).get("phase") not in ("Succeeded", "Failed")


def _hash(pod: Obj) -> str:
    return text(mapping(pod["metadata"].get("labels")).get(_HASH))
