"""Lines that are held: many that came one by one are looked at as few, and none goes sooner or in another order."""

from __future__ import annotations

import sys
from random import Random

from tui.data.heldlines import Batch, Going, Held, Waiting


def held(source: int, *moments: int) -> list[Held]:
    return [(b"%09d" % moment, source, b"%d at %d" % (source, moment)) for moment in moments]


def batch(source: int, *moments: int, came: float = 0.0, due: float = 0.0) -> Batch:
    return Batch(came, due or came + 0.2, held(source, *moments))


def test_what_comes_one_by_one_is_held_as_what_came_at_once() -> None:
    waiting = Waiting()
    for moment in range(1_000):
        waiting.add(batch(moment % 3, moment, came=moment / 1_000), within=0.25)
    assert len(waiting) <= 3 * 5
    assert waiting.newest(due=0.1999) is None
    assert waiting.newest() == b"%09d" % 999
    going = Going()
    waiting.take(b"%09d" % 499, going)
    assert [line[2] for line in going.oldest(1_000)] == [b"%d at %d" % (one % 3, one) for one in range(500)]


def test_none_of_them_may_go_sooner_than_by_itself() -> None:
    waiting = Waiting()
    waiting.add(batch(0, 5, came=0.0, due=0.2), within=0.25)
    waiting.add(batch(0, 3, 9, came=0.1, due=0.9), within=0.25)
    assert (len(waiting), waiting.newest(due=0.8), waiting.newest(due=0.9)) == (1, None, b"%09d" % 9)
    going = Going()
    waiting.take(b"%09d" % 4, going)
    assert (going.count, going.oldest(9)) == (1, held(0, 3))
    waiting.add(batch(0, 11, came=0.2), within=0.25)
    assert len(waiting) == 2, "what was parted grows no more"


def test_a_batch_stays_small_enough_to_be_parted() -> None:
    waiting = Waiting()
    for moment in range(5_000):
        waiting.add(batch(0, moment), within=0.25)
    assert len(waiting) == 5


def test_lines_that_have_gone_are_let_go_step_by_step_and_not_all_at_the_end() -> None:
    going, luck = Going(), Random(1)
    lines = [line for moment in range(20_000) for line in held(luck.randrange(2), moment)]
    for place in range(len(lines)):
        going.add(lines[place : place + 1])
    kept = sys.getrefcount(lines[0])
    while going.count:
        before = len(lines) - going.count
        assert going.oldest(5_000) == lines[before : before + 5_000]
        still = sum(sys.getrefcount(lines[place]) >= kept for place in range(before + 5_000))
        assert still <= going.count + 2_000
