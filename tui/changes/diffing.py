"""A unified diff of two states of an object, as YAML; bounded, whatever the object holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.changes.trimming import reborn, trimmed
from tui.changes.yamltext import dump
from tui.model.changes import DiffLine
from tui.model.kube import KindRef
from tui.model.objects import Body
from tui.model.secrets import MASK, of_secrets, sealed, value_of

CONTEXT = 3
WIDEST = 4_096
"""Characters of a line that are kept."""
_COMPARED = 4_000
"""Lines between the first and the last difference that are compared; more are told as replaced."""


def diff(kind: KindRef, before: Body | None, after: Body | None) -> tuple[DiffLine, ...]:
    """What would change. None: there is no such object. What nobody changes by hand is left out, and the values of
    Secrets are masked."""
    old = trimmed(before) if before is not None else None
    new = (trimmed(after) if before is not None else reborn(after)) if after is not None else None
    if of_secrets(kind):
        old, new = masked(old, new)
    return tuple(unified(_lines(old), _lines(new)))


def masked(before: Body | None, after: Body | None) -> tuple[Body | None, Body | None]:
    """Two states of a Secret, in which a value that differs can be told from one that does not, and no more."""
    return _masked(before, after, "before"), _masked(after, before, "after")


def _masked(body: Body | None, other: Body | None, which: str) -> Body | None:
    def seal(field: str, key: str, value: object) -> str:
        theirs = value_of(other, field, key)
        return MASK if theirs is None or theirs == value else f"{MASK} ({which})"

    return sealed(body, seal, other) if body is not None else None


def _lines(body: Body | None) -> list[str]:
    return dump(body).splitlines() if body is not None else []


def unified(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    """The hunks, each with its heading; nothing where both are the same."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start == len(old) == len(new):
        return
    first = max(0, start - CONTEXT)
    after = max(0, end - CONTEXT)
    mine, theirs = old[first : len(old) - after], new[first : len(new) - after]
    if len(mine) + len(theirs) > _COMPARED:
        yield _heading(first, len(mine), first, len(theirs))
        yield from (_line("-", text) for text in mine)
        yield from (_line("+", text) for text in theirs)
        return
    yield from _compared(mine, theirs, first)


def _compared(mine: Sequence[str], theirs: Sequence[str], offset: int) -> Iterator[DiffLine]:
    from difflib import SequenceMatcher

    for group in SequenceMatcher(None, mine, theirs).get_grouped_opcodes(CONTEXT):
        (_, a1, _, b1, _), (_, _, a2, _, b2) = group[0], group[-1]
        yield _heading(a1 + offset, a2 - a1, b1 + offset, b2 - b1)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (_line(" ", text) for text in mine[i1:i2])
                continue
            yield from (_line("-", text) for text in mine[i1:i2])
            yield from (_line("+", text) for text in theirs[j1:j2])


def _heading(a: int, a_count: int, b: int, b_count: int) -> DiffLine:
    return DiffLine("@", f"@@ -{_range(a, a_count)} +{_range(b, b_count)} @@")


def _range(start: int, count: int) -> str:
    return f"{start + 1 if count else start},{count}"


def _line(sign: str, text: str) -> DiffLine:
    return DiffLine(sign, text if len(text) <= WIDEST else text[: WIDEST - 1] + "…")
