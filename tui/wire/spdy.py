"""SPDY/3.1 frames, as port-forward speaks them through a WebSocket and older clients speak them for everything.

Source: SPDY protocol draft 3.1, section 2.2; github.com/moby/spdystream, which API servers and kubectl run: no flow
control, headers compressed. Inside a WebSocket the frames are a stream of bytes: client-go writes each field as a
message of its own, some of them empty (recordings), so a message is never a frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from tui.wire.errors import WireError
from tui.wire.outgoing import Bytes
from tui.wire.spdy_headers import Headers, Packer, Unpacker

FIN = 0x01
LARGEST_DATA = 32 << 10
"""Bytes of data that we send in one frame."""
LARGEST_CONTROL = 64 << 10
"""Bytes of a control frame that are read; what a port-forward needs is some tens."""

_CONTROL = Struct(">HHI")
_DATA = Struct(">II")
_U32 = Struct(">I")
_TWO = Struct(">II")
_VERSION = 0x8003
_ID = 0x7FFFFFFF


class Kind(IntEnum):
    """Types of control frames."""

    SYN_STREAM = 1
    SYN_REPLY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PING = 6
    GOAWAY = 7
    HEADERS = 8
    WINDOW_UPDATE = 9


class Reset(IntEnum):
    """Why a stream was reset."""

    PROTOCOL_ERROR = 1
    INVALID_STREAM = 2
    REFUSED_STREAM = 3
    CANCEL = 5
    INTERNAL_ERROR = 6


@dataclass(frozen=True, slots=True)
class SynStream:
    """The other side opens a stream. fin: it will send nothing on it."""

    stream: int
    headers: Headers
    fin: bool = False

    def header(self, name: str) -> str:
        """The value of a header, "" where it was not sent."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True)
class SynReply:
    """A stream that we opened has been accepted."""

    stream: int
    headers: Headers = ()
    fin: bool = False


@dataclass(frozen=True, slots=True)
class RstStream:
    """A stream is over at once, in both directions. status: see `Reset`."""

    stream: int
    status: int


@dataclass(frozen=True, slots=True)
class Ping:
    """To be sent back as it is, by whoever did not send it first."""

    id: int


@dataclass(frozen=True, slots=True)
class GoAway:
    """The other side takes no new streams. last: the newest of ours that it has taken."""

    last: int
    status: int = 0


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of a stream, perhaps only a part of the frame that brought them. fin: these were the last."""

    stream: int
    data: bytes
    fin: bool = False


Event = SynStream | SynReply | RstStream | Ping | GoAway | Data


class SpdyReader:
    """Feed it the bytes of one direction, however they are cut; it gives what they say. A data frame is passed on as it
    comes, so it holds back no more than one control frame."""

    def __init__(self) -> None:
        self._rest = b""
        self._headers = Unpacker()
        self._stream = 0  # of the data frame that is being read
        self._fin = False
        self._left = 0
        self.frames = 0
        """Frames, and parts of them, that have been looked at."""

    def feed(self, chunk: Bytes) -> list[Event]:
        """Raises WireError; nothing can be read after that."""
        data = memoryview(self._rest + chunk if self._rest else chunk)
        events: list[Event] = []
        place = 0
        while place < len(data):
            self.frames += 1
            if self._left:
                part = bytes(data[place : place + self._left])
                place += len(part)
                self._left -= len(part)
                events.append(Data(self._stream, part, self._fin and not self._left))
            elif len(data) - place < 8:
                break
            elif data[place] & 0x80:
                length = _length(data, place)
                if length > LARGEST_CONTROL:
                    raise WireError(f"a control frame of {length} bytes")
                if len(data) - place < 8 + length:
                    break
                event = self._control(data, place, length)
                place += 8 + length
                if event is not None:
                    events.append(event)
            else:
                self._begin(data, place, events)
                place += 8
        self._rest = bytes(data[place:])
        return events

    def _begin(self, data: memoryview, place: int, events: list[Event]) -> None:
        """A data frame begins."""
        stream, word = _DATA.unpack_from(data, place)
        self._stream, self._fin, self._left = stream & _ID, bool(word >> 24 & FIN), word & 0xFFFFFF
        if not self._left:
            events.append(Data(self._stream, b"", self._fin))

    def _control(self, data: memoryview, place: int, length: int) -> Event | None:
        """One whole control frame; None for one that asks for nothing."""
        version, kind, word = _CONTROL.unpack_from(data, place)
        if version != _VERSION:
            raise WireError(f"a control frame of SPDY version {version & 0x7FFF}, not 3")
        body = bytes(data[place + 8 : place + 8 + length])
        fin = bool(word >> 24 & FIN)
        match kind:
            case Kind.SYN_STREAM:
                _at_least(10, body, "SYN_STREAM")
                return SynStream(_number(body) & _ID, self._headers.unpack(body[10:]), fin)
            case Kind.SYN_REPLY:
                _at_least(4, body, "SYN_REPLY")
                return SynReply(_number(body) & _ID, self._headers.unpack(body[4:]), fin)
            case Kind.HEADERS:
                _at_least(4, body, "HEADERS")
                self._headers.unpack(body[4:])  # the next block builds on it
                return Data(_number(body) & _ID, b"", fin) if fin else None
            case Kind.RST_STREAM:
                _at_least(8, body, "RST_STREAM")
                return RstStream(_number(body) & _ID, _number(body, 4))
            case Kind.PING:
                _at_least(4, body, "PING")
                return Ping(_number(body))
            case Kind.GOAWAY:
                _at_least(8, body, "GOAWAY")
                return GoAway(_number(body) & _ID, _number(body, 4))
            case _:  # SETTINGS and WINDOW_UPDATE are sent by nobody here, and unknown types are to be ignored
                return None


class SpdyWriter:
    """Makes the frames of one direction. Those with headers must be sent in the order in which they were made."""

    def __init__(self) -> None:
        self._headers = Packer()

    def syn_stream(self, stream: int, headers: Headers, *, fin: bool = False) -> bytes:
        """Open `stream`: odd numbers are the client's, even ones the server's, always rising."""
        return _frame(Kind.SYN_STREAM, _TWO.pack(stream, 0) + b"\0\0" + self._headers.pack(headers), fin)

    def syn_reply(self, stream: int, headers: Headers = (), *, fin: bool = False) -> bytes:
        """Accept `stream`."""
        return _frame(Kind.SYN_REPLY, _U32.pack(stream) + self._headers.pack(headers), fin)

    def rst_stream(self, stream: int, status: Reset) -> bytes:
        return _frame(Kind.RST_STREAM, _TWO.pack(stream, status))

    def ping(self, id: int) -> bytes:
        return _frame(Kind.PING, _U32.pack(id))

    def go_away(self, last: int) -> bytes:
        return _frame(Kind.GOAWAY, _TWO.pack(last, 0))

    def data(self, stream: int, data: Bytes, *, fin: bool = False) -> bytes:
        """One data frame; the caller keeps `data` under `LARGEST_DATA`."""
        return self.data_head(stream, len(data), fin=fin) + data

    def data_head(self, stream: int, size: int, *, fin: bool = False) -> bytes:
        """What such a frame begins with; `size` bytes are to follow."""
        return _DATA.pack(stream, (FIN if fin else 0) << 24 | size)


def _frame(kind: Kind, body: bytes, fin: bool = False) -> bytes:
    return _CONTROL.pack(_VERSION, kind, (FIN if fin else 0) << 24 | len(body)) + body


def _length(data: memoryview, place: int) -> int:
    return int(_U32.unpack_from(data, place + 4)[0]) & 0xFFFFFF


def _number(body: bytes, place: int = 0) -> int:
    return int(_U32.unpack_from(body, place)[0])


def _at_least(length: int, body: bytes, what: str) -> None:
    if len(body) < length:
        raise WireError(f"a {what} frame of {len(body)} bytes")
