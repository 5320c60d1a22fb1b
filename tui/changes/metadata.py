"""LABEL and ANNOTATE: keys set and removed by a merge patch."""

from __future__ import annotations

import json
from typing import Any

from tui.changes.drafts import Args, Draft, merge, undo_by
from tui.errors import UsageError
from tui.model.bodies import obj
from tui.model.changes import Action, Wish
from tui.model.objects import Body, ObjectRef
from tui.model.secretnotes import telling
from tui.model.secrets import MASK, of_secrets

_PART = {Action.LABEL: "labels", Action.ANNOTATE: "annotations"}


def pairs_of(args: Args) -> dict[str, str | None]:
    """What is set, and (None) removed, from "a=b,c-" or a JSON object. Raises UsageError."""
    given = args.get("pairs", "").strip()
    if given.startswith("{"):
        return _from_json(given)
    found: dict[str, str | None] = {}
    for part in filter(None, (part.strip() for part in given.split(","))):
        key, equals, value = part.partition("=")
        removed = not equals and part.endswith("-")
        if not equals and not removed:
            raise UsageError(f"{part[:80]!r}: expected KEY=VALUE, or KEY- to remove it")
        found[part[:-1] if removed else key] = None if removed else value
    return _checked(found)


def as_args(pairs: dict[str, str | None]) -> dict[str, str]:
    """The arguments that mean `pairs`, whatever characters they hold."""
    return {"pairs": json.dumps(pairs, ensure_ascii=False)}


def _from_json(given: str) -> dict[str, str | None]:
    try:
        read: Any = json.loads(given)
    except ValueError as error:
        raise UsageError("pairs: not a JSON object") from error
    if not all(value is None or isinstance(value, str) for value in read.values()):
        raise UsageError("pairs: the values must be texts, or null")
    return _checked(read)


def _checked(pairs: dict[str, str | None]) -> dict[str, str | None]:
    if not pairs or "" in pairs:
        raise UsageError("expected KEY=VALUE, or KEY- to remove it")
    return pairs


def check(args: Args) -> None:
    pairs_of(args)


def draft(action: Action, ref: ObjectRef, live: Body, args: Args) -> Draft:
    part = _PART[action]
    held = obj(live, "metadata", part)
    wanted = {key: value for key, value in pairs_of(args).items() if held.get(key) != value}
    if not wanted:
        return Draft(ref, f"{part} as wished", None, live)
    hidden = _hidden(live, wanted) if action is Action.ANNOTATE and of_secrets(ref.kind) else frozenset[str]()
    said = ", ".join(_words(key, held.get(key), value, hidden=key in hidden) for key, value in wanted.items())
    write = merge(ref, live, {"metadata": {part: wanted}})
    if not hidden.isdisjoint(wanted):  # the way back would be the values, which are written down nowhere
        return Draft(ref, said, write, live)
    undo = undo_by(Wish(action, (ref,), as_args({key: held.get(key) for key in wanted})))
    return Draft(ref, said, write, live, undo=undo)


def _hidden(live: Body, wanted: dict[str, str | None]) -> frozenset[str]:
    """The annotations that hold values of a Secret, or would then."""
    return telling(
        live, {"metadata": {"annotations": {key: value for key, value in wanted.items() if value is not None}}}
    )


def _words(key: str, old: str | None, new: str | None, *, hidden: bool = False) -> str:
    """hidden: the values are those of a Secret, and are not said."""
    if hidden and new is not None:
        return f"{key}={MASK}" if old is None else f"{key} {MASK} → {MASK}"
    if new is None:
        return f"{key} removed"
    return f"{key}={_short(new)}" if old is None else f"{key} {_short(old)} → {_short(new)}"


def _short(value: str) -> str:
    return value if len(value) <= 60 else value[:59] + "…"
