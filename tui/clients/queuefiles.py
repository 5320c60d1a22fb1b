"""The queue of streams that all processes of one user on this machine have in common.

Twelve commands in twelve terminals are twelve processes, and the gateway counts their streams together. What they have
in common is a folder: each stream, open or waiting, has a file there that is locked (flock) for as long as it lives.
The kernel lets go of a lock when its process ends, however that ends, so nothing has to be cleared up, and a file that
nobody holds is no stream. The names are numbers, in the order of asking: a stream is open once fewer than the share
come before it, which stays true, since others are only ever added at the end.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from tui.clients.streamqueue import Busy, Standing, Ticket

_GATE = "gate"
"""The file that is locked by whoever gives himself a number."""
_NEW = "new-"
_TRIES, _BETWEEN = 40, 0.005
"""How often the gate is tried, and the seconds in between; who holds it does so for some system calls."""


class FileQueue:
    """Of all processes that use `folder`, which is made (0700) when it is first needed. Fits `streamqueue.Queue`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def join(self) -> Ticket:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._gate():
            number = max(self._living(remove=True), default=0) + 1
            return self._locked(number)

    def length(self) -> int:
        return len(self._living()) if self._folder.is_dir() else 0

    def _locked(self, number: int) -> _FileTicket:
        """The file has its name only when it is locked: without a lock it would be taken for one that was left."""
        new, path = self._folder / f"{_NEW}{os.getpid()}-{number}", self._folder / str(number)
        descriptor = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _held(new):
                raise OSError(f"{self._folder}: locks hold nothing here")
            os.rename(new, path)
        except OSError:
            os.close(descriptor)
            new.unlink(missing_ok=True)
            raise
        return _FileTicket(self, number, path, descriptor)

    def _living(self, *, remove: bool = False) -> list[int]:
        """The numbers of the streams that are open or wait. remove: files that were left are, which only the holder of
        the gate may: their numbers are given again."""
        living: list[int] = []
        for name in os.listdir(self._folder):
            path = self._folder / name
            if name.isdecimal() and _held(path):
                living.append(int(name))
            elif remove and (name.isdecimal() or name.startswith(_NEW)):
                path.unlink(missing_ok=True)
        return living

    def standing(self, number: int) -> Standing:
        living = self._living()
        return Standing(sum(one < number for one in living), len(living))

    @contextmanager
    def _gate(self) -> Generator[None]:
        descriptor = os.open(self._folder / _GATE, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            for _ in range(_TRIES):
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(_BETWEEN)
            else:
                raise Busy
            yield
        finally:
            os.close(descriptor)


class _FileTicket:
    def __init__(self, queue: FileQueue, number: int, path: Path, descriptor: int) -> None:
        self._queue = queue
        self._number = number
        self._path = path
        self._descriptor = descriptor

    def look(self) -> Standing:
        return self._queue.standing(self._number)

    def leave(self) -> None:
        if self._descriptor < 0:
            return
        with suppress(OSError):
            if os.path.samestat(os.stat(self._path), os.fstat(self._descriptor)):  # a folder that was swept counts anew
                self._path.unlink(missing_ok=True)  # first, while the number is ours
        os.close(self._descriptor)
        self._descriptor = -1


def _held(path: Path) -> bool:
    """Whether somebody has a lock on it. Asked with a shared one, so that those who ask do not take each other for a
    stream. Raises OSError where nothing can be locked."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
