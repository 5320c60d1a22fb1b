"""Folders below one of this machine, walked by file descriptors that follow no link: nothing is written through a link
that an archive has, nor through one that somebody puts there meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OutsideError(Exception):
    """An entry that would be written outside the target."""


class _Level(NamedTuple):
    """A folder that is open. there: what it was when it was opened."""

    name: str
    fd: int
    there: os.stat_result

    def is_in(self, parent: int) -> bool:
        """Whether it still stands where it was found."""
        try:
            now = os.stat(self.name, dir_fd=parent, follow_symlinks=False)
        except OSError:
            return False
        return os.path.samestat(now, self.there)


class Root:
    """The folder into which all goes, and those down to the one that was written to last, kept open: what stands in one
    folder comes together, and to walk there anew for each file takes longer than to write a small one. Each is looked
    for again where it was: what was moved away, and what a link took the place of, is not written to."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._levels: list[_Level] = []

    def folder(self, parts: Sequence[str]) -> int:
        """A folder below, as `open_folder` opens it; to be used until the next is asked for. Raises OutsideError."""
        held, kept = self.fd, 0
        for part, level in zip(parts, self._levels, strict=False):
            if level.name != part or not level.is_in(held):
                break
            held, kept = level.fd, kept + 1
        self._leave(kept)
        for part in parts[kept:]:
            held = _enter(held, part)
            self._levels.append(_Level(part, held, os.fstat(held)))
        return held

    def close(self) -> None:
        self._leave(0)
        os.close(self.fd)

    def _leave(self, kept: int) -> None:
        while len(self._levels) > kept:
            os.close(self._levels.pop().fd)


def open_folder(root: int, parts: Sequence[str]) -> int:
    """The folder at `parts` below `root`, made where it is missing; no link is followed. Raises OutsideError."""
    held = os.dup(root)
    for part in parts:
        try:
            inner = _enter(held, part)
        finally:
            os.close(held)
        held = inner
    return held


def _enter(parent: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        os.mkdir(name, 0o777, dir_fd=parent)
        return os.open(name, _FOLDER, dir_fd=parent)
    except NotADirectoryError as exc:
        raise OutsideError(f"{name} is not a folder here, or is a link") from exc
    except OSError as exc:
        if exc.errno != errno.ELOOP:
            raise
        raise OutsideError(f"{name} is a link here") from exc


def make_folder(parent: int, name: str) -> None:
    """Make it, where it is not there. Raises OutsideError."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o777, dir_fd=parent)
        return
    if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
        raise OutsideError("a file or link of that name is in the way")


def finish_folder(root: int, parts: Sequence[str], mode: int, modified: float) -> None:
    """Give it its mode and the time of its last change, unless it is none any more."""
    with suppress(OutsideError):  # a later entry has taken its place
        folder = open_folder(root, parts)
        try:
            os.fchmod(folder, mode)
            set_date(folder, modified)
        finally:
            os.close(folder)


def set_date(file: int, modified: float) -> None:
    """The time of the last change; one that no file can have is left at now."""
    try:
        os.utime(file, (modified, modified))
    except (OverflowError, ValueError):
        pass
    except OSError as exc:
        if exc.errno != errno.EINVAL:
            raise
