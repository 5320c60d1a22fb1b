"""A container that is a folder of this machine: commands run for real, in it, and speak through the real framing."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain, repeat
from pathlib import Path

from tui.errors import Problem, ProblemKind, SourceError
from tui.streams.paths import Query
from tui.wire.channels import CLOSE, STATUS, STDERR, STDIN, STDOUT, V5, pack, unpack
from tui.wire.outgoing import Bytes, Outgoing

CUT = SourceError(Problem(ProblemKind.UNREACHABLE, "cut"))


class LocalSocket:
    """Fits `tui.streams.remote.Socket`, over a process. cut: bytes of stdout after which the connection breaks. cut_in:
    of stdin."""

    def __init__(self, process: Process, protocol: str, cut: int | None, cut_in: int | None) -> None:
        self.protocol = protocol
        self.taken = 0
        self._process = process
        self._cut = cut
        self._cut_in = cut_in
        self._coming: asyncio.Queue[bytes | SourceError | None] = asyncio.Queue(8)

    async def send(self, *messages: Bytes | Outgoing) -> None:
        for message in messages:
            await self._send(bytes(message))

    async def _send(self, message: bytes) -> None:
        channel, data = unpack(message)
        stdin = self._process.stdin
        assert stdin is not None
        if channel == STDIN:
            self.taken += len(data)
            if self._cut_in is not None and self.taken > self._cut_in:
                stdin.write(data[: self._cut_in - self.taken])
                stdin.close()
                await self._coming.put(CUT)
                raise CUT
            stdin.write(data)
            try:
                await stdin.drain()
            except ConnectionError:
                pass
        elif channel == CLOSE and self.protocol == V5:
            stdin.close()

    async def receive(self) -> bytes | None:
        message = await self._coming.get()
        if isinstance(message, SourceError):
            raise message
        return message

    async def receive_all(self) -> Sequence[bytes]:
        message = await self.receive()
        return () if message is None else (message,)

    async def run(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        await asyncio.gather(self._pass_on(self._process.stdout, STDOUT), self._pass_on(self._process.stderr, STDERR))
        code = await self._process.wait()
        status: dict[str, object] = {"status": "Success"}
        if code:
            causes = [{"reason": "ExitCode", "message": str(code)}]
            status = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
        await self._coming.put(pack(STATUS, json.dumps(status).encode()))

    async def _pass_on(self, stream: asyncio.StreamReader, channel: int) -> None:
        while data := await stream.read(30_000):
            if channel == STDOUT and self._cut is not None:
                self._cut -= len(data)
                if self._cut < 0:
                    await self._coming.put(pack(channel, data[: self._cut]))
                    await self._coming.put(CUT)
                    return
            await self._coming.put(pack(channel, data))


class LocalPort:
    """Fits `tui.streams.remote.Port`. folder: what is "/" for those who ask by relative paths. cut: see LocalSocket; of
    each in turn where there are several. cut_in: the same, of each command that reads. protocol: all that it speaks.

    kills: whether a command that was cut ends with that; it may not hear of it, and come to its own end.

    commands: what was run. taken: bytes of stdin, in all. refuses: whether nothing more can be run."""

    def __init__(
        self,
        folder: Path,
        *,
        cut: int | Sequence[int | None] | None = None,
        cut_in: Sequence[int | None] = (),
        path: str = "/usr/bin:/bin",
        protocol: str = V5,
        kills: bool = True,
    ) -> None:
        self._kills = kills
        self._folder = folder
        self._cuts = chain(cut, repeat(None)) if isinstance(cut, Sequence) else repeat(cut)
        self._cuts_in = chain(cut_in, repeat(None))
        self._path = path
        self._protocol = protocol
        self.commands: list[list[str]] = []
        self.taken = 0
        self.refuses = False

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[LocalSocket]:
        command = [value for name, value in query if name == "command"]
        self.commands.append(command)
        if self.refuses:
            raise CUT
        try:
            process = await asyncio.create_subprocess_exec(
                "/usr/bin/env", "-i", f"PATH={self._path}", *command,
                stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=self._folder,
            )  # fmt: skip
        except OSError as exc:
            raise SourceError(Problem(ProblemKind.SERVER, str(exc))) from exc
        assert process.stdin is not None
        reads = ("stdin", "true") in query
        if not reads:
            process.stdin.close()
        assert self._protocol in protocols
        socket = LocalSocket(process, self._protocol, next(self._cuts), next(self._cuts_in) if reads else None)
        running = asyncio.create_task(socket.run())
        try:
            yield socket
        finally:
            self.taken += socket.taken
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            process.stdin.close()
            if process.returncode is None and self._kills:
                process.kill()
            await process.communicate()  # what is left in its pipes would else keep it waiting
