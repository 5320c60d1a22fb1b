"""The six things a pane can be, each with its own mark and its own words, so that colour is never needed.

● live      true now                     ◐ partial   true, with parts that could not be seen
○ stale     was true, at a time it says  × failed    never known, and the source fails
… loading   asked, no answer yet         ∅ empty     live, and there is nothing
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from tui.errors import Problem
from tui.model.feed import Feed, FeedState, Gap
from tui.present.ages import calm_age, countdown, time_of_day
from tui.present.clean import clean
from tui.present.parts import Part


class Shown(StrEnum):
    """What the user is told. `FeedState` and "empty"."""

    LOADING = "loading"
    LIVE = "live"
    EMPTY = "empty"
    PARTIAL = "partial"
    STALE = "stale"
    FAILED = "failed"


MARKS = {
    Shown.LOADING: "…",
    Shown.LIVE: "●",
    Shown.EMPTY: "∅",
    Shown.PARTIAL: "◐",
    Shown.STALE: "○",
    Shown.FAILED: "×",
}
STYLES = {
    Shown.LOADING: "dim",
    Shown.LIVE: "dim",
    Shown.EMPTY: "dim",
    Shown.PARTIAL: "warn",
    Shown.STALE: "warn",
    Shown.FAILED: "bad",
}


class Status(Struct, frozen=True):
    """A state, the words that go with it and, in order of reading, what more there is to say."""

    shown: Shown
    words: str
    more: tuple[Part, ...] = ()

    @property
    def mark(self) -> str:
        return MARKS[self.shown]

    def parts(self) -> tuple[Part, ...]:
        """For a border: mark and words first, never dropped."""
        return (Part(f"{self.mark} {self.words}", STYLES[self.shown]), *self.more)


def problem_words(problem: Problem) -> str:
    """ "throttled (429)", "unreachable"."""
    return f"{problem.kind.value} ({problem.status})" if problem.status else problem.kind.value


def feed_status(feed: Feed[Any], now: float, *, empty: bool = False) -> Status:
    """What `feed` is at `now`. empty: it is known and holds nothing."""
    match feed.state(now):
        case FeedState.LOADING:
            return Status(Shown.LOADING, "loading")
        case FeedState.FAILED:
            return Status(Shown.FAILED, "failed", _why(feed, now))
        case FeedState.STALE:
            return Status(Shown.STALE, stale_words(feed.as_of, now), _why(feed, now))
        case FeedState.PARTIAL:
            return Status(Shown.PARTIAL, f"partial: {gap_words(feed.gaps)}", _checked(feed, now))
        case FeedState.LIVE:
            shown = Shown.EMPTY if empty else Shown.LIVE
            return Status(shown, "empty, live" if empty else "live", _checked(feed, now))


def stale_words(as_of: float | None, now: float) -> str:
    return "stale" if as_of is None else f"stale since {time_of_day(as_of, now)}"


def retry_words(retry_at: float | None, now: float) -> str:
    """ "retry in 12s", "retrying now", or "" where no try is planned."""
    if retry_at is None:
        return ""
    left = countdown(retry_at - now)
    return "retrying now" if left == "now" else f"retry in {left}"


def gap_words(gaps: Sequence[Gap], noun: str = "") -> str:
    """What is missing: "plant-7 forbidden", "3 namespaces forbidden", "4 not seen"."""
    if len(gaps) == 1:
        return f"{clean(gaps[0].who, 40)} {gaps[0].problem.kind.value}"
    kinds = {gap.problem.kind.value for gap in gaps}
    what = kinds.pop() if len(kinds) == 1 else "not seen"
    return f"{len(gaps)} {noun}s {what}" if noun else f"{len(gaps)} {what}"


def _why(feed: Feed[Any], now: float) -> tuple[Part, ...]:
    if feed.problem is None:
        return (Part("no news since", "dim", 2),) if feed.value is not None else ()
    return (
        Part(problem_words(feed.problem), "", 1),
        Part(retry_words(feed.retry_at, now), "dim", 2),
    )


def _checked(feed: Feed[Any], now: float) -> tuple[Part, ...]:
    """How long ago a polled value was confirmed; a watched one is confirmed all the time."""
    if feed.fresh_for is None or feed.as_of is None:
        return ()
    return (Part(f"{calm_age(max(0.0, now - feed.as_of))} ago", "dim", 3),)
