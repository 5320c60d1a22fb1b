"""Two texts line by line, each line beside its like in the other: what a side-by-side view and a unified one stand on.

Bounded, whatever the texts hold: lines that are compared cost at worst their product.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from msgspec import Struct

from tui.present.yamltext import YamlLine

CONTEXT = 3
"""Lines that are shown around a difference."""
_COMPARED = 2_000
"""Lines of both that are compared at once; longer stretches are parted at lines that both have once."""


class Pair(Struct, frozen=True, gc=False):
    """A line of each; None where one has no such line. same: they say the same."""

    left: YamlLine | None
    right: YamlLine | None
    same: bool = False


def paired(left: Sequence[YamlLine], right: Sequence[YamlLine]) -> list[Pair]:
    """All lines of both, in order."""
    mine, theirs = [line.text for line in left], [line.text for line in right]
    most = min(len(mine), len(theirs))
    start = next((at for at in range(most) if mine[at] != theirs[at]), most)
    most -= start
    end = next((at for at in range(most) if mine[-1 - at] != theirs[-1 - at]), most)
    return [
        *_alike(left[:start], right[:start]),
        *_between(left[start : len(left) - end], right[start : len(right) - end]),
        *_alike(left[len(left) - end :], right[len(right) - end :]),
    ]


def _alike(left: Sequence[YamlLine], right: Sequence[YamlLine]) -> list[Pair]:
    return [Pair(mine, theirs, same=True) for mine, theirs in zip(left, right, strict=True)]


def _between(left: Sequence[YamlLine], right: Sequence[YamlLine]) -> Iterator[Pair]:
    if not left or not right:
        yield from _beside(left, right)
        return
    if len(left) + len(right) > _COMPARED:
        yield from _around_anchors(left, right)
        return
    for same, mine, theirs in _blocks(left, right, [line.text for line in left], [line.text for line in right]):
        if same:
            yield from _alike(mine, theirs)
        else:
            yield from _by_key(mine, theirs)


def _around_anchors(left: Sequence[YamlLine], right: Sequence[YamlLine]) -> Iterator[Pair]:
    """Long stretches, parted at lines that each side has once and in the same order (as patience diff does); what lies
    between two of these is compared by itself, or told line by line where it is still too long."""
    anchors = _anchors([line.text for line in left], [line.text for line in right])
    mine = theirs = 0
    for at, other in (*anchors, (len(left), len(right))):
        before, beside = left[mine:at], right[theirs:other]
        if before and beside and len(before) + len(beside) <= _COMPARED:
            yield from _between(before, beside)
        else:
            yield from _beside(before, beside)
        if at < len(left):
            yield Pair(left[at], right[other], same=True)
        mine, theirs = at + 1, other + 1


def _anchors(mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]]:
    """Where lines stand that are there once on each side: the longest run of them that rises on both."""
    counts, others = Counter(mine), Counter(theirs)
    places = {text: at for at, text in enumerate(theirs)}
    common = [(at, places[text]) for at, text in enumerate(mine) if counts[text] == 1 and others[text] == 1]
    tails: list[int] = []  # of the best run of each length, where it ends on their side
    ends: list[int] = []
    before: list[int] = []
    for number, (_, other) in enumerate(common):
        length = bisect_left(tails, other)
        tails[length : length + 1] = [other]
        ends[length : length + 1] = [number]
        before.append(ends[length - 1] if length else -1)
    run: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        run.append(common[number])
        number = before[number]
    return run[::-1]


def _by_key(left: Sequence[YamlLine], right: Sequence[YamlLine]) -> Iterator[Pair]:
    """Lines that are not the same, those of the same key beside each other."""
    keys = [[line.text[: line.key] or line.text for line in side] for side in (left, right)]
    for same, mine, theirs in _blocks(left, right, *keys):
        if same:
            yield from (Pair(one, other, same=one.text == other.text) for one, other in zip(mine, theirs, strict=True))
        else:
            yield from _beside(mine, theirs)


def _beside(left: Sequence[YamlLine], right: Sequence[YamlLine]) -> Iterator[Pair]:
    """As they come: what was replaced beside what replaced it."""
    return (
        Pair(mine, theirs, same=mine is not None and theirs is not None and mine.text == theirs.text)
        for mine, theirs in zip_longest(left, right)
    )


def _blocks(
    left: Sequence[YamlLine], right: Sequence[YamlLine], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[bool, Sequence[YamlLine], Sequence[YamlLine]]]:
    """The lines in runs, matched by these words for them; whether the words are the same."""
    from difflib import SequenceMatcher

    for tag, i1, i2, j1, j2 in SequenceMatcher(None, mine, theirs).get_opcodes():
        yield tag == "equal", left[i1:i2], right[j1:j2]


def differences(pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """Where the two differ: the first pair of each place, and the one behind its last."""
    found: list[tuple[int, int]] = []
    for at, pair in enumerate(pairs):
        if pair.same:
            continue
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


def stretches(count: int, places: Sequence[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """Runs of pairs, and whether they are shown: those within a few lines of a difference are. One line is never
    hidden, since saying so takes a line."""
    shown: list[tuple[int, int]] = []
    for first, end in places:
        near = (max(0, first - CONTEXT), min(count, end + CONTEXT))
        if shown and near[0] <= shown[-1][1] + 1:
            shown[-1] = (shown[-1][0], near[1])
        else:
            shown.append(near)
    made: list[tuple[int, int, bool]] = []
    at = 0
    for first, end in shown:
        if at < first:
            made.append((at, first, first - at == 1))
        made.append((first, end, True))
        at = end
    if at < count:
        made.append((at, count, count - at == 1))
    return made


def changed(mine: str, theirs: str) -> tuple[int, int]:
    """The part of `mine` in which it differs from `theirs`, from and to; found by halves, for a line may be a megabyte.
    What both begin and what both end with is no part of it."""
    most = min(len(mine), len(theirs))
    start = _longest(most, lambda n: mine[:n] == theirs[:n])
    end = _longest(most - start, lambda n: n == 0 or mine[-n:] == theirs[-n:])
    return start, len(mine) - end


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """The greatest length up to `most` for which something holds that holds for every shorter one."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
