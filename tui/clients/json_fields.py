"""Typed reading of JSON that others wrote: nothing untyped leaves the clients, and no missing or odd field raises.

A service adds fields, leaves them out and writes explicit nulls as it likes; a mapper that raised on any of these
would blank a whole pane because of one row.
"""

from __future__ import annotations

from typing import cast

import msgspec

JsonObject = dict[str, object]


def parse_object(body: bytes | str) -> JsonObject | None:
    """The JSON object in `body`; None where it is not JSON or not an object."""
    try:
        decoded = cast("object", msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return as_object(decoded)


def as_object(value: object) -> JsonObject | None:
    """`value` as a JSON object, None where it is anything else."""
    return cast("JsonObject", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[object]:
    """`value` as a JSON array, empty where it is anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def value_at(obj: JsonObject, *path: str) -> object:
    """What lies at `path`; None where any step is missing. Keys are compared as written."""
    value: object = obj
    for key in path:
        step = as_object(value)
        if step is None:
            return None
        value = step.get(key)
    return value


def text(obj: JsonObject, *path: str) -> str:
    """The string at `path`; "" where there is none. Numbers are told as they are written."""
    value = value_at(obj, *path)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def integer(obj: JsonObject, *path: str) -> int | None:
    """The whole number at `path`; also where it is a string, as Google writes int64."""
    value = value_at(obj, *path)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.removeprefix("-").isdigit():
        return int(value)
    return None


def flag(obj: JsonObject, *path: str) -> bool:
    """Whether `path` is true; "true" as a string counts, absent is False."""
    value = value_at(obj, *path)
    return value is True or (isinstance(value, str) and value.lower() == "true")


def child(obj: JsonObject, *path: str) -> JsonObject:
    """The object at `path`; empty where there is none."""
    return as_object(value_at(obj, *path)) or {}


def children(obj: JsonObject, *path: str) -> list[JsonObject]:
    """The objects of the array at `path`; what is not an object is left out."""
    return [found for item in as_list(value_at(obj, *path)) if (found := as_object(item)) is not None]


def texts(obj: JsonObject, *path: str) -> tuple[str, ...]:
    """The strings of the array at `path`."""
    return tuple(item for item in as_list(value_at(obj, *path)) if isinstance(item, str))


def string_map(obj: JsonObject, *path: str) -> dict[str, str]:
    """The object at `path` as strings; what is not a string is left out."""
    return {key: value for key, value in child(obj, *path).items() if isinstance(value, str)}
