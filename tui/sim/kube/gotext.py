"""Values as Go prints them: many of the server's messages hold one."""

from __future__ import annotations

import json
from typing import cast

_TYPES: dict[type[object], str] = {
    dict: "map[string]interface {}",
    list: "[]interface {}",
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
}


def plain(value: object) -> str:
    """%v: `map[a:1 b:[x y]]`, keys sorted."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return "map[" + " ".join(f"{name}:{plain(members[name])}" for name in sorted(members)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(plain(item) for item in cast("list[object]", value)) + "]"
    return "<nil>" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def quoted(text: str) -> str:
    """%q of printable text."""
    return json.dumps(text, ensure_ascii=False)


def type_name(value: object) -> str:
    """%s of reflect.TypeOf, for a value decoded from JSON."""
    return _TYPES.get(type(value), "%!s(<nil>)")
