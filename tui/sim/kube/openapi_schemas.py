"""Types as OpenAPI schemas, in the dialects of its versions 2 and 3, with the extensions that kubectl reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import mapping, without
from tui.sim.kube.schema import (
    OBJECT_META,
    Field,
    ListType,
    MapType,
    Scalar,
    StructType,
    Type,
    catalogue,
    of_kind,
)
from tui.sim.kube.status import Obj

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_TIME, _MICRO_TIME, _DURATION = _META + "Time", _META + "MicroTime", _META + "Duration"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_RAW = "io.k8s.apimachinery.pkg.runtime.RawExtension"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_NOT_IN_VERSION_2 = ("allOf", "anyOf", "oneOf", "not", "nullable")

_NAMED = {
    "time": _TIME,
    "microtime": _MICRO_TIME,
    "duration": _DURATION,
    "quantity": _QUANTITY,
    "int-or-string": _INT_OR_STRING,
    "object": _RAW,
}
_PLAIN: dict[str, Obj] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "number": {"type": "number", "format": "double"},
    "bytes": {"type": "string", "format": "byte"},
    "any": {},
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What versions 2 and 3 write differently. place: what a reference begins with."""

    place: str
    three: bool

    def reference(self, name: str) -> Obj:
        """To a named type; v3 wraps it, since it lets nothing stand beside a `$ref`."""
        target = {"$ref": f"{self.place}{name}"}
        return {"allOf": [target]} if self.three else target

    def parameter(self, name: str, place: str, kind: str) -> Obj:
        made: Obj = {"name": name, "in": place}
        if place == "path":
            made["required"] = True
        return {**made, "schema": {"type": kind}} if self.three else {**made, "type": kind, "uniqueItems": True}

    def response(self, name: str) -> Obj:
        if not name:
            return {"description": "OK"}
        target = {"$ref": f"{self.place}{name}"}
        if self.three:
            return {"description": "OK", "content": {"application/json": {"schema": target}}}
        return {"description": "OK", "schema": target}

    def special(self) -> Mapping[str, Obj]:
        """The types that are not written as the struct they are."""
        text: Obj = {"type": "string"}
        either: Obj = {"oneOf": [{"type": "string"}, {"type": "number"}]} if self.three else text
        mixed: Obj = {"oneOf": [{"type": "integer"}, {"type": "string"}]} if self.three else text
        return {
            _TIME: {"type": "string", "format": "date-time"},
            _MICRO_TIME: {"type": "string", "format": "date-time"},
            _DURATION: text,
            _QUANTITY: either,
            _INT_OR_STRING: {"format": "int-or-string", **mixed},
            _RAW: {"type": "object"},
        }


V2 = Dialect("#/definitions/", three=False)
V3 = Dialect("#/components/schemas/", three=True)


def component_name(kind: Kind) -> str:
    """The name under which a kind's type stands: io.k8s.api.apps.v1.Deployment, com.example.v1.Gadget."""
    struct = of_kind(kind)
    if struct is not None:
        return struct.name
    return ".".join((*reversed(kind.group.split(".")), kind.version, kind.kind))


def schemas_of(kinds: Iterable[Kind], dialect: Dialect, custom: Mapping[str, Obj]) -> Obj:
    """The types of these kinds and all that they are made of, by name. custom: see `openapi.Custom`."""
    kinds = tuple(kinds)
    found: Obj = {}
    names = [OBJECT_META]
    for kind in kinds:
        if of_kind(kind) is None:
            found[component_name(kind)] = _custom_schema(kind, dialect, custom)
        else:
            names.append(component_name(kind))
    special = dialect.special()
    while names:
        name = names.pop()
        if name in found:
            continue
        if name in special:
            found[name] = special[name]
            continue
        struct = catalogue().types[name]
        found[name] = _struct_schema(struct, dialect)
        names += (used for field in struct.fields.values() for used in _used(field.type))
    for kind in kinds:
        name = component_name(kind)
        about = {"group": kind.group, "kind": kind.kind, "version": kind.version}
        found[name] = {**found[name], "x-kubernetes-group-version-kind": [about]}
    return dict(sorted(found.items()))


def _custom_schema(kind: Kind, dialect: Dialect, custom: Mapping[str, Obj]) -> Obj:
    """As its CRD gives it, with what every object has; any object where the CRD has no schema, or, in version 2, one
    that keeps what it does not know (apiextensions-apiserver pkg/controller/openapi/builder)."""
    given = custom.get(f"{kind.api_version}/{kind.kind}")
    if not given or (given.get(_PRESERVE) and not dialect.three):
        return {"type": "object"}
    shown = given if dialect.three else _for_version_2(given)
    properties = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        **shown.get("properties", {}),
        "metadata": dialect.reference(OBJECT_META),
    }
    return {**shown, "type": "object", "properties": properties}


def _for_version_2(node: Obj) -> Obj:
    """A schema less what version 2 has no words for, and less what kubectl stumbles over there: what may be null has
    no type, what may hold anything has no parts (pkg/controller/openapi/v2/conversion.go)."""
    nullable, preserves = node.get("nullable"), node.get(_PRESERVE)
    kept = without(node, _NOT_IN_VERSION_2)
    if nullable or preserves:
        kept = without(kept, ("items", "properties"))
    bare_list = kept.get("type") == "array" and "items" not in kept
    if nullable or bare_list or (preserves and kept.get("type") == "object"):
        kept = without(kept, ("type",))
    properties = mapping(kept.get("properties"))
    if properties:
        kept["properties"] = {name: _for_version_2(mapping(below)) for name, below in properties.items()}
    for field in ("items", "additionalProperties"):
        if isinstance(kept.get(field), dict):
            kept[field] = _for_version_2(mapping(kept[field]))
    if "required" in kept:
        needed = [name for name in kept["required"] if not mapping(properties.get(name)).get("nullable")]
        kept = {**without(kept, ("required",)), **({"required": needed} if needed else {})}
    return kept


def _struct_schema(struct: StructType, dialect: Dialect) -> Obj:
    made: Obj = {"type": "object"}
    if struct.doc:
        made["description"] = f"{struct.doc}."
    if struct.fields:
        made["properties"] = {name: _field_schema(field, dialect) for name, field in struct.fields.items()}
    required = [name for name, field in struct.fields.items() if field.required]
    if required:
        made["required"] = required
    if struct.atomic:
        made["x-kubernetes-map-type"] = "atomic"
    return made


def _field_schema(field: Field, dialect: Dialect) -> Obj:
    made = _type_schema(field.type, dialect)
    if isinstance(field.type, ListType):
        made["x-kubernetes-list-type"] = "map" if field.type.keys else "set" if field.type.is_set else "atomic"
        if field.type.keys:
            made["x-kubernetes-list-map-keys"] = list(field.type.keys)
    elif isinstance(field.type, MapType) and field.type.atomic:
        made["x-kubernetes-map-type"] = "atomic"
    if field.default is not None:
        made["default"] = field.default
    if field.merge_key:
        made["x-kubernetes-patch-merge-key"] = field.merge_key
    if field.strategy:
        made["x-kubernetes-patch-strategy"] = ",".join(field.strategy)
    return made


def _type_schema(kind: Type, dialect: Dialect) -> Obj:
    if isinstance(kind, StructType):
        return dialect.reference(kind.name)
    if isinstance(kind, ListType):
        return {"type": "array", "items": _type_schema(kind.element, dialect)}
    if isinstance(kind, MapType):
        return {"type": "object", "additionalProperties": _type_schema(kind.element, dialect)}
    if isinstance(kind, Scalar):
        return dialect.reference(_NAMED[kind.name]) if kind.name in _NAMED else dict(_PLAIN[kind.name])
    return {}


def _used(kind: Any) -> Iterable[str]:
    """The names of the types that a type refers to."""
    if isinstance(kind, StructType):
        yield kind.name
    elif isinstance(kind, ListType | MapType):
        yield from _used(kind.element)
    elif isinstance(kind, Scalar) and kind.name in _NAMED:
        yield _NAMED[kind.name]
