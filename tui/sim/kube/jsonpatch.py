"""JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386) as the API server carries them out.

Neither changes its inputs: what a change passes through is copied, the rest is shared. A failing JSON Patch operation,
`test` or other, is answered with one and the same 422 (recorded: json-patch-test-fails).
"""

from __future__ import annotations

from typing import Any, cast

from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.typed import same

_MOST_OPERATIONS = 10_000


class _Failed(Exception):
    """An operation that cannot be carried out on this document."""


def json_patch(document: Obj, operations: list[Obj]) -> Obj:
    """`document` after all operations, or none: raises ApiError 413 (too long), 422 (it failed)."""
    if len(operations) > _MOST_OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {_MOST_OPERATIONS}, got {len(operations)}"
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: {message}")
    result: Any = document
    try:
        for operation in operations:
            result = _operate(result, operation)
        if not isinstance(result, dict):
            raise _Failed
    except _Failed as failed:
        message = "the server rejected our request due to an error in our request"
        raise ApiError(422, "Invalid", message, {}) from failed
    return cast("Obj", result)


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` after a merge patch: null removes, objects join, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged: Obj = dict(cast("Obj", target)) if isinstance(target, dict) else {}
    for name, value in cast("Obj", patch).items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _operate(document: Any, operation: Obj) -> Any:
    path = _pointer(operation.get("path"))
    match operation.get("op"):
        case "add":
            return _add(document, path, _value(operation))
        case "remove":
            return _remove(document, path)
        case "replace":
            _get(document, path)
            return _add(_remove(document, path), path, _value(operation)) if path else _value(operation)
        case "move":
            source = _pointer(operation.get("from"))
            moved = _get(document, source)
            if path[: len(source)] == source and path != source:
                raise _Failed  # into itself
            return _add(_remove(document, source), path, moved)
        case "copy":
            return _add(document, path, _get(document, _pointer(operation.get("from"))))
        case "test":
            return _test(document, path, operation.get("value"))
        case _:
            raise _Failed


def _test(document: Any, path: list[str], expected: object) -> Any:
    try:
        found = _get(document, path)
    except _Failed:
        if expected is not None:
            raise
        found = None  # what is not there equals null
    if not same(found, expected):
        raise _Failed
    return document


def _value(operation: Obj) -> Any:
    if "value" not in operation:
        raise _Failed
    return operation["value"]


def _pointer(path: object) -> list[str]:
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise _Failed
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _get(document: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(document, dict):
            members = cast("Obj", document)
            if step not in members:
                raise _Failed
            document = members[step]
        elif isinstance(document, list):
            items = cast("list[Any]", document)
            document = items[_index(step, len(items) - 1)]
        else:
            raise _Failed
    return document


def _add(document: Any, path: list[str], value: object) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(document, dict):
        members = dict(cast("Obj", document))
        if rest and step not in members:
            raise _Failed
        members[step] = _add(members.get(step), rest, value)
        return members
    if not isinstance(document, list):
        raise _Failed
    items = list(cast("list[Any]", document))
    if rest:
        index = _index(step, len(items) - 1)
        items[index] = _add(items[index], rest, value)
    else:
        items.insert(len(items) if step == "-" else _index(step, len(items)), value)
    return items


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        raise _Failed
    step, rest = path[0], path[1:]
    if isinstance(document, dict):
        members = dict(cast("Obj", document))
        if step not in members:
            raise _Failed
        if rest:
            members[step] = _remove(members[step], rest)
        else:
            del members[step]
        return members
    if not isinstance(document, list):
        raise _Failed
    items = list(cast("list[Any]", document))
    index = _index(step, len(items) - 1)
    if rest:
        items[index] = _remove(items[index], rest)
    else:
        del items[index]
    return items


def _index(step: str, last: int) -> int:
    """An index of 0..last; the server also counts back from the end (-1 is the last)."""
    try:
        index = int(step)
    except ValueError as error:
        raise _Failed from error
    if index < 0:
        index += last + 1
    if not 0 <= index <= last:
        raise _Failed
    return index
