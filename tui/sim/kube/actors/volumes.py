"""Claims and volumes: a claim of a storage class that provisions gets a volume; one in use is not let go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.sim.kube.actors.catalogue import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES
from tui.sim.kube.actors.engine import Interest, Key
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import finalizers_of, items, mapping, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_PROTECTION = "kubernetes.io/pvc-protection"
_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_PROVISIONING = 1.5  # seconds
_RETRY = 15.0


class Volumes:
    """Keys: (namespace, claim)."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._asked: dict[str, float] = {}

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {PERSISTENT_VOLUME_CLAIMS.storage: self._claim_changed, PODS.storage: self._pod_changed}

    def _claim_changed(self, record: WatchRecord) -> Iterable[Key]:
        metadata = record.obj["metadata"]
        if record.change == "DELETED":
            self._release(record.obj)
            return ()
        return ((metadata["namespace"], metadata["name"]),)

    def _pod_changed(self, record: WatchRecord) -> Iterable[Key]:
        """A pod's end may free a claim that waits to be deleted."""
        if record.change != "DELETED":
            return ()
        return tuple((record.obj["metadata"]["namespace"], name) for name in _claims(record.obj))

    def sync(self, key: Key) -> float | None:
        claim = self._site.get(PERSISTENT_VOLUME_CLAIMS, key)
        if claim is None:
            return None
        if claim["metadata"].get("deletionTimestamp"):
            self._let_go(claim)
            return None
        if mapping(claim.get("status")).get("phase") == "Bound":
            return None
        return self._bind(claim)

    def _let_go(self, claim: Obj) -> None:
        namespace, name = claim["metadata"]["namespace"], claim["metadata"]["name"]
        used = any(name in _claims(pod) for pod in self._site.store.list(PODS, namespace))
        if not used and _PROTECTION in finalizers_of(claim):
            self._site.drop_finalizer(PERSISTENT_VOLUME_CLAIMS, claim, _PROTECTION)

    def _bind(self, claim: Obj) -> float | None:
        storage_class = self._class(claim)
        if storage_class is None:
            said = "no persistent volumes available for this claim and no storage class is set"
            self._say(claim, "FailedBinding", said)
            self._site.set_status(PERSISTENT_VOLUME_CLAIMS, claim, {"phase": "Pending"})
            return _RETRY
        provisioner, waited = text(storage_class.get("provisioner")), self._waited(claim)
        if waited < _PROVISIONING:
            said = f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually"
            self._say(claim, "ExternalProvisioning", said)
            return _PROVISIONING - waited
        del self._asked[claim["metadata"]["uid"]]
        volume = self._provision(claim, storage_class)
        spec = {
            **mapping(claim["spec"]),
            "storageClassName": storage_class["metadata"]["name"],
            "volumeMode": claim["spec"].get("volumeMode") or "Filesystem",
            "volumeName": volume["metadata"]["name"],
        }
        asked = mapping(mapping(claim["spec"].get("resources")).get("requests"))
        status = {"phase": "Bound", "accessModes": items(claim["spec"].get("accessModes")), "capacity": asked}
        bound = self._site.store.update(PERSISTENT_VOLUME_CLAIMS, {**claim, "spec": spec})
        self._site.set_status(PERSISTENT_VOLUME_CLAIMS, bound, status)
        self._say(claim, "ProvisioningSucceeded", f"Successfully provisioned volume {volume['metadata']['name']}")
        return None

    def _class(self, claim: Obj) -> Obj | None:
        name = claim["spec"].get("storageClassName")
        if name is not None:
            return self._site.get(STORAGE_CLASSES, ("", text(name))) if name else None
        for one in self._site.store.list(STORAGE_CLASSES):
            if mapping(one["metadata"].get("annotations")).get(_DEFAULT) == "true":
                return one
        return None

    def _waited(self, claim: Obj) -> float:
        since = self._asked.setdefault(text(claim["metadata"]["uid"]), self._site.now())
        return self._site.now() - since

    def _provision(self, claim: Obj, storage_class: Obj) -> Obj:
        metadata = claim["metadata"]
        name = f"pvc-{metadata['uid']}"
        provisioner = text(storage_class.get("provisioner"))
        spec = {
            "capacity": mapping(mapping(claim["spec"].get("resources")).get("requests")),
            "csi": {"driver": provisioner, "volumeHandle": f"vol-{metadata['uid'][:13]}", "fsType": "ext4"},
            "accessModes": items(claim["spec"].get("accessModes")),
            "claimRef": {
                "kind": "PersistentVolumeClaim",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
                "apiVersion": "v1",
                "resourceVersion": metadata["resourceVersion"],
            },
            "persistentVolumeReclaimPolicy": text(storage_class.get("reclaimPolicy")) or "Delete",
            "storageClassName": storage_class["metadata"]["name"],
            "volumeMode": "Filesystem",
        }
        made = {
            "metadata": {
                "name": name,
                "annotations": {"pv.kubernetes.io/provisioned-by": provisioner},
                "finalizers": ["kubernetes.io/pv-protection"],
            },
            "spec": spec,
            "status": {"phase": "Bound", "lastPhaseTransitionTime": self._site.stamp},
        }
        return self._site.store.create(PERSISTENT_VOLUMES, made)

    def _release(self, claim: Obj) -> None:
        """The claim is gone: its volume goes with it, or is kept, as its policy says."""
        volume = self._site.get(PERSISTENT_VOLUMES, ("", text(claim["spec"].get("volumeName"))))
        if volume is None:
            return
        if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
            self._site.store.remove(PERSISTENT_VOLUMES, "", volume["metadata"]["name"])
        else:
            self._site.set_status(PERSISTENT_VOLUMES, volume, {**mapping(volume.get("status")), "phase": "Released"})

    def _say(self, claim: Obj, reason: str, message: str) -> None:
        component = "persistentvolume-controller"
        self._site.record.normal(PERSISTENT_VOLUME_CLAIMS, claim, reason, message, component)


def _claims(pod: Obj) -> list[str]:
    volumes = items(mapping(pod.get("spec")).get("volumes"))
    names = [text(mapping(volume.get("persistentVolumeClaim")).get("claimName")) for volume in volumes]
    return [name for name in names if name]
