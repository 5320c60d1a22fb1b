"""The far end of a command that this program speaks to itself: what it writes and what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

LONGEST_COMPLAINT = 4 << 10
"""Bytes of stderr that are kept, the last ones."""


class FarEnd:
    """A `tui.streams.remote.Near`. out: what stdout goes to. typed: what the command reads."""

    def __init__(self, out: Callable[[bytes], object] | None, typed: AsyncIterator[bytes] | None = None) -> None:
        self._out = out
        self._typed = typed
        self.half_close = True
        self.complaint = b""

    async def opened(self, *, half_close: bool) -> None:
        self.half_close = half_close

    async def out(self, data: bytes) -> None:
        if self._out is not None and asyncio.iscoroutine(taken := self._out(data)):
            await taken

    async def err(self, data: bytes) -> None:
        self.complaint = (self.complaint + data)[-LONGEST_COMPLAINT:]

    async def typed(self) -> AsyncIterator[bytes]:
        if self._typed is not None:
            async for data in self._typed:
                yield data

    async def sizes(self) -> AsyncIterator[tuple[int, int]]:
        return
        yield

    def said(self) -> str:
        """What it complained of."""
        return self.complaint.decode("utf-8", "replace").strip()
