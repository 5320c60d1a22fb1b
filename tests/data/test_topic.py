"""Cells: the newest value to everybody, work only while somebody reads."""

from __future__ import annotations

import asyncio

from tests.data.helpers import Reader
from tui.clock import settle
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed, FeedState

DOWN = Problem(ProblemKind.UNREACHABLE, "down")


async def test_a_reader_gets_the_newest_feed_and_skips_those_it_had_no_time_for() -> None:
    cell: Cell[int] = Cell()
    reader = Reader(cell)
    task = asyncio.create_task(reader.run())
    await settle()
    for number in range(1000):
        cell.put(number, 1.0)
    await settle()
    assert [feed.value for feed in reader.feeds] == [None, 999]
    assert cell.feed.revision == 1000
    task.cancel()


async def test_a_failure_keeps_the_value_and_its_age_and_counts() -> None:
    cell: Cell[str] = Cell()
    cell.put("rows", 100.0)
    cell.fail(DOWN, retry_at=108.0)
    cell.fail(DOWN, retry_at=116.0)
    assert cell.feed == Feed("rows", 100.0, DOWN, failures=2, revision=3, retry_at=116.0)
    assert cell.feed.state(110.0) is FeedState.STALE
    cell.put("new", 120.0)
    assert (cell.feed.problem, cell.feed.failures, cell.feed.state(121.0)) == (None, 0, FeedState.LIVE)


def test_a_value_is_as_old_as_the_last_moment_at_which_its_source_vouched_for_it() -> None:
    cell: Cell[str] = Cell()
    cell.fail(DOWN, as_of=50.0)
    assert cell.feed.as_of is None
    cell.put("rows", 100.0)
    cell.fail(DOWN, as_of=7300.0)
    assert cell.feed.as_of == 7300.0


def test_a_cell_at_rest_is_old_news_until_it_is_confirmed() -> None:
    cell: Cell[str] = Cell()
    cell.rest()
    assert cell.feed.state(0.0) is FeedState.LOADING
    cell.put("rows", 100.0)
    assert cell.feed.state(9e9) is FeedState.LIVE
    cell.rest()
    assert cell.feed.state(101.0) is FeedState.STALE


async def test_demand_begins_with_the_first_reader_and_ends_with_the_last() -> None:
    told: list[bool] = []
    cell: Cell[int] = Cell(told.append)
    first, second = (asyncio.create_task(Reader(cell).run()) for _ in range(2))
    await settle()
    also = asyncio.Event()
    cell.join(also)
    assert (told, cell.readers) == ([True], 3)
    first.cancel()
    second.cancel()
    await settle()
    assert told == [True]
    cell.leave(also)
    cell.leave(also)
    assert (told, cell.readers) == ([True, False], 0)
