"""A command run in a container, or a look at the one that runs there: exec and attach.

Everything that is particular to the near end (a terminal, a pipe, a tar file) is behind `Near`; this knows only the
wire. Source: k8s.io/client-go/tools/remotecommand (websocket.go, v4.go, v5.go) and the recordings: the Status decides
how a command ended, since the server often drops the connection right after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort, StreamSocket
from tui.streams.paths import COMMAND_PROTOCOLS, Command
from tui.wire.channels import STATUS, STDERR, STDIN, STDOUT, TOGETHER, V5, Data, end_of, messages, resize, runs
from tui.wire.errors import WireError
from tui.wire.status import LARGEST, Ended, read_status


class Near(Protocol):
    """Our end of a command."""

    async def opened(self, *, half_close: bool) -> None:
        """The server accepted. half_close: it can be told that stdin has ended."""
        ...

    async def out(self, parts: Sequence[memoryview]) -> None:
        """The command wrote on stdout. parts: views of messages, which are kept for as long as the views are. Returns
        when more may come."""
        ...

    async def err(self, parts: Sequence[memoryview]) -> None:
        """The same for stderr."""
        ...

    def typed(self) -> AsyncIterator[Data]:
        """What goes to the command's stdin, until it ends. Asked for only where the command reads stdin."""
        ...

    def sizes(self) -> AsyncIterator[tuple[int, int]]:
        """The terminal's columns and rows, first as they are now, then with each change. Asked for only with a tty."""
        ...


async def run_command(port: SocketPort, command: Command, near: Near) -> Ended:
    """Run until the command has ended, or until cancelled, which drops the connection.

    Raises SourceError where it was refused, where the connection was lost before the end was told, or where what came
    is not the protocol; UsageError where it cannot be asked for; and whatever `near` raises.
    """
    command.check()
    async with port.socket(command.path, command.query, COMMAND_PROTOCOLS) as socket:
        half_close = socket.protocol == V5
        await near.opened(half_close=half_close)
        senders: list[asyncio.Task[None]] = []
        if command.tty:
            senders.append(asyncio.create_task(_send_sizes(socket, near), name=f"size of {command.place}"))
        if command.stdin:
            sending = _send_typed(socket, near, half_close=half_close)
            senders.append(asyncio.create_task(sending, name=f"stdin of {command.place}"))
        receiving = asyncio.create_task(_receive(socket, near), name=f"{command.place}")
        try:
            return await _ended(receiving, senders)
        finally:
            for task in (receiving, *senders):
                task.cancel()
            await asyncio.gather(receiving, *senders, return_exceptions=True)


async def _ended(receiving: asyncio.Task[Ended], senders: list[asyncio.Task[None]]) -> Ended:
    """The end that was told; a fault of a sender ends it sooner, unless it is only that the server has gone already."""
    waiting: set[asyncio.Task[Ended] | asyncio.Task[None]] = {receiving, *senders}
    while True:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if receiving in done:
            return receiving.result()
        for task in done:
            died_of = task.exception()
            if died_of is not None and not isinstance(died_of, SourceError):
                raise died_of


async def _receive(socket: StreamSocket, near: Near) -> Ended:
    told = b""
    while True:
        try:
            messages = await socket.receive_all()
        except SourceError:
            if told:
                return _read(told)
            raise
        if not messages:
            break
        for channel, parts in runs(messages):
            if channel == STDOUT:
                await near.out(parts)
            elif channel == STDERR:
                await near.err(parts)
            elif channel == STATUS:
                for part in parts:
                    told += part
                    if len(told) > LARGEST:
                        summary = "the end was told in more words than can be read"
                        raise SourceError(Problem(ProblemKind.PROTOCOL, summary))
                    if (ended := _whole(told)) is not None:
                        return ended
    if told:
        return _read(told)
    raise SourceError(
        Problem(ProblemKind.PROTOCOL, "the server ended the stream and did not say how the command ended")
    )


def _whole(told: bytes) -> Ended | None:
    """The end, once all of it has come."""
    try:
        return read_status(told)
    except WireError:
        return None


def _read(told: bytes) -> Ended:
    try:
        return read_status(told)
    except WireError as exc:
        raise SourceError(Problem(ProblemKind.PROTOCOL, f"how the command ended cannot be read: {exc}")) from exc


async def _send_typed(socket: StreamSocket, near: Near, *, half_close: bool) -> None:
    async for data in near.typed():
        made = messages(STDIN, data)
        for place in range(0, len(made), TOGETHER):
            await socket.send(*made[place : place + TOGETHER])
    if half_close:
        await socket.send(end_of(STDIN))


async def _send_sizes(socket: StreamSocket, near: Near) -> None:
    async for width, height in near.sizes():
        await socket.send(resize(width, height))
