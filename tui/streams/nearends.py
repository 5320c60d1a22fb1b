"""Our end of a command that has a terminal, in raw mode, and how any descriptor is read; pipes are in `pipes`.

Bytes are read only when there are some, never by a thread that sits in read(2): such a thread would take the next key
that is meant for the screen after the session. They are written by a thread (`outlet`), so that a terminal that has
been stopped stops neither the pings nor the way out.
"""

from __future__ import annotations

import asyncio
import os
import signal
import termios
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager, suppress

from msgspec.structs import replace

from tui.clock import Clock
from tui.model.streams import SocketPort
from tui.streams.escape import EscapeWatch
from tui.streams.leave import LeaveWatch, was_killed
from tui.streams.outlet import Outlet
from tui.streams.paths import Command
from tui.streams.remote import run_command
from tui.streams.sequences import Sequences
from tui.waits import Deadline
from tui.wire.status import Ended

READ_BYTES = 64 << 10
TITLE_EVERY = 30.0
"""Seconds between two looks at the age of a session."""
BELL = b"\x07"
CTRL_C, CTRL_D = b"\x03", b"\x04"
SHOWN = 32 << 10
"""Bytes that a terminal is given at a time: who leaves, or reads a warning, waits for no more than these."""
MOST_TYPED = 4 << 20
"""Bytes that are read ahead of a server that takes none. Beyond, reading stops, and with it the way out; a person does
not type so much."""

_TIDY = (
    b"\x1b[?1049l\x1b[?1l\x1b>\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[>4m"
    b"\x1b[4l\x1b[?6l\x1b[?7h\x1b7\x1b[r\x1b8\x1b(B\x1b[?12l\x1b[?25h\x1b[0m\r\n"
)
"""What a program that was cut off would have said at its end: the plain screen, keys, focus and mouse as usual, all
lines scroll and wrap, plain letters, a cursor."""
_KEEP_TITLE, _GIVE_BACK_TITLE = b"\x1b[22;2t", b"\x1b[23;2t"
"""The window's title is put on xterm's stack, and taken from there; elsewhere this is nothing."""


class Descriptor:
    """Reads a terminal as bytes come. most: bytes that are read ahead. seen: what it does with them first."""

    def __init__(self, fd: int, most: int = READ_BYTES, seen: Callable[[bytes], bytes] = bytes) -> None:
        self._fd = fd
        self._most = most
        self._seen = seen
        self._held: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._reading = False
        self._changed = asyncio.Event()

    async def chunks(self) -> AsyncGenerator[bytes]:
        """What comes, until its end."""
        try:
            self.listen()
            while True:
                while not self._held:
                    if self._ended:
                        return
                    self._changed.clear()
                    await self._changed.wait()
                data = self._held.popleft()
                self._size -= len(data)
                self.listen()
                yield data
        finally:
            self.stop()

    def listen(self) -> None:
        """Read, where there is room, also before anybody wants it."""
        if not self._reading and not self._ended and self._size < self._most:
            asyncio.get_running_loop().add_reader(self._fd, self._readable)
            self._reading = True

    def stop(self) -> None:
        """Read no more until told to."""
        if self._reading:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._reading = False

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:  # the terminal has gone
            data = b""
        if not data:
            self._ended = True
            self.stop()
        elif passed := self._seen(data):
            self._held.append(passed)
            self._size += len(passed)
            if self._size >= self._most:
                self.stop()
        self._changed.set()


class Terminal:
    """A `Near` that is a terminal: keys come from `fd`, and what is to be seen goes to `out`. heard: whether the
    command reads what is typed; where it does not, ctrl-c and ctrl-d are ways out too, and ctrl-c for as long as the
    session has not been opened. open: set when it has been. escaped: set when a way out was typed.
    """

    def __init__(self, fd: int, out: Outlet, *, heard: bool = True) -> None:
        self._heard = heard
        self._fd = fd
        self._out = out
        self._watch = EscapeWatch()
        self._leave = LeaveWatch()
        self._spoke = False
        self._typed = Descriptor(fd, MOST_TYPED, self._seen)
        self._resized = asyncio.Event()
        self._sequences = Sequences()
        self._whole = asyncio.Event()
        self._whole.set()
        self.open = asyncio.Event()
        self.escaped = asyncio.Event()

    @contextmanager
    def listening(self) -> Generator[None]:
        """Hear keys from now on: who waits for a session that does not open must have a way out as well."""
        self._typed.listen()
        try:
            yield
        finally:
            self._typed.stop()

    async def opened(self, *, half_close: bool) -> None:
        self.open.set()

    def killed(self, ended: Ended) -> bool:
        """Whether a session that ended so was ended by somebody else."""
        return was_killed(ended, spoke=self._spoke, leave_taken=self._leave.taken)

    async def out(self, parts: Sequence[memoryview]) -> None:
        for part in parts:
            for place in range(0, len(part), SHOWN):
                await self._show(bytes(part[place : place + SHOWN]))

    async def _show(self, said: bytes) -> None:
        self._spoke = True
        self._sequences.feed(said)
        if self._sequences.within:
            self._whole.clear()
        else:
            self._whole.set()
        await self._out.write(said)

    async def between(self) -> None:
        """Return where something of ours can be written: not within a sequence of the command's."""
        while not self._whole.is_set():
            await self._whole.wait()

    async def err(self, parts: Sequence[memoryview]) -> None:
        await self.out(parts)

    def typed(self) -> AsyncIterator[bytes]:
        return self._typed.chunks()

    async def sizes(self) -> AsyncIterator[tuple[int, int]]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGWINCH, self._resized.set)
        try:
            while True:
                self._resized.clear()
                size = os.get_terminal_size(self._fd)
                yield size.columns, size.lines
                await self._resized.wait()
        finally:
            loop.remove_signal_handler(signal.SIGWINCH)

    def _seen(self, data: bytes) -> bytes:
        passed = self._watch.feed(data)
        self._leave.feed(passed)
        unheard = not self._heard and (CTRL_C in data or CTRL_D in data)
        if self._watch.escaped or unheard or (not self.open.is_set() and CTRL_C in data):
            self.escaped.set()
        return passed if self._heard else b""


async def in_terminal(
    port: SocketPort,
    command: Command,
    fd: int,
    out: Outlet,
    *,
    clock: Clock,
    title: Callable[[float], str] | None = None,
    warned: Callable[[float], bool] = lambda age: False,
    patience: float | None = None,
) -> Ended | None:
    """Run a command under the terminal on `fd`; None where the person typed the way out. title: what the window is
    called when the session has been open for so many seconds, for who must know when it will be cut. warned: whether
    that warns of it; the bell is rung once then, for who does not look there. Raises as `run_command`.

    The terminal is left as it was found; where the far side could not clean up, that is done for it. patience: seconds
    for which a terminal that takes nothing is waited for then, before it is left as it is; None = as long as it takes,
    for who could show nothing on it either.
    """
    near = Terminal(fd, out, heard=command.stdin)
    with raw(fd, lines=not command.tty), near.listening():
        running = asyncio.create_task(run_command(port, command, near), name=str(command.place))
        titling = asyncio.create_task(_titled(near, out, title, warned, clock), name="the window's title")
        leaving = asyncio.create_task(near.escaped.wait(), name="the way out")
        unheard = asyncio.create_task(_drained(near, wanted=not command.stdin), name="keys that nobody hears")
        try:
            await asyncio.wait((running, leaving), return_when=asyncio.FIRST_COMPLETED)
            told = running.done()
        finally:
            for task in (running, leaving, titling, unheard):
                task.cancel()
            await asyncio.gather(running, leaving, titling, unheard, return_exceptions=True)
        well = told and running.exception() is None
        killed = well and near.killed(running.result())
        with suppress(OSError, TimeoutError), Deadline(clock, patience):
            await out.write(b"" if well and not killed else _TIDY)  # behind what else is on its way: the title
        if killed:
            return replace(running.result(), killed=True)
        return running.result() if well or not near.escaped.is_set() else None


async def _drained(near: Terminal, *, wanted: bool) -> None:
    """Look at the keys all the same, where the command reads none: one of them may be the way out."""
    if wanted:
        async for _ in near.typed():
            pass


async def _titled(
    near: Terminal, out: Outlet, title: Callable[[float], str] | None, warned: Callable[[float], bool], clock: Clock
) -> None:
    """Keep the window's title true (xterm's OSC 2), the one place beside the screen that is the program's, and give the
    former one back."""
    if title is None:
        return
    await near.open.wait()
    began = clock.monotonic()
    out.put(_KEEP_TITLE)
    rung = False
    try:
        while True:
            await near.between()
            age = clock.monotonic() - began
            bell = b"" if rung or not warned(age) else BELL
            rung = rung or bool(bell)
            await out.write(f"\x1b]2;{title(age)}\x07".encode() + bell)
            await clock.sleep(TITLE_EVERY)
    finally:
        out.put(_GIVE_BACK_TITLE)


@contextmanager
def raw(fd: int, *, lines: bool = False) -> Generator[None]:
    """The terminal passes every key on, and does nothing by itself, until the block ends. lines: but for beginning each
    line at the left, since no terminal on the far side does it. Both at once: what waits for all output to be taken
    would wait for a terminal that takes none."""
    before, now = termios.tcgetattr(fd), termios.tcgetattr(fd)
    now[0] &= ~(termios.BRKINT | termios.ICRNL | termios.INPCK | termios.ISTRIP | termios.IXON)
    now[1] = now[1] | termios.OPOST | termios.ONLCR if lines else now[1] & ~termios.OPOST
    now[2] = now[2] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
    now[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    now[6][termios.VMIN], now[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSANOW, now)  # once: somebody may be writing a line just then
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSANOW, before)
