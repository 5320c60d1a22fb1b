"""One forwarded connection, carried both ways until both sides have finished.

Half-close is kept, and what breaks on one side breaks on the other: half an answer must not look like a whole one.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

from tui.errors import SourceError
from tui.streams.links import Link
from tui.streams.tunnel import PIECE

CHUNK = 2 * PIECE
"""Bytes that are read at a time from the local side, which a tunnel sends in one message: others have their turn
between."""
CHUNK_SOON = 8 * PIECE
"""The same where the last ones were sent soon: each time has its cost."""
SOON = 0.05
"""Seconds in which they were."""


async def pump(
    link: Link,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    sent: Callable[[int], None],
    received: Callable[[int], None],
    held: Callable[[int], None],
) -> None:
    """Carry until both directions have ended. sent, received: told the bytes as they go. held: told how many others
    wait for the local side (see `Link.watch`).

    Raises SourceError where the far side broke or the local one was cut off, OSError where the local one broke; the
    caller resets the other.
    """
    carrying = asyncio.create_task(_carry(link, reader, writer, sent, received), name="forwarded both ways")
    watching = asyncio.create_task(link.watch(held), name="who is held up")
    try:
        done, _ = await asyncio.wait((carrying, watching), return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (carrying, watching):
            task.cancel()
        await asyncio.gather(carrying, watching, return_exceptions=True)


async def _carry(
    link: Link,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    sent: Callable[[int], None],
    received: Callable[[int], None],
) -> None:
    up = asyncio.create_task(_up(link, reader, sent), name="forwarded up")
    down = asyncio.create_task(_down(link, writer, received), name="forwarded down")
    try:
        done, _ = await asyncio.wait((up, down), return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    except SourceError:
        if not down.done():
            # The pod's last words, or its complaint, may still be on the way: they say more than a send that failed.
            await down
        raise
    finally:
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)


async def _up(link: Link, reader: asyncio.StreamReader, sent: Callable[[int], None]) -> None:
    clock, most = asyncio.get_running_loop(), CHUNK
    while data := await reader.read(most):
        begun = clock.time()
        await link.send(data)
        sent(len(data))
        most = CHUNK_SOON if clock.time() - begun < SOON else CHUNK
    await link.finish()


async def _down(link: Link, writer: asyncio.StreamWriter, received: Callable[[int], None]) -> None:
    while (data := await link.receive()) is not None:
        writer.write(data)
        received(len(data))
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close a local connection so that the program behind it sees that it broke, and not that all has been said."""
    made = writer.get_extra_info("socket")
    if made is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
