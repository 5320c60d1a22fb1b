"""Volumes and their claims, classes and drivers: core and storage.k8s.io."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import is_terminating, items, mapping, metadata_of, text
from tui.sim.kube.printers.base import AGE, NAME, Column, Printing, Printings, age_of, name_of, or_none, parts, wide
from tui.sim.kube.quantities import canonical
from tui.sim.kube.status import Obj

_UNSET = "<unset>"
_ACCESS_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


def _persistent_volume(obj: Obj, now: float) -> list[Any]:
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    claim = mapping(spec.get("claimRef"))
    return [
        name_of(obj),
        _storage(spec.get("capacity")),
        _access_modes(spec.get("accessModes")),
        text(spec.get("persistentVolumeReclaimPolicy")) or "Retain",
        _phase(obj),
        f"{text(claim.get('namespace'))}/{text(claim.get('name'))}" if claim else "",
        _class_of(obj),
        text(spec.get("volumeAttributesClassName")) or _UNSET,
        text(status.get("reason")),
        age_of(obj, now),
        text(spec.get("volumeMode")) or "Filesystem",
    ]


def _persistent_volume_claim(obj: Obj, now: float) -> list[Any]:
    spec, status = mapping(obj.get("spec")), mapping(obj.get("status"))
    volume = text(spec.get("volumeName"))
    return [
        name_of(obj),
        _phase(obj),
        volume,
        _storage(status.get("capacity")) if volume else "",
        _access_modes(status.get("accessModes")) if volume else "",
        _class_of(obj),
        text(spec.get("volumeAttributesClassName")) or _UNSET,
        age_of(obj, now),
        text(spec.get("volumeMode")) or "Filesystem",
    ]


def _storage(capacity: Any) -> str:
    return canonical(str(mapping(capacity).get("storage", "0")))


def _access_modes(modes: Any) -> str:
    return ",".join(short for mode, short in _ACCESS_MODES.items() if mode in items(modes))


def _phase(obj: Obj) -> str:
    return "Terminating" if is_terminating(obj) else text(mapping(obj.get("status")).get("phase"))


def _class_of(obj: Obj) -> str:
    annotated = mapping(metadata_of(obj).get("annotations")).get(_CLASS_ANNOTATION)
    return text(annotated) or text(mapping(obj.get("spec")).get("storageClassName"))


def _storage_class(obj: Obj, now: float) -> list[Any]:
    annotations = mapping(metadata_of(obj).get("annotations"))
    default = any(annotations.get(annotation) == "true" for annotation in _DEFAULT_CLASS_ANNOTATIONS)
    return [
        f"{name_of(obj)} (default)" if default else name_of(obj),
        text(obj.get("provisioner")),
        text(obj.get("reclaimPolicy")) or "Delete",
        text(obj.get("volumeBindingMode")) or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age_of(obj, now),
    ]


def _volume_attributes_class(obj: Obj, now: float) -> list[Any]:
    annotations = mapping(metadata_of(obj).get("annotations"))
    default = annotations.get("volumeattributesclass.kubernetes.io/is-default-class") == "true"
    name = f"{name_of(obj)} (default)" if default else name_of(obj)
    return [name, text(obj.get("driverName")), age_of(obj, now)]


def _volume_attachment(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    return [
        name_of(obj),
        text(spec.get("attacher")),
        text(mapping(spec.get("source")).get("persistentVolumeName")),
        text(spec.get("nodeName")),
        bool(mapping(obj.get("status")).get("attached")),
        age_of(obj, now),
    ]


def _csi_node(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), len(items(mapping(obj.get("spec")).get("drivers"))), age_of(obj, now)]


def _csi_driver(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    tokens = spec.get("tokenRequests")
    return [
        name_of(obj),
        spec.get("attachRequired") is not False,
        bool(spec.get("podInfoOnMount")),
        bool(spec.get("storageCapacity")),
        _UNSET if tokens is None else ",".join(text(token.get("audience")) for token in parts(tokens)),
        bool(spec.get("requiresRepublish")),
        or_none(",".join(map(str, items(spec.get("volumeLifecycleModes"))))),
        age_of(obj, now),
    ]


def _csi_storage_capacity(obj: Obj, now: float) -> list[Any]:
    capacity = obj.get("capacity")
    shown = _UNSET if capacity is None else canonical(str(capacity))
    return [name_of(obj), text(obj.get("storageClassName")), shown]


_GROUP = "storage.k8s.io"

PRINTINGS: Printings = {
    ("", "persistentvolumes"): Printing(
        (
            NAME,
            Column("Capacity", "capacity is the description of the persistent volume's resources and capacity."),
            Column("Access Modes", "accessModes contains all ways the volume can be mounted."),
            Column("Reclaim Policy", "persistentVolumeReclaimPolicy defines what happens to a persistent volume"),
            Column("Status", "phase indicates if a volume is available, bound to a claim, or released by a claim."),
            Column("Claim", "claimRef is part of a bi-directional binding between PersistentVolume and"),
            Column("StorageClass", "StorageClass of the pv"),
            Column("VolumeAttributesClass", "VolumeAttributesClass of the pv"),
            Column("Reason", "reason is a brief CamelCase string that describes any failure"),
            AGE,
            wide(Column("VolumeMode", "volumeMode defines if a volume is intended to be used with a formatted")),
        ),
        _persistent_volume,
    ),
    ("", "persistentvolumeclaims"): Printing(
        (
            NAME,
            Column("Status", "phase represents the current phase of PersistentVolumeClaim."),
            Column("Volume", "volumeName is the binding reference to the PersistentVolume backing this claim."),
            Column("Capacity", "capacity represents the actual resources of the underlying volume."),
            Column("Access Modes", "accessModes contains the actual access modes the volume backing the PVC has."),
            Column("StorageClass", "StorageClass of the pvc"),
            Column("VolumeAttributesClass", "VolumeAttributesClass of the pvc"),
            AGE,
            wide(Column("VolumeMode", "volumeMode defines what type of volume is required by the claim.")),
        ),
        _persistent_volume_claim,
    ),
    (_GROUP, "storageclasses"): Printing(
        (
            NAME,
            Column("Provisioner", "provisioner indicates the type of the provisioner."),
            Column("ReclaimPolicy", "reclaimPolicy controls the reclaimPolicy for dynamically provisioned"),
            Column("VolumeBindingMode", "volumeBindingMode indicates how PersistentVolumeClaims should be provisioned"),
            Column("AllowVolumeExpansion", "allowVolumeExpansion shows whether the storage class allow volume expand."),
            AGE,
        ),
        _storage_class,
    ),
    (_GROUP, "volumeattributesclasses"): Printing(
        (NAME, Column("DriverName", "Name of the CSI driver"), AGE), _volume_attributes_class
    ),
    (_GROUP, "volumeattachments"): Printing(
        (
            NAME,
            Column("Attacher", "attacher indicates the name of the volume driver", format="name"),
            Column("PV", "persistentVolumeName represents the name of the persistent volume to attach."),
            Column("Node", "nodeName represents the node that the volume should be attached to."),
            Column("Attached", "attached indicates the volume is successfully attached.", type="boolean"),
            AGE,
        ),
        _volume_attachment,
    ),
    (_GROUP, "csinodes"): Printing(
        (
            NAME,
            Column("Drivers", "Drivers indicates the number of CSI drivers registered on the node", type="integer"),
            AGE,
        ),
        _csi_node,
    ),
    (_GROUP, "csidrivers"): Printing(
        (
            NAME,
            Column("AttachRequired", "attachRequired indicates this CSI volume driver requires an", type="boolean"),
            Column("PodInfoOnMount", "podInfoOnMount indicates this CSI volume driver requires", type="boolean"),
            Column("StorageCapacity", "storageCapacity indicates that the CSI volume driver wants", type="boolean"),
            Column("TokenRequests", "tokenRequests indicates the CSI driver needs pods' service account tokens"),
            Column("RequiresRepublish", "requiresRepublish indicates the CSI driver wants", type="boolean"),
            Column("Modes", "volumeLifecycleModes defines what kind of volumes this CSI volume driver supports."),
            AGE,
        ),
        _csi_driver,
    ),
    (_GROUP, "csistoragecapacities"): Printing(
        (
            NAME,
            Column("StorageClassName", "storageClassName represents the name of the StorageClass"),
            Column("Capacity", "capacity is the value reported by the CSI driver in its GetCapacityResponse"),
        ),
        _csi_storage_capacity,
    ),
}
