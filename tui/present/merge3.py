"""Three texts into one: what two people made of the same original, by lines, as `git merge` does it.

Used when somebody else has changed an object while it was being edited: their changes and ours are put together where
they do not touch, and both are shown where they do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

OURS, BETWEEN, THEIRS = "<<<<<<< yours", "=======", ">>>>>>> as it is now"


class Merged(Struct, frozen=True):
    """conflicts: how many places hold both versions, between the marks."""

    text: str
    conflicts: int


def merge3(base: str, ours: str, theirs: str) -> Merged:
    """`ours` with what `theirs` changed since `base`. Quadratic at worst: not for the event loop."""
    lines = [text.splitlines() for text in (base, ours, theirs)]
    merged: list[str] = []
    conflicts = 0
    for old, mine, other in _regions(*lines):
        if mine in (old, other):
            merged += other
        elif other == old:
            merged += mine
        else:
            conflicts += 1
            merged += [OURS, *mine, BETWEEN, *other, THEIRS]
    return Merged("".join(line + "\n" for line in merged), conflicts)


_Lines = Sequence[str]


def _regions(base: _Lines, ours: _Lines, theirs: _Lines) -> Iterator[tuple[_Lines, _Lines, _Lines]]:
    """The texts cut at the same places: parts that are the same in all three, and what lies between them."""
    at = (0, 0, 0)
    for start, mine, other, length in [*_common(base, ours, theirs), (len(base), len(ours), len(theirs), 0)]:
        yield base[at[0] : start], ours[at[1] : mine], theirs[at[2] : other]
        same = base[start : start + length]
        yield same, same, same
        at = (start + length, mine + length, other + length)


def _common(base: _Lines, ours: _Lines, theirs: _Lines) -> list[tuple[int, int, int, int]]:
    """Runs of lines that all three have: place in each, and length."""
    mine, other = _blocks(base, ours), _blocks(base, theirs)
    found: list[tuple[int, int, int, int]] = []
    i = j = 0
    while i < len(mine) and j < len(other):
        start = max(mine[i][0], other[j][0])
        end = min(mine[i][0] + mine[i][2], other[j][0] + other[j][2])
        if start < end:
            found.append((start, mine[i][1] + start - mine[i][0], other[j][1] + start - other[j][0], end - start))
        if mine[i][0] + mine[i][2] < other[j][0] + other[j][2]:
            i += 1
        else:
            j += 1
    return found


def _blocks(base: _Lines, changed: _Lines) -> list[tuple[int, int, int]]:
    blocks = SequenceMatcher(None, base, changed, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks]
