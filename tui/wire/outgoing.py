"""A message on its way out, in one piece of memory from where it is read to where it is framed.

A client of WebSockets masks each message, and puts a head before it (RFC 6455, section 5). Both are done in place here:
messages come by the gigabyte, and each further look at one takes as long as all else that is done to it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import TypeAlias

Bytes: TypeAlias = bytes | memoryview
"""What comes by the gigabyte, and is not copied where that can be helped."""
Mask = Callable[[bytes, bytearray], None]
"""XORs the bytes of the second, in place, with the four of the first, over and over."""
ROOM = 14
"""Bytes of the longest head: two, eight of length, four of mask."""
_TURN = -ROOM % 4
"""How far a mask is turned for a message that begins behind that room."""
_FINAL, _MASKED = 0x80, 0x80
_IN_TWO, _IN_EIGHT = 126, 127


class Outgoing:
    """A message of `size` bytes, with room before it for the head of its frame: so it need not be copied to be
    framed, and big ones are read to where that is done. To be sent once."""

    def __init__(self, size: int) -> None:
        self._buffer = bytearray(ROOM + size)

    @classmethod
    def of(cls, *parts: Bytes) -> Outgoing:
        """A message of these parts."""
        message = cls(sum(map(len, parts)))
        place = ROOM
        for part in parts:
            message._buffer[place : place + len(part)] = part
            place += len(part)
        return message

    def __len__(self) -> int:
        return len(self._buffer) - ROOM

    def __bytes__(self) -> bytes:
        return bytes(self._buffer[ROOM:])

    def body(self, place: int = 0) -> memoryview:
        """Its bytes from `place` on, to be written to."""
        return memoryview(self._buffer)[ROOM + place :]

    def cut(self, size: int) -> None:
        """Leave the first `size` bytes. No `body` may be held."""
        del self._buffer[ROOM + size :]

    def framed(self, opcode: int, mask: Mask) -> memoryview:
        """The frame, masked with a key that nobody can know before (section 5.3)."""
        length, key, first = len(self), os.urandom(4), _FINAL | opcode
        if length < _IN_TWO:
            head = struct.pack(">BB", first, _MASKED | length)
        elif length < 1 << 16:
            head = struct.pack(">BBH", first, _MASKED | _IN_TWO, length)
        else:
            head = struct.pack(">BBQ", first, _MASKED | _IN_EIGHT, length)
        mask(key[_TURN:] + key[:_TURN], self._buffer)  # the head too, which is written after that
        begin = ROOM - len(key) - len(head)
        self._buffer[begin:ROOM] = head + key
        return memoryview(self._buffer)[begin:]


def mask(key: bytes, payload: bytearray) -> None:
    """A `Mask` where none is compiled: of a quarter of a gigabyte a second."""
    size = len(payload)
    keys = (key * (size // len(key) + 1))[:size]
    payload[:] = (int.from_bytes(payload) ^ int.from_bytes(keys)).to_bytes(size)
