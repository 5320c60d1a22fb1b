"""What a log view says of itself as a whole, from what is known of its pods and its streams. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tui.data.merge import gaps_of, worst_of
from tui.model.feed import Feed
from tui.model.kube import Table
from tui.model.logs import LogStatus

Parts = Sequence[tuple[str, Feed[Table]]]
"""The clusters by their names, with the pods of each that are followed."""


def complete(parts: Parts) -> bool:
    """Whether all pods that are there now are known, as far as they can be."""
    return bool(parts) and all(
        feed.problem is not None or (feed.value is not None and feed.value.complete) for _, feed in parts
    )


def feed_of(status: LogStatus, parts: Parts, heard: float | None, now: float) -> Feed[LogStatus] | None:
    """The feed of a view; None while nothing is known yet. It is as old as the last line, at `heard` (None = there was
    none), or the last list of pods, where no cluster tells which there are and no stream is open. Wall-clock seconds.
    """
    if not status.sources and any(feed.value is None and feed.problem is None for _, feed in parts):
        return None
    failing = [(who, feed) for who, feed in parts if feed.problem is not None]
    following = any(source.state == "following" for source in status.sources)
    if failing and len(failing) == len(parts) and not following:
        worst = worst_of(failing)
        # The last proof of life: not when it was last said that all is well.
        proofs = [at for at in (heard, *(feed.as_of for _, feed in failing)) if at is not None]
        since = max(proofs, default=None)
        return Feed(status, since, worst.problem, worst.failures, gaps=gaps_of(failing), retry_at=worst.retry_at)
    partly = tuple(gap for _, feed in parts if feed.problem is None for gap in feed.gaps)
    return Feed(status, now, gaps=gaps_of(failing) + partly)
