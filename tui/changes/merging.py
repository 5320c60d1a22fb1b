"""JSON merge patches (RFC 7386): the one that leads from one state of an object to another, which is how an edit is
taken back without overwriting what others have changed since."""

from __future__ import annotations

import copy
from typing import Any, cast

from tui.changes.trimming import trimmed
from tui.model.bodies import obj
from tui.model.objects import Body

_KEPT_METADATA = ("labels", "annotations", "finalizers", "ownerReferences")


def way_back(before: Body, after: Body) -> Body:
    """The merge patch that leads from `after` back to `before`, in what a person had a say; {} where they are equal."""
    return merge_patch(_said(after), _said(before))


def way_forth(before: Body, after: Body) -> Body:
    """The way back's counterpart: the same fields, with the values they had after the change."""
    return merge_patch(_said(before), _said(after))


def _said(body: Body) -> Body:
    kept = trimmed(body)
    metadata = {key: value for key, value in obj(kept, "metadata").items() if key in _KEPT_METADATA}
    rest = {key: value for key, value in kept.items() if key not in ("apiVersion", "kind", "metadata")}
    return {**rest, "metadata": metadata}


def merge_patch(old: Body, new: Body) -> Body:
    """The patch that makes `new` of `old`. Lists are replaced whole."""
    patch: Body = {}
    for key in (*old, *(key for key in new if key not in old)):
        if key not in new:
            patch[key] = None
        elif key not in old:
            patch[key] = copy.deepcopy(new[key])
        elif old[key] != new[key]:
            both = isinstance(old[key], dict) and isinstance(new[key], dict)
            patch[key] = merge_patch(old[key], new[key]) if both else copy.deepcopy(new[key])
    return patch


def merged(target: Any, patch: Any) -> Any:
    """`target` after `patch`."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result: Body = dict(cast("Body", target)) if isinstance(target, dict) else {}
    for key, value in cast("Body", patch).items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
