"""Custom objects brought into the shape of their schema: defaults filled in, unknown fields dropped.

As k8s.io/apiextensions-apiserver pkg/apiserver/schema/{defaulting,pruning}. Nothing is changed in place.
"""

from __future__ import annotations

import copy
from typing import Any, TypeGuard

from tui.sim.kube.objects import mapping
from tui.sim.kube.status import Obj

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_TYPE_META = ("apiVersion", "kind", "metadata")


def is_object(value: object) -> TypeGuard[Obj]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def defaulted(value: Any, schema: Obj) -> Any:
    """A copy of `value` in which every absent property with a default has it; so has a null that may not be one."""
    if is_list(value):
        below = mapping(schema.get("items"))
        return [defaulted(each, below) for each in value]
    if not is_object(value):
        return value
    filled = {**value}
    properties = mapping(schema.get("properties"))
    for name, declared in properties.items():
        property_schema = mapping(declared)
        if "default" in property_schema and _lacks(filled, name, property_schema):
            filled[name] = copy.deepcopy(property_schema["default"])
    extra = mapping(schema.get("additionalProperties"))
    return {name: defaulted(each, mapping(properties.get(name, extra))) for name, each in filled.items()}


def _lacks(obj: Obj, name: str, schema: Obj) -> bool:
    return name not in obj or (obj[name] is None and not schema.get("nullable"))


def pruned(obj: Obj, schema: Obj) -> tuple[Obj, list[str]]:
    """A copy without unknown fields, and the paths of those dropped. An empty schema knows, and drops, nothing."""
    dropped: list[str] = []
    if not schema:
        return obj, dropped
    return mapping(_prune(obj, {**schema, _EMBEDDED: True}, "", dropped)), dropped


def _prune(value: Any, schema: Obj, path: str, dropped: list[str]) -> Any:
    if is_list(value):
        below = mapping(schema.get("items"))
        return [_prune(each, below, f"{path}[{index}]", dropped) for index, each in enumerate(value)]
    if not is_object(value):
        return value
    kept: Obj = {}
    for name, each in value.items():
        below = _schema_below(schema, name)
        inside = f"{path}.{name}" if path else name
        if below is not None:
            kept[name] = _prune(each, below, inside, dropped)
        elif schema.get(_PRESERVE) or (schema.get(_EMBEDDED) and name in _TYPE_META):
            kept[name] = each
        else:
            dropped.append(inside)
    return kept


def _schema_below(schema: Obj, name: str) -> Obj | None:
    """The schema of a property; None for one that is not declared."""
    if schema.get(_EMBEDDED) and name in _TYPE_META:
        return None
    properties = mapping(schema.get("properties"))
    if name in properties:
        return mapping(properties[name])
    extra = schema.get("additionalProperties")
    if extra is True:
        return {_PRESERVE: True}
    return extra if is_object(extra) else None
