"""A question on the terminal behind a session that has gone, while somebody may still be typing for that.

The command line's form of `widgets.lone_keys`: a key is an answer only where it stands alone. All else goes nowhere,
neither into the question nor to the shell that is there afterwards, which would run it.
"""

from __future__ import annotations

import asyncio
import select
import termios
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager

from tui.clock import Clock
from tui.streams.nearends import Descriptor, raw
from tui.waits import Deadline

QUIET = 0.3
"""Seconds without another key, on both sides of one that counts."""
CLOSE = 0.001
"""Seconds that clocks may be apart in their last digits."""
MOST_DRAINED = 20
"""How often at most it is waited for quiet where nothing is asked."""


async def one_of(fd: int, keys: Mapping[bytes, bool], ask: Callable[[], None], clock: Clock) -> bool:
    """What the first of `keys` means that is typed alone on the terminal on `fd` once `ask` has asked; False at the
    terminal's end. One that is held down is one. ctrl-c is a key as any other."""
    with raw(fd, lines=True):
        termios.tcflush(fd, termios.TCIFLUSH)
        ask()
        answer, last = b"", clock.monotonic()
        async with _chunks(fd) as chunks:
            while True:
                try:
                    with Deadline(clock, last + QUIET - clock.monotonic() if answer else None):
                        chunk = await chunks.get()
                except TimeoutError:
                    return keys[answer]
                if not chunk:
                    return False
                alone = clock.monotonic() - last >= QUIET - CLOSE
                last = clock.monotonic()
                key = chunk[:1] if not chunk.strip(chunk[:1]) else b""
                if not key or key != answer:
                    answer = key if alone and key in keys else b""


async def drained(fd: int, clock: Clock) -> None:
    """Return once nobody has typed on the terminal on `fd` for a moment; what is typed until then goes nowhere."""
    with raw(fd, lines=True):
        for _ in range(MOST_DRAINED):
            termios.tcflush(fd, termios.TCIFLUSH)
            await clock.sleep(QUIET)
            if not select.select([fd], [], [], 0)[0]:
                return
        termios.tcflush(fd, termios.TCIFLUSH)


@asynccontextmanager
async def _chunks(fd: int) -> AsyncGenerator[asyncio.Queue[bytes]]:
    """What is typed, as it comes; b"" at the end."""
    queue: asyncio.Queue[bytes] = asyncio.Queue()

    async def read() -> None:
        async with aclosing(Descriptor(fd).chunks()) as chunks:
            async for chunk in chunks:
                queue.put_nowait(chunk)
        queue.put_nowait(b"")

    reading = asyncio.create_task(read(), name="answers")
    try:
        yield queue
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
