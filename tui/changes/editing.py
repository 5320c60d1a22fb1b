"""One object in an editor: what is shown, what comes back, and why it is shown again. Pure; the command line and the
terminal UI run the editor.

Nothing that was typed is lost: a text that is refused is shown again with the refusal above it, as kubectl does, and
what others changed meanwhile is put under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from textwrap import wrap

from tui.changes.merging import merge_patch, merged
from tui.changes.yamltext import dump, parse_object
from tui.errors import Problem, ProblemKind, UsageError
from tui.model.bodies import obj

WIDTH = 100
_MOST_LINES = 60
_HELP = (
    "Edit the object below. Lines that begin with # are left out; an empty text, or one without a change,",
    "changes nothing. What is saved is tried and shown before anything is written.",
)


class Saved(Enum):
    """What a saved text means."""

    CANCELLED = "cancelled"  # nothing is left of it
    UNCHANGED = "unchanged"  # as it was opened
    AGAIN = "again"  # refused a moment ago, and no different now
    CHANGED = "changed"


class Editing:
    """One edit, from opening to the text that goes through. title: of the object. manifest: from `Desk.manifest`.

    text: what the editor is to show now.
    """

    def __init__(self, title: str, manifest: str) -> None:
        self._title = title
        self._base = manifest
        self._last = manifest
        self._refused = False
        self.text = _headed(title, (), manifest)

    def saved(self, content: str) -> Saved:
        """Take what the editor left; `manifest` is then what to plan, where it has CHANGED."""
        body = without_head(content)
        if not body.strip():
            return Saved.CANCELLED
        same_as_last = body.strip() == self._last.strip()
        self._last = body
        if not self.changed:
            return Saved.UNCHANGED
        return Saved.AGAIN if same_as_last and self._refused else Saved.CHANGED

    @property
    def manifest(self) -> str:
        """The text as it was saved last, without our lines above it."""
        return self._last

    @property
    def changed(self) -> bool:
        """Whether what was saved last is another text than was opened."""
        return self._last.strip() != self._base.strip()

    def refuse(self, why: Sequence[str]) -> None:
        """It did not go through: `text` is now the same again, under the reasons."""
        self._refused = True
        self.text = _headed(self._title, why, self._last)

    def rebase(self, manifest: str, why: Sequence[str]) -> None:
        """Others have changed the object, which is now `manifest`: `text` is that, with what was edited on top."""
        try:
            base, edited, live = (parse_object(one) for one in (self._base, self._last, manifest))
        except UsageError:
            self.refuse(why)
            return
        ours = merge_patch(base, edited)
        for key in ("resourceVersion", "generation"):
            obj(ours, "metadata").pop(key, None)
        self._base = manifest
        self._last = dump(merged(live, ours))
        self._refused = False
        on_top = "What you changed has been put on top of it: look whether it still means what it should."
        self.text = _headed(self._title, (*why, on_top), self._last)


def reasons(problem: Problem) -> list[str]:
    """Why a text was refused, for `Editing.refuse`: our words, the server's, and what would help."""
    return [part for part in (problem.summary, problem.server_words, problem.remedy) if part]


def is_conflict(problem: Problem) -> bool:
    """Whether others were faster, so that the edit goes on from what is there now."""
    return problem.kind is ProblemKind.CONFLICT


def without_head(content: str) -> str:
    """A text without the comment lines above it."""
    lines = content.splitlines(keepends=True)
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    return "".join(lines)


def _headed(title: str, why: Sequence[str], body: str) -> str:
    """`body` under comment lines: what it is, and why it is shown again."""
    lines = [title, *_HELP]
    if why:
        lines = [title, "", "It was not accepted:", *(line for part in why for line in _folded(part)), "", *_HELP]
    head = "".join(f"# {_plain(line)}".rstrip() + "\n" for line in lines[:_MOST_LINES])
    return f"{head}#\n{body}"


def _folded(part: str) -> list[str]:
    """Lines of a message; a server's words may be one of two thousand characters."""
    return [line for said in part.splitlines() for line in wrap(said, WIDTH, break_on_hyphens=False) or [""]]


def _plain(line: str) -> str:
    """A comment stays one line, whatever it quotes, and drives no terminal."""
    return "".join(char if char.isprintable() else "�" for char in line)
