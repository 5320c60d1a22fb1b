"""Folders below one of this machine, walked by file descriptors that follow no link: nothing is written through a link
that an archive has, nor through one that somebody puts there meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OutsideError(Exception):
    """An entry that would be written outside the target."""


class Root:
    """The folder into which all goes, and the one below it that was written to last: what stands in one folder comes
    together, and to walk there anew for each file takes longer than to write a small one."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._parts: list[str] | None = None
        self._last = -1

    def folder(self, parts: list[str]) -> int:
        """A folder below, as `open_folder` opens it; to be used until the next is asked for. Raises OutsideError."""
        if parts != self._parts:
            self._leave()
            self._last = open_folder(self.fd, parts)
            self._parts = parts
        return self._last

    def close(self) -> None:
        self._leave()
        os.close(self.fd)

    def _leave(self) -> None:
        if self._parts is not None:
            self._parts = None
            os.close(self._last)


def open_folder(root: int, parts: Sequence[str]) -> int:
    """The folder at `parts` below the target, made where it is missing; no link is followed. Raises OutsideError."""
    held = os.dup(root)
    for part in parts:
        try:
            inner = os.open(part, _FOLDER, dir_fd=held)
        except FileNotFoundError:
            os.mkdir(part, 0o777, dir_fd=held)
            inner = os.open(part, _FOLDER, dir_fd=held)
        except NotADirectoryError as exc:
            raise OutsideError(f"{part} is not a folder here, or is a link") from exc
        except OSError as exc:
            if exc.errno != errno.ELOOP:
                raise
            raise OutsideError(f"{part} is a link here") from exc
        finally:
            os.close(held)
        held = inner
    return held


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
            date(folder, modified)
        finally:
            os.close(folder)


def date(file: int, modified: float) -> None:
    """The time of the last change; one that no file can have is left at now."""
    try:
        os.utime(file, (modified, modified))
    except (OverflowError, ValueError):
        pass
    except OSError as exc:
        if exc.errno != errno.EINVAL:
            raise
