"""Whole objects of many clusters and kinds in one order, read many at a time and held few at a time.

Each list is worked on as it comes, in pieces; of those whose turn has not come the first piece is made ahead, as far as
there is room (`tui.cli.room`). So the clusters are asked at the same time, and what is in memory does not grow with
what they hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Raw, Struct, field
from msgspec.structs import replace
from msgspec.structs import replace as told_as

from tui.cli.meant import Wanted
from tui.cli.room import Position, Room
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.present.parts import count

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

T = TypeVar("T")

PIECE = 1 << 20
"""Bytes of objects that are worked on at a time."""


class Piece(Struct, frozen=True):
    """Some objects of one list, in its order; none at all where the list is empty."""

    ref: ClusterRef
    client: KubeClient
    kind: KindRef
    wanted: Wanted
    objects: Sequence[Raw]

    @property
    def listed(self) -> KindRef | None:
        """What the objects are, where they do not say it themselves."""
        return None if self.wanted.name else self.kind


Work = Callable[[Piece], Awaitable[T]]


class Told(Struct):
    """What is known of the lists at the end. begun: how many have answered; empty: those of them that held nothing.
    lost: clusters of which nothing could be asked; problems: lists that failed, also in the middle; unseen: what else
    was not to be seen, in words."""

    begun: int = 0
    clusters: int = 0
    empty: list[tuple[ClusterRef, KindRef, Wanted]] = field(default_factory=list[tuple[ClusterRef, KindRef, Wanted]])
    lost: list[tuple[ClusterRef, Problem]] = field(default_factory=list[tuple[ClusterRef, Problem]])
    problems: list[tuple[ClusterRef, Problem]] = field(default_factory=list[tuple[ClusterRef, Problem]])
    unseen: list[tuple[ClusterRef, str]] = field(default_factory=list[tuple[ClusterRef, str]])


class Leaf(Generic[T]):
    """One list, as its server gives it. most: objects in a piece. gate: held while the first one is made."""

    def __init__(
        self, about: Piece, work: Work[T], most: int, room: Room, position: Position, gate: asyncio.Semaphore
    ) -> None:
        self.about = about
        self.count = 0
        self._work = work
        self._most = most
        self._room = room
        self._position = position
        self._gate = gate
        self._pieces = self._made()
        self._first: asyncio.Task[T | None] = asyncio.create_task(self._ahead())
        room.come(position)

    async def problem(self) -> Problem | None:
        """Why it has not begun; returns when it has, or has failed to."""
        await asyncio.wait({self._first})
        error = None if self._first.cancelled() else self._first.exception()
        return error.problem if isinstance(error, SourceError) else None

    async def results(self) -> AsyncGenerator[T]:
        """What has come of each piece. Raises SourceError."""
        made = await self._first
        while made is not None:
            yield made
            made = await anext(self._pieces, None)

    async def close(self) -> None:
        """Ask for nothing more."""
        self._first.cancel()
        await asyncio.gather(self._first, return_exceptions=True)
        await self._pieces.aclose()
        self._room.leave(self._position)

    async def _ahead(self) -> T | None:
        await self._room.wait(self._position)
        try:
            async with self._gate:  # after the room: who waits for room must not keep the first from being read
                return await anext(self._pieces, None)
        except SourceError:
            self._room.leave(self._position)
            raise

    async def _made(self) -> AsyncGenerator[T]:
        about = self.about
        wanted = about.wanted
        pages = about.client.whole_pages(about.kind, namespace=wanted.namespace, name=wanted.name, labels=wanted.labels)
        following: asyncio.Task[Sequence[Raw] | None] | None = None
        async with aclosing(pages):
            try:
                page = await anext(pages, None)
                self._room.begun(self._position, sum(map(_size, page or ())))
                while page is not None:
                    for piece in pieces(page, self._most):
                        made = await self._work(replace(about, objects=piece))
                        self.count += len(piece)
                        yield made
                        # Somebody takes what is made: so the next page is on its way while this one is worked on.
                        following = following or asyncio.create_task(self._next(pages, page))
                    page, following = (await following if following is not None else None), None
            finally:
                if following is not None:
                    following.cancel()
                    await asyncio.gather(following, return_exceptions=True)

    async def _next(self, pages: AsyncGenerator[Sequence[Raw]], held: Sequence[Raw]) -> Sequence[Raw] | None:
        """held: the page that is worked on meanwhile."""
        page = await anext(pages, None)
        self._room.hold(self._position, sum(map(_size, (*held, *(page or ())))))
        return page


def pieces(page: Sequence[Raw], most: int) -> Iterator[Sequence[Raw]]:
    """The page in parts of at most `most` objects, and of a megabyte where not one object is larger; at least one."""
    piece: list[Raw] = []
    size = 0
    for raw in page:
        if piece and (len(piece) == most or size + _size(raw) > PIECE):
            yield piece
            piece, size = [], 0
        piece.append(raw)
        size += _size(raw)
    yield piece


def _size(raw: Raw) -> int:
    return memoryview(raw).nbytes


def broken_off(kind: KindRef, number: int, problem: Problem) -> Problem:
    """A failure in the middle of a list, of which `number` objects are out."""
    return told_as(problem, summary=f"{kind.plural}: ended after {count(number, 'object')}: {problem.summary}")
