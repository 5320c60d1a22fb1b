"""Places are given in the order of coming, and taken from those that have had their turn."""

from __future__ import annotations

import asyncio
from collections import Counter

from tui.clock import ManualClock, settle
from tui.data.turns import TURN, Turns


class Reader:
    """Reads until it is told to give way, and comes again."""

    def __init__(self, name: str, turns: Turns, group: str = "") -> None:
        self.name = name
        self.group = group
        self.turns = turns
        self.inside = False
        self.waits = False
        self.had = 0
        self.over = asyncio.Event()
        self.task = asyncio.create_task(self.run())

    def give_way(self) -> None:
        self.over.set()

    def queues(self, waits: bool) -> None:
        self.waits = waits

    async def run(self) -> None:
        while True:
            async with self.turns.turn(self):
                self.inside, self.had = True, self.had + 1
                await self.over.wait()
                self.over.clear()
            self.inside = False


async def ended(readers: list[Reader]) -> None:
    for reader in readers:
        reader.task.cancel()
    await asyncio.gather(*(reader.task for reader in readers), return_exceptions=True)
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_where_there_is_room_nobody_is_disturbed(clock: ManualClock) -> None:
    turns = Turns(clock, 3, 3)
    readers = [Reader(str(number), turns) for number in range(3)]
    await clock.advance(100 * TURN)
    assert [reader.had for reader in readers] == [1, 1, 1]
    await ended(readers)


async def test_everybody_gets_the_same_number_of_turns(clock: ManualClock) -> None:
    turns = Turns(clock, 3, 3)
    readers = [Reader(str(number), turns) for number in range(10)]
    for _ in range(100):
        await clock.advance(TURN)
        assert sum(reader.inside for reader in readers) == 3
        assert sum(reader.waits for reader in readers) == 7
    counts = Counter(reader.had for reader in readers)
    assert max(counts) - min(counts) <= 1
    assert min(counts) > 20
    await ended(readers)


async def test_a_full_group_waits_and_others_pass_by(clock: ManualClock) -> None:
    turns = Turns(clock, 4, 2)
    crowd = [Reader(f"a{number}", turns, "a") for number in range(4)]
    await settle()
    other = Reader("b", turns, "b")
    await settle()
    assert ([reader.inside for reader in crowd], other.inside) == ([True, True, False, False], True)
    await clock.advance(20 * TURN)
    assert (other.had, min(reader.had for reader in crowd) > 5) == (1, True)
    await ended([*crowd, other])


async def test_who_is_cancelled_while_waiting_or_on_being_let_in_costs_no_place(clock: ManualClock) -> None:
    turns = Turns(clock, 1, 1)
    first, second, third, fourth = (Reader(str(number), turns) for number in range(4))
    await settle()
    second.task.cancel()
    await settle()
    first.task.cancel()
    third.task.cancel()  # it would have been let in just now
    await settle()
    assert fourth.inside
    await ended([first, second, third, fourth])


async def test_many_turns_do_not_eat_up_the_quota(clock: ManualClock) -> None:
    turns = Turns(clock, 120, 120)
    readers = [Reader(str(number), turns) for number in range(177)]
    await clock.advance(TURN + 5)
    assert min(reader.had for reader in readers) == 1, "who has read nothing yet need not wait for long"
    opened = sum(reader.had for reader in readers)
    for _ in range(10):
        await clock.advance(60)
        assert sum(reader.inside for reader in readers) == 120
    assert sum(reader.had for reader in readers) - opened <= 10 * 60
    assert min(reader.had for reader in readers) >= 4
    await ended(readers)
