"""EDIT: an object put back as a person has changed it; and RESTORE, which takes an edit or an apply back."""

from __future__ import annotations

import json
from typing import Any, cast

from tui.changes.drafts import Args, Draft, Undo, merge, path_of, refuse
from tui.changes.merging import merged, way_back, way_forth
from tui.changes.trimming import trimmed
from tui.changes.undoing import past_others
from tui.changes.yamltext import parse_object
from tui.errors import ProblemKind, SourceError, UsageError
from tui.model.bodies import obj, text
from tui.model.changes import Action, Wish
from tui.model.objects import Body, ObjectRef
from tui.model.writes import Write

LARGEST_UNDO = 256 * 1024
"""Characters of an object that are kept to take a change back."""

_PATHS_SAID = 5


def check(args: Args) -> None:
    parse_object(args.get("manifest", ""), "the edited object")


def draft(ref: ObjectRef, live: Body, base: Body | None, args: Args) -> Draft:
    """base: the object as it was when it was opened for editing, where we still know.

    Raises SourceError (CONFLICT) where others have changed it since in what a person edits; that its status has moved
    on is nothing to trouble anybody with.
    """
    edited = parse_object(args.get("manifest", ""), "the edited object")
    for path in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")):
        if text(edited, *path) != text(live, *path):
            raise refuse(f"an edit cannot change {'.'.join(path)}: it is {text(live, *path) or 'not set'}")
    version, now = text(edited, "metadata", "resourceVersion"), text(live, "metadata", "resourceVersion")
    opened = base if base is not None and text(base, "metadata", "resourceVersion") == version else None
    if version and version != now and (opened is None or trimmed(opened) != trimmed(live)):
        raise conflict()
    body = _whole(edited, live)
    if trimmed(body) == trimmed(live):
        return Draft(ref, "no change", None, live)
    return Draft(ref, "edit", Write("PUT", path_of(ref), body), live, undo=restoring(ref, live))


def conflict() -> SourceError:
    """Somebody else was faster."""
    summary = "it has been changed since it was opened: open it again and make the edit anew"
    return refuse(summary, kind=ProblemKind.CONFLICT)


def _whole(edited: Body, live: Body) -> Body:
    """With what the editor was not shown: a kind without a status sub-resource would lose its status otherwise."""
    metadata = {**obj(edited, "metadata"), "resourceVersion": text(live, "metadata", "resourceVersion")}
    metadata.setdefault("uid", text(live, "metadata", "uid"))
    status = {"status": live["status"]} if "status" in live and "status" not in edited else {}
    return {**edited, "metadata": metadata, **status}


def restoring(ref: ObjectRef, before: Body) -> Undo:
    """An undo by the way back from what the server answered."""

    def undo(answer: Body) -> Wish | None:
        patch = json.dumps(way_back(before, answer), ensure_ascii=False)
        since = json.dumps(way_forth(before, answer), ensure_ascii=False)
        if patch == "{}" or len(patch) + len(since) > LARGEST_UNDO:
            return None
        uid = text(answer, "metadata", "uid")
        target = ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name, uid)
        return Wish(Action.RESTORE, (target,), {"patch": patch, "since": since})

    return undo


def patch_of(args: Args, which: str = "patch") -> Body:
    """Raises UsageError."""
    try:
        patch: Any = json.loads(args.get(which, ""))
    except ValueError as error:
        raise UsageError(f"{which}: not a JSON object") from error
    if not isinstance(patch, dict):
        raise UsageError(f"{which}: not a JSON object")
    return cast("Body", patch)


def check_restore(args: Args) -> None:
    patch_of(args)
    if "since" in args:
        patch_of(args, "since")


def restore(ref: ObjectRef, live: Body, args: Args) -> Draft:
    patch, contested = patch_of(args), ()
    if "since" in args:
        patch, contested = past_others(patch, patch_of(args, "since"), live)
    if trimmed(merged(live, patch)) == trimmed(live):
        return Draft(ref, "as it was before", None, live)
    write, undo = merge(ref, live, patch), restoring(ref, live)
    return Draft(ref, "put back what was there before", write, live, undo=undo, warnings=_contested(contested))


def _contested(paths: tuple[str, ...]) -> tuple[str, ...]:
    if not paths:
        return ()
    more = f" and {len(paths) - _PATHS_SAID} more" if len(paths) > _PATHS_SAID else ""
    said = ", ".join(path[:200] for path in paths[:_PATHS_SAID])
    return (f"others have changed this since, and lose what they made of it: {said}{more}",)
