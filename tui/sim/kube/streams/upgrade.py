"""Taking over the connection of a request, for a protocol that the HTTP server does not know: SPDY.

Answer a request like this, from within its handler:

    upgraded = Upgraded("SPDY/3.1", {"X-Stream-Protocol-Version": "v4.channel.k8s.io"})
    await upgraded.prepare(request)              # 101 is sent; from here on the bytes are ours
    while chunk := await upgraded.read():        # b"" = the client is gone, or has nothing more to say
        await upgraded.write(answer_to(chunk))   # returns when there is room for more
    return upgraded                              # the connection is closed by the server behind the handler

Reading and writing are flow-controlled both ways: nothing is buffered beyond `BUFFER` bytes each way. When the client
leaves, `read` returns b"" (or raises ConnectionError), and the handler is cancelled as that of any other request is.
Faults apply: `write` is what they cut short, and `Exchange.cut` drops the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

BUFFER = 64 << 10
"""Bytes that are read ahead of whoever reads; asyncio holds back the client at twice as many."""
LAST_WORDS = 2.0
"""Seconds that a client is given to hear the last of it and close, before the connection is."""


class Upgraded(web.StreamResponse):
    """The answer 101, and the connection behind it. protocol: for the header Upgrade."""

    def __init__(self, protocol: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status=101, headers={"Connection": "Upgrade", "Upgrade": protocol, **(headers or {})})
        self._reader = asyncio.StreamReader(BUFFER)
        self._writer: asyncio.StreamWriter | None = None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send the head and take the connection. Raises ConnectionResetError where the client has left already."""
        head = await super().prepare(request)
        transport = request.transport
        if self._writer is None and transport is not None:
            self.force_close()
            request.protocol.keep_alive(False)
            taken = _Taken(self._reader, request.protocol)
            transport.set_protocol(taken)
            taken.connection_made(transport)
            self._writer = asyncio.StreamWriter(transport, taken, self._reader, asyncio.get_running_loop())
        if self._writer is None or self._writer.is_closing():
            raise ConnectionResetError("the client has left")
        return head

    async def read(self, most: int = BUFFER) -> bytes:
        """Up to so many bytes; b"" at the end. Raises ConnectionError where the connection broke."""
        return await self._reader.read(most)

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send. Raises ConnectionError where the client is gone."""
        if self._writer is None or self._writer.is_closing():
            raise ConnectionResetError("the client has left")
        self._writer.write(data)
        await self._writer.drain()

    async def write_eof(self, data: bytes = b"") -> None:
        """Close, once the client has closed or has had the time to: what it still sends would make the kernel drop the
        last of what it was sent. Called by the HTTP server, too."""
        writer = self._writer
        if writer is None or writer.is_closing():
            return
        try:
            async with asyncio.timeout(LAST_WORDS):
                while await self._reader.read(BUFFER):
                    pass
        except (TimeoutError, ConnectionError):
            pass  # it has heard, or it does not listen
        finally:
            writer.close()


class _Taken(asyncio.StreamReaderProtocol):
    """Reads for us, and tells the HTTP server of the one thing that it must still know."""

    def __init__(self, reader: asyncio.StreamReader, former: asyncio.BaseProtocol) -> None:
        super().__init__(reader)
        self._former = former

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._former.connection_lost(exc)
