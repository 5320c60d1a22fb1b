"""Places go to who holds fewest, are taken from those that have had their turn, and cost no more than a quota bears."""

from __future__ import annotations

import asyncio
from collections import Counter

from tui.clock import ManualClock, settle
from tui.data.turns import TURN, Turns
from tui.errors import Problem, ProblemKind

SHARE = 600
"""Requests a minute."""


class Reader:
    """Reads until it is told to give way, and comes again."""

    def __init__(self, name: str, turns: Turns, group: str = "", *, quota: str = "", view: int = 0) -> None:
        self.name = name
        self.group = group
        self.quota = quota
        self.party = (view, group)
        self.opens = False
        self.ended = 0.0
        self.waited: list[float] = []
        self.turns = turns
        self.clock = turns.clock
        self.inside = False
        self.waits = False
        self.had = 0
        self.over = asyncio.Event()
        self.task = asyncio.create_task(self.run())

    def give_way(self) -> bool:
        if not self.opens:
            self.over.set()
        return not self.opens

    def queues(self, waits: bool) -> None:
        self.waits = waits

    async def run(self) -> None:
        while True:
            async with self.turns.turn(self):
                now = self.clock.monotonic()
                if self.had:
                    self.waited.append(now - self.ended)
                self.inside, self.had = True, self.had + 1
                await self.over.wait()
                self.over.clear()
            self.inside, self.ended = False, self.clock.monotonic()


async def ended(readers: list[Reader]) -> None:
    for reader in readers:
        reader.task.cancel()
    await asyncio.gather(*(reader.task for reader in readers), return_exceptions=True)
    await settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_where_there_is_room_nobody_is_disturbed(clock: ManualClock) -> None:
    turns = Turns(clock, 3, 3, SHARE)
    readers = [Reader(str(number), turns) for number in range(3)]
    await clock.advance(100 * TURN)
    assert [reader.had for reader in readers] == [1, 1, 1]
    await ended(readers)


async def test_everybody_gets_the_same_number_of_turns(clock: ManualClock) -> None:
    turns = Turns(clock, 3, 3, SHARE)
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
    turns = Turns(clock, 4, 2, SHARE)
    crowd = [Reader(f"a{number}", turns, "a") for number in range(4)]
    await settle()
    other = Reader("b", turns, "b")
    await settle()
    assert ([reader.inside for reader in crowd], other.inside) == ([True, True, False, False], True)
    await clock.advance(20 * TURN)
    assert (other.had, min(reader.had for reader in crowd) > 5) == (1, True)
    await ended([*crowd, other])


async def test_who_is_cancelled_while_waiting_or_on_being_let_in_costs_no_place(clock: ManualClock) -> None:
    turns = Turns(clock, 1, 1, SHARE)
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
    turns = Turns(clock, 120, 120, SHARE)
    readers = [Reader(str(number), turns, quota="acme") for number in range(177)]
    await clock.advance(2 * TURN)
    assert min(reader.had for reader in readers) == 1, "who has read nothing yet need not wait for long"
    opened = sum(reader.had for reader in readers)
    for _ in range(10):
        await clock.advance(60)
        assert sum(reader.inside for reader in readers) == 120
    assert sum(reader.had for reader in readers) - opened <= 10 * SHARE / 4 + 5
    assert max(wait for reader in readers for wait in reader.waited) <= 57 / (SHARE / 4 / 60) + 2
    await ended(readers)


async def test_of_several_clusters_behind_one_gateway_all_turns_together_cost_a_part_of_its_quota(
    clock: ManualClock,
) -> None:
    turns = Turns(clock, 120, 50, SHARE)
    readers = [Reader(f"{one}", turns, f"c{one % 12}", quota="acme") for one in range(600)]
    other = [Reader(f"{one}", turns, "d", quota="another") for one in range(40)]
    had = 0
    for _ in range(10):
        await clock.advance(60)
        opened = sum(reader.had for reader in readers) - had
        had += opened
        assert opened <= 120 + SHARE / 2 + 10, "also where all are new"
    assert min(reader.had for reader in readers) >= 2
    assert sum(reader.had for reader in readers) <= 600 + 10 * SHARE / 4 + 10
    assert max(wait for reader in other for wait in reader.waited or [0.0]) <= 40, "the other fleet's quota is its own"
    await ended([*readers, *other])


async def test_clusters_that_are_reached_directly_wait_for_places_alone(clock: ManualClock) -> None:
    turns = Turns(clock, 120, 50, SHARE)
    readers = [Reader(str(number), turns, "aks") for number in range(400)]
    await clock.advance(1200)
    assert max(wait for reader in readers for wait in reader.waited) <= 400 / 50 * (TURN + 1)
    await ended(readers)


async def test_a_crowd_waits_for_itself_and_costs_the_others_nothing(clock: ManualClock) -> None:
    for quota in ("", "acme"):
        turns = Turns(clock, 120, 50, SHARE)
        crowd = [Reader(f"a{number}", turns, "a", quota=quota) for number in range(400)]
        await settle()
        small = [Reader(f"b{number}", turns, "b", quota=quota) for number in range(60)]
        more = [[Reader(f"{group}{one}", turns, group, quota=quota) for one in range(10)] for group in "cdef"]
        await clock.advance(600)
        assert max(wait for reader in small for wait in reader.waited) <= 2 * TURN
        assert {reader.had for readers in more for reader in readers} <= {1, 2}, "they hold less than the others"
        assert min(reader.had for reader in crowd) >= 2
        await ended([*crowd, *small, *(reader for readers in more for reader in readers)])


async def test_a_small_view_does_not_wait_behind_a_big_one_of_the_same_cluster(clock: ManualClock) -> None:
    turns = Turns(clock, 120, 50, SHARE)
    crowd = [Reader(f"a{number}", turns, "a", quota="acme") for number in range(400)]
    await clock.advance(100)
    small = [Reader(f"b{number}", turns, "a", quota="acme", view=1) for number in range(4)]
    await clock.advance(3)
    assert all(reader.inside for reader in small)
    await clock.advance(100)
    assert {reader.had for reader in small} == {1}
    await ended([*crowd, *small])


async def test_who_is_still_being_opened_stays_and_another_leaves(clock: ManualClock) -> None:
    turns = Turns(clock, 2, 2, SHARE)
    slow, quick = Reader("slow", turns, quota="acme"), Reader("quick", turns, quota="acme")
    slow.opens = True
    await settle()
    third = Reader("third", turns, quota="acme")
    await clock.advance(TURN + 1)
    assert (slow.inside, quick.inside, third.inside) == (True, False, True)
    slow.opens = False
    await clock.advance(2)
    assert not slow.inside, "it was not forgotten"
    await ended([slow, quick, third])


async def test_nobody_leaves_while_the_quota_is_used_up(clock: ManualClock) -> None:
    turns = Turns(clock, 1, 1, SHARE)
    first, second = (Reader(name, turns, quota="acme") for name in ("first", "second"))
    await settle()
    turns.refused(first, Problem(ProblemKind.THROTTLED, "used up", retry_after=60.0))
    await clock.advance(59)
    assert first.inside
    await clock.advance(2)
    assert second.inside
    await ended([first, second])


async def test_how_often_a_turn_comes_is_told_as_it_is(clock: ManualClock) -> None:
    for quota, size in (("", 400), ("acme", 400), ("acme", 60)):
        turns = Turns(clock, 120, 50, SHARE)
        readers = [Reader(str(number), turns, "a", quota=quota) for number in range(size)]
        await clock.advance(900)
        told = turns.interval((0, "a"))
        seen = [reader.waited[-1] + TURN for reader in readers if reader.waited]
        assert 0.7 * max(seen) <= told <= 1.5 * max(seen)
        await ended(readers)
        assert turns.interval((0, "a")) == 0


async def test_a_part_of_a_quota_that_was_not_used_is_not_saved_up(clock: ManualClock) -> None:
    turns = Turns(clock, 50, 50, SHARE)
    readers = [Reader(str(number), turns, quota="acme") for number in range(50)]
    await clock.advance(3600)
    more = [Reader(f"m{number}", turns, quota="acme") for number in range(50)]
    await clock.advance(1)
    assert sum(reader.inside for reader in more) <= SHARE / 60 + 1
    await ended([*readers, *more])


async def test_a_quota_by_either_of_its_names_is_one_from_when_that_is_known() -> None:
    """Two clusters of a project, of which one is known by its number from the start."""

    async def most(known: bool, *quotas: str) -> tuple[float, float]:
        clock, names = ManualClock(), dict[str, str]()
        turns = Turns(clock, 120, 60, SHARE, lambda quota: names.get(quota, quota))
        readers = [
            Reader(f"{group}{one}", turns, group, quota=quota)
            for group, quota in zip("ab", quotas, strict=True)
            for one in range(400)
        ]
        await clock.advance(60)
        if known:
            names["acme"] = "7"
        await clock.advance(600)
        before = sum(reader.had for reader in readers)
        await clock.advance(600)
        had, interval = sum(reader.had for reader in readers) - before, turns.interval((0, "a"))
        await ended(readers)
        return had, interval

    one, two = await most(False, "7", "7"), await most(False, "acme", "7")
    assert two[0] > one[0] * 1.5, "the quota is what holds them up"
    assert await most(True, "acme", "7") == one


async def test_a_quota_that_rests_does_so_still_when_its_other_name_is_known() -> None:
    clock, names = ManualClock(), dict[str, str]()
    turns = Turns(clock, 1, 1, SHARE, lambda quota: names.get(quota, quota))
    first, second = (Reader(name, turns, quota="acme") for name in ("first", "second"))
    await settle()
    turns.refused(first, Problem(ProblemKind.THROTTLED, "used up", retry_after=60))
    names["acme"] = "7"
    await clock.advance(59)
    assert not second.had
    await clock.advance(3)
    assert second.had
    await ended([first, second])
