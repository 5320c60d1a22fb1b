"""A client's side of WebSocket (RFC 6455) without any I/O: its handshake, and what a server sends; what we send is in
`outgoing`.

Ours, since it carries gigabytes: a big message is not copied. No extension is asked for, so none may be used.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from enum import IntEnum
from typing import TypeAlias

from tui.wire.errors import WireError
from tui.wire.outgoing import Bytes

KEPT = 32 << 10
"""Bytes from which a message is a look at all that was read with it, and keeps that in memory; a smaller one is a
copy."""
NO_CODE = 1005
"""Stands for the code of a leave that gave none (section 7.1.5)."""
_LONGEST_CONTROL = 125
_FINAL, _EXTENDED, _KIND = 0x80, 0x70, 0x0F
_MASKED, _LENGTH = 0x80, 0x7F
_IN_TWO, _IN_EIGHT = 126, 127
_USUAL = 0x82
"""The first byte of a frame that is a whole message of bytes."""
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Opcode(IntEnum):
    """What a frame is (section 5.2)."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Code(IntEnum):
    """Why somebody takes leave (section 7.4.1)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL = 1002
    UNSUPPORTED = 1003
    TOO_BIG = 1009


_BINARY = Opcode.BINARY
"""Looked up once: in an enumeration that costs as much as copying a kilobyte."""

Take: TypeAlias = "Callable[[Opcode, Bytes], None]"
"""Is given each message."""


class TooBigError(WireError):
    """A message of more bytes than are taken."""


class MessageReader:
    """Feed it what a server sends, however it is cut; it puts fragments together, and gives whole messages. largest:
    bytes of one that are taken, and so all that is held back."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._rest = b""  # a header that has not come whole
        self._opcode, self._final = Opcode.CONTINUATION, True  # of the frame that is being read
        self._payload: bytearray | None = None
        self._filled = 0
        self._kind: Opcode | None = None  # of the message whose fragments are coming
        self._fragments = bytearray()

    def feed(self, chunk: Bytes, take: Take, most: int) -> bool:
        """Look at `most` frames, and say whether there are more to look at: then feed it nothing to go on.

        Raises WireError, after what came whole before has been taken; nothing can be read after that."""
        view = memoryview(self._rest + chunk if self._rest else chunk)
        place, end = 0, len(view)
        if self._payload is not None:
            place = self._fill(self._payload, view, take)
        while most and end - place >= 2:
            most -= 1
            first, second = view[place], view[place + 1]
            begin, length = place + 2, second & _LENGTH
            if length == _IN_TWO:
                begin = place + 4
                length = int.from_bytes(view[place + 2 : begin])
            elif length == _IN_EIGHT:
                begin = place + 10
                length = int.from_bytes(view[place + 2 : begin])
            if begin > end:
                break
            usual = first == _USUAL and not second & _MASKED and length <= self._largest and self._kind is None
            if not usual:
                self._check(first, second, length)
            place = begin + length
            if place > end:
                if usual:
                    self._opcode, self._final = Opcode.BINARY, True
                self._payload, self._filled = bytearray(length), 0
                self._fill(self._payload, view[begin:], take)
                place = end
            elif usual:
                take(_BINARY, view[begin:place] if length >= KEPT else bytes(view[begin:place]))
            else:
                self._end(bytes(view[begin:place]), take)
        self._rest = bytes(view[place:])
        return not most and place < end

    def _fill(self, payload: bytearray, view: memoryview, take: Take) -> int:
        """More of a frame that has begun; how much of `view` that was."""
        size = min(len(payload) - self._filled, len(view))
        payload[self._filled : self._filled + size] = view[:size]
        self._filled += size
        if self._filled == len(payload):
            self._payload = None
            self._end(memoryview(payload), take)
        return size

    def _check(self, first: int, second: int, length: int) -> None:
        """A frame begins that is not the usual one."""
        if first & _EXTENDED:
            raise WireError("a frame with an extension that was not agreed on")
        if second & _MASKED:
            raise WireError("a masked frame, which only a client sends")
        try:
            self._opcode, self._final = Opcode(first & _KIND), bool(first & _FINAL)
        except ValueError:
            raise WireError(f"a frame of the unknown kind {first & _KIND}") from None
        if self._opcode >= Opcode.CLOSE:
            if length > _LONGEST_CONTROL or not self._final:
                raise WireError(f"a {self._opcode.name} of {length} bytes, or in fragments")
        elif len(self._fragments) + length > self._largest:
            raise TooBigError(f"a message of more than {self._largest} bytes")
        elif self._opcode is Opcode.CONTINUATION:
            if self._kind is None:
                raise WireError("a fragment of no message")
        elif self._kind is not None:
            raise WireError("a message within the fragments of another")

    def _end(self, data: Bytes, take: Take) -> None:
        """A frame has come whole."""
        if self._opcode >= Opcode.CLOSE or (self._final and self._kind is None):
            take(self._opcode, data)
            return
        self._kind = self._kind or self._opcode
        self._fragments += data
        if self._final:
            kind, whole = self._kind, memoryview(self._fragments)
            self._kind, self._fragments = None, bytearray()
            take(kind, whole)


def leave(code: int) -> bytes:
    """What a CLOSE carries."""
    return code.to_bytes(2)


def left(data: bytes) -> tuple[int, str]:
    """Why the other side takes leave, and its own words. Raises WireError."""
    if not data:
        return NO_CODE, ""
    if len(data) == 1:
        raise WireError("a leave with half a code")
    return int.from_bytes(data[:2]), data[2:].decode("utf-8", "replace")


def new_key() -> str:
    """What a handshake is told from others by (section 4.1)."""
    return base64.b64encode(os.urandom(16)).decode()


def accepted(key: str) -> str:
    """What the server answers to it (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()
