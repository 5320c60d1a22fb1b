"""Our ends of a command without a terminal: a pipe or file on each of the three streams, for scripts and for much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from tui.model.streams import SocketPort
from tui.streams.inlet import Inlet
from tui.streams.outlet import Outlet
from tui.streams.paths import Command
from tui.streams.remote import run_command
from tui.wire.channels import Data
from tui.wire.status import Ended


class Pipes:
    """A `Near` of three descriptors. told: words for the person, on another way than stdout."""

    def __init__(self, told: Callable[[str], None], stdout: Outlet, stderr: Outlet, *, stdin: int = 0) -> None:
        self._told = told
        self._stdin = Inlet(stdin)
        self._stdout = stdout
        self._stderr = stderr

    async def opened(self, *, half_close: bool) -> None:
        if not half_close:
            self._told("this server cannot be told that stdin has ended: a command that reads to the end will wait")

    async def out(self, parts: Sequence[memoryview]) -> None:
        await self._stderr.flush()  # both may lead to one place, where what came first is to stand first
        await self._stdout.feed(*parts)

    async def err(self, parts: Sequence[memoryview]) -> None:
        await self._stdout.flush()
        await self._stderr.feed(*parts)

    async def flush(self) -> None:
        """Return once all that came has been taken. Raises its OSError."""
        await self._stdout.flush()
        await self._stderr.flush()

    def typed(self) -> AsyncIterator[Data]:
        return self._stdin.chunks()

    async def sizes(self) -> AsyncIterator[tuple[int, int]]:
        return
        yield


async def in_pipes(
    port: SocketPort, command: Command, told: Callable[[str], None], stdout: Outlet, stderr: Outlet, *, stdin: int = 0
) -> Ended:
    """Run a command between these. Raises as `run_command`, once all that had come has been taken; and as soon as that
    cannot be written its OSError, BrokenPipeError among them: the command may say nothing more for hours, and what it
    says is for nobody."""
    near = Pipes(told, stdout, stderr, stdin=stdin)
    running = asyncio.create_task(run_command(port, command, near), name=str(command.place))
    broken = [asyncio.create_task(outlet.broken(), name="what cannot be written") for outlet in (stdout, stderr)]
    try:
        await asyncio.wait((running, *broken), return_when=asyncio.FIRST_COMPLETED)
        for task in broken:
            if task.done():
                task.result()
    finally:
        for task in (running, *broken):
            task.cancel()
        await asyncio.gather(running, *broken, return_exceptions=True)
    await near.flush()
    return running.result()
