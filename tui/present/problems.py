"""A failure explains itself: the server's own words first, then what they mean, then the command that cures it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui.errors import Problem, ProblemKind
from tui.present.clean import clean, clean_lines
from tui.present.states import problem_words, retry_words

_CAUSES = {
    ProblemKind.SIGNED_OUT: "There are no credentials, or the server refused them. A person must sign in.",
    ProblemKind.FORBIDDEN: "You are signed in, but not allowed to do this.",
    ProblemKind.NOT_FOUND: "The server answers, but knows no such thing.",
    ProblemKind.CONFLICT: "Somebody else changed it in the meantime.",
    ProblemKind.EXPIRED: "The position in the stream was too old; the list is read anew.",
    ProblemKind.INVALID: "The server did not accept the request.",
    ProblemKind.THROTTLED: "The quota is used up for now; it is shared by everybody who uses this project.",
    ProblemKind.UNREACHABLE: "Nothing answered at that address.",
    ProblemKind.TIMEOUT: "No answer came in time.",
    ProblemKind.SERVER: "The server failed by itself.",
    ProblemKind.PROTOCOL: "The answer was not what the protocol promises.",
    ProblemKind.MISSING: "There is nothing to ask yet.",
    ProblemKind.BUG: "This is a mistake in clusterview; its traceback is in the log file.",
}


class Line(Struct, frozen=True):
    """One line of an explanation. label: "" or what stands in front. style: a style name. copyable: a command."""

    text: str
    style: str = ""
    label: str = ""
    copyable: bool = False


def cause(problem: Problem) -> str:
    """What this kind of failure means, in a sentence."""
    if problem.kind is ProblemKind.UNREACHABLE and problem.status:
        return "Something on the way answered; what was asked for did not."
    if problem.kind is ProblemKind.INVALID and not problem.status:
        return "It cannot be asked like this, so nothing was sent."
    if problem.kind is ProblemKind.FORBIDDEN and not problem.status and not problem.server_words:
        return "No server was asked: nothing was sent."
    return _CAUSES[problem.kind]


def one_line(problem: Problem, who: str = "") -> str:
    """For the strip of a pane: who, what, and the server's words. The rest of the story is in the details."""
    said = clean(problem.summary, 200)
    if problem.server_words:
        said = f"{said}: {clean(problem.server_words, 400)}"
    return f"× {clean(who, 60)}: {said}" if who else f"× {said}"


def explanation(problem: Problem, now: float, retry_at: float | None = None) -> list[Line]:
    """The whole story of one failure."""
    lines = [Line(f"× {clean(problem.summary)}", "bad")]
    lines.extend(Line(text, "", "server" if first else "") for first, text in _marked(_server_lines(problem)))
    lines.append(Line(f"{problem_words(problem)}. {cause(problem)}", "dim", "means"))
    if problem.target:
        lines.append(Line(clean(problem.target), "dim", "asked"))
    if problem.remedy:
        commands = [text for text in clean_lines(problem.remedy, lines=20) if text.strip()]
        lines.extend(Line(text, "accent", "to fix" if first else "", True) for first, text in _marked(commands))
    wait = retry_words(retry_at, now)
    if wait:
        lines.append(Line(wait, "dim", "next"))
    return lines


def _server_lines(problem: Problem) -> list[str]:
    return [text for text in clean_lines(problem.server_words, lines=40) if text.strip()]


def _marked(texts: Sequence[str]) -> list[tuple[bool, str]]:
    return [(index == 0, text) for index, text in enumerate(texts)]
