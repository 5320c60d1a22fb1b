"""What a command is to read, as full messages: each has its cost whatever its size. Files are read to where they are
sent from, for they come by the gigabyte, and each copy of that takes as long as reading it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from tui.streams.packheaders import READ
from tui.wire.channels import MESSAGE_BYTES, STDIN, TOGETHER, blank
from tui.wire.outgoing import Outgoing

LEAST = 2
"""Messages that are given together at least: whoever waits for them is woken for each time."""


class FilePart(NamedTuple):
    """The bytes of a file of this machine from `begin` to `end`."""

    path: str
    begin: int
    end: int


Piece: TypeAlias = bytes | FilePart


def filled(pieces: Iterable[Piece]) -> Iterator[Sequence[Outgoing]]:
    """All of it in its order, as messages for stdin of which only the last is not full; those that become full in
    one go together. Blocks. Raises OSError where a file cannot be read, or has become shorter meanwhile."""
    filling = _Filling()
    for piece in pieces:
        yield from filling.read(piece) if isinstance(piece, FilePart) else filling.put(piece)
    yield from filling.rest()


class _Filling:
    def __init__(self) -> None:
        self._open: deque[Outgoing] = deque()
        self._size = 0
        """Bytes that there are of them."""

    def put(self, data: bytes) -> Iterator[Sequence[Outgoing]]:
        left = memoryview(data)
        while left:
            room = self._room(len(left))[0]
            room[:] = left[: len(room)]
            left = left[len(room) :]
            yield from self._full(len(room))

    def read(self, part: FilePart) -> Iterator[Sequence[Outgoing]]:
        left = part.end - part.begin
        file = os.open(part.path, READ)
        try:
            if part.begin:
                os.lseek(file, part.begin, os.SEEK_SET)
            while left:
                size = os.readv(file, self._room(left))
                if not size:
                    raise OSError(0, "it became shorter while it was copied", part.path)
                left -= size
                yield from self._full(size)
        except OSError as exc:
            exc.filename = part.path  # read(2) does not tell of which
            raise
        finally:
            os.close(file)

    def _room(self, size: int) -> list[memoryview]:
        """Where the next bytes belong: at most so many, and at most what is sent together."""
        room = list[memoryview]()
        number, place = divmod(self._size, MESSAGE_BYTES)
        while size > 0 and len(room) < TOGETHER:
            if number == len(self._open):
                self._open.append(blank(STDIN))
            view = self._open[number].body(1 + place)[:size]
            room.append(view)
            size -= len(view)
            number, place = number + 1, 0
        return room

    def _full(self, size: int) -> Iterator[Sequence[Outgoing]]:
        """What has become full with so many bytes more, where that is enough."""
        self._size += size
        many = self._size // MESSAGE_BYTES
        if many >= LEAST:
            self._size -= many * MESSAGE_BYTES
            yield [self._open.popleft() for _ in range(many)]

    def rest(self) -> Iterator[Sequence[Outgoing]]:
        """What there is yet."""
        many, last = divmod(self._size, MESSAGE_BYTES)
        messages = [self._open.popleft() for _ in range(many + bool(last))]
        if last:
            messages[-1].cut(1 + last)
        if messages:
            yield messages
