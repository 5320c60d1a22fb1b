"""One feed over several sources: what is known of each, and who is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tui.errors import ProblemKind
from tui.model.feed import Feed, Gap

T = TypeVar("T")
S = TypeVar("S")

Part = tuple[str, Feed[S]]
"""Who, and its feed."""


def merged(parts: Sequence[Part[S]], combine: Callable[[list[S]], T]) -> Feed[T]:
    """What `parts` know together.

    Loading until each part is known or has failed, so that half a list is never shown as the whole. It is as old as
    its oldest live part; a part that fails is a gap, and keeps its old value in. Where all fail, so does the whole.
    """
    failing = [(who, feed) for who, feed in parts if feed.problem is not None]
    gaps = gaps_of(failing)
    inner = tuple(gap for _, feed in parts if feed.problem is None for gap in feed.gaps)
    if any(feed.value is None and feed.problem is None for _, feed in parts):
        return Feed(gaps=gaps)
    values = [feed.value for _, feed in parts if feed.value is not None]
    live = [feed for _, feed in parts if feed.problem is None]
    counted = live or [feed for _, feed in failing]
    as_of = min((feed.as_of for feed in counted if feed.as_of is not None), default=None)
    fresh_for = min((feed.fresh_for for feed in live if feed.fresh_for is not None), default=None)
    value = combine(values) if values or not parts else None
    if live or not parts:
        return Feed(value, as_of, gaps=gaps + inner, fresh_for=fresh_for)
    worst = worst_of(failing)
    return Feed(value, as_of, worst.problem, worst.failures, gaps=gaps, retry_at=_next_try(failing))


def gaps_of(parts: Sequence[Part[S]]) -> tuple[Gap, ...]:
    """Who of `parts` fails, and why."""
    return tuple(Gap(who, feed.problem) for who, feed in parts if feed.problem is not None)


def worst_of(failing: Sequence[Part[S]]) -> Feed[S]:
    """The failure to show where only one can be: what a person can mend stands before what is merely not there."""
    return min((feed for _, feed in failing), key=lambda feed: feed.problem is None or _rank(feed.problem.kind))


def _rank(kind: ProblemKind) -> int:
    order = (ProblemKind.BUG, ProblemKind.SIGNED_OUT, ProblemKind.FORBIDDEN)
    if kind is ProblemKind.MISSING:
        return len(order) + 1
    return order.index(kind) if kind in order else len(order)


def _next_try(failing: Sequence[Part[S]]) -> float | None:
    return min((feed.retry_at for _, feed in failing if feed.retry_at is not None), default=None)
