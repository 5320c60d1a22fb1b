"""What is read ahead of its turn is bounded, and what is first never waits."""

from __future__ import annotations

import asyncio

from tui.cli.room import GUESS, LEAST, Position, Room
from tui.clock import settle


class Readers:
    """Each reads as soon as it may."""

    def __init__(self, room: Room, positions: list[Position]) -> None:
        self.reading: list[Position] = []
        self._room = room
        for position in positions:
            room.come(position)
        self.tasks = {position: asyncio.create_task(self._read(position)) for position in positions}

    async def _read(self, position: Position) -> None:
        await self._room.wait(position)
        self.reading.append(position)

    async def end(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_as_many_read_as_there_is_room_for_and_the_first_of_them_first() -> None:
    room = Room(2 * GUESS + 10)
    readers = Readers(room, [(3,), (1, 0), (2,), (1,)])
    await settle()
    assert readers.reading == [(3,), (1, 0), (1,)]  # the last is the first of all, and waits for nothing
    room.hold((3,), 10)
    await settle()
    assert readers.reading == [(3,), (1, 0), (1,)]
    room.leave((1,))
    await settle()
    assert readers.reading == [(3,), (1, 0), (1,), (2,)]
    await readers.end()


async def test_more_than_there_is_room_for_lets_only_the_first_go_on() -> None:
    room = Room(GUESS)
    readers = Readers(room, [(0,), (1,), (2,)])
    await settle()
    room.hold((0,), 100 * GUESS)
    await settle()
    assert readers.reading == [(0,)]
    room.leave((0,))
    await settle()
    assert readers.reading == [(0,), (1,)]
    room.leave((1,))
    room.leave((1,))
    await settle()
    assert readers.reading == [(0,), (1,), (2,)]
    await readers.end()


async def test_what_is_to_come_is_taken_to_be_as_large_as_what_came() -> None:
    room = Room(3 * GUESS)
    readers = Readers(room, [(place,) for place in range(30)])
    await settle()
    assert len(readers.reading) == 3
    room.begun((0,), 10)  # a small one: there may be more
    await settle()
    assert len(readers.reading) == 3 + (3 * GUESS - 10 - 2 * GUESS) // LEAST
    await readers.end()


async def test_an_empty_list_tells_as_well_how_large_the_others_may_be() -> None:
    room = Room(3 * GUESS)
    readers = Readers(room, [(place,) for place in range(30)])
    await settle()
    for place in range(3):
        room.begun((place,), 0)
    await settle()
    assert len(readers.reading) == 3 + 3 * GUESS // LEAST
    await readers.end()


async def test_after_a_large_one_fewer_are_read_at_a_time() -> None:
    room = Room(8 * GUESS)
    readers = Readers(room, [(place,) for place in range(30)])
    await settle()
    assert len(readers.reading) == 8
    for place in range(8):
        room.begun((place,), 10 * GUESS if place == 0 else 10)
    room.leave((0,))
    await settle()
    assert len(readers.reading) == 8 + 3  # of two GUESSes each; never less than a quarter of the room
    await readers.end()


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    room = Room(0)
    readers = Readers(room, [(0,), (1,), (2,)])
    await settle()
    readers.tasks[1,].cancel()
    await settle()
    room.leave((1,))
    room.leave((0,))
    await settle()
    assert readers.reading == [(0,), (2,)]
    await readers.end()
