"""Garbage is searched for when it is time and nobody waits; lines are passed by."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tui import garbage
from tui.garbage import Collector, unsearched

ENOUGH = 2_000
SEARCH = 0.001


class Searches:
    """Python's, as told; `made` objects have been since the last."""

    def __init__(self) -> None:
        self.made = ENOUGH
        self.now = 100.0
        self.begun: list[int] = []

    def collect(self, generation: int = 2) -> int:
        self.begun.append(generation)
        self.now += SEARCH
        return 0

    def look(self, collector: Collector, times: int = 1, *, quiet: float = 0.5) -> list[int]:
        """What it searches, while so many times `EVERY` pass."""
        before = len(self.begun)
        for _ in range(times):
            self.now += garbage.EVERY
            collector.look(quiet)
        return self.begun[before:]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Searches:
    told = Searches()
    monkeypatch.setattr(gc, "get_count", lambda: (told.made, 0, 0))
    monkeypatch.setattr(gc, "collect", told.collect)
    monkeypatch.setattr(garbage, "perf_counter", lambda: told.now)
    return told


def test_there_is_no_search_before_enough_has_been_made(searches: Searches) -> None:
    collector = Collector()
    searches.made = ENOUGH - 1
    assert searches.look(collector, 20) == []
    searches.made = ENOUGH
    assert searches.look(collector) == [0]


def test_a_key_is_answered_first_but_not_for_ever(searches: Searches) -> None:
    collector = Collector()
    assert searches.look(collector, 10, quiet=0.0) == []
    assert searches.look(collector, quiet=0.0) == [0]
    assert searches.look(collector, 10, quiet=0.0) == []
    assert searches.look(collector) == [0]


def test_what_is_older_is_searched_more_seldom_and_all_when_nobody_has_typed_for_a_while(searches: Searches) -> None:
    collector = Collector()
    begun = searches.look(collector, 21 * 31)
    assert begun == [*([*[0] * 20, 1] * 30), *[0] * 20, 2]
    searches.look(collector, 60, quiet=2.0)  # it settles
    assert searches.look(collector, 21 * 11, quiet=2.0).count(2) == 1


def test_what_was_made_at_the_start_is_searched_once_there_is_a_moment_for_it(searches: Searches) -> None:
    collector = Collector()
    searches.made = 0
    searches.look(collector, 100)
    assert searches.begun == []  # somebody typed all the time
    searches.look(collector, 100, quiet=1.5)
    assert searches.begun == [2]


def test_not_at_once(searches: Searches) -> None:
    searches.made = 0
    searches.look(Collector(), 40, quiet=float("inf"))
    assert searches.begun == []


def test_a_search_that_took_long_is_followed_by_a_long_rest(
    searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "SEARCH", 0.1)
    collector = Collector()
    assert searches.look(collector, 50) == [0]
    assert searches.look(collector, 2) == [0]


@pytest.fixture
def released() -> Iterator[None]:
    """As in a program that has a `Collector`."""
    thresholds, enabled = gc.get_threshold(), gc.isenabled()
    garbage.hold()
    assert not gc.isenabled()
    garbage.release()
    assert gc.isenabled()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    if not enabled:
        gc.disable()
    garbage._untrack = None


@pytest.mark.usefixtures("released")
def test_lines_are_passed_by() -> None:
    lines = [b"line %d" % number for number in range(100)]
    held = unsearched(lines)
    assert held == tuple(lines)
    assert not gc.is_tracked(held)
    gc.collect()
    assert held == tuple(lines)


def test_where_python_searches_by_itself_it_is_left_to_it() -> None:
    held = unsearched([b"line"])
    assert gc.is_tracked(held)
    gc.collect()
    assert not gc.is_tracked(held)
