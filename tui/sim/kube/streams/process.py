"""A command that runs for real: behind pipes, or behind a terminal of its own.

Every process gets a session of its own, and the session is killed as a whole. What it writes waits in the pipe or the
terminal until somebody reads, so a slow reader stops it.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui.sim.kube.streams import cell
from tui.sim.kube.streams.guard import kill_session
from tui.sim.kube.streams.guarding import GUARDED
from tui.sim.kube.streams.paths import within

BUFFER = 32 << 10
"""Bytes that are read ahead of whoever sends them on; asyncio stops at twice as many."""
_CELL = Path(cell.__file__)
_LONGEST_REPORT = 64


class NotStartedError(Exception):
    """report: why, as `cell` says it."""

    def __init__(self, report: str) -> None:
        super().__init__(report)
        self.report = report


@dataclass(frozen=True, slots=True)
class Start:
    """What to run, and in which container. root: its folder on this machine. folder: where it starts, as the container
    sees it. size: columns and rows, where it has a terminal."""

    command: Sequence[str]
    root: Path
    host: str
    folder: str = "/"
    env: dict[str, str] = field(default_factory=dict[str, str])
    tty: bool = False
    stdin: bool = False
    stderr: bool = True
    size: tuple[int, int] | None = None


class Process:
    """Use `started`. out, err: what it writes; err is None where stderr goes where stdout goes."""

    def __init__(
        self,
        child: asyncio.subprocess.Process,
        out: asyncio.StreamReader,
        err: asyncio.StreamReader | None,
        stdin: asyncio.StreamWriter | None,
        terminal: int | None,
        transports: Sequence[asyncio.BaseTransport],
    ) -> None:
        self._child = child
        self._stdin = stdin
        self._terminal = terminal
        self._transports = transports
        self.out = out
        self.err = err

    async def feed(self, data: bytes) -> None:
        """Write on its stdin. Returns when there is room for more; what it no longer reads is lost."""
        if self._stdin is None or self._stdin.is_closing():
            return
        try:
            self._stdin.write(data)
            await self._stdin.drain()
        except ConnectionError:
            self._stdin.close()

    def end_stdin(self) -> None:
        """It will read the end of its input. A terminal has none."""
        if self._stdin is not None and self._terminal is None:
            self._stdin.close()

    def resize(self, columns: int, rows: int) -> None:
        if self._terminal is not None:
            _set_size(self._terminal, columns, rows)

    async def wait(self) -> int:
        """Its exit code; 128 + the signal that killed it."""
        code = await self._child.wait()
        return 128 - code if code < 0 else code

    def kill(self) -> None:
        """It, and all that it has started and left in its session."""
        if self._child.returncode is None:
            kill_session(self._child.pid)

    async def close(self) -> None:
        """Kill what is left of it, and let go of its pipes."""
        kill_session(self._child.pid)
        GUARDED.ends("session", self._child.pid)
        for transport in self._transports:
            if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
                transport.abort()
            else:
                transport.close()
        await self._child.wait()
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None


async def started(start: Start, *, walls: bool) -> Process:
    """walls: see `cell`. Raises NotStartedError."""
    ends = _terminal(start) if start.tty else _pipes(start)
    told, report = os.pipe()
    command = list(start.command) if walls else within(start.command)
    arguments = [str(report), str(start.root), start.host, start.folder, "WALLS" if walls else "OPEN"]
    arguments += ["TTY" if start.tty else "PIPES", *command]
    env = start.env if walls else {**start.env, "HOME": str(start.root), "TMPDIR": str(start.root / "tmp")}
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_CELL), *arguments),
            stdin=ends.theirs[0],
            stdout=ends.theirs[1],
            stderr=ends.theirs[2],
            env=env,
            cwd="/",
            pass_fds=(report,),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # too many arguments, or one that no program can be given
        os.close(told)
        ends.drop()
        raise NotStartedError("E2BIG" if getattr(error, "errno", None) == errno.E2BIG else "EINVAL") from error
    finally:
        os.close(report)
        ends.hand_over()
    GUARDED.begins("session", child.pid)
    try:
        said = await _report(told)
        if said:
            raise NotStartedError(said)
    except BaseException:
        kill_session(child.pid)
        GUARDED.ends("session", child.pid)
        ends.drop()
        await child.wait()
        raise
    return await ends.connected(child)


@dataclass(slots=True)
class _Ends:
    """Our ends of a process's files and its own (stdin, stdout, stderr), until both have what is theirs."""

    theirs: tuple[int, int, int]
    out: int
    err: int | None = None
    stdin: int | None = None
    terminal: int | None = None

    def hand_over(self) -> None:
        for number in set(self.theirs):
            os.close(number)

    def drop(self) -> None:
        for number in {self.out, self.err, self.stdin, self.terminal} - {None}:
            os.close(number or 0)

    async def connected(self, child: asyncio.subprocess.Process) -> Process:
        loop = asyncio.get_running_loop()
        transports: list[asyncio.BaseTransport] = []

        async def reader(number: int) -> asyncio.StreamReader:
            made = asyncio.StreamReader(BUFFER)
            transport, _ = await loop.connect_read_pipe(lambda: _Reading(made), os.fdopen(number, "rb", 0))
            transports.append(transport)
            return made

        out = await reader(self.out)
        err = None if self.err is None else await reader(self.err)
        stdin = None
        if self.stdin is not None:
            nothing = asyncio.StreamReader()
            file = os.fdopen(self.stdin, "wb", 0)
            transport, protocol = await loop.connect_write_pipe(lambda: _Reading(nothing), file)
            transports.append(transport)
            stdin = asyncio.StreamWriter(transport, protocol, nothing, loop)
        return Process(child, out, err, stdin, self.terminal, transports)


class _Reading(asyncio.StreamReaderProtocol):
    """A terminal whose last program has left says so with an error, behind the last of what was written."""

    def connection_lost(self, exc: Exception | None) -> None:
        over = isinstance(exc, OSError) and exc.errno == errno.EIO
        super().connection_lost(None if over else exc)


def _pipes(start: Start) -> _Ends:
    out, their_out = os.pipe()
    err, their_err = os.pipe() if start.stderr else (None, os.open(os.devnull, os.O_WRONLY))
    if start.stdin:
        their_in, stdin = os.pipe()
    else:
        their_in, stdin = os.open(os.devnull, os.O_RDONLY), None
    return _Ends((their_in, their_out, their_err), out, err, stdin)


def _terminal(start: Start) -> _Ends:
    terminal, theirs = pty.openpty()
    if start.size is not None:
        _set_size(terminal, *start.size)
    return _Ends((theirs, theirs, theirs), os.dup(terminal), None, os.dup(terminal), terminal)


def _set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


async def _report(told: int) -> str:
    """What `cell` says of the start; "" when the command runs."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    with os.fdopen(told, "rb", 0) as file:
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        try:
            return (await reader.read(_LONGEST_REPORT)).decode()
        finally:
            transport.close()
