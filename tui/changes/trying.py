"""Trying a draft: the server's dry-run does everything but store the change, so its answer is what would come of it,
and its refusal is the refusal that carrying it out would meet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from tui.changes.applying import unforced
from tui.changes.diffing import diff
from tui.changes.drafts import Draft, Made
from tui.changes.draining import tried_evictions
from tui.changes.edits import LARGEST_UNDO
from tui.changes.lagging import SCHEMA
from tui.changes.pinning import pinned, steadily
from tui.changes.refusing import explained, only_ourselves
from tui.changes.trimming import trimmed
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import items, text, texts
from tui.model.changes import Action, DiffLine, Step, Wish
from tui.model.kube import KindRef
from tui.model.objects import Body
from tui.model.secrets import of_secrets
from tui.model.writes import FIELD_MANAGER, Media, RefusedError, Write, Written

Send = Callable[[Write], Awaitable[Written]]
Look = Callable[[], Awaitable[Body]]
_NO_DRY_RUN = "does not support dry run"
_SAID = 8


async def past_ourselves(draft: Draft, send: Send) -> Draft:
    """The draft, with force where an apply would meet no other owner than ourselves: an undo and an edit own what they
    wrote as an update, and the server holds that for somebody else. It is pinned then, since a force asks nobody."""
    plain = draft.write
    if plain is None or plain.media is not Media.APPLY_PATCH or plain.query.get("force") or not _updated(draft.before):
        return draft
    try:
        await send(replace(plain, dry=True))
    except RefusedError as error:
        fields = only_ourselves(error)
        if fields:
            forced = replace(draft, write=replace(plain, query={**plain.query, "force": "true"}))
            return pinned(replace(forced, warnings=(*draft.warnings, _ours_words(fields))))
    except SourceError:
        pass  # it is tried again, and its problem told, with all the others
    return draft


def _updated(live: Body | None) -> bool:
    """Whether we own fields of it by something else than an apply."""
    fields = items(live, "metadata", "managedFields")
    return any(text(one, "manager") == FIELD_MANAGER and text(one, "operation") == "Update" for one in fields)


def _ours_words(fields: tuple[str, ...]) -> str:
    more = f" and {len(fields) - _SAID} more" if len(fields) > _SAID else ""
    said = ", ".join(fields[:_SAID])
    return f"applied with force: only earlier edits and undos of {FIELD_MANAGER} itself own {said}{more}"


async def tried(draft: Draft, token: int, send: Send, look: Look, made: Made) -> Step:
    """The step of a draft; what it is refused for is its problem. look: the object as it is now. made: by earlier
    steps of the same plan."""
    if draft.write is None:
        return Step(token, draft.ref, draft.summary, warnings=draft.warnings, unchanged=True)
    warnings = list(draft.warnings)
    if draft.awaits is not None:
        return await _unasked(draft, token, made.refused)
    try:
        warnings += [] if draft.pinned else await _taken(draft.write, send)
        answer = await steadily(draft, lambda write: send(replace(write, dry=True)), look)
    except SourceError as error:
        untried = _untried(error, draft, made)
        if not untried:
            problem = explained(error, guarded=draft.guarded)
            if _about(error) == "namespaces" and draft.ref.namespace in made.refused_namespaces:
                summary = f"its namespace {draft.ref.namespace} is made by an earlier step, which is refused"
                problem = Problem(ProblemKind.INVALID, summary)
            return Step(token, draft.ref, draft.summary, await _shown(draft, None), tuple(warnings), problem)
        return Step(token, draft.ref, draft.summary, await _declared(draft), (*warnings, untried))
    warnings += answer.warnings
    if draft.redefined in made.changed:
        warnings.append(f"tried by its definition {draft.redefined} as it is; an earlier step changes that")
    if draft.eviction is not None:
        held, problem = await tried_evictions(draft, send)
        lines = await _shown(draft, answer.body)
        return Step(
            token, draft.ref, draft.summary, lines, (*warnings, *held), problem, undoable=draft.undo is not None
        )
    after = None if draft.removes else answer.body
    if after is not None and draft.before is not None and trimmed(after) == trimmed(draft.before):
        return Step(token, draft.ref, f"{draft.summary}: no change", warnings=tuple(warnings), unchanged=True)
    wish = await asyncio.to_thread(undo_of, draft, answer.body)
    if draft.undo is not None and wish is None:
        warnings.append(_lost(draft.ref.kind))
    lines = await _shown(draft, after)
    return Step(token, draft.ref, draft.summary, lines, tuple(warnings), undoable=wish is not None)


async def _unasked(draft: Draft, token: int, refused: frozenset[str]) -> Step:
    """The step of what no server can be asked about yet."""
    assert draft.awaits is not None
    name, kind = draft.awaits.name, draft.ref.kind
    if name in refused:
        summary = f"its kind is defined by {name}, an earlier step, which is refused"
        return Step(token, draft.ref, draft.summary, problem=Problem(ProblemKind.INVALID, summary))
    untried = f"it could not be tried first: an earlier step defines its kind ({name})"
    undoable = draft.undo is not None and not of_secrets(kind)
    return Step(token, draft.ref, draft.summary, await _declared(draft), (*draft.warnings, untried), undoable=undoable)


async def _declared(draft: Draft) -> tuple[DiffLine, ...]:
    """What is sent, for a creation that could not be tried."""
    body = draft.write.body if draft.write is not None else None
    return await _shown(draft, body if isinstance(body, dict) and draft.before is None else None)


async def _shown(draft: Draft, after: Body | None) -> tuple[DiffLine, ...]:
    """The diff, made in a thread: an object may be a megabyte. Of a change that could not be tried there is none."""
    if after is None and not draft.removes:
        return ()
    return await asyncio.to_thread(diff, draft.ref.kind, draft.before, after)


def undo_of(draft: Draft, answer: Body) -> Wish | None:
    """The wish that takes the change back, as far as it may be written down: what is in a Secret may not."""
    wish = draft.undo(answer) if draft.undo is not None else None
    if wish is None:
        return None
    content = wish.args.get("manifest", "") + wish.args.get("patch", "")
    if len(content) > LARGEST_UNDO or (content and of_secrets(draft.ref.kind)):
        return None
    return _identified(wish, draft)


def _identified(wish: Wish, draft: Draft) -> Wish:
    """With the identity of the object that was changed, which who named it on a command line did not know: another that
    has its name by then is none of the undo's business. What makes a removed object anew means no object that is."""
    uid = text(draft.before, "metadata", "uid")
    if not uid or draft.removes:
        return wish
    own = (replace(target, uid=uid) if target == draft.ref else target for target in wish.targets)
    return replace(wish, targets=tuple(own))


def _lost(kind: KindRef) -> str:
    if of_secrets(kind):
        return "it cannot be undone: what is in a Secret is not written down"
    return "it cannot be undone: what was there before is too large to be kept, or nothing that can be put back"


async def _taken(write: Write, send: Send) -> list[str]:
    """Whose fields a forced apply takes, told by trying it without force."""
    plain = unforced(write) if write.media is Media.APPLY_PATCH else None
    if plain is None:
        return []
    try:
        await send(replace(plain, dry=True))
    except RefusedError as error:
        return [f"takes {field}: {said}" for reason, said, field in error.causes if reason == "FieldManagerConflict"]
    return []


def _about(error: SourceError) -> str:
    """Which resources a refusal is about."""
    return error.about if isinstance(error, RefusedError) else ""


def _untried(error: SourceError, draft: Draft, made: Made) -> str:
    """Why a refused dry-run says nothing about the change itself; "" where it does."""
    problem: Problem = error.problem
    if problem.status == 400 and _NO_DRY_RUN in problem.server_words:
        return f"it could not be tried first: {problem.server_words}"
    if problem.status == 404 and _about(error) == "namespaces" and draft.ref.namespace in made.namespaces:
        return f"it could not be tried first: the namespace {draft.ref.namespace} is made by an earlier step"
    if problem.status in SCHEMA and draft.redefined in made.changed:
        return f"an earlier step changes its definition {draft.redefined}; by the present one it is refused: " + (
            problem.server_words or problem.summary
        )
    return ""


def _deletion_words(body: Body) -> str:
    if not text(body, "metadata", "deletionTimestamp"):
        return "deleted"
    held = texts(body, "metadata", "finalizers")
    others = [one for one in held if one not in ("foregroundDeletion", "orphan")]
    if others:
        return f"is being deleted; finalizers hold it: {', '.join(others)}"
    return "is being deleted, after what depends on it" if "foregroundDeletion" in held else "is being deleted"


def done_words(action: Action, draft: Draft, written: Written) -> str:
    """What came of a change that was carried out."""
    body = written.body
    if draft.removes:
        return _deletion_words(body)
    if action is Action.TRIGGER:
        return f"job {text(body, 'metadata', 'name')} started"
    return "created" if written.status == 201 else "done"
