"""Several sources in one order by time."""

from __future__ import annotations

from random import Random

import pytest

from tests.streams.fakelog import raw
from tui.clock import ManualClock
from tui.data.timemerge import STEP, TimeMerge
from tui.model.gapline import GapLine, gap_line
from tui.model.logs import LogGap
from tui.model.logstamp import sort_key
from tui.model.turnline import TurnLine

NOW = 1_700_000_000 * 10**9


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
    return [raw(NOW + moment, text) if moment else text for moment, text in pairs]


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
    assert (shown.text, merge.late.total(), merge.waiting) == ("abcd", 0, False)


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
    assert merge.late == {1: 2}
    assert shown.sources == [0, ~1, ~1, 0, 1]  # marked
    assert merge.late.total() == 2  # o is out of order in its own source, which is nobody's lateness


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


def history(start: int, count: int) -> list[bytes]:
    """Lines of an hour ago, one each second."""
    return [raw(NOW + (number - 3600) * 10**9, b"x") for number in range(start, start + count)]


async def test_a_history_that_comes_slowly_holds_up_those_that_came_fast(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, history(0, 1000))
    for start in range(0, 1000, 100):  # a second in all
        merge.add(1, history(start, 100))
        await clock.advance(0.1)
        merge.release()
    await clock.advance(0.5)
    merge.release()
    assert shown.lines == sorted(history(0, 1000) * 2)
    assert merge.late.total() == 0
    assert not merge.waiting


async def test_nobody_is_held_up_for_ever(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, history(500, 10))
    for number in range(40):  # one line of an hour ago every tenth of a second
        merge.add(1, history(number, 1))
        await clock.advance(0.1)
        merge.release()
    assert {line for line in shown.lines if line in history(500, 10)} == set(history(500, 10))
    assert merge.late[1] > 0


async def test_sources_that_are_ahead_wait_first(clock: ManualClock) -> None:
    merge = TimeMerge(Shown().emit, clock)
    merge.add(0, history(0, 1000) * 50)
    merge.add(1, history(0, 10))
    assert merge.held == 50_010
    assert (merge.crowded(0), merge.crowded(1)) == (True, False)
    merge.add(1, history(0, 1000) * 100)
    assert merge.crowded(1)  # there is an end to it
    await clock.advance(10)
    while merge.release():
        pass
    assert (merge.held, merge.crowded(0)) == (0, False)


async def test_time_in_which_the_output_is_held_up_is_nobodys_delay(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, at((10, b"a"), (30, b"c"), (50, b"e")))
    merge.add(1, at((20, b"b")))
    await clock.advance(0.2)
    merge.release(lines_at_most=1)
    assert (shown.text, merge.ready) == ("a", 3)
    await clock.advance(60)  # a reader who takes nothing
    merge.add(1, at((40, b"d")))
    merge.release(lines_at_most=0)
    assert shown.text == "a"
    merge.release()
    assert (shown.text[:4], merge.late.total()) == ("abcd", 0)


async def test_of_logs_that_end_none_is_passed_by(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    merge.awaited = frozenset({0, 1, 2})
    merge.add(0, at((10, b"a"), (30, b"c")))
    merge.add(1, at((20, b"b"), (50, b"e")))
    await clock.advance(3600)
    merge.release()
    assert shown.text == ""  # 2 has brought nothing yet
    merge.add(2, at((40, b"d")))
    merge.release()
    assert shown.text == "abc"
    merge.awaited = frozenset({1})
    merge.release()
    assert shown.text == "abcde"
    merge.awaited = frozenset()
    assert merge.late.total() == 0


# Many at once --------------------------------------------------------------------------------------------------------


class Steps(Shown):
    """How many lines were passed on in one go, each time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def emit(self, lines: list[bytes], sources: list[int]) -> None:
        super().emit(lines, sources)
        self.sizes.append(len(lines))


def scattered(merge: TimeMerge, seed: int, sources: int, count: int) -> list[tuple[bytes, int]]:
    """So many lines, in pieces of all sizes; within a source nearly in order, some at the same moment. In the order in
    which they are to come out, with their sources, where that is certain."""
    luck = Random(seed)
    moments = sorted(luck.randrange(1, count) for _ in range(count))
    lines = [
        (raw(NOW + moment * 1000, b"%d" % number), luck.randrange(sources)) for number, moment in enumerate(moments)
    ]
    queues = [[line for line, source in lines if source == one] for one in range(sources)]
    for queue in queues:
        if len(queue) > 9:
            queue[3], queue[7] = queue[7], queue[3]
    while left := [one for one in range(sources) if queues[one]]:
        one = luck.choice(left)
        some = luck.choice((1, 3, 40, 700))
        merge.add(one, queues[one][:some])
        del queues[one][:some]
    return lines


@pytest.mark.parametrize("sources", [1, 2, 100])
@pytest.mark.parametrize("finite", [True, False], ids=["finite", "followed"])
async def test_many_lines_that_may_go_at_once_go_in_steps_and_in_order(
    clock: ManualClock, sources: int, finite: bool
) -> None:
    shown = Steps()
    merge = TimeMerge(shown.emit, clock, finite=finite)
    merge.awaited = frozenset((*range(sources), sources))
    lines = scattered(merge, sources, sources, 40_000)
    assert not merge.release(), "one has brought nothing yet"
    merge.awaited = frozenset() if finite else None
    await clock.advance(10)
    held = [merge.held]
    while merge.release():
        held.append(merge.held)
    assert max(shown.sizes) <= STEP
    assert held == list(range(40_000, 0, -STEP))
    keys = [sort_key(line) for line in shown.lines]
    assert keys == sorted(keys)
    assert sorted(zip(shown.lines, shown.sources, strict=True)) == sorted(lines)
    assert (merge.waiting, merge.late.total(), merge.ready) == (False, 0, 0)


async def test_what_may_go_goes_although_older_lines_come_in_between(clock: ManualClock) -> None:
    """They are still in time, for what has not been passed on yet."""
    shown = Steps()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, history(0, 3 * STEP))
    await clock.advance(1)
    assert merge.release()
    merge.add(1, history(2 * STEP, 1))
    await clock.advance(0.2)
    merge.expected = frozenset({2})
    assert merge.release()
    assert not merge.release()
    assert shown.sizes == [STEP, STEP, STEP]
    assert (merge.held, merge.late.total()) == (1, 0)


async def test_lines_without_a_time_go_in_steps_too(clock: ManualClock) -> None:
    shown = Steps()
    merge = TimeMerge(shown.emit, clock, finite=True)
    lines = [b"no time %d" % number for number in range(3 * STEP + 1)]
    merge.add(0, lines)
    merge.awaited = frozenset()
    while merge.release():
        pass
    assert (shown.lines, shown.sizes) == (lines, [STEP, STEP, STEP, 1])


async def test_what_has_no_room_waits_and_is_no_step(clock: ManualClock) -> None:
    shown = Steps()
    merge = TimeMerge(shown.emit, clock)
    merge.add(0, history(0, 2 * STEP))
    await clock.advance(1)
    assert merge.release(lines_at_most=STEP)
    assert not merge.release(lines_at_most=10)
    assert (shown.sizes, merge.ready, merge.held) == ([STEP, 10], STEP - 10, STEP - 10)
    assert not merge.release()
    assert (merge.ready, merge.held, len(shown.lines)) == (0, 0, 2 * STEP)


@pytest.mark.parametrize("seed", range(8))
async def test_a_log_keeps_its_own_order_where_times_are_the_same_and_nobody_takes_the_lines(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """What is refused comes back in steps, some of one source and some of many."""
    monkeypatch.setattr("tui.data.timemerge.STEP", 7)
    dice = Random(seed)
    for _ in range(50):
        clock, shown = ManualClock(), Shown()
        merge = TimeMerge(shown.emit, clock, finite=dice.random() < 0.3)
        written = [0] * dice.randrange(2, 5)
        times = [clock.now()] * len(written)
        for _ in range(40):
            source = dice.randrange(len(written))
            lines: list[bytes] = []
            for _ in range(dice.randrange(1, 9)):
                if dice.random() < 0.4:
                    times[source] = max(times[source], clock.now() - dice.random())
                lines.append(raw(round(times[source] * 10) * 10**8, b"%d" % written[source]))
                written[source] += 1
            merge.add(source, lines)
            await clock.advance(dice.choice((0.0, 0.05, 0.3)))
            merge.awaited = dice.choice((None, None, frozenset({dice.randrange(len(written))})))
            for _ in range(dice.randrange(3)):
                most = dice.choice((0, 1, 3, 10, float("inf"))), dice.choice((0, 50, 300, float("inf"), float("inf")))
                merge.release(lines_at_most=most[0], bytes_at_most=most[1])
        merge.awaited = None
        while merge.release(everything=True):
            pass
        for source, count in enumerate(written):
            of_it = zip(shown.lines, shown.sources, strict=True)
            numbers = [int(line.split()[-1]) for line, one in of_it if (one if one >= 0 else ~one) == source]
            assert numbers == list(range(count))


# Turns ---------------------------------------------------------------------------------------------------------------


def wrote(clock: ManualClock, *texts: bytes, ago: float = 0.0) -> list[bytes]:
    """Lines of now, or of so many seconds ago, a moment apart."""
    begin = round((clock.now() - ago) * 10**9)
    return [raw(begin + number, text) for number, text in enumerate(texts)]


async def test_lines_that_come_late_because_their_log_waited_for_its_turn_are_told_apart_and_kept_together(
    clock: ManualClock,
) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)

    async def released() -> None:
        for _ in range(20):
            await clock.advance(0.2)
            merge.release()

    await clock.advance(60)
    merge.add(0, wrote(clock, b"a"))
    await released()
    began = clock.now()
    one, two = wrote(clock, b"b", b"d", ago=40), wrote(clock, b"c", b"e", ago=40)
    merge.turn_began(1)
    merge.turn_began(2)
    merge.add(1, one)
    merge.add(2, two)
    merge.add(3, wrote(clock, b"f", ago=30))  # nobody knows why
    merge.add(0, wrote(clock, b"g"))
    await released()
    assert shown.text == "abdcefg"
    assert shown.sources == [0, ~1, ~1, ~2, ~2, ~3, 0]
    assert [type(line) for line in shown.lines] == [bytes, *[TurnLine] * 4, bytes, bytes]
    assert (merge.late, merge.in_turn) == ({1: 2, 2: 2, 3: 1}, {1: 2, 2: 2})
    # What is written while the rest is still being read can be read no sooner.
    merge.add(0, wrote(clock, b"h"))
    await released()
    merge.add(1, wrote(clock, b"i", ago=clock.now() - began - 0.1))
    await released()
    assert (merge.late[1], merge.in_turn[1]) == (3, 3)
    # But it is read now; what comes late of what is written from here on has another reason.
    await clock.advance(20)
    merge.add(0, wrote(clock, b"j"))
    await released()
    merge.add(1, wrote(clock, b"k", ago=10))
    await released()
    assert (merge.late[1], merge.in_turn[1]) == (4, 3)
    assert shown.sources[-1] == ~1
    assert not isinstance(shown.lines[-1], TurnLine)


async def test_where_lines_may_be_missing_is_nobodys_lateness_and_stays_before_them(clock: ManualClock) -> None:
    shown = Shown()
    merge = TimeMerge(shown.emit, clock)
    await clock.advance(60)
    merge.add(0, wrote(clock, b"a"))
    await clock.advance(0.2)
    merge.release()
    merge.turn_began(1)
    began = round((clock.now() - 40) * 10**9)
    merge.add(1, [gap_line(LogGap(1, began - 10**9, began, "rotated"))])
    merge.add(1, wrote(clock, b"b", ago=40))
    await clock.advance(0.2)
    merge.release()
    assert [type(line) for line in shown.lines] == [bytes, GapLine, TurnLine]
    assert (shown.sources, merge.late) == ([0, 1, ~1], {1: 1})
