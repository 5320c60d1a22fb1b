"""The StatefulSet controller: pods by ordinal, one after another, each with its own claims."""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.kube.actors.catalogue import PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.owners import owned_by
from tui.sim.kube.actors.pods import from_template, is_active, is_ready, replicas_of
from tui.sim.kube.actors.revisions import current_revision, trim
from tui.sim.kube.actors.site import Site
from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_HASH = "controller-revision-hash"


class StatefulSets:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {STATEFUL_SETS.storage: own, PODS.storage: lambda record: owned_by(STATEFUL_SETS, record)}

    def sync(self, key: Key) -> float | None:
        stateful = self._site.get(STATEFUL_SETS, key)
        if stateful is None or stateful["metadata"].get("deletionTimestamp"):
            return None
        revision = current_revision(self._site, STATEFUL_SETS, stateful, "controller.kubernetes.io/hash")
        pods = {_ordinal(pod): pod for pod in self._site.children(stateful, PODS)}
        self._step(stateful, pods, text(revision["metadata"]["name"]))
        self._tell(stateful, text(revision["metadata"]["name"]))
        return None

    def _step(self, stateful: Obj, pods: dict[int, Obj], revision: str) -> None:
        """One move: replace what has ended, make what is missing, take what is too much, renew what is old."""
        wish = replicas_of(stateful)
        parallel = stateful["spec"].get("podManagementPolicy") == "Parallel"
        for ordinal in range(wish):
            pod = pods.get(ordinal)
            if pod is None:
                self._create(stateful, ordinal, self._revision_for(stateful, ordinal, revision))
            elif mapping(pod.get("status")).get("phase") in ("Succeeded", "Failed"):
                self._site.delete(PODS, pod)
            if not parallel and (pod is None or not is_ready(pod) or not is_active(pod)):
                return
        for ordinal in sorted((one for one in pods if one >= wish), reverse=True):
            self._delete(stateful, pods[ordinal])
            if not parallel:
                return
        self._renew(stateful, pods, revision)

    def _renew(self, stateful: Obj, pods: dict[int, Obj], revision: str) -> None:
        """Rolling update: from the highest ordinal down to the partition, waiting for each to be ready."""
        strategy = mapping(stateful["spec"].get("updateStrategy"))
        if strategy.get("type") == "OnDelete":
            return
        partition = number(mapping(strategy.get("rollingUpdate")).get("partition"))
        for ordinal in sorted(pods, reverse=True):
            if ordinal < partition:
                return
            pod = pods[ordinal]
            if not is_active(pod):
                return
            if _revision_of(pod) != revision:
                self._delete(stateful, pod)
                return
            if not is_ready(pod):
                return

    def _revision_for(self, stateful: Obj, ordinal: int, revision: str) -> str:
        """Pods below the partition come back as they were."""
        rolling = mapping(mapping(stateful["spec"].get("updateStrategy")).get("rollingUpdate"))
        current = text(mapping(stateful.get("status")).get("currentRevision"))
        return current if current and ordinal < number(rolling.get("partition")) else revision

    def _create(self, stateful: Obj, ordinal: int, revision: str) -> None:
        name = f"{stateful['metadata']['name']}-{ordinal}"
        template = mapping(stateful["spec"].get("template"))
        claims = self._claims(stateful, name)
        labels = {
            "apps.kubernetes.io/pod-index": str(ordinal),
            _HASH: revision,
            "statefulset.kubernetes.io/pod-name": name,
        }
        pod = from_template(STATEFUL_SETS, stateful, template, name=name, labels=labels)
        pod["metadata"] = {**pod["metadata"], "generateName": f"{stateful['metadata']['name']}-"}
        volumes = [
            *({"name": volume, "persistentVolumeClaim": {"claimName": claim}} for volume, claim in claims.items()),
            *items(pod["spec"].get("volumes")),
        ]
        identity = {"hostname": name, "subdomain": text(stateful["spec"].get("serviceName"))}
        pod["spec"] = {**pod["spec"], **({"volumes": volumes} if volumes else {}), **identity}
        if self._site.create_pod(STATEFUL_SETS, stateful, pod, "statefulset-controller") is None:
            return
        said = f"create Pod {name} in StatefulSet {stateful['metadata']['name']} successful"
        self._site.record.normal(STATEFUL_SETS, stateful, "SuccessfulCreate", said, "statefulset-controller")

    def _claims(self, stateful: Obj, pod: str) -> dict[str, str]:
        """Volume name -> claim name, the claims made where they are missing (they outlive their pods)."""
        namespace, found = text(stateful["metadata"]["namespace"]), dict[str, str]()
        for template in items(stateful["spec"].get("volumeClaimTemplates")):
            volume = text(mapping(template.get("metadata")).get("name"))
            claim = f"{volume}-{pod}"
            found[volume] = claim
            if self._site.get(PERSISTENT_VOLUME_CLAIMS, (namespace, claim)) is not None:
                continue
            labels = mapping(mapping(stateful["spec"].get("selector")).get("matchLabels"))
            metadata = {
                "name": claim,
                "namespace": namespace,
                "labels": labels,
                "finalizers": ["kubernetes.io/pvc-protection"],
            }
            made = {"metadata": metadata, "spec": mapping(template.get("spec")), "status": {"phase": "Pending"}}
            self._site.store.create(PERSISTENT_VOLUME_CLAIMS, made)
            said = f"create Claim {claim} Pod {pod} in StatefulSet {stateful['metadata']['name']} success"
            self._site.record.normal(STATEFUL_SETS, stateful, "SuccessfulCreate", said, "statefulset-controller")
        return found

    def _delete(self, stateful: Obj, pod: Obj) -> None:
        if pod["metadata"].get("deletionTimestamp"):
            return
        self._site.delete(PODS, pod)
        said = f"delete Pod {pod['metadata']['name']} in StatefulSet {stateful['metadata']['name']} successful"
        self._site.record.normal(STATEFUL_SETS, stateful, "SuccessfulDelete", said, "statefulset-controller")

    def _tell(self, stateful: Obj, revision: str) -> None:
        pods = [pod for pod in self._site.children(stateful, PODS) if is_active(pod)]
        ready = sum(map(is_ready, pods))
        updated = sum(_revision_of(pod) == revision for pod in pods)
        before = text(mapping(stateful.get("status")).get("currentRevision")) or revision
        done = updated == len(pods) == replicas_of(stateful) and ready == len(pods)
        current = revision if done else before
        status: Obj = {
            "observedGeneration": number(stateful["metadata"].get("generation"), 1),
            "replicas": len(pods),
            "readyReplicas": ready or None,
            "currentReplicas": sum(_revision_of(pod) == current for pod in pods) or None,
            "updatedReplicas": updated or None,
            "currentRevision": current,
            "updateRevision": revision,
            "collisionCount": 0,
            "availableReplicas": ready,
        }
        self._site.set_status(STATEFUL_SETS, stateful, status)
        trim(self._site, stateful, {current, revision})


def _ordinal(pod: Obj) -> int:
    last = text(pod["metadata"]["name"]).rpartition("-")[2]
    return int(last) if last.isdigit() else -1


def _revision_of(pod: Obj) -> str:
    return text(mapping(pod["metadata"].get("labels")).get(_HASH))
