"""`Feed`: the newest known value of something, its age and its problem; `Topic`: where a feed is read.

A feed never lies about freshness: a failed refresh keeps the old value and its `as_of` and sets `problem`, and
everything on screen is painted from this one record (design principle 1). One writer per topic; many readers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from tui.errors import Problem

T_co = TypeVar("T_co", covariant=True)


class FeedState(StrEnum):
    """The six things a pane can be; each has its own text and mark (never colour alone)."""

    LOADING = "loading"  # asked, nothing known yet
    LIVE = "live"  # true now, as far as its source can tell
    PARTIAL = "partial"  # true now, but some of it could not be seen; `Feed.gaps` says what
    STALE = "stale"  # was true at `as_of`; the source has failed or been silent since
    FAILED = "failed"  # never had a value, and the source fails


class Gap(Struct, frozen=True):
    """A part that could not be seen: `who` is a cluster, namespace or location; `problem` says why."""

    who: str
    problem: Problem


class Feed(Struct, Generic[T_co], frozen=True):
    """The newest value of a topic.

    value: None until first known. as_of: wall-clock seconds at which the source last confirmed it. problem: why the
    last try failed, None after a success. failures: tries failed in a row. revision: grows with each put. gaps: what
    is missing from the value. fresh_for: seconds after `as_of` for which it counts as live without being confirmed
    again; None while an open watch vouches for it. retry_at: wall-clock time of the next try after a failure.
    """

    value: T_co | None = None
    as_of: float | None = None
    problem: Problem | None = None
    failures: int = 0
    revision: int = 0
    gaps: tuple[Gap, ...] = ()
    fresh_for: float | None = None
    retry_at: float | None = None

    def state(self, now: float) -> FeedState:
        """What this feed is at wall-clock time `now`. "Empty" is not a state: it is LIVE with nothing in it."""
        if self.value is None:
            return FeedState.FAILED if self.problem is not None else FeedState.LOADING
        if self.problem is not None:
            return FeedState.STALE
        if self.fresh_for is not None and self.as_of is not None and now - self.as_of > self.fresh_for:
            return FeedState.STALE
        return FeedState.PARTIAL if self.gaps else FeedState.LIVE


class Topic(Protocol[T_co]):
    """The reading side of one piece of shared state."""

    @property
    def feed(self) -> Feed[T_co]:
        """The newest feed, at once."""
        ...

    def follow(self) -> AsyncIterator[Feed[T_co]]:
        """The newest feed, then each change, skipping what the reader had no time for. Reading starts the work
        behind the topic; closing the iterator (or cancelling its task) lets it stop."""
        ...
