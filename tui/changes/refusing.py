"""What a refused change means: whose fields an apply would take, which budget holds a pod, whether an object is still
the one that was looked at."""

from __future__ import annotations

import re

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.writes import FIELD_MANAGER, RefusedError

_OURSELVES = re.compile(f'conflict with "{FIELD_MANAGER}"( with subresource "[^"]*")?( using .*)?')
"""As the server names an owner: fieldmanager's conflict errors, the name as a quoted Go string."""


def is_budget(error: SourceError) -> bool:
    """Whether a PodDisruptionBudget holds a pod: that is a matter of its own time."""
    return isinstance(error, RefusedError) and any(reason == "DisruptionBudget" for reason, _, _ in error.causes)


def budget_words(error: RefusedError) -> str:
    """What the budget says of itself, "" where it says nothing."""
    return next((message for reason, message, _ in error.causes if reason == "DisruptionBudget"), "")


def only_ourselves(error: RefusedError) -> tuple[str, ...]:
    """The fields for which an apply is refused, where nobody but ourselves owns them; () where somebody else does, or
    it is refused for something else."""
    causes = error.causes
    if not all(reason == "FieldManagerConflict" and _OURSELVES.fullmatch(message) for reason, message, _ in causes):
        return ()
    return tuple(field for _, _, field in causes)


def explained(error: SourceError, *, guarded: bool) -> Problem:
    """The problem of a refused change, in words that tell what to do. guarded: the request held a test of what was
    seen."""
    problem = error.problem
    causes = error.causes if isinstance(error, RefusedError) else ()
    owned = [(field, message) for reason, message, field in causes if reason == "FieldManagerConflict"]
    if owned:
        owned = [pair for pair in owned if not _OURSELVES.fullmatch(pair[1])] or owned
        fields = "; ".join(f"{field} ({message})" for field, message in owned[:8])
        more = f" and {len(owned) - 8} more" if len(owned) > 8 else ""
        summary = f"other managers own what it would change: {fields}{more}"
        remedy = "leave these fields to them, or apply with force"
        return Problem(ProblemKind.CONFLICT, summary, problem.server_words, remedy, status=problem.status)
    other_uid = any(field == "metadata.uid" for _, _, field in causes)
    precondition = problem.status == 409 and "UID in precondition" in problem.server_words
    if precondition or (problem.status == 422 and (other_uid or (guarded and not causes))):
        return _gone(problem)
    return problem


def _gone(problem: Problem) -> Problem:
    summary = "it is no longer what it was when it was looked at: look again"
    return Problem(ProblemKind.CONFLICT, summary, problem.server_words, status=problem.status, target=problem.target)
