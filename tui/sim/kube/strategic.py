"""Strategic merge patch: a merge patch that joins lists by the key that a built-in type declares for them.

The rules and their order are those of k8s.io/apimachinery/pkg/util/strategicpatch (`mergeMap` as the API server calls
it: nulls that match nothing are dropped, parallel lists are carried out). Directives: `$patch: delete / replace`,
`$deleteFromPrimitiveList/x`, `$setElementOrder/x`, `$retainKeys`.
"""

from __future__ import annotations

from typing import Any, cast

from tui.sim.kube.gotext import plain, type_name
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.schema import Field, ListType, MapType, Scalar, StructType, Type, child_type
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.typed import same

_DIRECTIVE = "$patch"
_RETAIN_KEYS = "$retainKeys"
_DELETE_FROM = "$deleteFromPrimitiveList"
_ORDER = "$setElementOrder"

_UNKNOWN: Type = Scalar("any")
_NO_TAGS = Field(_UNKNOWN)


def strategic_merge(live: Obj, patch: Obj, struct: StructType) -> Obj:
    """`live` after `patch`; neither is changed. Raises ApiError 400 for a malformed directive, 500 (as the real server
    does, with its words) for a list that cannot be joined."""
    return _merge_map(live, patch, struct)


def _merge_map(live: Obj, patch: Obj, kind: Type) -> Obj:
    if _DIRECTIVE in patch:
        return _replaced(patch)
    patch = dict(patch)
    result = _retain_keys(live, patch)
    _merge_ordered_lists(result, patch, kind)
    for key, value in patch.items():
        deletes = key.startswith(_DELETE_FROM)
        name = _list_name(key, "invalid patch format of primitive list") if deletes else key
        if value is None:
            result.pop(name, None)
        elif name not in result or _form(result[name]) != _form(value):
            if not deletes:
                _take(result, name, value)
        elif isinstance(value, dict):
            result[name] = _merge_maps(result[name], cast("Obj", value), _lookup(kind, name))
        elif isinstance(value, list):
            tags = _lookup(kind, name)
            if deletes or "merge" in tags.strategy:
                result[name] = _merge_lists(result[name], cast("list[Any]", value), tags, deletes=deletes)
            else:
                result[name] = value
        else:
            result[name] = value
    return result


def _merge_maps(live: Obj, patch: Obj, tags: Field) -> Obj:
    return patch if "replace" in tags.strategy else _merge_map(live, patch, tags.type)


def _replaced(patch: Obj) -> Obj:
    directive = patch[_DIRECTIVE]
    if directive == "replace":
        return {name: value for name, value in patch.items() if name != _DIRECTIVE}
    if directive == "delete":
        return {}
    raise _unpatchable(f"unknown patch type: {directive} in map: {plain(patch)}")


def _retain_keys(live: Obj, patch: Obj) -> Obj:
    """A copy of `live` with the keys that the patch's $retainKeys names, or all; takes the directive from `patch`."""
    if _RETAIN_KEYS not in patch:
        return dict(live)
    retained: object = patch.pop(_RETAIN_KEYS)
    if not isinstance(retained, list):
        raise bad_request("invalid patch format of retainKeys")
    kept = {str(name) for name in cast("list[object]", retained)}
    for name, value in patch.items():
        if value is not None and not name.startswith((_DELETE_FROM, _ORDER)) and name not in kept:
            raise bad_request("invalid patch format of retainKeys")
    return {name: value for name, value in live.items() if name in kept}


def _merge_ordered_lists(result: Obj, patch: Obj, kind: Type) -> None:
    """Carry out every $setElementOrder with the list it speaks of, taking both from `patch`."""
    for directive in [key for key in patch if key.startswith(_ORDER)]:
        order = patch.pop(directive)
        name = _list_name(directive, "invalid patch format of setElementOrder list")
        before, asked = result.get(name), patch.get(name)
        for given in (order, *(held[name] for held in (result, patch) if name in held)):
            if not isinstance(given, list):
                raise _unpatchable(f"expected a []interface {{}}, but received a {type_name(given)}")
        tags = _lookup(kind, name)
        _check_order(asked or [], order, tags.merge_key)
        if before is None and asked is None:
            continue
        if not before and not asked:
            raise _unpatchable("no elements in any of the given slices")
        if before is None:
            merged = _without_directives(asked)
        elif asked is None:
            merged = before
        elif "merge" in tags.strategy:
            merged = _merge_lists(before, asked, tags, deletes=False)
        else:
            merged = asked
        result[name] = _ordered(merged, order, before or [], tags.merge_key)
        patch.pop(name, None)


def _check_order(asked: list[Any], order: list[Any], merge_key: str) -> None:
    """The items of a patch's list must stand in its $setElementOrder, in the same order."""
    wanted = iter(order)
    for item in asked if order else ():
        if _is_directive(item):
            continue
        identity = _identity(item, merge_key)
        if not any(same(_identity(other, merge_key), identity) for other in wanted):
            raise _unpatchable(
                f"The order in patch list:\n{plain(asked)}\n doesn't match {_ORDER} list:\n{plain(order)}\n"
            )


def _merge_lists(live: list[Any], patch: list[Any], tags: Field, *, deletes: bool) -> list[Any]:
    if not live and not patch:
        return live
    if not _maps(live, patch):
        if deletes:
            return [item for item in live if item not in patch]
        return _ordered(_unique([*live, *patch]), patch, live, "")
    if not tags.merge_key:
        raise _unpatchable(f"cannot merge lists without merge key for {_name(tags.type)}")
    kept, wanted = _carry_out_directives(live, patch, tags.merge_key)
    merged = list(kept)
    element = tags.type.element if isinstance(tags.type, ListType) else _UNKNOWN
    for item in wanted:
        identity = _identity(item, tags.merge_key)
        index = _find(merged, tags.merge_key, identity)
        if index is None:
            merged.append(item)  # as it is, directives below it included: so does the real server
        else:
            merged[index] = _merge_map(merged[index], item, element)
    return _ordered(merged, wanted, kept, tags.merge_key)


def _carry_out_directives(live: list[Obj], patch: list[Obj], merge_key: str) -> tuple[list[Obj], list[Obj]]:
    """`live` without the items that `$patch: delete` names, and the patch's ordinary items. With `$patch: replace`
    those alone are the list."""
    wanted: list[Obj] = []
    replace = False
    for item in patch:
        match item.get(_DIRECTIVE):
            case None:
                wanted.append(item)
            case "delete":
                identity = _identity(item, merge_key)
                live = [other for other in live if merge_key not in other or not same(other[merge_key], identity)]
            case "replace":
                replace = True
            case "merge":
                raise _unpatchable("merging lists cannot yet be specified in the patch")
            case other:
                raise _unpatchable(f"unknown patch type: {other} in map: {plain(item)}")
    return (wanted, []) if replace else (live, wanted)


def _ordered(merged: list[Any], order: list[Any], live_order: list[Any], merge_key: str) -> list[Any]:
    """The items that `order` names in its order; the others, in the live order, each before the first of those that
    it stood before."""
    named = [item for item in merged if _position(order, item, merge_key) >= 0]
    named.sort(key=lambda item: _position(order, item, merge_key))
    others = [item for item in merged if _position(order, item, merge_key) < 0]
    others.sort(key=lambda item: _position(live_order, item, merge_key))
    placed: list[Any] = []
    while named and others:
        left = _position(live_order, others[0], merge_key)
        right = _position(live_order, named[0], merge_key)
        placed.append(others.pop(0) if 0 <= left < right else named.pop(0))
    return [*placed, *named, *others]


def _position(order: list[Any], item: object, merge_key: str) -> int:
    identity = _identity(item, merge_key)
    return next((i for i, other in enumerate(order) if same(_identity(other, merge_key), identity)), -1)


def _identity(item: object, merge_key: str) -> object:
    if not merge_key:
        return item
    if not isinstance(item, dict):
        raise _unpatchable(f"expected a map[string]interface {{}}, but received a {type_name(item)}")
    held = cast("Obj", item)
    if merge_key not in held:
        raise _unpatchable(f"map: {plain(held)} does not contain declared merge key: {merge_key}")
    return held[merge_key]


def _find(items: list[Obj], merge_key: str, identity: object) -> int | None:
    return next((i for i, item in enumerate(items) if merge_key in item and same(item[merge_key], identity)), None)


def _maps(*lists: list[Any]) -> bool:
    forms = {_form(item) for items in lists for item in items}
    if "list" in forms:
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})
    if len(forms) > 1:
        shown = " ".join(plain(items) for items in lists)
        raise _unpatchable(f"list element types are not identical: {shown}")
    return forms == {"map"}


def _take(result: Obj, name: str, value: object) -> None:
    """What the live object does not have is taken as it is, less directives and nulls."""
    if _is_directive(value):
        result.pop(name, None)
    else:
        result[name] = _without_directives(_without_nulls(value))


def _is_directive(value: object) -> bool:
    return isinstance(value, dict) and _DIRECTIVE in value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("Obj", value)
        return {name: _without_nulls(below) for name, below in members.items() if below is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in cast("list[Any]", value)]
    return value


def _without_directives(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("Obj", value)
        return {name: _without_directives(below) for name, below in members.items() if not _is_directive(below)}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_without_directives(item) for item in items if not _is_directive(item)]
    return value


def _lookup(kind: Type, name: str) -> Field:
    if isinstance(kind, StructType):
        if name in kind.fields:
            return kind.fields[name]
        raise _unpatchable(f'unable to find api field "{name}" in {_name(kind)}')
    if isinstance(kind, MapType):
        return Field(child_type(kind, name) or _UNKNOWN)
    return _NO_TAGS


def _list_name(directive: str, complaint: str) -> str:
    prefix, separator, name = directive.partition("/")
    if not separator or prefix not in (_DELETE_FROM, _ORDER):
        raise bad_request(complaint)
    return name


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if not any(same(item, other) for other in found):
            found.append(item)
    return found


def _form(value: object) -> str:
    if isinstance(value, dict):
        return "map"
    if isinstance(value, list):
        return "list"
    return type_name(value)


def _name(kind: Type) -> str:
    return kind.name.rpartition(".")[2] if isinstance(kind, StructType) else ""


def _unpatchable(message: str) -> ApiError:
    """Go errors without a status of their own: the server answers 500 with their text and no reason."""
    return ApiError(500, "", message)
