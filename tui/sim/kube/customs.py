"""What a custom kind's CustomResourceDefinition says of it beyond discovery: list kind, selectable fields, scale."""

from __future__ import annotations

from tui.sim.kube.generation import is_custom
from tui.sim.kube.kinds import Kind, Registry, builtin
from tui.sim.kube.objects import items, mapping, nested, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

CRDS = builtin("apiextensions.k8s.io", "customresourcedefinitions")


def definition(store: Store, kind: Kind) -> Obj | None:
    """The CRD of a custom kind; None for a built-in one."""
    return store.get(CRDS, "", f"{kind.plural}.{kind.group}") if is_custom(kind) else None


def version_of(store: Store, kind: Kind) -> Obj:
    """The entry of spec.versions that `kind` is; {} for a built-in kind."""
    for found in items(nested(definition(store, kind), ("spec", "versions"))):
        if mapping(found).get("name") == kind.version:
            return mapping(found)
    return {}


def list_kind(store: Store, kind: Kind) -> str:
    named = text(nested(definition(store, kind), ("spec", "names", "listKind")))
    return named or f"{kind.kind}List"


def selectable_fields(store: Store, kind: Kind) -> tuple[str, ...]:
    """For field selectors, as "spec.color"."""
    paths = items(version_of(store, kind).get("selectableFields"))
    return tuple(text(mapping(path).get("jsonPath")).removeprefix(".") for path in paths)


def scale_paths(store: Store, kind: Kind) -> Obj:
    """subresources.scale of the version: specReplicasPath, statusReplicasPath, labelSelectorPath; or {}."""
    return mapping(nested(version_of(store, kind), ("subresources", "scale")))


def schemas(store: Store, registry: Registry) -> dict[str, Obj]:
    """The openAPIV3Schema of every custom kind, by "example.com/v1/Gadget"."""
    custom = (kind for kind in registry if is_custom(kind))
    return {
        f"{kind.group}/{kind.version}/{kind.kind}": mapping(
            nested(version_of(store, kind), ("schema", "openAPIV3Schema"))
        )
        for kind in custom
    }
