"""The scheduler: which node a pod goes to, and the words for it when there is none.

Filters are those a person meets: cordons, taints, node selectors and required node affinity, room for pods, CPU,
memory and named resources, unbound claims. Among the nodes left, the one with the fewest pods of the same workload,
then the fewest at all: so the two pods of an agent stand on two nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tui.sim.kube.actors.behaviours import workload_of
from tui.sim.kube.actors.catalogue import NODES, PERSISTENT_VOLUME_CLAIMS, PODS
from tui.sim.kube.actors.engine import Interest, Key
from tui.sim.kube.actors.pods import condition
from tui.sim.kube.actors.requests import Requests, fits, requests_of
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.selectors import Requirement
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_RETRY = 60.0
_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!", "Gt": "gt", "Lt": "lt"}


@dataclass(slots=True)
class _Load:
    """What is on a node."""

    pods: int = 0
    requests: Requests = field(default_factory=Requests)
    workloads: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])


class Scheduler:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._loads: dict[str, _Load] = {}
        self._waiting: set[Key] = set()
        for pod in site.store.list(PODS):
            self._count(pod, 1)

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {
            PODS.storage: self._pod_changed,
            NODES.storage: self._retry_all,
            PERSISTENT_VOLUME_CLAIMS.storage: self._retry_all,
        }

    def _pod_changed(self, record: WatchRecord) -> Iterable[Key]:
        before = record.old is not None and _occupies(record.old)
        after = record.change != "DELETED" and _occupies(record.obj)
        if before and not after and record.old is not None:
            self._count(record.old, -1)
            return tuple(self._waiting)
        if after and not before:
            self._count(record.obj, 1)
        if record.change == "ADDED" and not record.obj["spec"].get("nodeName"):
            return ((record.obj["metadata"]["namespace"], record.obj["metadata"]["name"]),)
        return ()

    def _retry_all(self, record: WatchRecord) -> Iterable[Key]:
        if record.old is not None and record.old.get("spec") == record.obj.get("spec"):
            labels = record.old["metadata"].get("labels") != record.obj["metadata"].get("labels")
            bound = record.storage == PERSISTENT_VOLUME_CLAIMS.storage
            return tuple(self._waiting) if labels or bound else ()
        return tuple(self._waiting)

    def _count(self, pod: Obj, sign: int) -> None:
        if not _occupies(pod):
            return
        load = self._loads.setdefault(text(pod["spec"]["nodeName"]), _Load())
        load.pods += sign
        load.requests.add(requests_of(pod), sign)
        load.workloads[_workload(pod)] += sign

    def sync(self, key: Key) -> float | None:
        pod = self._site.get(PODS, key)
        if pod is None or pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
            self._waiting.discard(key)
            return None
        nodes = self._site.store.list(NODES)
        refusals: Counter[str] = Counter()
        candidates: list[Obj] = []
        unbound = self._unbound_claim(pod)
        for node in nodes:
            whys = self._refusals(pod, node)
            refusals.update(whys)
            if not whys and not unbound:
                candidates.append(node)
        if not candidates:
            self._waiting.add(key)
            self._say_unschedulable(pod, len(nodes), unbound, refusals)
            return _RETRY
        self._waiting.discard(key)
        self._bind(pod, min(candidates, key=lambda node: self._rank(pod, node)))
        return None

    def _rank(self, pod: Obj, node: Obj) -> tuple[int, int, str]:
        load = self._loads.get(text(node["metadata"]["name"]), _Load())
        return load.workloads[_workload(pod)], load.pods, text(node["metadata"]["name"])

    def _refusals(self, pod: Obj, node: Obj) -> list[str]:
        """Why the pod cannot go there; [] = it can. The first filter that refuses speaks (but all resources do)."""
        spec = mapping(node.get("spec"))
        if condition(node, "Ready").get("status") != "True":
            return ["node(s) had untolerated taint {node.kubernetes.io/not-ready: }"]
        if spec.get("unschedulable") and not _tolerates(pod, {"key": "node.kubernetes.io/unschedulable"}):
            return ["node(s) were unschedulable"]
        for taint in items(spec.get("taints")):
            if taint.get("effect") in ("NoSchedule", "NoExecute") and not _tolerates(pod, taint):
                return [f"node(s) had untolerated taint {{{taint.get('key')}: {taint.get('value', '')}}}"]
        if not _selected(pod, node):
            return ["node(s) didn't match Pod's node affinity/selector"]
        load = self._loads.get(text(node["metadata"]["name"]), _Load())
        return fits(requests_of(pod), load.requests, load.pods, mapping(mapping(node["status"]).get("allocatable")))

    def _unbound_claim(self, pod: Obj) -> str:
        for volume in items(pod["spec"].get("volumes")):
            name = text(mapping(volume.get("persistentVolumeClaim")).get("claimName"))
            if not name:
                continue
            claim = self._site.get(PERSISTENT_VOLUME_CLAIMS, (pod["metadata"]["namespace"], name))
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if mapping(claim.get("status")).get("phase") != "Bound":
                return "pod has unbound immediate PersistentVolumeClaims"
        return ""

    def _say_unschedulable(self, pod: Obj, nodes: int, unbound: str, refusals: Counter[str]) -> None:
        """unbound: what is wrong with a claim, which no node can help; else `refusals` counts what each node said."""
        if not nodes:
            message = "no nodes available to schedule pods"
        else:
            whys = unbound or ", ".join(sorted(f"{count} {why}" for why, count in refusals.items()))
            preempted = "No preemption victims found for incoming pod"
            if unbound or not any("Insufficient" in why for why in refusals):
                preempted = "Preemption is not helpful for scheduling"
            none = f"0/{nodes} nodes are available:"
            message = f"{none} {whys}. preemption: {none} {nodes} {preempted}."
        self._site.record.warning(PODS, pod, "FailedScheduling", message, "default-scheduler", action="Scheduling")
        self._set_scheduled(pod, {"status": "False", "reason": "Unschedulable", "message": message})

    def _bind(self, pod: Obj, node: Obj) -> None:
        name = text(node["metadata"]["name"])
        bound = self._site.store.update(PODS, {**pod, "spec": {**pod["spec"], "nodeName": name}})
        self._set_scheduled(bound, {"status": "True"})
        metadata = pod["metadata"]
        said = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {name}"
        self._site.record.normal(PODS, pod, "Scheduled", said, "default-scheduler", action="Binding")

    def _set_scheduled(self, pod: Obj, outcome: Obj) -> None:
        known = condition(pod, "PodScheduled")
        since = self._site.stamp
        if known.get("status") == outcome["status"]:
            since = text(known.get("lastTransitionTime"))
        made = {
            "type": "PodScheduled",
            "observedGeneration": number(pod["metadata"].get("generation"), 1),
            "status": outcome["status"],
            "lastProbeTime": None,
            "lastTransitionTime": since,
            **{field: outcome[field] for field in ("reason", "message") if field in outcome},
        }
        status = mapping(pod.get("status"))
        others = [one for one in items(status.get("conditions")) if one.get("type") != "PodScheduled"]
        self._site.set_status(PODS, pod, {**status, "conditions": [*others, made]})


def _occupies(pod: Obj) -> bool:
    """It takes room on a node."""
    ended = mapping(pod.get("status")).get("phase") in ("Succeeded", "Failed")
    return bool(mapping(pod.get("spec")).get("nodeName")) and not ended


def _workload(pod: Obj) -> tuple[str, str]:
    return text(pod["metadata"].get("namespace")), workload_of(pod)


def _tolerates(pod: Obj, taint: Mapping[str, object]) -> bool:
    for toleration in items(pod["spec"].get("tolerations")):
        if toleration.get("effect") and toleration.get("effect") != taint.get("effect", "NoSchedule"):
            continue
        exists = toleration.get("operator") == "Exists"
        if exists and not toleration.get("key"):
            return True
        if toleration.get("key") != taint.get("key"):
            continue
        if exists or toleration.get("value", "") == taint.get("value", ""):
            return True
    return False


def _selected(pod: Obj, node: Obj) -> bool:
    labels: Mapping[str, str] = mapping(node["metadata"].get("labels"))
    wanted = mapping(pod["spec"].get("nodeSelector"))
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    affinity = mapping(mapping(pod["spec"].get("affinity")).get("nodeAffinity"))
    required = mapping(affinity.get("requiredDuringSchedulingIgnoredDuringExecution"))
    terms = items(required.get("nodeSelectorTerms"))
    fields = {"metadata.name": text(node["metadata"]["name"])}
    return not terms or any(
        _matches(term.get("matchExpressions"), labels) and _matches(term.get("matchFields"), fields) for term in terms
    )


def _matches(expressions: object, labels: Mapping[str, str]) -> bool:
    return all(
        Requirement(
            text(one.get("key")), _OPERATORS.get(text(one.get("operator")), "exists"), tuple(items(one.get("values")))
        ).matches(labels)
        for one in items(expressions)
    )
