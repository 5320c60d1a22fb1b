"""The conversation between a client and a command: what each says is carried to the other until one of them ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import cast

from tui.sim.kube.streams.ending import Ending
from tui.sim.kube.streams.link import Link, Said
from tui.sim.kube.streams.process import BUFFER, Process
from tui.wire.channels import RESIZE, STDERR, STDIN, STDOUT

_PROBE_SECONDS = 5.0
"""A command that does not read its input keeps us from reading the client's, and so from seeing that it has left."""
_LONGEST_SIZE = 4 << 10
_LARGEST_SIDE = 0xFFFF


async def converse(link: Link, process: Process, first: asyncio.Task[Said | None], channels: set[int]) -> Ending | None:
    """How the command ended; None where the client left before. first: what the client says next. channels: what is
    written on others is lost."""
    listening = asyncio.create_task(_listen(link, process, first), name="from the client")
    working = asyncio.create_task(_work(link, process, channels), name="to the client")
    try:
        await asyncio.wait((listening, working), return_when=asyncio.FIRST_COMPLETED)
        return Ending(working.result()) if working.done() else None
    except ConnectionError:
        return None
    finally:
        listening.cancel()
        working.cancel()
        await asyncio.gather(listening, working, return_exceptions=True)


async def _work(link: Link, process: Process, channels: set[int]) -> int:
    ways = [(process.out, STDOUT), *([(process.err, STDERR)] if process.err else [])]
    await asyncio.gather(*(_carry(reader, link, channel, heard=channel in channels) for reader, channel in ways))
    return await process.wait()


async def _carry(reader: asyncio.StreamReader, link: Link, channel: int, *, heard: bool) -> None:
    while data := await reader.read(BUFFER):
        if heard:
            await link.send(channel, data)


async def _listen(link: Link, process: Process, first: asyncio.Task[Said | None]) -> None:
    """Until the client leaves."""
    sizes = Sizes()
    said = await first
    while said is not None:
        if said.channel == STDIN:
            if said.data:
                await patiently(link, process.feed(said.data))
            if said.ended:
                process.end_stdin()
        elif said.channel == RESIZE:
            for columns, rows in sizes.read(said.data):
                process.resize(columns, rows)
        said = await link.receive()


async def patiently(link: Link, doing: Awaitable[None]) -> None:
    """Wait for something that may take for ever, but no longer than there is a client. Raises ConnectionError."""
    task = asyncio.ensure_future(doing)
    try:
        while not task.done():
            done, _ = await asyncio.wait((task,), timeout=_PROBE_SECONDS)
            if not done:
                await link.probe()
        task.result()
    finally:
        task.cancel()


class Sizes:
    """Reads what comes on the channel of sizes: JSON values one after another, however they are cut. Once something
    else has come, nothing more is read, as by the kubelet's decoder."""

    def __init__(self) -> None:
        self._rest = ""
        self._lost = False

    def read(self, data: bytes) -> list[tuple[int, int]]:
        """Columns and rows, as often as they were given."""
        self._rest = (self._rest + data.decode("utf-8", "replace")).lstrip()
        found: list[tuple[int, int]] = []
        while self._rest and not self._lost:
            try:
                value, end = json.JSONDecoder().raw_decode(self._rest)
            except (ValueError, RecursionError):
                self._lost = len(self._rest) > _LONGEST_SIZE
                break
            self._rest = self._rest[end:].lstrip()
            size = _size(value)
            self._lost = size is None
            if size is not None:
                found.append(size)
        if self._lost:
            self._rest = ""
        return found


def _size(value: object) -> tuple[int, int] | None:
    if not isinstance(value, dict):
        return None
    named = {str(name).lower(): side for name, side in cast("dict[object, object]", value).items()}  # as Go reads them
    width, height = named.get("width", 0), named.get("height", 0)
    if isinstance(width, int) and isinstance(height, int) and all(0 <= one <= _LARGEST_SIDE for one in (width, height)):
        return int(width), int(height)
    return None
