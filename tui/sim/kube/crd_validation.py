"""A custom object against the OpenAPI schema of its version: every violation, in the server's own words.

Texts are those of k8s.io/kube-openapi pkg/validation/errors, wrapped as k8s.io/apimachinery field errors by
apiextensions-apiserver pkg/apiserver/validation (recorded: error-422-crd).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tui.sim.kube.crd_formats import matches_format
from tui.sim.kube.crd_shape import is_list, is_object
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.status import Obj

Cause = tuple[str, str, str]
"""reason, message, field: one entry of details.causes."""

# bool before int, whose subclass it is
_TYPE_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}


def causes(obj: Obj, schema: Obj) -> list[Cause]:
    """All violations, in the order of the schema; none for an empty schema."""
    return list(_violations(obj, schema, ""))


def _violations(value: Any, schema: Obj, path: str) -> Iterator[Cause]:
    wrong_type = _type_violation(value, schema, path)
    if wrong_type:
        yield wrong_type
        return
    if value is None:
        return
    yield from _composed(value, schema, path)
    yield from _enumerated(value, schema, path)
    if isinstance(value, str):
        yield from _string(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, path)
    elif is_list(value):
        yield from _list(value, schema, path)
    elif is_object(value):
        yield from _object(value, schema, path)


def _type_violation(value: Any, schema: Obj, path: str) -> Cause | None:
    allowed = ["integer", "string"] if schema.get("x-kubernetes-int-or-string") else [text(schema.get("type"))]
    if allowed == [""] or (value is None and schema.get("nullable")):
        return None
    actual = _type_name(value)
    if actual in allowed or (actual == "integer" and "number" in allowed):
        return None
    if isinstance(value, float) and value.is_integer() and "integer" in allowed:
        return None
    message = f'{path} in body must be of type {",".join(allowed)}: "{actual}"'
    return "FieldValueTypeInvalid", f'Invalid value: "{actual}": {message}', path


def _type_name(value: object) -> str:
    return next((name for known, name in _TYPE_NAMES.items() if isinstance(value, known)), "null")


def _enumerated(value: Any, schema: Obj, path: str) -> Iterator[Cause]:
    allowed = items(schema.get("enum"))
    if allowed and value not in allowed:
        names = ", ".join(_quoted(each if isinstance(each, str) else json.dumps(each)) for each in allowed)
        yield "FieldValueNotSupported", f"Unsupported value: {_shown(value)}: supported values: {names}", path


def _string(value: str, schema: Obj, path: str) -> Iterator[Cause]:
    if (limit := schema.get("maxLength")) is not None and len(value) > limit:
        yield "FieldValueTooLong", f"Too long: may not be more than {limit} {'byte' if limit == 1 else 'bytes'}", path
    if (limit := schema.get("minLength")) is not None and len(value) < limit:
        yield _invalid(value, f"{path} in body should be at least {limit} chars long", path)
    pattern = text(schema.get("pattern"))
    if pattern and (compiled := _pattern(pattern)) and not compiled.search(value):
        yield _invalid(value, f"{path} in body should match '{pattern}'", path)
    wanted = text(schema.get("format"))
    if wanted and not matches_format(wanted, value):
        message = f"{path} in body must be of type {wanted}: {_quoted(value)}"
        yield "FieldValueTypeInvalid", f"Invalid value: {_quoted(value)}: {message}", path


def _number(value: float, schema: Obj, path: str) -> Iterator[Cause]:
    if (least := schema.get("minimum")) is not None:
        exclusive = schema.get("exclusiveMinimum")
        if value < least or (exclusive and value == least):
            said = "greater than" if exclusive else "greater than or equal to"
            yield _invalid(value, f"{path} in body should be {said} {_shown(least)}", path)
    if (most := schema.get("maximum")) is not None:
        exclusive = schema.get("exclusiveMaximum")
        if value > most or (exclusive and value == most):
            said = "less than" if exclusive else "less than or equal to"
            yield _invalid(value, f"{path} in body should be {said} {_shown(most)}", path)
    factor = schema.get("multipleOf")
    if factor and not math.isclose(value / factor, round(value / factor), abs_tol=1e-9):
        yield _invalid(value, f"{path} in body should be a multiple of {_shown(factor)}", path)


def _list(value: list[Any], schema: Obj, path: str) -> Iterator[Cause]:
    if (limit := schema.get("maxItems")) is not None and len(value) > limit:
        yield _too_many(len(value), limit, path)
    if (limit := schema.get("minItems")) is not None and len(value) < limit:
        yield _invalid(len(value), f"{path} in body should have at least {limit} items", path)
    below = mapping(schema.get("items"))
    for index, each in enumerate(value):
        yield from _violations(each, below, f"{path}[{index}]")
    yield from _duplicates(value, schema, path)


def _duplicates(value: list[Any], schema: Obj, path: str) -> Iterator[Cause]:
    """Of lists that are sets, or maps by keys."""
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("set", "map"):
        return
    keys = [text(key) for key in items(schema.get("x-kubernetes-list-map-keys"))]
    seen: set[str] = set()
    for index, each in enumerate(value):
        identity = each if kind == "set" else {key: mapping(each).get(key) for key in keys if key in mapping(each)}
        written = json.dumps(identity, sort_keys=True)
        if written in seen:
            yield "FieldValueDuplicate", f"Duplicate value: {_shown(identity)}", f"{path}[{index}]"
        seen.add(written)


def _object(value: Obj, schema: Obj, path: str) -> Iterator[Cause]:
    if (limit := schema.get("maxProperties")) is not None and len(value) > limit:
        yield _too_many(len(value), limit, path)
    if (limit := schema.get("minProperties")) is not None and len(value) < limit:
        yield _invalid(limit, f"{path} in body should have at least {limit} properties", path)
    for name in map(text, items(schema.get("required"))):
        if name not in value:
            yield "FieldValueRequired", "Required value", _join(path, name)
    properties = mapping(schema.get("properties"))
    extra = mapping(schema.get("additionalProperties"))
    for name, each in value.items():
        yield from _violations(each, mapping(properties.get(name, extra)), _join(path, name))


def _composed(value: Any, schema: Obj, path: str) -> Iterator[Cause]:
    """allOf, anyOf, oneOf, not: reported at no field at all, then what the nearest alternative lacks."""
    if any_of := items(schema.get("anyOf")):
        found = [list(_violations(value, mapping(each), path)) for each in any_of]
        if all(found):
            yield _composition(f'"{path}" must validate at least one schema (anyOf)')
            yield from min(found, key=len)
    if one_of := items(schema.get("oneOf")):
        found = [list(_violations(value, mapping(each), path)) for each in one_of]
        valid = found.count([])
        if valid != 1:
            said = f"Found {valid} valid alternatives" if valid else "Found none valid"
            yield _composition(f'"{path}" must validate one and only one schema (oneOf). {said}')
            yield from min(found, key=len)
    if all_of := items(schema.get("allOf")):
        found = [list(_violations(value, mapping(each), path)) for each in all_of]
        if any(found):
            none = ". None validated" if all(found) else ""
            yield from (cause for causes_ in found for cause in causes_)
            yield _composition(f'"{path}" must validate all the schemas (allOf){none}')
    refused = schema.get("not")
    if refused is not None and not list(_violations(value, mapping(refused), path)):
        yield _composition(f'"{path}" must not validate the schema (not)')


def _composition(message: str) -> Cause:
    return "FieldValueInvalid", f'Invalid value: "": {message}', "<nil>"


def _invalid(value: Any, message: str, path: str) -> Cause:
    return "FieldValueInvalid", f"Invalid value: {_shown(value)}: {message}", path


def _too_many(actual: int, limit: int, path: str) -> Cause:
    message = f"Too many: {actual}: must have at most {limit} {'item' if limit == 1 else 'items'}"
    return "FieldValueTooMany", message, path


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    """A value as a field error prints it: text quoted, whole floats without a fraction, the rest as JSON."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str] | None:
    """None for one that Go's syntax allows and Python's does not: unchecked rather than wrongly refused."""
    try:
        return re.compile(pattern)
    except re.error:
        return None
