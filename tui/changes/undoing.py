"""The way back past what others have changed since: a merge patch replaces lists whole, and would take with our change
theirs to another container of the same list. Lists whose items have names are merged item by item instead."""

from __future__ import annotations

import copy
from typing import Any, TypeGuard, cast

from tui.model.objects import Body

_ABSENT: Any = object()


def past_others(patch: Body, since: Body, live: Body) -> tuple[Body, tuple[str, ...]]:
    """`patch`, with what others have done to `live` inside the lists it replaces; and the paths of the fields that
    others have changed as well, which it puts back all the same.

    patch: leads from the object after our change to the one before. since: the patch the other way.
    """
    contested: list[str] = []
    return _patch(patch, since, live, "", contested), tuple(contested)


def _patch(patch: Body, since: Body, live: object, path: str, contested: list[str]) -> Body:
    held = live if _is_body(live) else {}
    result: Body = {}
    for key, before in patch.items():
        after, now, where = since.get(key), held.get(key), f"{path}.{key}" if path else key
        if _is_body(before) and _is_body(after):
            result[key] = _patch(before, after, now, where, contested)
        else:
            result[key] = _value(before, after, now, where, contested)
    return result


def _value(before: Any, after: Any, now: Any, where: str, contested: list[str]) -> Any:
    """What is put in the place of `now`; _ABSENT: nothing. None is absent too: no object holds a null."""
    if before == after:
        return now
    if now in (after, before):
        return copy.deepcopy(before) if before is not _ABSENT else before
    if _is_body(before) and _is_body(after) and _is_body(now):
        return _item(before, after, now, where, contested)
    named = tuple(map(_by_name, (before, after, now)))
    if all(one is not None for one in named):
        return _list(*cast("tuple[dict[str, Body], dict[str, Body], dict[str, Body]]", named), where, contested)
    contested.append(where)
    return copy.deepcopy(before) if before is not _ABSENT else before


def _item(before: Body, after: Body, now: Body, where: str, contested: list[str]) -> Body:
    result: Body = {}
    for key in dict.fromkeys((*now, *before)):
        old, new, held = (one.get(key, _ABSENT) for one in (before, after, now))
        value = _value(old, new, held, f"{where}.{key}", contested)
        if value is not _ABSENT:
            result[key] = value
    return result


def _list(
    before: dict[str, Body], after: dict[str, Body], now: dict[str, Body], where: str, contested: list[str]
) -> list[Body]:
    """In the order of `now`; what comes back stands where it was."""
    result: list[Body] = []
    for name, item in now.items():
        value = _value(before.get(name, _ABSENT), after.get(name, _ABSENT), item, f"{where}[{name}]", contested)
        if value is not _ABSENT:
            result.append(value)
    for place, name in enumerate(before):
        if name not in now:
            value = _value(before[name], after.get(name, _ABSENT), _ABSENT, f"{where}[{name}]", contested)
            if value is not _ABSENT:
                result.insert(place, value)
    return result


def _by_name(value: object) -> dict[str, Body] | None:
    """The items of a list by their names, none of a list that is not there; None where it is something else, or its
    items have no name of their own each."""
    if value is _ABSENT or value is None:
        return {}
    if not isinstance(value, list):
        return None
    found: dict[str, Body] = {}
    for item in cast("list[object]", value):
        name = item.get("name") if _is_body(item) else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = cast("Body", item)
    return found


def _is_body(value: object) -> TypeGuard[Body]:
    return isinstance(value, dict)
