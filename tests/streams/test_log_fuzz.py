"""Whatever bytes a log brings: nothing crashes, nothing hangs, nothing grows without bound, and what is no line of a
hostile server's making comes through as it is."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.streams.fakelog import FakeLog, raw
from tests.streams.logbench import Port, Sink, Waits
from tui.clock import ManualClock
from tui.data.ring import Ring
from tui.data.timemerge import TimeMerge
from tui.model.logs import LogStart
from tui.model.logstamp import LAST, Stamps, parse_stamp, sort_key
from tui.streams.fragments import Fragment
from tui.streams.lines import LONGEST, LineSplitter
from tui.streams.logs import LogFollow
from tui.streams.opening import Window
from tui.streams.resume import Resume

SEEDS = range(12)
_STAMPS = (
    b"2026-11-22T01:04:09.830842202Z ",
    b"2026-11-22T01:04:09Z ",
    b"9999-12-31T23:59:59.999999999Z ",
    b"9999-12-31T23:59:59-23:59 ",
    b"0000-00-00T00:00:00Z ",
    b"1970-01-01T00:00:00Z ",
    b"2026-02-31T25:61:61.5+99:99 ",
    b"2026-11-22T01:04:09.8308422021234567890Z ",
    b"2026-11-22T01:04:09.83084220\xc2\xb2Z ",
    b"2026-11-22T01:04:0",
    b"",
)


def line(chance: random.Random) -> bytes:
    """Half a truth."""
    stamp = bytearray(chance.choice(_STAMPS))
    if stamp and chance.random() < 0.3:
        stamp[chance.randrange(len(stamp))] = chance.randrange(256)
    size = chance.choice((0, 1, 20, 300)) if chance.random() < 0.98 else LONGEST + chance.randrange(100)
    return bytes(stamp) + chance.randbytes(size)


def noise(chance: random.Random, count: int) -> bytes:
    return b"\n".join(line(chance) for _ in range(count))


def chunks(chance: random.Random, whole: bytes) -> list[bytes]:
    """Cut anywhere."""
    cuts = sorted(chance.randrange(len(whole) + 1) for _ in range(chance.randrange(1, 40)))
    return [whole[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@pytest.mark.parametrize("seed", SEEDS)
def test_stamps(seed: int) -> None:
    chance = random.Random(seed)
    stamps = Stamps()
    for _ in range(300):
        one = line(chance)
        at, length = parse_stamp(one)
        assert 0 <= at <= LAST
        assert 0 <= length <= len(one)
        time, text = stamps.part(one)
        assert one.endswith(text)
        assert 0 <= time <= LAST
        assert isinstance(sort_key(one), bytes)


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_are_the_bytes_between_newlines_however_they_come(seed: int) -> None:
    chance = random.Random(seed)
    whole = noise(chance, 50)
    splitter = LineSplitter()
    found = [one for chunk in chunks(chance, whole) for one in splitter.feed(chunk)]
    *expected, rest = whole.split(b"\n")
    assert len(found) in (len(expected), len(expected) + 1)  # a last one that is too long is given out before its end
    for got, wanted in zip(found, expected, strict=False):
        assert got == wanted or (len(wanted) > LONGEST and got[:LONGEST] == wanted[:LONGEST])
    assert splitter.fragment() in (rest, b"")


def test_a_line_without_an_end_is_not_kept_whole() -> None:
    splitter = LineSplitter()
    for _ in range(2000):
        splitter.feed(b"x" * 65536)
        assert len(splitter.fragment()) <= LONGEST
    assert splitter.feed(b"\nnext\n") == [b"next"]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_remembered_is_bounded_and_matches_what_comes_again(seed: int) -> None:
    chance = random.Random(seed)
    resume = Resume(remembered=50, remembered_bytes=20_000)
    window = Window(LogStart(since=chance.randrange(LAST), until=chance.randrange(LAST)))
    fragment = Fragment()
    for _ in range(60):
        lines = [line(chance) for _ in range(chance.randrange(1, 30))]
        replay = resume.replay()
        fresh = replay.fresh(lines)
        assert len(fresh) <= len(lines)
        resume.note(fresh)
        window.within(fresh)
        fragment.came(fresh)
        fragment.keep(line(chance), all_there_was=chance.random() < 0.5)
        replay.knows(line(chance))
        assert 0 <= resume.newest <= LAST
        assert len(resume._batches) <= 60
        assert sum(len(batch) for _, _, batch in resume._batches) <= 50 + 30
    fragment.give_up()


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_merge_and_a_ring_take_anything(seed: int) -> None:
    chance = random.Random(seed)
    clock = ManualClock()
    ring = Ring(100, max_bytes=2 << 20)
    merge = TimeMerge(ring.append, clock)
    given = 0
    for _ in range(60):
        lines = [line(chance) for _ in range(chance.randrange(1, 20))]
        given += len(lines)
        merge.direct = chance.random() < 0.1
        merge.add(chance.randrange(4), lines)
        merge.crowded(0)
        await clock.advance(chance.random())
        merge.release()
        ring.since(chance.randrange(-5, 500))
    merge.release(everything=True)
    assert (ring.next_seq, merge.held, merge.waiting) == (given, 0, False)
    assert len(ring) <= 100
    assert ring.bytes <= (2 << 20) + LONGEST + 400


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_follow_survives_a_hostile_server_and_asks_it_no_faster(seed: int) -> None:
    chance = random.Random(seed)
    clock = ManualClock(1_763_773_449.5)
    log, sink = FakeLog(clock), Plain()

    async def connect() -> Port:
        return Port(log)

    follow = LogFollow(connect, ("ns", "p", "c"), sink, clock, Waits(), LogStart(tail=chance.choice((None, 0, 5))))
    task = asyncio.create_task(follow.run())
    for _ in range(60):
        await clock.advance(chance.choice((0.1, 1, 4)))
        log.raw(*chunks(chance, noise(chance, 20)))
        await clock.advance(0)
        sink.is_now = chance.choice(("running", "running", "stopped"))
        follow.check()
        if chance.random() < 0.2:
            log.previous = [(1_763_773_449 * 10**9, chance.randbytes(20))]
        chance.choice((log.end_streams, log.break_streams, follow.give_way, lambda: None))()
    assert not task.done()
    assert len(log.asked) <= 800
    sink.is_now = "gone"
    log.end_streams()
    follow.check()
    await clock.advance(2)
    log.end_streams()
    await clock.advance(10)
    assert task.done()
    assert task.exception() is None


class Plain(Sink):
    """Counts lines of any bytes."""

    count = 0

    def lines(self, batch: list[bytes]) -> None:
        self.count += len(batch)


async def test_a_flood_of_one_second_is_bounded() -> None:
    resume = Resume()
    batch = [raw(5 * 10**9 + number, b"x" * 1000) for number in range(1000)]
    for _ in range(400):
        resume.note(batch)
    assert resume._bytes <= (64 << 20) + 2_000_000
