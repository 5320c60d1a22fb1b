"""What a command is to read, as full messages: each has its cost whatever its size. Files are read to where they are
sent from, for they come by the gigabyte, and each copy of that takes as long as reading it."""

from __future__ import annotations

import os
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
    """All of it in its order, as messages for stdin of which only the last is not full; some of those that are full
    together. Blocks. Raises OSError where a file cannot be read, or has become shorter meanwhile."""
    filling = _Filling()
    for piece in pieces:
        if isinstance(piece, FilePart):
            yield from filling.read(piece)
        else:
            filling.put(piece)
        if filling.many >= LEAST:
            yield filling.full()
    if messages := filling.rest():
        yield messages


class _Filling:
    """Many pieces are small, a file's header or what pads it: one that fits costs no more than to copy it."""

    def __init__(self) -> None:
        self._full: list[Outgoing] = []
        self._open(blank(STDIN))

    @property
    def many(self) -> int:
        """Messages that are full."""
        return len(self._full)

    def full(self) -> Sequence[Outgoing]:
        """These, to be given out."""
        full, self._full = self._full, []
        return full

    def put(self, data: bytes) -> None:
        end = self._place + len(data)
        if end < MESSAGE_BYTES:
            self._room[self._place : end] = data
            self._place = end
            return
        left = memoryview(data)
        while left:
            size = min(len(left), MESSAGE_BYTES - self._place)
            self._room[self._place : self._place + size] = left[:size]
            left = left[size:]
            self._came(size, [])

    def read(self, part: FilePart) -> Iterator[Sequence[Outgoing]]:
        left = part.end - part.begin
        file = os.open(part.path, READ)
        try:
            if part.begin:
                os.lseek(file, part.begin, os.SEEK_SET)
            while left:
                room, more = self._rooms(left)
                size = os.readv(file, room)
                if not size:
                    raise OSError(0, "it became shorter while it was copied", part.path)
                left -= size
                self._came(size, more)
                if len(self._full) >= LEAST:
                    yield self.full()
        except OSError as exc:
            exc.filename = part.path  # read(2) does not tell of which
            raise
        finally:
            os.close(file)

    def _rooms(self, size: int) -> tuple[list[memoryview], list[Outgoing]]:
        """Where the next bytes belong: at most so many, and at most what is sent together; and the messages that these
        are of, besides the open one."""
        room = [self._room[self._place :][:size]]
        size -= len(room[0])
        more = [blank(STDIN) for _ in range(min(-(-size // MESSAGE_BYTES), TOGETHER - 1))]
        for message in more:
            room.append(message.body(1)[:size])
            size -= MESSAGE_BYTES
        return room, more

    def _came(self, size: int, more: list[Outgoing]) -> None:
        """So many bytes are there, in the open message and in these."""
        self._place += size
        coming = iter(more)
        while (left := self._place - MESSAGE_BYTES) >= 0:
            self._full.append(self._message)
            self._open(next(coming, None) or blank(STDIN))
            self._place = left

    def _open(self, message: Outgoing) -> None:
        self._message, self._room, self._place = message, message.body(1), 0

    def rest(self) -> Sequence[Outgoing]:
        """What there is yet."""
        if self._place:
            self._room.release()  # a message that somebody may write to cannot be cut
            self._message.cut(1 + self._place)
            self._full.append(self._message)
        return self._full
