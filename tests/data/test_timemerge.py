"""Several sources in one order by time."""

from __future__ import annotations

import pytest

from tui.clock import ManualClock
from tui.data.ring import Entry
from tui.data.timemerge import TimeMerge


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def texts(entries: list[Entry]) -> str:
    return "".join(text.decode() for _, _, text in entries)


async def test_lines_that_come_within_the_window_are_put_in_order(clock: ManualClock) -> None:
    shown: list[Entry] = []
    merge = TimeMerge(shown.extend, clock)
    merge.add(0, [(10, b"a"), (30, b"c")])
    await clock.advance(0.1)
    merge.add(1, [(20, b"b"), (40, b"d")])
    merge.release()
    assert shown == []
    await clock.advance(0.1)
    merge.release()
    assert texts(shown) == "abc"  # d waits for its own fifth of a second
    await clock.advance(0.1)
    merge.release()
    assert (texts(shown), merge.late, merge.waiting) == ("abcd", 0, False)


async def test_what_comes_after_newer_lines_of_another_source_is_shown_and_counted(clock: ManualClock) -> None:
    shown: list[Entry] = []
    merge = TimeMerge(shown.extend, clock)
    merge.add(0, [(100, b"x")])
    await clock.advance(0.2)
    merge.release()
    merge.add(1, [(50, b"l"), (60, b"m"), (200, b"n")])
    merge.add(0, [(90, b"o")])
    await clock.advance(0.2)
    merge.release()
    assert texts(shown) == "xlmon"
    assert merge.late == 2  # o is out of order in its own source, which is nobody's lateness


async def test_a_line_without_a_time_stays_behind_the_one_before_it(clock: ManualClock) -> None:
    shown: list[Entry] = []
    merge = TimeMerge(shown.extend, clock)
    merge.add(0, [(10, b"a"), (0, b"?"), (30, b"c")])
    merge.add(1, [(20, b"b")])
    await clock.advance(0.2)
    merge.release()
    assert texts(shown) == "a?bc"
    assert shown[1] == (0, 0, b"?")


async def test_a_single_source_waits_for_nobody(clock: ManualClock) -> None:
    shown: list[Entry] = []
    merge = TimeMerge(shown.extend, clock)
    merge.add(0, [(10, b"a")])
    merge.direct = True
    merge.add(0, [(20, b"b")])  # something is still held back: no overtaking
    assert shown == []
    await clock.advance(0.2)
    merge.release()
    merge.add(0, [(30, b"c")])
    assert texts(shown) == "abc"


async def test_at_the_end_everything_is_passed_on(clock: ManualClock) -> None:
    shown: list[Entry] = []
    merge = TimeMerge(shown.extend, clock)
    merge.add(1, [(20, b"b")])
    merge.add(0, [(10, b"a")])
    merge.release(everything=True)
    assert texts(shown) == "ab"
