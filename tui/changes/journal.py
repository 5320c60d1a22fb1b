"""The journal: every change that was made or tried, one line each, appended and never rewritten.

Several processes write the same file. Whole lines go out in one write under a lock of the operating system, so they
never mix; a line that a crash tore is ended before the next one begins. Losing the journal would leave changes nobody
can account for, so nothing is changed while it cannot be written.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path
from typing import NamedTuple

from tui.changes.records import bounded, decoded, encoded, newest_first
from tui.clock import Clock
from tui.data.demand import on_demand
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Entry

KEPT = 1_000
"""Entries that are shown, the newest."""
READ_AT_MOST = 16 * 1024 * 1024
"""Bytes from the end of the file that are read."""
LOOK_EVERY = 2.0
"""Seconds between two looks for what other processes have written."""


class Journal:
    """path: None keeps it in memory only (tests). topic: newest first, of earlier runs and other processes too."""

    def __init__(self, path: Path | None, runtime: Runtime) -> None:
        self._path = path
        self._clock: Clock = runtime.clock
        self._held: list[Entry] = []
        self._place = Place()
        self._looking = asyncio.Lock()
        self._waiting: list[tuple[bytes, asyncio.Future[Problem | None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.topic: Cell[tuple[Entry, ...]] = on_demand(runtime, lambda cell: _Looking(self))

    async def ready(self) -> None:
        """Raises SourceError where nothing could be written down."""
        if self._path is not None:
            await asyncio.to_thread(_append, self._path, b"")

    async def add(self, entry: Entry) -> None:
        """Write an entry down; returns once it is on the disk. Raises SourceError where that fails."""
        if self._path is None:
            self._show([bounded(entry)])
            return
        written: asyncio.Future[Problem | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((encoded(entry), written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(self._path), name="journal")
        problem = await asyncio.shield(written)
        if problem is not None:
            raise SourceError(problem)

    async def _write(self, path: Path) -> None:
        """All that waits to be written, in as few writes as the disk allows: what comes while one is under way goes
        out with the next one. It ends by itself, and is not cut short with those who wait for it."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            problem: Problem | None = None
            try:
                await asyncio.to_thread(_append, path, b"".join(line for line, _ in batch))
                await self.look()
            except SourceError as error:
                problem = error.problem
            for _, written in batch:
                if not written.done():
                    written.set_result(problem)
        self._writing = None

    async def entries(self) -> tuple[Entry, ...]:
        """What is written down now, newest first. Raises SourceError where it cannot be read."""
        await self.look()
        return self.topic.feed.value or ()

    async def look(self) -> None:
        """Read on in the file where it has grown. Raises SourceError where it cannot be read."""
        if self._path is None:
            self._show([])
            return
        async with self._looking:
            found = await asyncio.to_thread(_read_on, self._path, self._place)
            self._place = found.place
            self._show(found.entries, anew=found.anew)

    def fail(self, problem: Problem) -> None:
        """It could not be read."""
        self.topic.fail(problem, self._clock.now() + LOOK_EVERY)

    async def sleep(self) -> None:
        await self._clock.sleep(LOOK_EVERY)

    def _show(self, more: list[Entry], *, anew: bool = False) -> None:
        feed = self.topic.feed
        if more or anew or feed.value is None or feed.problem is not None or feed.fresh_for is not None:
            self._held = [*([] if anew else self._held), *more][-2 * KEPT :]
            self.topic.put(newest_first(self._held, KEPT), self._clock.now())


class _Looking:
    """Keeps the journal's topic at what is in the file, while somebody reads it."""

    name = "journal"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def run(self) -> None:
        while True:
            try:
                await self._journal.look()
            except SourceError as error:
                self._journal.fail(error.problem)
            await self._journal.sleep()


def _append(path: Path, line: bytes) -> None:
    """In one write, behind a whole line; line: whole lines, or nothing. Raises SourceError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not line:
                return
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            _write(handle, (b"\n" if torn else b"") + line)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise SourceError(_unwritable(path, error)) from error


def _write(handle: int, content: bytes) -> None:
    """All of it: a file system may take less at once where it is nearly full."""
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


class Place(NamedTuple):
    """How far a file has been read. file: which one it was, since it may be moved away and begun anew."""

    file: tuple[int, int] = (0, 0)
    offset: int = 0


class ReadOn(NamedTuple):
    """entries: those since. anew: what was read before is no longer there."""

    place: Place
    entries: list[Entry]
    anew: bool = False


def _read_on(path: Path, place: Place) -> ReadOn:
    """The whole lines since `place`. Raises SourceError."""
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            file = (status.st_dev, status.st_ino)
            anew = file != place.file or status.st_size < place.offset
            start = 0 if anew else place.offset
            begin = max(start, status.st_size - READ_AT_MOST)
            stream.seek(begin)
            content = stream.read(READ_AT_MOST)
    except FileNotFoundError:
        return ReadOn(Place(), [], anew=place != Place())
    except OSError as error:
        summary = f"the journal {path} cannot be read: {error.strerror}"
        raise SourceError(Problem(ProblemKind.MISSING, summary, target=str(path))) from error
    whole = content[: content.rfind(b"\n") + 1]  # what is behind it is being written
    lines = whole.split(b"\n")
    return ReadOn(Place(file, begin + len(whole)), decoded(lines[1:] if begin > start else lines), anew)


def _unwritable(path: Path, error: OSError) -> Problem:
    summary = f"the journal {path} cannot be written: {error.strerror}; nothing is changed that is not written down"
    return Problem(ProblemKind.MISSING, summary, target=str(path))
