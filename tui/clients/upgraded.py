"""What is on a connection once its handshake has made a WebSocket of it: messages, under flow control both ways.

aiohttp makes the connection (addresses, proxies, TLS) and asks for the upgrade. From then on its protocol is replaced
by this one, and is told only that the connection has ended, so that its pool lets go of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from tui.wire import outgoing
from tui.wire.errors import WireError
from tui.wire.outgoing import Bytes, Mask, Outgoing
from tui.wire.websocket import Code, MessageReader, Opcode, TooBigError, leave

try:
    from aiohttp._websocket.helpers import websocket_mask
except ImportError:  # it is aiohttp's own, and may move
    websocket_mask = outgoing.mask
MASK: Mask = websocket_mask
"""The compiled one, where there is one: of all that is done to a message this takes longest."""
AHEAD = 1 << 20
"""Bytes that wait to be received before reading stops; nine times as many may be kept, for what was read with them is
(`KEPT`), and as many again are with who has received all of them."""
MESSAGE = 1024
"""Bytes that a message counts for besides its own: many small ones, or empty ones, fill the memory as well."""
FRAMES = 1000
"""Frames that are looked at in one turn of the loop: a read may bring a hundred thousand, of two bytes each."""
UNSENT = 64 << 10
"""Bytes that wait to be sent, from which on a ping is not answered: who pings and never reads would fill the memory."""
BUFFER = (256 + 16) << 10
"""Bytes that are read at a time: what asyncio decrypts at once, and a record more. With a buffer that was filled it
looks once more for nothing; at the end of a connection that was held up it looks once only, and loses what finds no
room."""
_BINARY = Opcode.BINARY
"""Looked up once: in an enumeration that costs as much as copying a kilobyte."""


class Upgraded(asyncio.BufferedProtocol):
    """The messages of one connection. transport: its own. before: the protocol that it had. rest: what that had read
    beyond the handshake. largest: bytes of a message that are taken.

    ended: whether nothing more will come. last: the message that ended it: a leave, or text, which nobody here speaks.
    broken: why it ended, where it was no message: a WireError where what came was no WebSocket, else the connection's
    error, None where it just ended. held_up: whether nothing is read, for what came before waits. heard: when something
    came last, by the loop's clock.
    """

    def __init__(self, transport: asyncio.Transport, before: asyncio.BaseProtocol, rest: bytes, largest: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._before = before
        self._reader = MessageReader(largest)
        self._more = False
        """Whether the reader has frames that it has not looked at."""
        self._ping: Bytes | None = None
        """The last one that is to be answered."""
        self._buffer = bytearray(BUFFER)
        self._messages: deque[Bytes] = deque()
        self._size = 0
        self._came = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._left = self._deaf = False
        self.held_up = False
        self.ended = False
        self.last: tuple[Opcode, Bytes] | None = None
        self.broken: Exception | None = None
        self.heard = self._loop.time()
        transport.set_protocol(self)
        self._look(rest)

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Returns when there is room for the next ones. Several cost less when they are sent together, up to about half
        a megabyte. Raises ConnectionError."""
        self._check_open()
        frames = [message.framed(_BINARY, MASK) for message in messages]
        # `writelines` would do no better: it joins them too, or (3.12.0 to 3.12.8, 3.13.0 and 3.13.1) never pauses.
        self._transport.write(frames[0] if len(frames) == 1 else b"".join(frames))
        if not self._room.is_set():
            await self._room.wait()
            self._check_open()

    async def receive(self) -> Bytes | None:
        """The next message; None once nothing more will come."""
        if not await self._some():
            return None
        message = self._messages.popleft()
        self._size -= len(message) + MESSAGE
        if self.held_up and self._size < AHEAD // 2:
            self._regulate()
        return message

    async def receive_all(self) -> Sequence[Bytes]:
        """The messages that have come, at least one; none once nothing more will come."""
        await self._some()
        messages, self._messages, self._size = self._messages, deque(), 0
        if self.held_up:
            self._regulate()
        return messages

    def ping(self) -> None:
        """Ask for a sign of life. Raises ConnectionError."""
        self._check_open()
        self._say(Opcode.PING)

    def drop(self) -> None:
        """The connection is of no use any more."""
        self._transport.abort()

    async def close(self, patience: float) -> None:
        """Take leave; the other side has `patience` seconds to do the same. What it still says is lost."""
        self._deaf = True
        self._messages.clear()
        self._size = 0
        self._regulate()
        try:
            self._leave(Code.NORMAL)
            async with asyncio.timeout(patience):
                while not self.ended:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            pass
        finally:
            if self._transport.get_write_buffer_size() or not self.ended:
                self._transport.abort()  # nobody reads it
            else:
                self._transport.close()

    def get_buffer(self, sizehint: int) -> memoryview:
        if _is_looked_at(self._buffer):  # by messages that were read before
            self._buffer = bytearray(BUFFER)
        return memoryview(self._buffer)

    def buffer_updated(self, nbytes: int) -> None:
        self.heard = self._loop.time()
        self._look(memoryview(self._buffer)[:nbytes])

    def eof_received(self) -> None:
        self._end(None)

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)
        self._before.connection_lost(exc)

    def _look(self, data: Bytes = b"") -> None:
        """At what came, a turn's worth of it."""
        if self.ended:
            return
        try:
            self._more = self._reader.feed(data, self._take, FRAMES)
        except WireError as exc:
            self._leave(Code.TOO_BIG if isinstance(exc, TooBigError) else Code.PROTOCOL)
            self._end(exc)
        ping, self._ping = self._ping, None
        if ping is not None and not self._left and self._transport.get_write_buffer_size() < UNSENT:
            self._say(Opcode.PONG, ping)
        self._regulate()
        self._came.set()

    async def _some(self) -> bool:
        """Whether a message is there, once one is or none will be."""
        while not self._messages and not self.ended:
            self._came.clear()
            await self._came.wait()
        return bool(self._messages)

    def _take(self, opcode: Opcode, data: Bytes) -> None:
        if self.ended:  # by a leave: what follows it counts for nothing
            return
        if opcode is _BINARY:
            if not self._deaf:
                self._messages.append(data)
                self._size += len(data) + MESSAGE
        elif opcode is Opcode.PING:
            self._ping = data  # of several the last is answered (section 5.5.3)
        elif opcode is not Opcode.PONG:
            self.last = opcode, data
            self._leave(Code.NORMAL if opcode is Opcode.CLOSE else Code.UNSUPPORTED)
            self._end(None)

    def _regulate(self) -> None:
        """Read, or do not, by what waits; and go on with what has been read and not looked at."""
        full = self._size > AHEAD
        if self._more and not full and not self.ended:
            self._more = False
            self._loop.call_soon(self._look)
            full = True  # until that has been looked at
        if full and not self.held_up:
            self.held_up = True
            self._transport.pause_reading()
        elif self.held_up and not full:
            self.held_up, self.heard = False, self._loop.time()
            self._transport.resume_reading()

    def _end(self, why: Exception | None) -> None:
        if not self.ended:
            self.ended, self.broken = True, why
        self._came.set()
        self._room.set()

    def _check_open(self) -> None:
        if self.ended or self._left or self._transport.is_closing():
            raise ConnectionResetError("the connection has been closed")

    def _leave(self, code: Code) -> None:
        if not self._left and not self._transport.is_closing():
            self._say(Opcode.CLOSE, leave(code))
        self._left = True

    def _say(self, opcode: Opcode, data: Bytes = b"") -> None:
        self._transport.write(Outgoing.of(data).framed(opcode, MASK))


def _is_looked_at(buffer: bytearray) -> bool:
    """Whether anybody has a view of it: then it cannot be resized."""
    try:
        buffer.append(0)
        buffer.pop()
    except BufferError:
        return True
    return False
