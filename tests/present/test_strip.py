"""The clusters of a list in one line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui import world
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed, Gap
from tui.model.kube import ClusterTable, ResourceQuery, ResourceView, Table
from tui.present.ages import time_of_day
from tui.present.strip import BETWEEN, cluster_strip

NOW = world.NOW
SINCE = time_of_day(NOW - 3600, NOW)
LIVE = Feed(world.table(world.PODS_EU), NOW)
NET = Problem(ProblemKind.UNREACHABLE, "no route")
NO = Problem(ProblemKind.FORBIDDEN, "no", status=403)
LATE = Problem(ProblemKind.TIMEOUT, "no answer within 20 s")
LOADING: Feed[Table] = Feed()
FAILED: Feed[Table] = Feed(None, None, NET)
STALE = replace(LIVE, problem=LATE, as_of=NOW - 3600)
PARTIAL = replace(LIVE, value=replace(world.table(world.PODS_EU), namespaces=("a", "b")), gaps=(Gap("c", NO),))
READING = replace(LIVE, value=replace(world.table(world.PODS_EU), complete=False))
EMPTY = Feed(world.table(()), NOW)


def view(*feeds: Feed[Table], kinds: int = 1) -> ResourceView:
    refs = tuple(ClusterRef(f"context:c{n}", f"c{n}", Via.CONTEXT) for n in range(len(feeds) // kinds))
    parts = tuple(ClusterTable(refs[n // kinds], feed, f"k{n % kinds}") for n, feed in enumerate(feeds))
    return ResourceView(ResourceQuery("pods", refs), None, (), parts)


def line(*feeds: Feed[Table], room: int = 200, kinds: int = 1) -> str:
    return (" " * BETWEEN).join(part.text for part in cluster_strip(view(*feeds, kinds=kinds), NOW, room))


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (LIVE, "● 5"),
        (EMPTY, "∅ 0"),
        (READING, "● 5…"),
        (LOADING, "…"),
        (FAILED, "× net"),
        (replace(FAILED, problem=NO), "× forbidden"),
        (STALE, f"○ {SINCE} no answer"),
        (PARTIAL, "◐ 5, 1 of 3 namespaces forbidden"),
    ],
)
def test_each_cluster_says_how_it_is(feed: Feed[Table], said: str) -> None:
    assert line(LIVE, feed).split(" " * BETWEEN)[1] == f"c1 {said}"


def test_one_cluster_needs_no_strip() -> None:
    assert cluster_strip(view(LIVE), NOW, 80) == ()
    assert cluster_strip(None, NOW, 80) == ()


def test_those_that_are_well_give_way_first_and_are_counted() -> None:
    feeds = (LIVE, FAILED, LIVE, STALE, LIVE, PARTIAL, LOADING, LIVE)
    assert line(*feeds, room=100) == (
        f"c0 ● 5   c1 × net   c3 ○ {SINCE} no answer   c5 ◐ 5, 1 of 3 namespaces forbidden   c6 …   +3 ●"
    )
    assert line(*feeds, room=60) == f"c1 × net   c3 ○ {SINCE} no answer   +1 ◐  +1 …  +4 ●"
    assert line(*feeds, room=10) == "c1 × net   +1 ○  +1 ◐  +1 …  +4 ●"


def test_a_line_is_never_longer_than_its_room_while_something_can_go() -> None:
    feeds = [LIVE, STALE, FAILED, PARTIAL] * 3
    for room in range(60, 240):
        assert len(line(*feeds, room=room)) <= room


def test_several_kinds_of_a_cluster_are_one_entry() -> None:
    assert line(LIVE, LIVE, LIVE, FAILED, LIVE, LOADING, kinds=2) == (
        "c0 ● 10   c1 ◐ 5, 1 of 2 kinds unreachable   c2 … 5"
    )
