"""What a real API server knows of the types it serves: fields, how lists and maps merge, what is written when empty.

Three questions hang on this: who owns what (lists that are maps by a key, sets, or one value), how a strategic merge
patch joins two lists, and which fields exist at all. The knowledge of the built-in types is `schema.json` beside this
module, generated from the Kubernetes Go modules by `tests/sim/kube/schema_generator`; that of custom resources is
their CRD's own OpenAPI schema (`of_crd`).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any, TypeAlias

import msgspec

from tui.sim.kube.kinds import Kind
from tui.sim.kube.status import Obj


class Missing:
    """The type of `MISSING`: a field that is not there, as against one that is null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts: string, boolean, int32, int64, number, bytes, time, microtime, duration, quantity,
    int-or-string; or "object" and "any", whose parts nobody looks into."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """A list: a map of its items by `keys`, a set, or (neither) one value that is replaced as a whole."""

    element: Type
    keys: tuple[str, ...] = ()
    is_set: bool = False

    @property
    def atomic(self) -> bool:
        return not self.keys and not self.is_set


@dataclass(frozen=True, slots=True)
class MapType:
    """A map with any keys (labels, a ConfigMap's data). atomic: owned as a whole (a Service's selector)."""

    element: Type
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct.

    zero: what is written although the field is empty (`status: {}`, `containers: null`), else MISSING. pointer: an
    empty value that was given is told from none, and written. required: a client is told that it must be given.
    default: what an absent list key counts as. merge_key, strategy: patchMergeKey and patchStrategy of its Go type.
    """

    type: Type
    zero: Any = MISSING
    pointer: bool = False
    required: bool = False
    default: Any = None
    merge_key: str = ""
    strategy: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class StructType:
    """A type with named fields, in the order in which a server writes them.

    atomic: owned as a whole (a LabelSelector). rest: the type of fields that are not named, where any are allowed.
    custom: of a custom resource, which a server keeps as plain JSON.
    """

    name: str
    fields: dict[str, Field] = field(default_factory=dict[str, Field])
    atomic: bool = False
    doc: str = ""
    rest: Type | None = None
    custom: bool = False


@dataclass(frozen=True, slots=True)
class Deduced:
    """Nothing is known: objects are maps by their keys, lists are one value (a custom resource without a schema)."""


Type: TypeAlias = "Scalar | ListType | MapType | StructType | Deduced"

DEDUCED = Deduced()
OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class _RawValue(msgspec.Struct):
    scalar: str = ""
    ref: str = ""
    list: _RawValue | None = None
    map: _RawValue | None = None
    keys: tuple[str, ...] = ()
    set: bool = False
    atomic: bool = False


class _RawField(_RawValue, rename="camel"):
    zero: Any = msgspec.UNSET
    pointer: bool = False
    required: bool = False
    default: Any = None
    merge_key: str = ""
    strategy: str = ""


class _RawStruct(msgspec.Struct):
    fields: dict[str, _RawField]
    atomic: bool = False
    doc: str = ""


class _RawFile(msgspec.Struct):
    kinds: dict[str, str]
    types: dict[str, _RawStruct]


class Catalogue:
    """All built-in types by OpenAPI name ("io.k8s.api.core.v1.Pod") and by kind ("apps/v1/Deployment")."""

    def __init__(self, raw: _RawFile) -> None:
        self.kinds = raw.kinds
        self.types = {name: StructType(name, atomic=entry.atomic, doc=entry.doc) for name, entry in raw.types.items()}
        for name, entry in raw.types.items():
            self.types[name].fields.update({key: self._field(value) for key, value in entry.fields.items()})

    def _field(self, raw: _RawField) -> Field:
        return Field(
            type=self._type(raw),
            zero=MISSING if raw.zero is msgspec.UNSET else raw.zero,
            pointer=raw.pointer,
            required=raw.required,
            default=raw.default,
            merge_key=raw.merge_key,
            strategy=tuple(raw.strategy.split(",")) if raw.strategy else (),
        )

    def _type(self, raw: _RawValue) -> Type:
        if raw.ref:
            struct = self.types[raw.ref]
            return replace(struct, atomic=True) if raw.atomic else struct
        if raw.list is not None:
            return ListType(self._type(raw.list), raw.keys, raw.set)
        if raw.map is not None:
            return MapType(self._type(raw.map), raw.atomic)
        return Scalar(raw.scalar)


@functools.cache
def catalogue() -> Catalogue:
    """The built-in types; read from the package's data once (some 20 ms)."""
    data = resources.files("tui.sim.kube").joinpath("schema.json").read_bytes()
    return Catalogue(msgspec.json.decode(data, type=_RawFile))


def of_kind(kind: Kind) -> StructType | None:
    """The type of a built-in kind; None for a custom resource."""
    return of_gvk(kind.api_version, kind.kind)


def of_gvk(api_version: str, kind: str) -> StructType | None:
    name = catalogue().kinds.get(f"{api_version}/{kind}")
    return catalogue().types[name] if name else None


def type_of(kind: Kind, custom: StructType | None = None) -> Type:
    """The built-in type, else `custom` (see `of_crd`), else what can be deduced from values."""
    return of_kind(kind) or custom or DEDUCED


def child_type(parent: StructType | MapType, name: str) -> Type | None:
    """The type of one field or key; None where a struct has no such field."""
    if isinstance(parent, MapType):
        return parent.element
    known = parent.fields.get(name)
    return known.type if known else parent.rest


def deduce(kind: Type, value: object) -> Type:
    """A type as it applies to a value: only `Deduced` depends on it."""
    if not isinstance(kind, Deduced):
        return kind
    if isinstance(value, dict):
        return MapType(DEDUCED)
    if isinstance(value, list):
        return ListType(DEDUCED)
    return Scalar("any")


def zero(struct: StructType) -> Obj:
    """What a server holds of an object of which nothing was said: `{"spec": {"containers": null}, "status": {}}`."""
    empty: Obj = {}
    for name, known in struct.fields.items():
        if known.zero is MISSING:
            continue
        empty[name] = zero(known.type) if isinstance(known.type, StructType) and known.zero == {} else known.zero
    return empty


def of_crd(openapi: Mapping[str, Any]) -> StructType:
    """The type of a custom resource from its version's `schema.openAPIV3Schema`."""
    root = _crd_struct("", openapi)
    root.fields.setdefault("apiVersion", Field(Scalar("string")))
    root.fields.setdefault("kind", Field(Scalar("string")))
    root.fields["metadata"] = Field(catalogue().types[OBJECT_META])
    return root


def _crd_struct(name: str, node: Mapping[str, Any]) -> StructType:
    properties: dict[str, Any] = node.get("properties", {})
    extra: Any = node.get("additionalProperties")
    rest: Type | None = DEDUCED if node.get("x-kubernetes-preserve-unknown-fields") else None
    if isinstance(extra, dict):
        rest = _crd_type(name, extra)  # pyright: ignore[reportUnknownArgumentType]
    return StructType(
        name,
        {
            key: Field(_crd_type(f"{name}.{key}", below), default=below.get("default"))
            for key, below in properties.items()
        },
        atomic=node.get("x-kubernetes-map-type") == "atomic",
        doc=node.get("description", ""),
        rest=rest,
        custom=True,
    )


def _crd_type(name: str, node: Mapping[str, Any]) -> Type:
    if node.get("x-kubernetes-int-or-string"):
        return Scalar("int-or-string")
    match node.get("type"):
        case "object" | None:
            return _crd_object(name, node)
        case "array":
            items = _crd_type(name, node.get("items", {}))
            list_type = node.get("x-kubernetes-list-type")
            keys = tuple(node.get("x-kubernetes-list-map-keys", ())) if list_type == "map" else ()
            return ListType(items, keys, list_type == "set")
        case "integer":
            return Scalar("int64")
        case other:
            return Scalar(str(other))


def _crd_object(name: str, node: Mapping[str, Any]) -> Type:
    if node.get("x-kubernetes-embedded-resource") and not node.get("properties"):
        return DEDUCED
    if "properties" in node:
        return _crd_struct(name, node)
    extra: Any = node.get("additionalProperties")
    if isinstance(extra, dict):
        return MapType(_crd_type(name, extra), node.get("x-kubernetes-map-type") == "atomic")  # pyright: ignore[reportUnknownArgumentType]
    return DEDUCED if node.get("x-kubernetes-preserve-unknown-fields") else _crd_struct(name, node)
