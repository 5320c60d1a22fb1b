"""The text that goes to an editor and comes back: a comment above it that says what to do, or what was wrong."""

from __future__ import annotations

from tui.errors import Problem
from tui.present.clean import clean, clean_lines

INTRO = (
    "Save and leave to see what would be changed; it is applied only after that is confirmed.",
    "An empty file, or one left as it is, changes nothing. Lines with # at the top are left out.",
)
WIDEST = 4000


def commented(text: str, title: str, complaint: str = "") -> str:
    """The text below its comment. complaint: why the last try failed; several lines at newlines."""
    said = [title, *INTRO]
    if complaint:
        said += ["", *("× " + line if place == 0 else "  " + line for place, line in enumerate(_lines(complaint)))]
    return "".join(f"# {line}".rstrip() + "\n" for line in map(_one, said)) + "#\n" + text


def _lines(complaint: str) -> list[str]:
    return clean_lines(complaint, WIDEST, 200)


def _one(line: str) -> str:
    return clean(line, WIDEST)


def uncommented(text: str) -> str:
    """Without the comment above; comments further down are the user's own."""
    lines = text.splitlines(keepends=True)
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        lines.pop(0)
    return "".join(lines)


def complaint_of(problem: Problem) -> str:
    """A failure as it stands in the comment: what, and the server's own words."""
    return "\n".join(text for text in (problem.summary, problem.server_words) if text)
