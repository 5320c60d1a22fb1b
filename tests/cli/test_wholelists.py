"""Lists that are read no further than they are taken, in pieces that are bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

import pytest
from msgspec import Raw

from tui.cli.meant import Wanted
from tui.cli.room import Room
from tui.cli.wholelists import PIECE, Leaf, Piece, pieces
from tui.clients.kube import KubeClient
from tui.clock import settle
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS

REF = ClusterRef("context:test", "test", Via.CONTEXT)


class Endless:
    """Pages of ten objects for ever, or until one fails."""

    def __init__(self, fails_at: int = -1) -> None:
        self.pages = 0
        self.ended = False
        self._fails_at = fails_at

    async def whole_pages(self, *_: object, **__: object) -> AsyncGenerator[Sequence[Raw]]:
        try:
            while self.pages != self._fails_at:
                self.pages += 1
                await asyncio.sleep(0)
                yield [Raw(b"{}")] * 10
            raise SourceError(Problem(ProblemKind.SERVER, "no more"))
        finally:
            self.ended = True


async def size(piece: Piece) -> int:
    return len(piece.objects)


def leaf(server: Endless, room: Room, place: int = 0, most: int = 5) -> Leaf[int]:
    about = Piece(REF, cast("KubeClient", server), PODS, Wanted(), ())
    return Leaf(about, size, most, room, (place,), asyncio.Semaphore(1))


async def test_a_list_is_read_a_page_further_than_it_is_taken() -> None:
    server = Endless()
    made = leaf(server, Room())
    await settle()
    assert (server.pages, made.count) == (1, 5)  # the first piece, ahead of anybody who wants it
    async with aclosing(made.results()) as results:
        assert await anext(results) == 5
        await settle()
        assert server.pages == 1
        assert [await anext(results), await anext(results)] == [5, 5]
        await settle()
        assert (server.pages, made.count) == (2, 15)
    await made.close()
    assert server.ended


async def test_lists_whose_turn_has_not_come_wait_where_there_is_no_room() -> None:
    room = Room(0)
    servers = [Endless(), Endless(), Endless()]
    leaves = [leaf(server, room, place) for place, server in enumerate(servers)]
    await settle()
    assert [server.pages for server in servers] == [1, 0, 0]
    async with aclosing(leaves[0].results()) as results:
        assert await anext(results) == 5
        await settle()
        assert [server.pages for server in servers] == [1, 0, 0]  # what is printed is in memory as well
    await leaves[0].close()
    await settle()
    assert [server.pages for server in servers] == [1, 1, 0]
    for one in leaves:
        await one.close()
    assert [server.ended for server in servers] == [True, True, False]


async def test_a_page_and_the_one_that_follows_it_are_both_held() -> None:
    room, held = Room(), list[int]()
    hold = room.hold

    def noted(position: tuple[int, ...], size: int) -> None:
        held.append(size)
        hold(position, size)

    room.hold = noted  # what is held is nobody's business otherwise
    made = leaf(Endless(), room)
    await settle()
    assert held == [20]  # ten objects of two bytes
    async with aclosing(made.results()) as results:
        await anext(results)
        await anext(results)
        await settle()
        assert held == [20, 40]
    await made.close()


async def test_a_failure_comes_in_its_place() -> None:
    server = Endless(fails_at=1)
    made = leaf(server, Room())
    taken: list[int] = []

    async def take() -> None:
        async for number in made.results():
            taken.append(number)

    with pytest.raises(SourceError):
        await take()
    assert (taken, made.count) == ([5, 5], 10)
    await made.close()


async def test_a_failure_to_begin_with_gives_way_to_the_next() -> None:
    room = Room(0)
    broken, server = Endless(fails_at=0), Endless()
    leaves = [leaf(broken, room, 0), leaf(server, room, 1)]
    assert (await leaves[0].problem()) == Problem(ProblemKind.SERVER, "no more")
    assert (await leaves[1].problem()) is None
    assert server.pages == 1
    for one in leaves:
        await one.close()


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ([], [[]]),
        ([9], [[9]]),
        ([9] * 4, [[9, 9, 9], [9]]),
        ([PIECE, 9, 9], [[PIECE], [9, 9]]),
        ([9, 3 * PIECE, 9], [[9], [3 * PIECE], [9]]),
    ],
    ids=["none", "one", "many", "large", "too-large"],
)
def test_pieces_are_bounded_in_number_and_size(sizes: list[int], found: list[list[int]]) -> None:
    page = [Raw(b" " * size) for size in sizes]
    assert [[memoryview(raw).nbytes for raw in piece] for piece in pieces(page, 3)] == found
