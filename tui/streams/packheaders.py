"""What a tar says of one file of this machine: found out by one look at it, and written as the standard library does.

The library asks the machine's directory service for the names of the owner and the group of each file, which mean
nothing in a container, and builds a header from some twenty parts; for a tree of small files both together take longer
than to read and send it. What is not plain (long names, big numbers, devices) is left to it.
"""

from __future__ import annotations

import copy
import os
import stat
import tarfile

_NAME_BYTES = 100
_MOST_SIZE = 8**11 - 1
"""The biggest number of eleven octal digits."""
_MAGIC = tarfile.GNU_MAGIC.ljust(255, b"\0")
"""GNU's, and what stands behind it where nobody owns the file: names and numbers of owners and devices, a prefix."""
_NOBODY = b"0000000\0" * 2
_UNSUMMED = b" " * 8
READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
"""How a file is opened: a pipe that has taken its place meanwhile keeps nobody waiting."""
_PLAIN = {tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE}


class Looking:
    """Describes files for one archive: it remembers which of them have several names."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, int], str] = {}

    def describe(self, path: str, name: str) -> tarfile.TarInfo | None:
        """The file, folder, link or device at `path`, to be called `name`, owned by nobody; None for a socket, which
        tar cannot hold. Raises OSError, for a file that cannot be read too."""
        there = os.lstat(path)
        info = tarfile.TarInfo(name)
        info.mode, info.mtime = there.st_mode, there.st_mtime
        kind = stat.S_IFMT(there.st_mode)
        if kind == stat.S_IFREG:
            os.close(os.open(path, READ))  # before others are called its second names
            self._describe_file(info, there)
        elif kind == stat.S_IFDIR:
            info.type = tarfile.DIRTYPE
        elif kind == stat.S_IFLNK:
            info.type, info.linkname = tarfile.SYMTYPE, os.readlink(path)
        elif kind == stat.S_IFIFO:
            info.type = tarfile.FIFOTYPE
        elif kind in (stat.S_IFCHR, stat.S_IFBLK):
            info.type = tarfile.CHRTYPE if kind == stat.S_IFCHR else tarfile.BLKTYPE
            info.devmajor, info.devminor = os.major(there.st_rdev), os.minor(there.st_rdev)
        else:
            return None
        return info

    def _describe_file(self, info: tarfile.TarInfo, there: os.stat_result) -> None:
        first = self._names.setdefault((there.st_ino, there.st_dev), info.name) if there.st_nlink > 1 else info.name
        if first != info.name:
            info.type, info.linkname = tarfile.LNKTYPE, first
        else:
            info.size = there.st_size


def header_of(info: tarfile.TarInfo, more: int = 0) -> bytes:
    """The header, or headers, of an entry that nobody owns. more: bits of the mode that are set besides.

    In GNU's format: busybox passes over the headers in which POSIX's has a name that is not ASCII, and would write
    another name.
    """
    words = _plain_words(info)
    if words is None:
        if more:
            info = copy.copy(info)
            info.mode |= more
        return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    name, link = words
    numbers = b"%07o\0%b%011o\0%011o\0" % ((info.mode | more) & 0o7777, _NOBODY, info.size, int(info.mtime))
    front, back = name.ljust(_NAME_BYTES, b"\0") + numbers, info.type + link.ljust(_NAME_BYTES, b"\0") + _MAGIC
    return b"%b%06o\0 %b" % (front, sum(front) + sum(_UNSUMMED) + sum(back), back)


def header_length(info: tarfile.TarInfo) -> int:
    """Bytes of it."""
    return tarfile.BLOCKSIZE if _plain_words(info) is not None else len(header_of(info))


def _plain_words(info: tarfile.TarInfo) -> tuple[bytes, bytes] | None:
    """The name and what it links to, as they stand in a header of one block that is made here; None for any other."""
    name = info.name.encode("utf-8", "surrogateescape") + (b"/" if info.isdir() else b"")
    link = info.linkname.encode("utf-8", "surrogateescape")
    fits = len(name) <= _NAME_BYTES and len(link) <= _NAME_BYTES
    if fits and info.type in _PLAIN and 0 <= info.size <= _MOST_SIZE and 0 <= info.mtime <= _MOST_SIZE:
        return name, link
    return None
