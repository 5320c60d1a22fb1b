"""Whether a value fits its type, in the words of structured-merge-diff: what server-side apply says of a bad patch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from tui.sim.kube.fieldset import describe, field_element
from tui.sim.kube.gotext import plain, type_name
from tui.sim.kube.schema import Deduced, ListType, MapType, Scalar, StructType, Type, child_type
from tui.sim.kube.typed import BadItem, item_element

_STRINGS = frozenset({"string", "bytes", "time", "microtime", "duration"})
_NUMBERS = frozenset({"int32", "int64", "number"})
_NOT_LOOKED_INTO = frozenset({"object", "any"})


def type_errors(value: Any, kind: Type) -> list[str]:
    """What does not fit, each with its path (`.spec.replicas: expected numeric (int or float), got string`)."""
    return list(_errors(value, kind, ""))


def _errors(value: Any, kind: Type, path: str) -> Iterator[str]:
    if value is None or isinstance(kind, Deduced):
        return
    if isinstance(kind, Scalar):
        yield from _said(path, _scalar_error(value, kind))
    elif isinstance(kind, ListType):
        if isinstance(value, list):
            yield from _item_errors(cast("list[Any]", value), kind, path)
        else:
            yield from _said(path, f"expected list, got &{{{plain(value)}}}")
    elif isinstance(value, dict):
        yield from _member_errors(cast("dict[str, Any]", value), kind, path)
    else:
        yield from _said(path, f"expected map, got &{{{plain(value)}}}")


def _item_errors(items: list[Any], kind: ListType, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        where = f"[{index}]"
        if not kind.atomic:
            try:
                element = item_element(kind, item)
            except BadItem as error:
                yield from _said(path, f"element {index}: {error}")
                return
            where = describe((element,))
            if element in seen:
                yield from _said(path, f"duplicate entries for key {where}")
            seen.add(element)
        yield from _errors(item, kind.element, path + where)


def _member_errors(members: dict[str, Any], kind: MapType | StructType, path: str) -> Iterator[str]:
    for name, value in members.items():
        below = child_type(kind, name)
        deeper = path + describe((field_element(name),))
        if below is None:
            yield from _said(deeper, "field not declared in schema")
            return
        yield from _errors(value, below, deeper)


def _scalar_error(value: object, kind: Scalar) -> str:
    if kind.name in _NOT_LOOKED_INTO:
        return ""
    if kind.name in _STRINGS:
        return "" if isinstance(value, str) else f"expected string, got {_literal(value)}"
    if kind.name in _NUMBERS:
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if numeric else f"expected numeric (int or float), got {type_name(value)}"
    if kind.name == "boolean":
        return "" if isinstance(value, bool) else f"expected boolean, got &{{{plain(value)}}}"
    scalar = isinstance(value, str | int | float | bool)
    return "" if scalar else f"expected any scalar, got &{{{plain(value)}}}"


def _said(path: str, error: str) -> Iterator[str]:
    if error:
        yield f"{path}: {error}" if path else error


def _literal(value: object) -> str:
    """What stands where a string should, as %#v prints its wrapper."""
    shown = plain(value) if isinstance(value, int | float) else f"{type_name(value)}{{{plain(value)}}}"
    return f"&value.valueUnstructured{{Value:{shown}}}"
