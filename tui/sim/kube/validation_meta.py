"""Metadata of any object: k8s.io/apimachinery/pkg/api/validation/objectmeta.go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui.sim.kube.fielderrors import FieldError, forbidden, invalid, required, too_long
from tui.sim.kube.kinds import Kind
from tui.sim.kube.namerules import dns_1035_label, dns_label, dns_subdomain, label_value, path_segment, qualified_name
from tui.sim.kube.objects import finalizers_of, is_terminating, items, mapping, metadata_of, name_of, text
from tui.sim.kube.status import Obj

_MOST_ANNOTATIONS = 256 * 1024

_NAMES: dict[tuple[str, str], Callable[[str], str]] = {
    ("", "namespaces"): dns_label,
    ("", "services"): dns_1035_label,
    ("rbac.authorization.k8s.io", "roles"): path_segment,
    ("rbac.authorization.k8s.io", "rolebindings"): path_segment,
    ("rbac.authorization.k8s.io", "clusterroles"): path_segment,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): path_segment,
    ("apiregistration.k8s.io", "apiservices"): path_segment,
}


def metadata_errors(obj: Obj, kind: Kind) -> Iterator[FieldError]:
    """Of a new object, whose name is already made. Whether the namespace is right, the request's path has decided."""
    name, rule = name_of(obj), _NAMES.get((kind.group, kind.plural), dns_subdomain)
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif rule(name):
        yield invalid("metadata.name", name, rule(name))
    yield from common_errors(obj)


def common_errors(obj: Obj) -> Iterator[FieldError]:
    """What is looked at again on every update."""
    metadata = metadata_of(obj)
    yield from label_errors(metadata.get("labels"), "metadata.labels")
    yield from annotation_errors(metadata.get("annotations"), "metadata.annotations")
    for reference in items(metadata.get("ownerReferences")):
        yield from _owner_errors(mapping(reference))
    for finalizer in finalizers_of(obj):
        if qualified_name(finalizer):
            yield invalid("metadata.finalizers", finalizer, qualified_name(finalizer))


def update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    added = sorted(set(finalizers_of(new)) - set(finalizers_of(old)))
    if is_terminating(old) and added:
        found = ", ".join(f'"{name}"' for name in added)
        why = "no new finalizers can be added if the object is being deleted, found new finalizers"
        yield forbidden("metadata.finalizers", f"{why} []string{{{found}}}")


def label_errors(labels: object, path: str) -> Iterator[FieldError]:
    for key, value in mapping(labels).items():
        if qualified_name(key):
            yield invalid(path, key, qualified_name(key))
        if label_value(text(value)):
            yield invalid(path, value, label_value(text(value)))


def annotation_errors(annotations: object, path: str) -> Iterator[FieldError]:
    held = mapping(annotations)
    for key in held:
        if qualified_name(key.lower()):
            yield invalid(path, key, qualified_name(key.lower()))
    if sum(len(key.encode()) + len(text(value).encode()) for key, value in held.items()) > _MOST_ANNOTATIONS:
        yield too_long(path, _MOST_ANNOTATIONS)


def _owner_errors(reference: Obj) -> Iterator[FieldError]:
    for field, said in (
        ("apiVersion", "version must not be empty"),
        ("kind", "must not be empty"),
        ("name", "must not be empty"),
        ("uid", "must not be empty"),
    ):
        if not reference.get(field):
            yield invalid(f"metadata.ownerReferences.{field}", text(reference.get(field)), said)
