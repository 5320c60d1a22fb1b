"""The journal: every change that was made or tried, one line each, appended and never rewritten.

Several processes write the same file. Each line goes out in one write under a lock of the operating system, so lines
never mix; a line that a crash tore is ended before the next one begins. Losing the journal would leave changes nobody
can account for, so nothing is changed while it cannot be written.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

from tui.changes.records import decoded, encoded, newest_first
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
        self._seen: tuple[int, int] | None = None
        self.topic: Cell[tuple[Entry, ...]] = on_demand(runtime, lambda cell: _Looking(self))

    async def ready(self) -> None:
        """Raises SourceError where nothing could be written down."""
        if self._path is not None:
            await asyncio.to_thread(_append, self._path, b"")

    async def add(self, entry: Entry) -> None:
        """Write an entry down. Raises SourceError where that fails."""
        if self._path is None:
            self._held.append(entry)
            self._show(self._held)
            return
        await asyncio.to_thread(_append, self._path, encoded(entry))
        await self.look()

    async def entries(self) -> tuple[Entry, ...]:
        """What is written down now, newest first. Raises SourceError where it cannot be read."""
        await self.look()
        return self.topic.feed.value or ()

    async def look(self) -> None:
        """Read the file again where it has changed. Raises SourceError where it cannot be read."""
        if self._path is None:
            self._show(self._held)
            return
        found = await asyncio.to_thread(_read, self._path, self._seen)
        if found is not None:
            self._seen, entries = found
            self._show(entries)

    def fail(self, problem: Problem) -> None:
        """It could not be read."""
        self.topic.fail(problem, self._clock.now() + LOOK_EVERY)

    async def sleep(self) -> None:
        await self._clock.sleep(LOOK_EVERY)

    def _show(self, entries: list[Entry]) -> None:
        self.topic.put(newest_first(entries, KEPT), self._clock.now())


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
    """In one write, behind a whole line. Raises SourceError."""
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


def _read(path: Path, seen: tuple[int, int] | None) -> tuple[tuple[int, int], list[Entry]] | None:
    """(what tells this state of the file, entries); None where it is as it was `seen`. Raises SourceError."""
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            state = (status.st_mtime_ns, status.st_size)
            if state == seen:
                return None
            beginning = max(0, status.st_size - READ_AT_MOST)
            stream.seek(beginning)
            lines = stream.read(READ_AT_MOST).split(b"\n")
    except FileNotFoundError:
        return None if seen == (0, 0) else ((0, 0), [])
    except OSError as error:
        summary = f"the journal {path} cannot be read: {error.strerror}"
        raise SourceError(Problem(ProblemKind.MISSING, summary, target=str(path))) from error
    return state, decoded(lines[1:] if beginning else lines)


def _unwritable(path: Path, error: OSError) -> Problem:
    summary = f"the journal {path} cannot be written: {error.strerror}; nothing is changed that is not written down"
    return Problem(ProblemKind.MISSING, summary, target=str(path))
