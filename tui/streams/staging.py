"""What is copied into a container is unpacked beside its place and put there once it is whole.

A stream may be cut at any byte, and tar writes files under their own names from the first: a program in the container
would find half of one. So they go to a folder of a name that nobody uses, on the same file system, and are renamed from
there, which takes a shell and mv; a container without them is given the tar as kubectl gives it. A folder is merged
into one of its name that is there already, file by file, as tar does it.

One command does all of it: each costs the gateway one of its streams, and two round trips more. Where it is cut,
others find out what has come, and one goes on. The last bytes are kept back until the container has said where all of
it goes: who is cut before that knows that nothing of it will ever be put there, however late that command runs, and may
begin again; who is cut later knows where to look. What the shell there is told is in `tui.streams.stagescripts`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import posixpath
from collections.abc import AsyncIterator, Iterator, Sequence
from tarfile import TarInfo
from typing import NamedTuple, TypeAlias

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort
from tui.streams.farend import FarEnd, no_room, tar_failed
from tui.streams.modebits import DROPPED, letters_of, lost_words, unsure_words
from tui.streams.packing import LAST, Entry
from tui.streams.paths import Command, Place
from tui.streams.remote import run_command
from tui.streams.stagescripts import APPEND, AT_WORK, BEGIN, BEGUN, CLAIM, DISCARD, FED, GO_ON, HELD, LACKING, fed
from tui.wire.channels import Data, carried
from tui.wire.outgoing import Outgoing
from tui.wire.status import Ended
from tui.wire.words import is_text

LONGEST_ANSWER = 4 << 10
"""Bytes of an answer that are read."""
PROBES = 16
"""Names that are looked for at a time, and below the bytes that a request's line may have."""
PROBE_BYTES = 2000
DISCARD_SECONDS = 15.0
PREFIX = ".clusterview-"
Messages: TypeAlias = AsyncIterator[Sequence[Outgoing]]
"""What a command is to read."""


class Held(NamedTuple):
    """What the far side has of a file."""

    size: int
    digest: str


class Staging:
    """The folder beside the target. own: the name at home, which is kept where `target` is a folder already. folder:
    whether one is copied. path: where it is, "" until the far side has said so; name: what is copied is called there
    in the end. token: the folder's own name."""

    def __init__(self, port: SocketPort, place: Place, target: str, own: str, *, folder: bool) -> None:
        self._port = port
        self._place = place
        self._target = _plain(target)
        self._parted = (self._target, own) if target.endswith("/") else posixpath.split(self._target)
        """Its folder, and its name in that."""
        self._own = own
        self._folder = folder
        self.token = PREFIX + os.urandom(6).hex()
        self._for = "."
        self._tries = 0
        self.accepted = False
        """Whether a command that makes it has been accepted."""
        self.name = own
        self.path = ""

    async def begin(self, typed: Messages, length: int, closing: int) -> bool:
        """Make it, unpack a tar there, and put what came into its place; False where the container has not what that
        takes, or may not be written to there. length: bytes of the tar. closing: bytes of its last entry.

        Raises SourceError where the far side fails or is cut, UsageError where the target cannot be named to it.
        """
        heard = asyncio.Event()
        said, far = self._fed(_held_back(typed, length - LAST, heard), length, BEGIN, heard)
        kind = "folder" if self._folder else "file"
        arguments = (self._target, self._own, *self._parted, self.token, kind, str(closing))
        try:
            ended = await _run_into(far, self._port, self._place, FED, arguments)
        finally:
            self.accepted = far.accepted
            if heard.is_set():
                self._heard(said.decode("utf-8", "replace").split("\n")[0].split())
        if said.startswith(b"full\n"):
            other = SourceError(Problem(ProblemKind.INVALID, "nothing more can be made there", far.said()))
            raise no_room(far.said(), self._place) or other
        if ended.exit_code != 0 and not self.path:
            return False
        self._check(ended, said, far)
        return True

    async def claim(self) -> bool:
        """Take it over from a command that was cut; False where it is gone, since that one has put all into its place,
        or the container is not what it was. Raises SourceError, TIMEOUT where that one is still putting it there."""
        self._tries += 1
        ended, said, far = await _run(self._port, self._place, CLAIM, (self.path, str(self._tries)))
        if ended.exit_code == AT_WORK:
            summary = "the command that was cut is still at work there"
            raise SourceError(Problem(ProblemKind.TIMEOUT, summary, far.said()))
        return self._answered(ended, said, far) == "held"

    def anew(self) -> Staging:
        """Another for the same. Where it goes stays as it was: what was cut may have made a folder of the target."""
        other = Staging(self._port, self._place, self._target, self._own, folder=self._folder)
        other._target, other._parted = ("", (self._for, self.name)) if self.path else (self._target, self._parted)
        return other

    async def go_on(self, typed: Messages, length: int, closing: int) -> None:
        """As `begin`, where it is there and claimed."""
        said, far = self._fed(typed, length, GO_ON)
        arguments = (self.path, self._for, self._own, self.name, str(closing), str(self._tries))
        self._check(await _run_into(far, self._port, self._place, FED, arguments), said, far)

    def _heard(self, words: Sequence[str]) -> None:
        if words and words[0] in ("into", "as"):
            self._for, self.name = (self._target, self._own) if words[0] == "into" else self._parted
            beside = posixpath.join(self._for, self.name) if "merged" in words else self._for
            self.path = posixpath.join(beside, self.token)

    def _fed(
        self, typed: Messages, length: int, script: str = "", heard: asyncio.Event | None = None
    ) -> tuple[bytearray, FarEnd]:
        """As `_answer`, of a script that is given a tar: first itself, where `FED` reads it, then how it will know the
        end. A v4 server cannot tell it."""

        async def introduced() -> AsyncIterator[Data]:
            yield (fed(script) if script else b"") + (b"ends\n" if far.half_close else b"%d\n" % length)
            async for part in typed:
                yield part

        said, far = _answer(introduced(), heard)
        return said, far

    def _check(self, ended: Ended, said: bytearray, far: FarEnd) -> None:
        """Raises SourceError where a script did not put what was copied into its place."""
        if ended.exit_code == 0:
            return
        if b"unpacked\n" not in said:
            raise tar_failed(ended, far.said(), self._place)
        failed = "could not be put into its place"
        if b"placed\n" in said:
            failed = "is in its place, but not all folders have their modes"
        elif (full := no_room(far.said(), self._place)) is not None:
            raise full
        words = far.said() or ended.words
        raise SourceError(Problem(ProblemKind.INVALID, f"what was copied {failed}", words))

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

    async def append(self, entry: Entry, begin: int, typed: Messages) -> str:
        """Write the rest of a file behind what is there; the checksum of all of it, "" where that failed. Raises
        SourceError where it is cut."""
        path = posixpath.join(self.path, entry.info.name)
        said, far = self._fed(typed, entry.info.size - begin)
        arguments = (path, f"{entry.info.mode & 0o7777:o}", self.path, str(self._tries))
        ended = await _run_into(far, self._port, self._place, APPEND, arguments)
        return said.decode("utf-8", "replace").split()[0] if ended.exit_code == 0 and said else ""

    async def lacking(self, entries: Sequence[Entry]) -> list[str]:
        """Of entries with a setuid, setgid or sticky bit those that lack one in their place, in words. Raises
        SourceError."""
        unnamed = [entry.info for entry in entries if not is_text(entry.info.name)]
        found = [unsure_words(info.name, info.mode) for info in unnamed]
        for some in _in_questions([entry.info for entry in entries if is_text(entry.info.name)]):
            wanted = [word for info in some for word in (letters_of(info.mode), self._placed(info.name))]
            for line in (await self._asked(LACKING, self._for or ".", *wanted)).splitlines():
                number, _, letters = line.partition(" ")
                if number.isdigit() and int(number) < len(some):
                    found.append(lost_words(self._placed(some[int(number)].name), letters, DROPPED))
        return found

    async def discard(self) -> bool:
        """Remove it with all that is in it, wherever it may have been made; whether that could be done."""
        if self.path:
            return await self._discarded(self.path)
        if not self.accepted:
            return True
        parts = [self._parted[:1], self._parted]
        if self._target:
            parts += [(self._target,), (self._target, self._own)]
        return await self._discarded(*{posixpath.join(*part, self.token) for part in parts})

    async def _discarded(self, *paths: str) -> bool:
        try:
            async with asyncio.timeout(DISCARD_SECONDS):
                ended, _, _ = await _run(self._port, self._place, DISCARD, paths)
        except (SourceError, TimeoutError):
            return False
        return ended.exit_code == 0

    async def _asked(self, script: str, *arguments: str) -> str:
        return self._answered(*await _run(self._port, self._place, script, arguments))

    def _answered(self, ended: Ended, said: str, far: FarEnd) -> str:
        if ended.exit_code != 0:
            raise tar_failed(ended, far.said(), self._place)
        return said.strip()

    def _placed(self, name: str) -> str:
        """What an entry of that name is called in the end, from the target's folder."""
        return self.name + name[len(self._own) :]


async def _held_back(typed: Messages, size: int, until: asyncio.Event) -> Messages:
    """The same; what would be more than the first `size` bytes waits for that."""
    async for messages in typed:
        place = 0
        while place < len(messages) and not until.is_set():
            size -= carried(messages[place : place + 1])
            if size < 0:
                if place:
                    yield messages[:place]
                await until.wait()
                messages = messages[place:]
            else:
                place += 1
        yield messages


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


async def _run(port: SocketPort, place: Place, script: str, arguments: Sequence[str]) -> tuple[Ended, str, FarEnd]:
    """How a script ended, and what it said. Raises SourceError."""
    said, far = _answer()
    ended = await _run_into(far, port, place, script, arguments)
    return ended, said.decode("utf-8", "replace"), far


async def _run_into(far: FarEnd, port: SocketPort, place: Place, script: str, arguments: Sequence[str]) -> Ended:
    command = Command(place, ("sh", "-c", script.strip(), "sh", *arguments), stdin=far.types)
    return await run_command(port, command, far)


def _answer(typed: AsyncIterator[Data] | None = None, heard: asyncio.Event | None = None) -> tuple[bytearray, FarEnd]:
    """The far end of a script, and what it says. heard: set once its first line has come."""
    said = bytearray()

    def take(parts: Sequence[memoryview]) -> None:
        said.extend(b"".join(parts)[: LONGEST_ANSWER - len(said)])
        if heard is not None and b"\n" in said:
            heard.set()

    return said, FarEnd(take, typed)
