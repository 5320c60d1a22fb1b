"""A log that is streamed into a file: what the ring holds first, and then each new line, as it was written.

Lines are written with their timestamps and, where there are several sources, with the name of theirs; nothing is
cleaned, since it is a file and no terminal. The streams are held up while the disk is slow, so nothing is missing.
"""

from __future__ import annotations

import asyncio
import errno
import os
from contextlib import aclosing
from pathlib import Path

from msgspec.structs import replace

from tui.data.logbook import LogView
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind
from tui.model.logs import LogSource, LogStatus, Saved

AT_ONCE = 10_000
"""Lines that are written at once."""
TRY_AGAIN = 5.0
"""Seconds after which a disk that was full is tried again."""
NAME = "the file"
"""Who holds the reading up while the disk is slow."""


class LogSave:
    """Writes one view into `path` (made with 0600, never overwritten: an older file goes on at its end).

    Run `run` until it is cancelled, or call `stop`. status: what has been written, and why nothing is.
    """

    def __init__(self, view: LogView, path: Path) -> None:
        self._view = view
        self._path = path
        self._reader = view.reader(NAME)
        self._file: int | None = None
        self._left = b""
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self._count = 0
        self._upto = 0
        self.name = f"saving {view.name}"
        self.status: Cell[Saved] = Cell()
        self.status.put(Saved(path), view.clock.now())

    async def run(self) -> None:
        """Write until cancelled, or until `stop`."""
        self._running = True
        try:
            async with aclosing(self._view.status.follow()) as feeds:
                async for feed in feeds:
                    value = feed.value or LogStatus()
                    while not self._saved.over and await self._some(value):
                        pass
                    if self._stopping.is_set() or self._saved.over:
                        return
        finally:
            self._reader.leave()
            self._tell(over=True)
            if self._file is not None:
                os.close(self._file)
                self._file = None
            self._ended.set()

    async def stop(self) -> None:
        """Write what has been read so far, and end."""
        self._stopping.set()
        self._view.wake()
        if self._running:
            await self._ended.wait()

    @property
    def _saved(self) -> Saved:
        assert self.status.feed.value is not None
        return self.status.feed.value

    async def _some(self, status: LogStatus) -> bool:
        """Write some lines; False where there are none, or where they could not be written."""
        if not self._left:
            lines, sources, missed = self._view.raw_for(self._reader, AT_ONCE)
            if missed:
                self._tell(missing=self._saved.missing + missed)
            if not lines:
                return False
            self._left = rendered(lines, sources, status.sources)
            self._count = len(lines)
            self._upto = self._reader.position + missed + len(lines)
        before = len(self._left)
        problem = await self._written()
        self._tell(bytes=self._saved.bytes + before - len(self._left), problem=problem)
        if problem is None:
            self._reader.reached(self._upto)
            self._tell(lines=self._saved.lines + self._count)
            return True
        if self._stopping.is_set() or problem.kind is not ProblemKind.THROTTLED:
            self._tell(over=True)
            return False
        await self._view.clock.sleep(TRY_AGAIN)
        return True

    async def _written(self) -> Problem | None:
        """Not to be cancelled in the middle: a thread must not write into a file that has been closed."""
        writing = asyncio.ensure_future(asyncio.to_thread(self._write))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise

    def _write(self) -> Problem | None:
        """In a thread: write what is left; why it cannot be."""
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
                self._file = os.open(self._path, flags, 0o600)
            while self._left:
                self._left = self._left[os.write(self._file, self._left) :]
        except OSError as error:
            return _why(error, self._path)
        return None

    def _tell(self, **changed: object) -> None:
        self.status.put(replace(self._saved, **changed), self._view.clock.now())


def _why(error: OSError, path: Path) -> Problem:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(
            ProblemKind.THROTTLED,
            f"the disk is full: {path} waits for room, and the streams wait with it",
            error.strerror or "",
            remedy="make room, or stop saving",
        )
    return Problem(ProblemKind.INVALID, f"{path} cannot be written", error.strerror or "")


def rendered(lines: list[bytes], sources: list[int], known: tuple[LogSource, ...]) -> bytes:
    """Lines as they stand in the file."""
    if len(known) < 2:
        return b"\n".join(lines) + b"\n"
    names = [f"{one.cluster.name}/{one.namespace}/{one.pod}/{one.container} ".encode() for one in known]
    return b"".join(
        (names[source] if (source := ~given if given < 0 else given) < len(names) else b"") + line + b"\n"
        for line, given in zip(lines, sources, strict=True)
    )
