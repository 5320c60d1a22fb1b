"""Sockets that transports hold, so that none of them is left when the program, or a server, says that it has stopped.

asyncio closes a transport's socket some turns of the loop after it was told to, and of one that is still shaking hands,
or saying goodbye over TLS to somebody who does not answer, nobody else knows: neither aiohttp's pool nor its server.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from weakref import WeakSet

TURNS = 100
"""Of the loop that a transport is given to notice; it takes two or three."""


class Sockets:
    """Remembers them without keeping them."""

    def __init__(self) -> None:
        self._made: WeakSet[socket.socket] = WeakSet()

    def add(self, made: socket.socket) -> None:
        self._made.add(made)

    @property
    def left(self) -> list[socket.socket]:
        """Those that are open."""
        return [made for made in self._made if made.fileno() != -1]

    async def end(self) -> None:
        """Hang up on all that are left: who holds one reads its end, and closes it. Returns when that is done."""
        for made in self.left:
            with suppress(OSError):  # not connected, or not any more
                made.shutdown(socket.SHUT_RDWR)
        for _ in range(TURNS):
            if not self.left:
                return
            await asyncio.sleep(0)
