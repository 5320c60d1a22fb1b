"""The clusters of a list in one line, each with its mark and what there is to say: who is live, who is not, and why.

    prod-eu ● 212   prod-us ● 198   plant-7 × net   depot-14 …

Where the line is too short, those that are well give way first, and are counted: a cluster that is not seen is named
for as long as there is room for a name.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.feed import FeedState
from tui.model.kube import ResourceView
from tui.present.ages import time_of_day
from tui.present.parts import Part
from tui.present.states import MARKS, STYLES, Shown
from tui.present.units import Unit, units
from tui.present.width import text_width

BETWEEN = 3
"""Blanks between two clusters."""

_SHOWN = {
    FeedState.LOADING: Shown.LOADING,
    FeedState.LIVE: Shown.LIVE,
    FeedState.PARTIAL: Shown.PARTIAL,
    FeedState.STALE: Shown.STALE,
    FeedState.FAILED: Shown.FAILED,
}
_IMPORTANCE = {
    FeedState.FAILED: 0,
    FeedState.STALE: 1,
    FeedState.PARTIAL: 2,
    FeedState.LOADING: 3,
    FeedState.LIVE: 4,
}


def cluster_strip(view: ResourceView | None, now: float, room: int) -> tuple[Part, ...]:
    """The line's parts; () for a list of one cluster, whose title says it all."""
    if view is None or len(view.query.clusters) < 2:
        return ()
    found = units(view, now)
    left = list(range(len(found)))
    parts = [_part(unit, now) for unit in found]
    while True:
        rest = _rest(found, left)
        shown = [*(parts[index] for index in left), *([rest] if rest is not None else [])]
        if len(left) <= 1 or sum(text_width(part.text) for part in shown) + BETWEEN * (len(shown) - 1) <= room:
            return tuple(shown)
        left.remove(max(left, key=lambda index: (_IMPORTANCE[found[index].state], index)))


def _part(unit: Unit, now: float) -> Part:
    shown = _SHOWN[unit.state]
    if shown is Shown.LIVE and not unit.rows:
        shown = Shown.EMPTY
    words = f"{unit.name} {MARKS[shown]}{_said(unit, now)}"
    return Part(words, STYLES[shown])


def _said(unit: Unit, now: float) -> str:
    match unit.state:
        case FeedState.LOADING:
            return f" {unit.rows:,}" if unit.rows else ""
        case FeedState.LIVE:
            return f" {unit.rows:,}{'' if unit.complete else '…'}"
        case FeedState.PARTIAL:
            return f" {unit.rows:,}, {unit.missing}" if unit.missing else f" {unit.rows:,}"
        case FeedState.STALE:
            since = time_of_day(unit.as_of, now) if unit.as_of is not None else ""
            return " ".join(("", *(word for word in (since, unit.why) if word)))
        case FeedState.FAILED:
            return f" {unit.why}"


def _rest(found: Sequence[Unit], left: Sequence[int]) -> Part | None:
    """Those that have no room, counted by what they are: "+9 ●"."""
    hidden = [unit for index, unit in enumerate(found) if index not in set(left)]
    if not hidden:
        return None
    states = sorted({unit.state for unit in hidden}, key=lambda state: _IMPORTANCE[state])
    counts = [f"+{sum(unit.state is state for unit in hidden)} {MARKS[_SHOWN[state]]}" for state in states]
    return Part("  ".join(counts), "dim")
