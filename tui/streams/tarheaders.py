"""The headers of a tar from a container, checked before the standard library reads them.

It takes them on trust: a header that extends another is read in one piece however large it is called, its records are
searched by an expression that takes seconds for a row of digits (in which no other thread runs), and one header may
follow another until the stack is full. Here the bounds are those of what tar writes (GNU tar, busybox and bsdtar):
names of a few KiB, a few records. What goes beyond them is no file's description, and nothing is read after it.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from struct import Struct
from tarfile import HeaderError, ReadError, TarFile, TarInfo
from typing import IO, Protocol, Self, TypeVar, cast

LARGEST = 64 << 10
"""Bytes of a header that extends another. The longest path of Linux has 4 KiB; the rest is for extended attributes."""
RECORDS = 512
"""Keywords in one such header."""
IN_A_ROW = 8
"""Such headers before one entry; tar writes two or three."""
FOR_ALL = 8
"""Headers that are for all entries after them, in one archive; each entry carries all their keywords."""
MAPPED = 1 << 20
"""Bytes of all that describes one entry; a sparse file's map is the longest."""
_EXTENDS = {
    tarfile.XHDTYPE: "PAX header",
    tarfile.SOLARIS_XHDTYPE: "PAX header",
    tarfile.XGLTYPE: "global PAX header",
    tarfile.GNUTYPE_LONGNAME: "long name",
    tarfile.GNUTYPE_LONGLINK: "long link",
}
_RECORDED = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE)
_DIGITS = re.compile(rb"[0-9]{256}")
"""More than a file's name has. How long the library searches grows with the square of such a row."""
_LENGTH = re.compile(rb"[0-9]{1,20} ")
_HEADER = Struct("100s8s16x12s12s8sc188x155s12x")
"""Of a header: name, mode, size, time of the last change, checksum, kind, and what stands before the name."""
_AS_SPACES = 8 * ord(" ")
"""What the checksum counts for in itself."""
_Entry = TypeVar("_Entry", bound=TarInfo)
_ENDS = ("EOFHeaderError", "EmptyHeaderError")
"""What the library calls a true end; its types do not know them."""


class Source(Protocol):
    """Where the tar is read from."""

    def read(self, size: int, /) -> bytes: ...

    def tell(self) -> int: ...

    def seek(self, place: int, /) -> int: ...


class RefusedError(ReadError):
    """A header beyond what any tar writes."""


@contextmanager
def opened(source: Source) -> Generator[Headers]:
    """An archive to be read from front to back. Raises tarfile.TarError where what comes is none."""
    headers = Headers(source)
    with tarfile.open(
        fileobj=cast("IO[bytes]", headers), mode="r:", errorlevel=2, tarinfo=_entries_of(headers)
    ) as archive:
        headers.archive = archive
        yield headers


class Headers:
    """What stands between the library and the source. The library reads headers and nothing else by it."""

    archive: TarFile

    def __init__(self, source: Source) -> None:
        self.source = source
        self._left = MAPPED
        self._in_a_row = 0
        self._for_all = 0
        self._records = False

    def __iter__(self) -> Iterator[TarInfo]:
        """The entries. Raises tarfile.TarError."""
        while True:
            self._left = MAPPED
            entry = self.archive.next()
            if entry is None:
                return
            self.archive.members.clear()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] # nobody asks for them again
            if entry.size < 0:
                raise RefusedError(f"an entry of {entry.size} bytes")
            yield entry

    def begun(self, kind: bytes, size: int) -> None:
        """A header was read. What it says of itself is checked before its content is. Raises RefusedError."""
        called = _EXTENDS.get(kind)
        self._records = kind in _RECORDED
        if size < 0:
            raise RefusedError(f"an entry of {size} bytes")
        if called is None:
            self._in_a_row = 0
            return
        if size > LARGEST:
            raise RefusedError(f"a {called} of {size:,} bytes, where {LARGEST:,} are the most")
        self._in_a_row += 1
        self._for_all += kind == tarfile.XGLTYPE
        if self._in_a_row > IN_A_ROW:
            raise RefusedError(f"more than {IN_A_ROW} headers that describe one entry")
        if self._for_all > FOR_ALL:
            raise RefusedError(f"more than {FOR_ALL} global PAX headers")

    # What the library takes for a file -----------------------------------------------------------------------------

    def read(self, size: int) -> bytes:
        self._left -= size
        if self._left < 0:
            raise RefusedError(f"more than {MAPPED:,} bytes that describe one entry")
        data = self.source.read(size)
        if self._records:
            self._records = False
            check_records(data)
        return data

    def tell(self) -> int:
        return self.source.tell()

    def seek(self, place: int) -> int:
        if place < self.source.tell():
            raise RefusedError("an entry whose description is longer than it says")
        return self.source.seek(place)


def check_records(data: bytes) -> None:
    """Whether all of a PAX header is records, "LENGTH KEYWORD=VALUE\\n", and then zeros up to the end of its block.
    Raises RefusedError."""
    if _DIGITS.search(data):
        raise RefusedError("a PAX header with a number of more than 255 digits")
    place, count = 0, 0
    whole = len(data.rstrip(b"\0"))
    while place < whole:
        length = _LENGTH.match(data, place)
        end = place + int(length[0]) if length else 0
        if length is None or not length.end() < end <= len(data) or data[end - 1] != 0x0A:
            raise RefusedError("a PAX header that is no row of records")
        if data.find(b"=", length.end(), end) < 0:
            raise RefusedError("a PAX header with a record that has no value")
        place, count = end, count + 1
        if count > RECORDS:
            raise RefusedError(f"a PAX header of more than {RECORDS} records")


def _plain(entry: _Entry, buf: bytes | bytearray, encoding: str, errors: str) -> _Entry | None:
    """The entry with what the header of a plain file says, but for its owner, for whom nobody here asks: of many small
    files the library takes half as long for the headers as it takes to write the files. None where it is another's,
    or not in order: the library says what it is."""
    if len(buf) != tarfile.BLOCKSIZE:
        return None
    name, mode, size, modified, told, kind, prefix = _HEADER.unpack(buf)
    if kind != tarfile.REGTYPE or prefix[0]:
        return None
    try:
        entry.chksum = _octal(told)
        if entry.chksum != sum(buf) - sum(told) + _AS_SPACES:
            return None
        entry.mode, entry.size, entry.mtime = _octal(mode), _octal(size), _octal(modified)
    except ValueError:
        return None
    entry.name = name.partition(b"\0")[0].decode(encoding, errors)
    entry.type = kind
    return entry


def _octal(field: bytes) -> int:
    """Raises ValueError where it is no number, or is written otherwise."""
    end = field.find(0)
    return int(field if end < 0 else field[:end], 8)


def _entries_of(headers: Headers) -> type[TarInfo]:
    class Entry(TarInfo):
        """An entry whose header must be one. The library takes one that is none, behind the first, for the end, and
        what comes after it would be missing without a word."""

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            return _plain(cls(), buf, encoding, errors) or super().frombuf(buf, encoding, errors)

        @classmethod
        def _frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str, **more: bool) -> Self:
            """The same, by the name under which it is called since Python 3.13.13."""
            plain = _plain(cls(), buf, encoding, errors)
            return plain or cast("Self", super()._frombuf(buf, encoding, errors, **more))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

        def _proc_member(self, tarfile: TarFile) -> TarInfo:
            """What every version calls once it has read a header, and before it reads what the header is of."""
            headers.begun(self.type, self.size)
            return cast("TarInfo", super()._proc_member(tarfile))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

        @classmethod
        def fromtarfile(cls, tarfile: TarFile) -> Self:
            try:
                return super().fromtarfile(tarfile)
            except HeaderError as exc:
                if type(exc).__name__ in _ENDS:
                    raise
                raise ReadError(str(exc)) from exc
            except (ValueError, IndexError) as exc:  # numbers that are none, and a map that ends too soon
                raise ReadError(f"a header that cannot be read ({exc})") from exc

    return Entry
