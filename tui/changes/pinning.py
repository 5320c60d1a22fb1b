"""Pinned writes: those that hold only for the version of the object that was looked at.

What somebody else changes between the plan and its carrying out must not be lost without a word, so the request names
the version it was planned with, and the server refuses it (409) where the object has moved on. Most of what moves an
object on is its status: then the same is sent once more for the new version. Where a person or a program has changed
what was looked at, it is a conflict that says what was changed, and by whom.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from msgspec.structs import replace

from tui.changes.drafts import Draft, path_of
from tui.changes.trimming import trimmed
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import items, obj, text
from tui.model.objects import Body
from tui.model.writes import Media, RefusedError, Write, Written

TRIES = 4
"""Times that a write is sent for a newer version: a rollout moves a status on several times a second."""
_SAID = 5
_CONTROLLERS = "deployment.kubernetes.io/"
"""Prefix of the annotations that the deployment controller writes a moment after each change."""


def pinned(draft: Draft) -> Draft:
    """The draft, its request bound to the version it was made from. What is no object's own request (a sub-resource's,
    a new object's) tests what it needs by itself."""
    write, live = draft.write, draft.before
    if write is None or live is None or draft.eviction is not None or write.path != path_of(draft.ref):
        return draft
    if not text(live, "metadata", "resourceVersion"):
        return draft
    return replace(draft, write=_bound(write, live), pinned=True)


def _bound(write: Write, live: Body) -> Write:
    version, body = text(live, "metadata", "resourceVersion"), write.body
    if isinstance(body, list):
        rest = [one for one in body if one.get("path") != "/metadata/resourceVersion"]
        operation: Body = {"op": "replace", "path": "/metadata/resourceVersion", "value": version}
        return replace(write, body=[*rest, operation])
    held: Body = body or {}
    if write.method == "DELETE":
        conditions = {**obj(held, "preconditions"), "resourceVersion": version}
        return replace(write, body={**held, "preconditions": conditions})
    status = {"status": live["status"]} if write.method == "PUT" and "status" in live else {}
    return replace(write, body={**held, "metadata": {**obj(held, "metadata"), "resourceVersion": version}, **status})


async def steadily(
    draft: Draft, send: Callable[[Write], Awaitable[Written]], look: Callable[[], Awaitable[Body]]
) -> Written:
    """Send the draft's request; again, for the version that is there now, where nothing but the status has moved on.
    look: the object as it is now. Raises SourceError; a CONFLICT names what others have changed."""
    write, seen = draft.write, draft.before
    assert write is not None
    if not draft.pinned or seen is None:
        return await send(write)
    for _ in range(TRIES):
        try:
            return await send(write)
        except RefusedError as error:
            if not _outrun(error):
                raise
            live = await look()
            if not _same(write, seen, live):
                raise SourceError(_changed(seen, live, error.problem)) from error
            write = _bound(write, live)
    return await send(write)


def _outrun(error: RefusedError) -> bool:
    """Whether it was refused because there is another version by now."""
    fields = any(reason == "FieldManagerConflict" for reason, _, _ in error.causes)
    return error.problem.status == 409 and not fields


def _same(write: Write, seen: Body, live: Body) -> bool:
    if text(seen, "metadata", "uid") != text(live, "metadata", "uid"):
        return False
    if write.method == "PUT":  # it would put everything else back as well
        return trimmed(seen) == trimmed(live)
    if write.media is Media.APPLY_PATCH and _owners(seen) != _owners(live):
        return False  # it is sent with force, which was weighed by who owned what
    return _told(seen) == _told(live)


def _told(body: Body) -> Body:
    """What somebody decides about; a controller's notes to itself are none of it."""
    kept = trimmed(body)
    annotations = obj(kept, "metadata", "annotations")
    own = {key: value for key, value in annotations.items() if not key.startswith(_CONTROLLERS)}
    return {**kept, "metadata": {**obj(kept, "metadata"), "annotations": own}}


def _owners(body: Body) -> list[tuple[str, str, str, object]]:
    """Who owns which fields, those of the status aside."""
    return [
        (text(one, "manager"), text(one, "operation"), text(one, "subresource"), one.get("fieldsV1"))
        for one in items(body, "metadata", "managedFields")
        if text(one, "subresource") != "status"
    ]


def _changed(seen: Body, live: Body, refused: Problem) -> Problem:
    if text(seen, "metadata", "uid") != text(live, "metadata", "uid"):
        summary = "another object has its name now: the one that was looked at is gone"
        return Problem(ProblemKind.CONFLICT, summary, refused.server_words, status=refused.status)
    paths = _paths(_told(seen), _told(live), "") or ["who owns its fields"]
    more = f" and {len(paths) - _SAID} more" if len(paths) > _SAID else ""
    said = ", ".join(path[:200] for path in paths[:_SAID])
    names = _managers(seen, live)
    by = f" (by {', '.join(name[:60] for name in names[:_SAID])})" if names else ""
    summary = f"it has been changed since it was planned: {said}{more}{by}"
    return Problem(ProblemKind.CONFLICT, summary, refused.server_words, "look at it, and plan again", status=409)


def _managers(seen: Body, live: Body) -> list[str]:
    """Who has written since, the status aside: the names of managers are said, values are not."""
    before = items(seen, "metadata", "managedFields")
    return sorted(
        {
            text(one, "manager")
            for one in items(live, "metadata", "managedFields")
            if one not in before and text(one, "subresource") != "status"
        }
        - {""}
    )


def _paths(old: object, new: object, path: str) -> list[str]:
    """Where the two differ, by their names; lists whose items have names are looked into."""
    if old == new:
        return []
    before, after = _keyed(old), _keyed(new)
    if before is None or after is None:
        return [path]
    found: list[str] = []
    for key in dict.fromkeys((*before, *after)):
        where = f"{path}[{key}]" if isinstance(old, list) else f"{path}.{key}" if path else key
        if key in before and key in after:
            found += _paths(before[key], after[key], where)
        else:
            found.append(where)
    return found


def _keyed(value: object) -> dict[str, object] | None:
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    if isinstance(value, list):
        named = {text(one, "name"): one for one in cast("list[object]", value)}
        return named if len(named) == len(cast("list[object]", value)) and "" not in named else None
    return None
