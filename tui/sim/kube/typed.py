"""What fields a value has, and how two values differ, along a schema. What is made of two is in `typed_merge`.

The walks of sigs.k8s.io/structured-merge-diff/typed. A *leaf* is what is owned as a whole: a scalar, an atomic list or
map, and a list or map that is empty on both sides (so that empty and null stay apart).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from tui.sim.kube.fieldset import FieldSet, Path, field_element, key_element, value_element
from tui.sim.kube.schema import (
    DEDUCED,
    MISSING,
    Deduced,
    ListType,
    MapType,
    Missing,
    Scalar,
    StructType,
    Type,
    child_type,
    deduce,
)

Value: TypeAlias = Any
"""A JSON value, or MISSING."""


class BadItem(ValueError):
    """A list item that cannot be told from its siblings (no key, no scalar in a set). str(): the server's words."""


@dataclass(slots=True)
class Comparison:
    """What one value has that another has not; paths relative to both."""

    removed: FieldSet = field(default_factory=FieldSet)
    modified: FieldSet = field(default_factory=FieldSet)
    added: FieldSet = field(default_factory=FieldSet)

    def without(self, ignored: FieldSet) -> Comparison:
        return Comparison(self.removed.without(ignored), self.modified.without(ignored), self.added.without(ignored))


def item_element(kind: ListType, item: object) -> str:
    """The path element of an item of a list that is a map or a set. Raises BadItem."""
    if kind.keys:
        return _keyed_element(kind, item)
    if isinstance(item, dict):
        raise BadItem("associative list without keys has an element that's a map type")
    if isinstance(item, list):
        raise BadItem("not supported: associative list with lists as elements")
    if item is None:
        raise BadItem("associative list without keys has an element that's an explicit null")
    return value_element(item)


def _keyed_element(kind: ListType, item: object) -> str:
    if item is None:
        raise BadItem("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise BadItem("associative list with keys may not have non-map elements")
    known = kind.element.fields if isinstance(kind.element, StructType) else {}
    held = cast("dict[str, object]", item)
    keys: dict[str, object] = {}
    for name in kind.keys:
        if name in held:
            keys[name] = held[name]
        elif name in known and known[name].default is not None:
            keys[name] = known[name].default
    if not keys:
        listed = " ".join(f'"{name}"' for name in kind.keys)
        raise BadItem(
            f"associative list with keys has an element that omits all key fields [{listed}] "
            "(and doesn't have default values for any key fields)"
        )
    return key_element(keys)


def field_set(value: Value, kind: Type) -> FieldSet:
    """The fields that somebody who applies `value` owns. Raises BadItem."""
    fields = FieldSet()
    _collect(value, kind, fields, ())
    return fields


def _collect(value: Value, kind: Type, into: FieldSet, path: Path) -> None:
    kind = deduce(kind, value)
    if isinstance(kind, Scalar) or (isinstance(kind, ListType | MapType | StructType) and kind.atomic):
        into.insert(path)
    elif isinstance(kind, ListType) and isinstance(value, list):
        for element, items in by_element(kind, cast("list[Value]", value)).items():
            if len(items) == 1:
                _collect(items[0], kind.element, into, (*path, element))
            into.insert((*path, element))
    elif isinstance(kind, MapType | StructType) and isinstance(value, dict):
        named = kind.fields if isinstance(kind, StructType) else {}
        for name, below in cast("dict[str, Value]", value).items():
            deeper = (*path, field_element(name))
            _collect(below, child_type(kind, name) or DEDUCED, into, deeper)
            if below is None or below == {} or name not in named:
                into.insert(deeper)


def by_element(kind: ListType, items: list[Value]) -> dict[str, list[Value]]:
    found: dict[str, list[Value]] = {}
    for item in items:
        found.setdefault(item_element(kind, item), []).append(item)
    return found


def compare(old: Value, new: Value, kind: Type) -> Comparison:
    """Which fields `new` added, changed and removed. Raises BadItem."""
    result = Comparison()
    _compare(old, new, kind, result, ())
    return result


def _compare(old: Value, new: Value, kind: Type, result: Comparison, path: Path) -> None:
    ours = deduce(kind, old if new is MISSING or new is None else new)
    if isinstance(kind, Deduced) and shape_of(old) != shape_of(new) and shape_of(old) and shape_of(new):
        # A custom resource's field changed its form: nothing of the old one is left.
        _compare(old, MISSING, kind, result, path)
        _compare(MISSING, new, kind, result, path)
        return
    if is_leaf(ours, old, new):
        if old is MISSING:
            result.added.insert(path)
        elif new is MISSING:
            result.removed.insert(path)
        elif not same(old, new):
            result.modified.insert(path)
        return
    if isinstance(ours, ListType):
        _compare_lists(items_of(old), items_of(new), ours, result, path)
    elif isinstance(ours, MapType | StructType):
        before, after = members_of(old), members_of(new)
        for name in before.keys() | after.keys():
            below = child_type(ours, name) or DEDUCED
            deeper = (*path, field_element(name))
            _compare(before.get(name, MISSING), after.get(name, MISSING), below, result, deeper)
    if old is MISSING:
        result.added.insert(path)
    elif new is MISSING:
        result.removed.insert(path)


def _compare_lists(old: list[Value], new: list[Value], kind: ListType, result: Comparison, path: Path) -> None:
    before, after = by_element(kind, old), by_element(kind, new)
    for element in before.keys() | after.keys():
        deeper = (*path, element)
        was, now = before.get(element, []), after.get(element, [])
        if len(was) <= 1 and len(now) <= 1:
            _compare(was[0] if was else MISSING, now[0] if now else MISSING, kind.element, result, deeper)
        elif len(was) > 1 and len(now) > 1:
            if not same(was, now):
                result.modified.insert(deeper)
        elif len(was) > 1:
            # Duplicates have no fields of their own, only the item as such is known.
            if now:
                _compare(MISSING, now[0], kind.element, result, deeper)
            result.removed.insert(deeper)
        else:
            if was:
                _compare(was[0], MISSING, kind.element, result, deeper)
            result.added.insert(deeper)


def same(one: Value, other: Value) -> bool:
    """Equal as JSON: `true` is not 1, as Python would have it."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        mine, theirs = cast("dict[str, Value]", one), cast("dict[str, Value]", other)
        return mine.keys() == theirs.keys() and all(same(mine[name], theirs[name]) for name in mine)
    if isinstance(one, list) and isinstance(other, list):
        left, right = cast("list[Value]", one), cast("list[Value]", other)
        return len(left) == len(right) and all(map(same, left, right))
    return bool(one == other)


def is_leaf(kind: Type, old: Value, new: Value) -> bool:
    if isinstance(kind, Scalar | Deduced) or kind.atomic:
        return True
    return (isinstance(old, Missing) or not old) and (isinstance(new, Missing) or not new)


def items_of(value: Value) -> list[Value]:
    return cast("list[Value]", value) if isinstance(value, list) else []


def members_of(value: Value) -> dict[str, Value]:
    return cast("dict[str, Value]", value) if isinstance(value, dict) else {}


def shape_of(value: Value) -> str:
    """What a value is taken for where no schema tells; "" for nothing at all."""
    if value is MISSING or value is None:
        return ""
    return "map" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"
