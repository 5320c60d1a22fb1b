"""What is copied into a container is unpacked beside its place and put there once it is whole.

A stream may be cut at any byte, and tar writes files under their own names from the first: a program in the container
would find half of one. So they go to a folder of a name that nobody uses, on the same file system, and are renamed from
there, which takes a shell and mv; a container without them is given the tar as kubectl gives it. A folder is merged
into one of its name that is there already, file by file, as tar does it.

What the shell there is told is in `tui.streams.stagescripts`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import posixpath
from collections.abc import AsyncIterator, Iterator, Sequence
from tarfile import TarInfo
from typing import NamedTuple

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort
from tui.streams.farend import FarEnd, tar_failed
from tui.streams.modebits import DROPPED, letters_of, lost_words, unsure_words
from tui.streams.packing import Entry
from tui.streams.paths import Command, Place
from tui.streams.remote import run_command
from tui.streams.stagescripts import APPEND, BEGUN, DISCARD, FINISH, HELD, LACKING, PREPARE
from tui.wire.status import Ended
from tui.wire.words import is_text

LONGEST_ANSWER = 4 << 10
"""Bytes of an answer that are read."""
PROBES = 16
"""Names that are looked for at a time, and below the bytes that a request's line may have."""
PROBE_BYTES = 2000
DISCARD_SECONDS = 15.0
PREFIX = ".clusterview-"


class Held(NamedTuple):
    """What the far side has of a file."""

    size: int
    digest: str


class Staging:
    """The folder beside the target. folder, name: where what is copied goes in the end. ends: whether the server can
    tell a command that what it reads has ended (a v4 one cannot): else it is told how much there is to be read."""

    def __init__(self, port: SocketPort, place: Place, folder: str, name: str, path: str, *, ends: bool) -> None:
        self._port = port
        self._place = place
        self.folder = folder
        self.name = name
        self.path = path
        self._ends = ends

    def unpacking(self, length: int) -> tuple[str, ...]:
        """The command that reads a tar of so many bytes."""
        if self._ends:
            return ("tar", "-xmf", "-", "-C", self.path)
        return ("sh", "-c", 'head -c "$1" | tar -xmf - -C "$2"', "sh", str(length), self.path)

    async def last_begun(self, names: Sequence[str]) -> int:
        """Which of the entries, unpacked in this order, was begun last; -1 where none was. Raises SourceError."""
        low, high = -1, len(names) - 1
        while low < high:
            step = -(-(high - low) // PROBES)
            probes = [*range(low + step, high, step), high]
            while len(probes) > 1 and sum(len(os.fsencode(names[one])) for one in probes) > PROBE_BYTES:
                probes = probes[1::2] if len(probes) > 2 else probes[:1]
            answer = await self._asked(BEGUN, self.path, *(names[one] for one in probes))
            there = int(answer) if answer.isdigit() else 0
            if there < len(probes):
                high = probes[there] - 1
            if there:
                low = probes[there - 1]
        return low

    async def held(self, name: str) -> Held | None:
        """How much of a file is there; None where the far side cannot tell. Raises SourceError where it is cut."""
        ended, said, _ = await _run(self._port, self._place, HELD, (posixpath.join(self.path, name),))
        words = said.split()
        if ended.exit_code != 0 or len(words) < 2 or not words[0].isdigit():
            return None
        return Held(int(words[0]), words[1])

    async def append(self, entry: Entry, begin: int, typed: AsyncIterator[bytes]) -> str:
        """Write the rest of a file behind what is there; the checksum of all of it, "" where that failed. Raises
        SourceError where it is cut."""
        path = posixpath.join(self.path, entry.info.name)
        count = "all" if self._ends else str(entry.info.size - begin)
        mode = f"{entry.info.mode & 0o7777:o}"
        ended, said, _ = await _run(self._port, self._place, APPEND, (path, mode, count), typed)
        return said.split()[0] if ended.exit_code == 0 and said else ""

    async def finish(self, folders: bytes) -> None:
        """Put what has come into its place; nothing of it where a folder is in the way of a file. folders: a tar of the
        folders, which tells their modes. May be done again where it was cut. Raises SourceError."""
        end = "ends" if self._ends else "goes on"

        async def typed() -> AsyncIterator[bytes]:
            yield folders

        arguments = (self.path, self.folder, self.name, str(len(folders)), end)
        ended, _, far = await _run(self._port, self._place, FINISH, arguments, typed() if folders else None)
        if ended.exit_code != 0:
            words = far.said() or ended.words
            raise SourceError(Problem(ProblemKind.INVALID, "what was copied could not be put into its place", words))

    async def lacking(self, entries: Sequence[Entry]) -> list[str]:
        """Of entries with a setuid, setgid or sticky bit those that lack one in their place, in words. Raises
        SourceError."""
        unnamed = [entry.info for entry in entries if not is_text(entry.info.name)]
        found = [unsure_words(info.name, info.mode) for info in unnamed]
        for some in _in_questions([entry.info for entry in entries if is_text(entry.info.name)]):
            wanted = [word for info in some for word in (letters_of(info.mode), info.name)]
            for line in (await self._asked(LACKING, self.folder or ".", *wanted)).splitlines():
                number, _, letters = line.partition(" ")
                if number.isdigit() and int(number) < len(some):
                    found.append(lost_words(some[int(number)].name, letters, DROPPED))
        return found

    async def discard(self) -> bool:
        """Remove it with all that is in it; whether that could be done."""
        return await _discarded(self._port, self._place, self.path)

    async def _asked(self, script: str, *arguments: str) -> str:
        ended, said, far = await _run(self._port, self._place, script, arguments)
        if ended.exit_code != 0:
            raise tar_failed(ended, far.said(), self._place)
        return said.strip()


def _in_questions(infos: Sequence[TarInfo]) -> Iterator[list[TarInfo]]:
    """The same in order, so many at a time as one question may name."""
    some, size = list[TarInfo](), 0
    for info in infos:
        length = len(os.fsencode(info.name))
        if some and size + length > PROBE_BYTES:
            yield some
            some, size = [], 0
        some.append(info)
        size += length
    if some:
        yield some


async def prepare(port: SocketPort, place: Place, target: str, own: str, *, folder: bool) -> Staging | None:
    """A folder beside `target`; None where the container has not what that takes, or may not be written to there.

    own: the name at home, which is kept where `target` is a folder already. folder: whether one is copied. Raises
    SourceError where the container cannot be reached, UsageError where `target` cannot be named to it.
    """
    if not is_text(own):
        return None
    target = _plain(target)
    parent, name = (target, own) if target.endswith("/") else posixpath.split(target)
    unused = PREFIX + os.urandom(6).hex()
    kind = "folder" if folder else "file"
    said, far = _answer()
    try:
        ended = await _run_into(far, port, place, PREPARE, (target, own, parent, name, unused, kind))
    except BaseException:
        if far.accepted:  # it may have been made, in one of these
            parts = ((target,), (target, own), (parent,), (parent, name))
            await _discarded(port, place, *{posixpath.join(*part, unused) for part in parts})
        raise
    words = said.decode("utf-8", "replace").split()
    if ended.exit_code != 0 or not words or words[0] not in ("into", "as"):
        return None
    at, called = (target, own) if words[0] == "into" else (parent, name)
    beside = posixpath.join(at, called) if "merged" in words else at
    return Staging(port, place, at, called, posixpath.join(beside, unused), ends=far.half_close)


def digest_of(path: str, size: int) -> str:
    """The SHA-256 of the first `size` bytes of a file of this machine. Blocks. Raises OSError."""
    found, left = hashlib.sha256(), size
    with open(path, "rb") as file:
        while left and (data := file.read(min(left, 1 << 20))):
            found.update(data)
            left -= len(data)
    return found.hexdigest()


def _plain(path: str) -> str:
    """A path that no tool takes for an option."""
    return path if path.startswith("/") else f"./{path}"


async def _discarded(port: SocketPort, place: Place, *paths: str) -> bool:
    """Remove folders; whether that could be done."""
    try:
        async with asyncio.timeout(DISCARD_SECONDS):
            ended, _, _ = await _run(port, place, DISCARD, paths)
    except (SourceError, TimeoutError):
        return False
    return ended.exit_code == 0


async def _run(
    port: SocketPort, place: Place, script: str, arguments: Sequence[str], typed: AsyncIterator[bytes] | None = None
) -> tuple[Ended, str, FarEnd]:
    """How a script ended, and what it said. Raises SourceError."""
    said, far = _answer(typed)
    ended = await _run_into(far, port, place, script, arguments)
    return ended, said.decode("utf-8", "replace"), far


async def _run_into(far: FarEnd, port: SocketPort, place: Place, script: str, arguments: Sequence[str]) -> Ended:
    command = Command(place, ("sh", "-c", script.strip(), "sh", *arguments), stdin=far.types)
    return await run_command(port, command, far)


def _answer(typed: AsyncIterator[bytes] | None = None) -> tuple[bytearray, FarEnd]:
    """The far end of a script, and what it says."""
    said = bytearray()
    return said, FarEnd(lambda data: said.extend(data[: LONGEST_ANSWER - len(said)]), typed)
