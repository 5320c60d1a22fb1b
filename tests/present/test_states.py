"""Live, stale, partial, failed, loading and empty are told apart by mark and by words, never by colour alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed, Gap
from tui.model.kube import PODS, ClusterTable, Column, ResourceQuery, ResourceView, Row, Table
from tui.present.merged import first_trouble, stale_parts, view_status
from tui.present.parts import joined
from tui.present.states import MARKS, Shown, feed_status, gap_words, retry_words

NOW = 1795356132.0
THROTTLED = Problem(ProblemKind.THROTTLED, "throttled", "slow down", status=429)
DOWN = Problem(ProblemKind.UNREACHABLE, "no answer")
NO = Problem(ProblemKind.FORBIDDEN, "refused", status=403)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def said(feed: Feed[Any], *, empty: bool = False) -> str:
    return joined(feed_status(feed, NOW, empty=empty).parts())


FRESH: Feed[Any] = Feed((1,), NOW - 12, fresh_for=90)


@pytest.mark.parametrize(
    ("feed", "text"),
    [
        (Feed(), "… loading"),
        (FRESH, "● live · 10s ago"),
        (Feed((1,), NOW - 500), "● live"),
        (replace(FRESH, gaps=(Gap("us-east1", DOWN),)), "◐ partial: us-east1 unreachable · 10s ago"),
        (replace(FRESH, problem=THROTTLED, retry_at=NOW + 9), "○ stale since 14:02:00 · throttled (429) · retry in 9s"),
        (replace(FRESH, problem=DOWN, retry_at=NOW - 1), "○ stale since 14:02:00 · unreachable · retrying now"),
        (replace(FRESH, as_of=NOW - 91), "○ stale since 14:00:41 · no news since"),
        (replace(FRESH, as_of=NOW - 3 * 86400, problem=DOWN), "○ stale since 2026-11-19 14:02 · unreachable"),
        (Feed(problem=NO, retry_at=NOW + 60), "× failed · forbidden (403) · retry in 60s"),
    ],
)
def test_a_feed_says_state_reason_age_and_next_try(feed: Feed[Any], text: str) -> None:
    assert said(feed) == text


def test_empty_is_live_and_says_that_it_is_empty() -> None:
    assert said(FRESH, empty=True) == "∅ empty, live · 10s ago"


def test_no_two_states_share_a_mark() -> None:
    assert len(set(MARKS.values())) == len(Shown)


@pytest.mark.parametrize(
    ("problems", "words"),
    [
        ([NO], "ns-0 forbidden"),
        ([NO, NO, NO], "3 namespaces forbidden"),
        ([NO, DOWN], "2 namespaces not seen"),
    ],
)
def test_gaps_are_counted_and_named(problems: list[Problem], words: str) -> None:
    assert gap_words([Gap(f"ns-{n}", problem) for n, problem in enumerate(problems)], "namespace") == words


def test_no_planned_try_is_not_promised() -> None:
    assert retry_words(None, NOW) == ""


ROW = Row("u", "api", "web", ("api",))
TABLE = Table(PODS, (Column("Name"),), {ROW.key: ROW})
LIVE: Feed[Table] = Feed(TABLE, NOW)
EMPTY: Feed[Table] = Feed(Table(PODS, (), {}), NOW)
STALE: Feed[Table] = Feed(TABLE, NOW - 71, problem=DOWN, retry_at=NOW + 30)
FAILED: Feed[Table] = Feed(problem=NO, retry_at=NOW + 5)
LOADING: Feed[Table] = Feed()


def view(*feeds: Feed[Table]) -> Feed[ResourceView]:
    clusters = tuple(ClusterRef(f"k{n}", f"c{n}", Via.GATEWAY) for n in range(len(feeds)))
    parts = tuple(ClusterTable(cluster, feed) for cluster, feed in zip(clusters, feeds, strict=True))
    return Feed(ResourceView(ResourceQuery("pods", clusters), PODS, (), parts), NOW)


@pytest.mark.parametrize(
    ("feeds", "text"),
    [
        ((LIVE,), "● live"),
        ((EMPTY,), "∅ empty, live"),
        ((STALE,), "○ stale since 14:01:01 · unreachable · retry in 30s"),
        ((FAILED,), "× failed · forbidden (403) · retry in 5s"),
        ((replace(LIVE, gaps=(Gap("a", NO), Gap("b", NO))),), "◐ partial: 2 namespaces forbidden"),
        ((replace(LIVE, value=replace(TABLE, complete=False, total=9000)),), "… reading · 1 of about 9,000"),
        ((LIVE, LIVE, LIVE), "● live"),
        ((EMPTY, EMPTY), "∅ empty, live"),
        ((EMPTY, LIVE), "● live"),
        ((LOADING, LOADING), "… loading · 2 clusters"),
        ((LIVE, LOADING), "◐ partial: 1 of 2 clusters loading"),
        ((LIVE, STALE, LIVE), "◐ partial: c1 unreachable · retry in 30s"),
        ((LIVE, FAILED, STALE), "◐ partial: 2 of 3 clusters not seen · retry in 5s"),
        ((LIVE, FAILED, FAILED), "◐ partial: 2 of 3 clusters forbidden · retry in 5s"),
        ((LOADING, FAILED), "◐ partial: c1 forbidden · retry in 5s"),
        ((STALE, STALE), "○ stale since 14:01:01 · retry in 30s"),
        ((FAILED, FAILED), "× failed: 2 of 2 clusters forbidden · retry in 5s"),
        ((replace(LIVE, gaps=(Gap("a", NO),)), LIVE), "◐ partial: c0: a forbidden"),
    ],
)
def test_a_merged_list_names_what_it_could_not_see(feeds: tuple[Feed[Table], ...], text: str) -> None:
    assert joined(view_status(view(*feeds), NOW).parts()) == text


def test_a_list_that_was_refused_as_a_whole_says_so() -> None:
    assert joined(view_status(Feed(problem=NO), NOW).parts()) == "× failed · forbidden (403)"
    assert first_trouble(Feed(problem=NO, retry_at=9.0)) == ("", NO, 9.0)


def test_the_first_trouble_is_a_clusters_before_a_namespaces() -> None:
    gap = replace(LIVE, gaps=(Gap("ns", NO),))
    assert first_trouble(view(gap, STALE)) == ("c1", DOWN, NOW + 30)
    assert first_trouble(view(LIVE, gap)) == ("c1/ns", NO, None)
    assert first_trouble(view(LIVE, LIVE)) is None


def test_one_cluster_that_is_away_does_not_hide_what_the_others_say() -> None:
    away = replace(FAILED, problem=DOWN)
    assert first_trouble(view(away, FAILED, FAILED)) == ("c1", NO, NOW + 5)
    assert first_trouble(view(away, FAILED)) == ("c0", DOWN, NOW + 5)


def test_only_stale_parts_are_marked_as_old() -> None:
    value = view(LIVE, STALE, FAILED).value
    assert value is not None
    assert stale_parts(value, NOW) == frozenset({1})
