"""Several sources in one order by time."""

from __future__ import annotations

import pytest

from tests.streams.fakelog import raw
from tui.clock import ManualClock
from tui.data.timemerge import TimeMerge


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class Shown:
    """What has been passed on."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.sources: list[int] = []

    def emit(self, lines: list[bytes], sources: list[int]) -> None:
        assert len(lines) == len(sources)
        self.lines += lines
        self.sources += sources

    @property
    def text(self) -> str:
        return b"".join(line[-1:] for line in self.lines).decode()


def at(*pairs: tuple[int, bytes]) -> list[bytes]:
    return [raw(moment, text) if moment else text for moment, text in pairs]


async def test_lines_that_come_within_the_window_are_put_in_order(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, at((10, b"a"), (30, b"c")))
    await clock.advance(0.1)
    merge.add(1, at((20, b"b"), (40, b"d")))
    merge.release()
    assert shown.text == ""
    await clock.advance(0.1)
    merge.release()
    assert shown.text == "abc"  # d waits for its own fifth of a second
    await clock.advance(0.1)
    merge.release()
    assert (shown.text, merge.late, merge.waiting) == ("abcd", 0, False)


async def test_what_comes_after_newer_lines_of_another_source_is_shown_and_counted(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, at((100, b"x")))
    await clock.advance(0.2)
    merge.release()
    merge.add(1, at((50, b"l"), (60, b"m"), (200, b"n")))
    merge.add(0, at((90, b"o")))
    await clock.advance(0.2)
    merge.release()
    assert shown.text == "xlmon"
    assert merge.late == 2  # o is out of order in its own source, which is nobody's lateness


async def test_a_line_without_a_time_stays_behind_the_one_before_it(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, at((10, b"a"), (0, b"?"), (30, b"c")))
    merge.add(1, at((20, b"b")))
    await clock.advance(0.2)
    merge.release()
    assert shown.text == "a?bc"
    assert shown.sources == [0, 0, 1, 0]


async def test_a_single_source_waits_for_nobody(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, at((10, b"a")))
    merge.direct = True
    merge.add(0, at((20, b"b")))  # something is still held back: no overtaking
    assert shown.text == ""
    await clock.advance(0.2)
    merge.release()
    merge.add(0, at((30, b"c")))
    assert shown.text == "abc"


async def test_at_the_end_everything_is_passed_on(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(1, at((20, b"b")))
    merge.add(0, at((10, b"a")))
    merge.release(everything=True)
    assert shown.text == "ab"
