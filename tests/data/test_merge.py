"""Several sources as one feed: never half a list as the whole, and never a failure without its owner."""

from __future__ import annotations

import pytest

from tui.data.merge import merged
from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed, FeedState, Gap

NOW = 1000.0
DOWN = Problem(ProblemKind.UNREACHABLE, "down")
FORBIDDEN = Problem(ProblemKind.FORBIDDEN, "no")
LOADING: Feed[str] = Feed()
LIVE = Feed("a", 990.0, fresh_for=60.0)
OLDER = Feed("b", 980.0, fresh_for=90.0)
STALE = Feed("c", 500.0, DOWN, failures=3, retry_at=1004.0)
FAILED: Feed[str] = Feed(problem=FORBIDDEN, failures=1, retry_at=1009.0)
PARTIAL = Feed("p", 990.0, gaps=(Gap("location", DOWN),))


def whole(*parts: Feed[str]) -> Feed[str]:
    return merged([(f"part {number}", part) for number, part in enumerate(parts)], "".join)


@pytest.mark.parametrize(
    ("parts", "state", "value"),
    [
        ((), FeedState.LIVE, ""),
        ((LOADING, LIVE), FeedState.LOADING, None),
        ((LOADING, FAILED), FeedState.LOADING, None),
        ((LIVE, OLDER), FeedState.LIVE, "ab"),
        ((LIVE, STALE), FeedState.PARTIAL, "ac"),
        ((LIVE, FAILED), FeedState.PARTIAL, "a"),
        ((LIVE, PARTIAL), FeedState.PARTIAL, "ap"),
        ((STALE, FAILED), FeedState.STALE, "c"),
        ((FAILED, FAILED), FeedState.FAILED, None),
    ],
)
def test_the_whole_is_what_its_parts_are(parts: tuple[Feed[str], ...], state: FeedState, value: str | None) -> None:
    feed = whole(*parts)
    assert (feed.state(NOW), feed.value) == (state, value)


def test_it_is_as_old_as_its_oldest_living_part_and_fresh_as_its_shortest_lived() -> None:
    feed = whole(LIVE, OLDER, STALE)
    assert (feed.as_of, feed.fresh_for) == (980.0, 60.0)
    assert feed.gaps == (Gap("part 2", DOWN),)


def test_where_all_fail_what_a_person_can_mend_is_said_and_the_next_try_of_all() -> None:
    feed = whole(STALE, FAILED)
    assert (feed.problem, feed.retry_at, feed.as_of) == (FORBIDDEN, 1004.0, 500.0)
    assert feed.gaps == (Gap("part 0", DOWN), Gap("part 1", FORBIDDEN))


def test_gaps_of_a_part_are_gaps_of_the_whole() -> None:
    assert whole(LIVE, PARTIAL).gaps == (Gap("location", DOWN),)
