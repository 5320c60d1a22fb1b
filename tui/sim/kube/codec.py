"""An object as the server's Go types read and write it.

What goes through a real server comes back with its fields in the order of its type, without fields that the type does
not have, without empty ones that are omitted when empty, with those that never are (`status: {}`, `resources: {}`), and
with quantities in canonical form. Custom resources come back with their keys sorted.
"""

from __future__ import annotations

from typing import Any, cast

from tui.sim.kube.quantities import canonical
from tui.sim.kube.schema import MISSING, Field, ListType, MapType, Scalar, StructType, Type, zero
from tui.sim.kube.status import Obj

_RESET = "managedFields"  # given empty, they ask for a reset: see `managed.track`


def written(obj: Obj, kind: Type) -> Obj:
    """`obj` as a server of that type writes it. A value of the wrong type is left as it is (see `decoding`)."""
    if isinstance(kind, StructType) and not kind.custom:
        return _struct(obj, kind)
    return cast("Obj", _sorted(obj))


def _value(value: Any, kind: Type) -> Any:
    if isinstance(kind, StructType):
        return _struct(cast("Obj", value), kind) if isinstance(value, dict) else value
    if isinstance(kind, ListType) and isinstance(value, list):
        return [_value(item, kind.element) for item in cast("list[Any]", value)]
    if isinstance(kind, MapType) and isinstance(value, dict):
        members = cast("Obj", value)
        return {name: _value(members[name], kind.element) for name in sorted(members)}
    if isinstance(kind, Scalar) and kind.name == "quantity" and value is not None:
        return canonical(str(value))
    return value


def _struct(obj: Obj, struct: StructType) -> Obj:
    result: Obj = {}
    for name, field in struct.fields.items():
        value: Any = obj.get(name)
        if value is None:
            if field.zero is not MISSING:
                result[name] = _zero(field)
            continue
        value = _value(value, field.type)
        if field.zero is MISSING and not field.pointer and _empty(value) and name != _RESET:
            continue
        result[name] = value
    return result


def _zero(field: Field) -> Any:
    return zero(field.type) if isinstance(field.type, StructType) and field.zero == {} else field.zero


def _empty(value: object) -> bool:
    return value in ("", 0, [], {}) or value is False


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("Obj", value)
        return {name: _sorted(members[name]) for name in sorted(members)}
    if isinstance(value, list):
        return [_sorted(item) for item in cast("list[Any]", value)]
    return value
