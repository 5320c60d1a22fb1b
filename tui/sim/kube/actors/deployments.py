"""The Deployment controller: ReplicaSets by template, rolled over within maxSurge and maxUnavailable, with revisions
that `kubectl rollout history` and `undo` can read (pkg/controller/deployment)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.sim.kube.actors.catalogue import DEPLOYMENTS, PODS, REPLICA_SETS
from tui.sim.kube.actors.deploystatus import deployment_status, progress_left
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.owners import controller_of, owned_by, reference
from tui.sim.kube.actors.pods import is_active, replicas_of, template_hash
from tui.sim.kube.actors.rollout import Bounds, Old, bounds, new_size, shrink
from tui.sim.kube.actors.site import Site
from tui.sim.kube.objects import mapping, number, text, with_metadata
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

REVISION = "deployment.kubernetes.io/revision"
_HISTORY = "deployment.kubernetes.io/revision-history"
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_MAX = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = (REVISION, _HISTORY, _DESIRED, _MAX, "kubectl.kubernetes.io/last-applied-configuration")
_HASH = "pod-template-hash"


class Deployments:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {DEPLOYMENTS.storage: own, REPLICA_SETS.storage: lambda record: owned_by(DEPLOYMENTS, record)}

    def sync(self, key: Key) -> float | None:
        deployment = self._site.get(DEPLOYMENTS, key)
        if deployment is None:
            return None
        if not deployment["metadata"].get("deletionTimestamp"):
            deployment = self._roll(deployment)
        return self._tell(deployment)

    def _roll(self, deployment: Obj) -> Obj:
        spec = deployment["spec"]
        new, olds = self._sets(deployment)
        if spec.get("paused"):
            self._scale_paused(deployment, new, olds)
            return deployment
        recreate = mapping(spec.get("strategy")).get("type") == "Recreate"
        if recreate and self._clear(deployment, olds):
            return deployment
        if new is None:
            new = self._create(deployment, olds)
        deployment = self._number(deployment, new, olds)
        new, olds = self._sets(deployment)
        if new is not None:
            self._grow(deployment, new, olds)
            if not recreate:
                self._shrink(deployment)
        self._clean_up(deployment)
        return deployment

    def _sets(self, deployment: Obj) -> tuple[Obj | None, list[Obj]]:
        """The ReplicaSet of the present template, and the others, oldest first."""
        template = mapping(deployment["spec"].get("template"))
        sets = sorted(self._site.children(deployment, REPLICA_SETS), key=_made)
        new = next((one for one in sets if _same_template(mapping(one["spec"].get("template")), template)), None)
        return new, [one for one in sets if one is not new]

    def _create(self, deployment: Obj, olds: Sequence[Obj]) -> Obj:
        template = mapping(deployment["spec"].get("template"))
        namespace, name = deployment["metadata"]["namespace"], deployment["metadata"]["name"]
        collisions, hashed = 0, template_hash(template)
        while (taken := self._site.get(REPLICA_SETS, (namespace, f"{name}-{hashed}"))) is not None:
            if controller_of(taken) is None and _same_template(mapping(taken["spec"].get("template")), template):
                owners = [reference(DEPLOYMENTS, deployment)]
                return self._site.set_metadata(REPLICA_SETS, taken, ownerReferences=owners)  # left by --cascade=orphan
            collisions += 1
            hashed = template_hash(template, collisions)
        labelled = with_metadata(template, {"labels": {**_labels(template), _HASH: hashed}})
        selector = mapping(deployment["spec"].get("selector"))
        metadata = {
            "name": f"{name}-{hashed}",
            "namespace": namespace,
            "labels": _labels(labelled),
            "annotations": self._annotations(deployment, str(_highest(olds) + 1)),
            "ownerReferences": [reference(DEPLOYMENTS, deployment)],
        }
        spec: Obj = {
            "replicas": 0,
            **({"minReadySeconds": ready} if (ready := deployment["spec"].get("minReadySeconds")) else {}),
            "selector": {**selector, "matchLabels": {**mapping(selector.get("matchLabels")), _HASH: hashed}},
            "template": labelled,
        }
        return self._site.store.create(REPLICA_SETS, {"metadata": metadata, "spec": spec, "status": {"replicas": 0}})

    def _annotations(self, deployment: Obj, revision: str) -> dict[str, str]:
        copied = {
            key: value
            for key, value in mapping(deployment["metadata"].get("annotations")).items()
            if key not in _NOT_COPIED
        }
        wish = replicas_of(deployment)
        return {**copied, _DESIRED: str(wish), _MAX: str(wish + _limits(deployment).surge), REVISION: revision}

    def _number(self, deployment: Obj, new: Obj, olds: Sequence[Obj]) -> Obj:
        """Give the new set the highest revision (a rollback makes an old one new), and the Deployment the same."""
        known = mapping(new["metadata"].get("annotations"))
        revision = _revision(new)
        if revision <= _highest(olds):
            history = ",".join(one for one in (text(known.get(_HISTORY)), str(revision)) if one)
            revision = _highest(olds) + 1
            numbered = {**known, REVISION: str(revision), _HISTORY: history}
            self._site.set_metadata(REPLICA_SETS, new, annotations=numbered)
        annotations = mapping(deployment["metadata"].get("annotations"))
        if annotations.get(REVISION) == str(revision):
            return deployment
        return self._site.set_metadata(DEPLOYMENTS, deployment, annotations={**annotations, REVISION: str(revision)})

    def _grow(self, deployment: Obj, new: Obj, olds: Sequence[Obj]) -> None:
        wish, size = replicas_of(deployment), replicas_of(new)
        total = size + sum(map(replicas_of, olds))
        recreate = mapping(deployment["spec"].get("strategy")).get("type") == "Recreate"
        self._resize(deployment, new, wish if recreate else new_size(wish, _limits(deployment), size, total))

    def _shrink(self, deployment: Obj) -> None:
        new, olds = self._sets(deployment)
        if new is None:
            return
        described = [
            Old(one["metadata"]["name"], replicas_of(one), _available(one)) for one in olds if replicas_of(one)
        ]
        wish, by_name = replicas_of(deployment), {one["metadata"]["name"]: one for one in olds}
        for name, size in shrink(wish, _limits(deployment), described, replicas_of(new), _available(new)).items():
            self._resize(deployment, by_name[name], size)

    def _clear(self, deployment: Obj, olds: Sequence[Obj]) -> bool:
        """Recreate: nothing new before the last old pod is gone. Returns whether one is left."""
        for one in olds:
            self._resize(deployment, one, 0)
        return any(
            is_active(pod) or pod["metadata"].get("deletionTimestamp")
            for one in olds
            for pod in self._site.children(one, PODS)
        )

    def _scale_paused(self, deployment: Obj, new: Obj | None, olds: Sequence[Obj]) -> None:
        """A paused rollout still follows `kubectl scale`: the newest set with pods takes the difference."""
        sets = [one for one in (*olds, *([new] if new else ())) if replicas_of(one)]
        if sets and sum(map(replicas_of, sets)) != replicas_of(deployment):
            rest = sum(map(replicas_of, sets[:-1]))
            self._resize(deployment, sets[-1], max(0, replicas_of(deployment) - rest))

    def _resize(self, deployment: Obj, replica_set: Obj, size: int) -> None:
        live = self._site.get(REPLICA_SETS, (replica_set["metadata"]["namespace"], replica_set["metadata"]["name"]))
        if live is None:
            return
        before = replicas_of(live)
        annotations = {**mapping(live["metadata"].get("annotations"))}
        wish = replicas_of(deployment)
        annotations.update({_DESIRED: str(wish), _MAX: str(wish + _limits(deployment).surge)})
        sized = with_metadata({**live, "spec": {**live["spec"], "replicas": size}}, {"annotations": annotations})
        self._site.store.update(REPLICA_SETS, sized)
        if size != before:
            way = "up" if size > before else "down"
            said = f"Scaled {way} replica set {live['metadata']['name']} from {before} to {size}"
            self._site.record.normal(DEPLOYMENTS, deployment, "ScalingReplicaSet", said, "deployment-controller")

    def _clean_up(self, deployment: Obj) -> None:
        """Forget old, empty sets beyond revisionHistoryLimit."""
        _, olds = self._sets(deployment)
        empty = [one for one in olds if not replicas_of(one) and not number(mapping(one.get("status")).get("replicas"))]
        beyond = len(olds) - number(deployment["spec"].get("revisionHistoryLimit"), 10)
        self._site.delete_all(REPLICA_SETS, sorted(empty, key=_revision)[: max(0, beyond)])

    def _tell(self, deployment: Obj) -> float | None:
        live = self._site.get(DEPLOYMENTS, (deployment["metadata"]["namespace"], deployment["metadata"]["name"]))
        if live is None:
            return None
        new, olds = self._sets(live)
        limits = _limits(live)
        status = deployment_status(live, new, olds, replicas_of(live) - limits.unavailable, self._site.now())
        told = self._site.set_status(DEPLOYMENTS, live, status)
        return progress_left(told, self._site.now())


def _limits(deployment: Obj) -> Bounds:
    strategy = mapping(deployment["spec"].get("strategy"))
    if strategy.get("type") == "Recreate":
        return Bounds(0, replicas_of(deployment))
    rolling = mapping(strategy.get("rollingUpdate"))
    return bounds(rolling.get("maxSurge", "25%"), rolling.get("maxUnavailable", "25%"), replicas_of(deployment))


def _labels(template: Obj) -> Obj:
    return mapping(mapping(template.get("metadata")).get("labels"))


def _same_template(one: Obj, other: Obj) -> bool:
    def bare(template: Obj) -> Obj:
        labels = {key: value for key, value in _labels(template).items() if key != _HASH}
        metadata = {**mapping(template.get("metadata")), "labels": labels}
        return {**template, "metadata": {field: value for field, value in metadata.items() if value}}

    return bare(one) == bare(other)


def _revision(replica_set: Obj) -> int:
    written = text(mapping(replica_set["metadata"].get("annotations")).get(REVISION))
    return int(written) if written.isdigit() else 0


def _highest(sets: Sequence[Obj]) -> int:
    return max(map(_revision, sets), default=0)


def _made(replica_set: Obj) -> tuple[str, str]:
    return text(replica_set["metadata"].get("creationTimestamp")), text(replica_set["metadata"]["name"])


def _available(replica_set: Obj) -> int:
    return number(mapping(replica_set.get("status")).get("availableReplicas"))
