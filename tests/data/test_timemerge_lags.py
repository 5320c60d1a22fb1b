"""A merge by time where ways are long, clocks differ, and times are nonsense: it waits for who is a little behind, and
for nobody who is far off, and one odd line spoils no order."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from tests.streams.fakelog import raw
from tui.clock import ManualClock
from tui.data.timemerge import PATIENCE, WINDOW, TimeMerge

STEP = 0.05
SECONDS = 40


class Writer(NamedTuple):
    """A source. way: seconds from a line to us, give or take a tenth. clock: seconds by which its clock is wrong."""

    way: float = 0.03
    clock: float = 0.0
    rate: float = 10.0


class Run:
    """Several sources that write for `SECONDS`. delays: for each source, how long its lines were held, by the second in
    which they came."""

    def __init__(self, clock: ManualClock, seed: int, writers: list[Writer], *, here: float = 0.0) -> None:
        self.clock = clock
        self.merge = TimeMerge(self._emit, Shifted(clock, here))
        self.shown: list[list[bytes]] = [[] for _ in writers]
        self.late: list[list[float]] = [[] for _ in writers]
        self.held: list[list[float]] = [[] for _ in writers]
        self._born: dict[bytes, float] = {}
        self._due: list[tuple[float, int, bytes]] = []
        chance = random.Random(seed)
        for source, writer in enumerate(writers):
            at, comes = clock.now() + chance.random() / writer.rate, 0.0
            for number in range(int(SECONDS * writer.rate)):
                comes = max(comes, at + writer.way * chance.uniform(1, 1.1))
                self.comes(source, comes, raw(int((at + writer.clock) * 1e9), b"%d" % number))
                at += chance.expovariate(writer.rate)

    def comes(self, source: int, at: float, line: bytes) -> None:
        self._due.append((at, source, line))

    def _emit(self, lines: list[bytes], sources: list[int]) -> None:
        now = self.clock.monotonic()
        for line, source in zip(lines, sources, strict=True):
            index = source if source >= 0 else ~source
            self.shown[index].append(line)
            self.held[index].append(now - self._born[line])
            if source < 0:
                self.late[index].append(now)

    async def to_the_end(self) -> None:
        self._due.sort()
        written = [[line for _, source, line in self._due if source == one] for one in range(len(self.shown))]
        for at, source, line in self._due:
            while self.clock.now() < at:
                await self.clock.advance(STEP)
                self.merge.release()
            self._born[line] = self.clock.monotonic()
            self.merge.add(source, [line])
        for _ in range(int(2 * PATIENCE / STEP)):
            await self.clock.advance(STEP)
            self.merge.release()
        assert self.shown == written, "nothing is dropped, doubled or out of its own order"
        assert not self.merge.waiting


class Shifted:
    """This machine's clock, which may be wrong."""

    def __init__(self, clock: ManualClock, by: float) -> None:
        self._clock = clock
        self._by = by

    def now(self) -> float:
        return self._clock.now() + self._by

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


SEEDS = pytest.mark.parametrize("seed", [1, 2])


@SEEDS
@pytest.mark.parametrize("other", [Writer(way=0.35), Writer(clock=-1.0), Writer(clock=1.0), Writer(way=1.6)])
async def test_who_is_a_little_behind_is_waited_for(clock: ManualClock, seed: int, other: Writer) -> None:
    run = Run(clock, seed, [Writer(), other, Writer(way=0.1)])
    await run.to_the_end()
    late = [at for source in run.late for at in source]
    assert max(late, default=0.0) < 6  # until it is known
    assert len(late) < 50
    between = max(0.0, abs(other.way + -other.clock - 0.03))
    assert max(run.held[0] + run.held[1]) < WINDOW + between + 0.4
    assert not run.merge.off


@SEEDS
@pytest.mark.parametrize("here", [0.0, 3.0, -3.0, 3600.0, -3600.0])
async def test_a_wrong_clock_of_this_machine_changes_nothing(clock: ManualClock, seed: int, here: float) -> None:
    run = Run(clock, seed, [Writer(), Writer(), Writer()], here=here)
    await run.to_the_end()
    assert run.merge.late.total() == 0
    settled = [delay for source in run.held for delay in source[30:]]
    assert max(settled) < WINDOW + 0.2
    assert not run.merge.off


@SEEDS
@pytest.mark.parametrize("other", [Writer(clock=-5.0), Writer(way=5.0), Writer(clock=5.0), Writer(clock=-3600.0)])
async def test_who_is_far_off_is_named_and_holds_nobody_up(clock: ManualClock, seed: int, other: Writer) -> None:
    run = Run(clock, seed, [Writer(), other, Writer()])
    await run.to_the_end()
    behind = other.way - other.clock
    assert set(run.merge.off) == {1}
    assert run.merge.off[1] == pytest.approx(behind, abs=0.6)
    assert max([at for source in run.late for at in source], default=0.0) < 6 + max(0.0, other.way)
    settled = [delay for source in (0, 2) for delay in run.held[source][110:]]
    assert max(settled) < WINDOW + 0.2


async def test_who_is_in_step_again_is_put_in_order_by_its_times_again(clock: ManualClock) -> None:
    run = Run(clock, 1, [Writer(), Writer()])
    start = clock.now()
    for number in range(SECONDS * 10):
        at = start + number / 10 + 0.005
        wrong = 5.0 if number < 150 else 0.0
        run.comes(1, at + 0.03, raw(int((at - wrong) * 1e9), b"x%d" % number))
    run.shown[1].clear()
    run._due = [due for due in run._due if due[1] == 0 or b"Z x" in due[2]]
    await run.to_the_end()
    assert not run.merge.off
    assert max(run.late[1]) < 6


FUTURE = b"2036-01-01T00:00:00.000000000Z boot"


@pytest.mark.parametrize(
    "line", [FUTURE, b"zzzzzzzzzzzzzzzzzzz.xxxxxxxxxZ boot", b"9999-99-99T99:99:99.999999999Z boot"]
)
@pytest.mark.parametrize("direct", [False, True])
async def test_one_odd_line_makes_no_other_late(clock: ManualClock, line: bytes, direct: bool) -> None:
    run = Run(clock, 1, [Writer(), Writer(), Writer(rate=1.0)])
    if direct:  # it came while its source was the only one
        run.merge.direct = True
        run._born[line] = 0.0
        run.merge.add(2, [line])
        run.merge.direct = False
        run.shown[2].clear()
    else:
        run.comes(2, clock.now() + 5.01, line)
    await run.to_the_end()
    assert (run.merge.late[0], run.merge.late[1]) == (0, 0)
    assert run.merge.late[2] <= 1  # what has no time has that of the line before it


async def test_a_batch_with_an_odd_line_stays_in_its_order(clock: ManualClock) -> None:
    got: list[bytes] = []
    merge = TimeMerge(lambda lines, sources: got.extend(lines), clock)
    merge.add(1, [raw(int(clock.now() * 1e9), b"first other")])
    batch = [
        raw(int((clock.now() + at) * 1e9), b"%d" % number) for number, at in enumerate((0, 0.1, 9e7, 0.2, 9e7, 0.3))
    ]
    merge.add(0, batch)
    await clock.advance(1)
    merge.add(1, [raw(int(clock.now() * 1e9), b"other")])
    merge.release()
    await clock.advance(1)
    merge.release()
    assert [line for line in got if not line.endswith(b"other")] == batch
    assert merge.late.total() == 0
