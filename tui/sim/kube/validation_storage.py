"""Claims, storage classes and custom resource definitions: pkg/apis/core/validation, storage/validation, and
k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.fielderrors import FieldError, forbidden, invalid, required, unsupported
from tui.sim.kube.objects import items, mapping, name_of, text
from tui.sim.kube.status import Obj
from tui.sim.kube.typed import same
from tui.sim.kube.validation_workloads import spec_of

_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def claim_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    modes = items(spec.get("accessModes"))
    if not modes:
        yield required("spec.accessModes", "at least 1 access mode is required")
    for mode in modes:
        if mode not in _ACCESS_MODES:
            yield unsupported("spec.accessModes", mode, _ACCESS_MODES)
    if "storage" not in mapping(mapping(spec.get("resources")).get("requests")):
        yield required("spec.resources[storage]")


def claim_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    def settled(obj: Obj) -> Obj:
        loose = ("resources", "volumeName", "volumeAttributesClassName")
        return {name: value for name, value in spec_of(obj).items() if name not in loose}

    if not same(settled(new), settled(old)):
        said = (
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
        )
        yield forbidden("spec", f"{said}\n")


def storage_class_errors(obj: Obj) -> Iterator[FieldError]:
    if not obj.get("provisioner"):
        yield required("provisioner")
    if obj.get("reclaimPolicy") not in (None, "Delete", "Retain"):
        yield unsupported("reclaimPolicy", obj["reclaimPolicy"], ("Delete", "Retain"))


def storage_class_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    for field in ("parameters", "provisioner", "reclaimPolicy"):
        if not same(new.get(field), old.get(field)):
            yield forbidden(field, f"updates to {field} are forbidden.")


def definition_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    names = mapping(spec.get("names"))
    expected = f"{text(names.get('plural'))}.{text(spec.get('group'))}"
    if name_of(obj) != expected:
        yield invalid("metadata.name", name_of(obj), 'must be spec.names.plural+"."+spec.group')
    for field in ("plural", "kind"):
        if not names.get(field):
            yield required(f"spec.names.{field}")
    if not spec.get("group"):
        yield required("spec.group")
    scope = text(spec.get("scope"))
    if scope not in ("Cluster", "Namespaced"):
        yield unsupported("spec.scope", scope, ("Cluster", "Namespaced")) if scope else required("spec.scope")
    versions = [mapping(version) for version in items(spec.get("versions"))]
    if sum(bool(version.get("storage")) for version in versions) != 1:
        yield invalid("spec.versions", versions, "must have exactly one version marked as storage version")
    for index, version in enumerate(versions):
        if not mapping(version.get("schema")).get("openAPIV3Schema"):
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required")
