"""Validation rules of a CRD that are not evaluated here (CEL, `x-kubernetes-validations`): who defines some is told."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.objects import items, mapping
from tui.sim.kube.status import Obj

_RULES = "x-kubernetes-validations"
_COMBINED = ("allOf", "anyOf", "oneOf")


def unevaluated(definition: Obj) -> list[str]:
    """The paths of schemas with rules."""
    return [path for start, schema in _schemas(definition) for path in _with_rules(schema, start)]


def _schemas(definition: Obj) -> Iterator[tuple[str, Obj]]:
    for index, version in enumerate(items(mapping(definition.get("spec")).get("versions"))):
        schema = mapping(mapping(mapping(version).get("schema")).get("openAPIV3Schema"))
        yield f"spec.versions[{index}].schema.openAPIV3Schema", schema


def _with_rules(schema: Obj, path: str) -> Iterator[str]:
    if items(schema.get(_RULES)):
        yield path
    for name, below in mapping(schema.get("properties")).items():
        yield from _with_rules(mapping(below), f"{path}.properties[{name}]")
    for name in ("items", "additionalProperties"):
        if schema.get(name):
            yield from _with_rules(mapping(schema.get(name)), f"{path}.{name}")
    for name in _COMBINED:
        for index, below in enumerate(items(schema.get(name))):
            yield from _with_rules(mapping(below), f"{path}.{name}[{index}]")
