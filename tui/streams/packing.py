"""Files of this machine as a tar stream for a container: what is there, under the name that it is to have there.

What is sent is settled before the first byte goes, so that its length can be told to a far side that cannot be told its
end, and so that a stream that was cut can be begun again at any entry of it.
"""

from __future__ import annotations

import copy
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from tui.streams.filling import FilePart, Piece
from tui.streams.modebits import SPECIAL
from tui.streams.packheaders import Looking, header_length, header_of

END = bytes(2 * tarfile.BLOCKSIZE)
"""What a tar ends with; no tar misses it."""
LAST = len(END) + tarfile.BLOCKSIZE
"""Bytes at the end of a staged copy's tar without which it is never taken for whole: of `Closing` too some are among
them."""


class Entry(Struct, frozen=True):
    """path: here. begin: bytes of tar before it. files: how many of the entries up to this one are files."""

    path: str
    info: tarfile.TarInfo
    begin: int
    files: int

    @property
    def shows(self) -> bool:
        """Whether it is there as soon as a tar comes to it."""
        return self.info.isreg() or self.info.isdir()


class Packing(Struct):
    """What is sent, in this order. left_out: what is not, with the reason. content: bytes of tar, without its end."""

    entries: list[Entry] = field(default_factory=list[Entry])
    left_out: list[str] = field(default_factory=list[str])
    content: int = 0

    @property
    def whole(self) -> int:
        """Bytes of the tar of all."""
        return self.content + len(END)

    @property
    def held(self) -> int:
        """Bytes of the files' contents."""
        return sum(entry.info.size for entry in self.entries if entry.info.isreg())

    @property
    def special(self) -> list[Entry]:
        """The files and folders with a setuid, setgid or sticky bit."""
        return [entry for entry in self.entries if entry.shows and entry.info.mode & SPECIAL]

    def numbers(self, first: int) -> list[int]:
        """The entries to send where those before `first` are there: links are sent again, since a tar may leave them
        for its end (busybox all hard ones, GNU and busybox symbolic ones that lead upwards)."""
        links = [number for number in range(first) if _is_link(self.entries[number].info)]
        return [*links, *range(first, len(self.entries))]

    def length(self, numbers: Sequence[int]) -> int:
        """Bytes of the tar of these entries."""
        return sum(_length(self.entries[number].info) for number in numbers) + len(END)


def plan(path: str, name: str) -> Packing:
    """What is at `path`, to be called `name`. Owners are left out: they mean nothing there. Raises OSError where `path`
    itself cannot be read."""
    packing, looking = Packing(), Looking()
    left = [(path, name)]
    while left:
        path, name = left.pop()
        try:
            info = looking.describe(path, name)
            inner = sorted(os.listdir(path), reverse=True) if info is not None and info.isdir() else []
        except OSError as exc:
            if not packing.entries:
                raise
            packing.left_out.append(f"{path}: {exc.strerror}")
            continue
        if info is None:
            packing.left_out.append(f"{path}: a socket")
            continue
        files = packing.entries[-1].files if packing.entries else 0
        packing.entries.append(Entry(path, info, packing.content, files + info.isreg()))
        packing.content += _length(info)
        left += [(os.path.join(path, one), f"{name}/{one}") for one in inner]
    return packing


class Closing(NamedTuple):
    """The last entries of a staged copy (`tui.streams.stagescripts`). size: bytes of the content of the last."""

    tar: bytes
    size: int


def closing_of(packing: Packing, stage: str) -> Closing:
    """Named after the staging folder: last ".end", a tar of the folders alone, as they are called from within the copy,
    what is deeper first; empty where there are none. Before it ".shut", where some are closed to their owner."""
    folders = [entry.info for entry in packing.entries if entry.info.isdir()]
    inner = [_renamed(info, "." + info.name[len(folders[0].name) :]) for info in reversed(folders)]
    content = b"".join([*map(header_of, inner), END]) if inner else b""
    shut = _shut(inner)
    return Closing((_held(f"{stage}.shut", shut) if shut else b"") + _held(f"{stage}.end", content), len(content))


def _shut(folders: Iterable[tarfile.TarInfo]) -> bytes:
    """Lines: what is taken from an owner, for chmod, then the folders from which that is taken."""
    lines, last = list[bytes](), b""
    for info in folders:
        lacks = "".join(letter for bit, letter in ((0o400, "r"), (0o200, "w"), (0o100, "x")) if not info.mode & bit)
        name = os.fsencode(info.name)
        if not lacks or b"\n" in name:
            continue
        words = b"u-" + lacks.encode()
        lines += [name] if words == last else [words, name]
        last = words
    return b"".join(line + b"\n" for line in lines)


def _held(name: str, content: bytes) -> bytes:
    """A file with that in it."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return header_of(info) + content + bytes(_padding(info.size))


def _renamed(info: tarfile.TarInfo, name: str) -> tarfile.TarInfo:
    info = copy.copy(info)
    info.name = name
    return info


def pieces(
    packing: Packing, numbers: Sequence[int], begins: Callable[[int], None], closing: Closing | None = None
) -> Iterator[Piece]:
    """The tar of these entries. begins: told the number of each. closing: comes after them, and until then folders that
    are closed to their owner can be written into."""
    for number in numbers:
        entry = packing.entries[number]
        begins(number)
        yield header_of(entry.info, 0o700 if closing is not None and entry.info.isdir() else 0)
        if entry.info.isreg():
            yield content(entry, 0)
            yield bytes(_padding(entry.info.size))
    if closing is not None:
        yield closing.tar
    yield END


def content(entry: Entry, begin: int) -> FilePart:
    """The bytes of a file from `begin` to the length that its header tells."""
    return FilePart(entry.path, begin, entry.info.size)


def _length(info: tarfile.TarInfo) -> int:
    return header_length(info) + (info.size + _padding(info.size) if info.isreg() else 0)


def _is_link(info: tarfile.TarInfo) -> bool:
    return info.issym() or info.islnk()


def _padding(size: int) -> int:
    return -size % tarfile.BLOCKSIZE
