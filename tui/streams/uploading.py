"""Files to a container: tar over exec, as kubectl cp does it, with progress. Each file is whole or not there, and a
copy goes on where it was cut (`tui.streams.staging`), where the container has a shell; else it is kubectl's way, and a
copy that is cut leaves what its tar had written. A folder that is merged into one of its name is not put there at one
stroke: what fails in the middle of that leaves some of its files replaced, each as a whole.

Source: k8s.io/kubectl/pkg/cmd/cp (cp.go) for the commands: `tar` reads on the far side, and `test -d` says whether a
target is a folder into which to copy.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from msgspec.structs import replace

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.streams import Copied, SocketPort, Tick
from tui.streams.farend import FarEnd, kubectl_exec, tar_failed
from tui.streams.filling import Piece, filled
from tui.streams.handover import Closed, FromThread
from tui.streams.modebits import unsure_words
from tui.streams.packing import Entry, Packing, closing_of, content, pieces, plan
from tui.streams.paths import Command, Place
from tui.streams.refetch import PASSES, TRIES, wait_after
from tui.streams.remote import run_command
from tui.streams.staging import Messages, Staging, digest_of
from tui.wire.channels import TOGETHER, carried
from tui.wire.words import is_text

_T = TypeVar("_T")
_Sends = Callable[[Messages, int, int], Awaitable[_T]]
"""Sends a tar of so many bytes, whose last entry has so many."""
GONE_ON_WITH = 1 << 20
"""Bytes from which a file that was cut is gone on with in its middle; a smaller one is begun again."""
SOON = 0.05
"""Seconds: what was sent in so short a time is followed by more at a time, else each message is told as it goes."""


async def upload(port: SocketPort, place: Place, source: str, target: str, tick: Tick, clock: Clock) -> Copied:
    """Copy `source` of this machine to `target` in a container: into it where it is a folder, else under its name.

    Raises SourceError where the far side fails, UsageError where this side cannot be read.
    """
    if not await asyncio.to_thread(os.path.lexists, source):
        raise UsageError(f"{source}: there is no such file")
    own = await asyncio.to_thread(_name_of, source)
    packing = await _planned(source, own)
    if not packing.entries:
        return Copied(left_out=packing.left_out)
    copy = _Upload(port, place, packing, target, tick, clock)
    if is_text(own) and await copy.run():
        return copy.done
    return await _unstaged(port, place, source, target, own, tick, clock)


class _Upload:
    """One copy by way of a staging folder."""

    def __init__(self, port: SocketPort, place: Place, packing: Packing, target: str, tick: Tick, clock: Clock) -> None:
        self._port = port
        self._place = place
        self._packing = packing
        self._tick = tick
        self._clock = clock
        top = packing.entries[0].info
        self._stage = Staging(port, place, target, top.name, folder=top.isdir())
        self._sent = -1
        """The last entry that was begun to be sent."""
        self._reached = (0, 0)
        """What the far side was seen to have: entries, and bytes of the one that was under way."""
        self.done = Copied(total=packing.whole, left_out=packing.left_out)

    async def run(self) -> bool:
        """False where nothing can be staged. Raises SourceError, UsageError."""
        try:
            staged = await self._over_cuts()
        except BaseException as exc:
            if not await self._stage.discard() and isinstance(exc, SourceError) and self._stage.path:
                raise _left(exc.problem, self._place, self._stage) from exc
            raise
        if staged:
            self.done.bytes = self._packing.held
            await self._look_at_bits()
        return staged

    async def _look_at_bits(self) -> None:
        """Tell which files and folders lack a bit there: all is copied by now, so that nothing that fails here matters
        to the copy."""
        special = self._packing.special
        if not special:
            return
        try:
            self.done.bits += await self._stage.lacking(special)
        except SourceError:
            self.done.bits += [unsure_words(one.info.name, one.info.mode) for one in special]

    async def _over_cuts(self) -> bool:
        """Send all of it, again where that is cut; False where nothing can be staged."""
        failures = 0
        while True:
            before = self._reached
            try:
                return await self._go()
            except SourceError as exc:
                failures = failures + 1 if self._reached == before else 1
                if not self._stage.accepted or exc.problem.kind not in PASSES or failures > TRIES:
                    raise
                self.done.cuts += 1
                self.done.waits = exc.problem.summary
                self._tick(self.done)
                await self._clock.sleep(wait_after(exc.problem, failures))

    async def _go(self) -> bool:
        """Send what the far side has not got: all of it, where it has no folder for it, or not any more."""
        if self._stage.path and await self._stage.claim():
            await self._send(self._packing.numbers(await self._went_to()), self._stage.go_on)
            return True
        if self._stage.accepted:
            if not await self._stage.discard():
                raise SourceError(Problem(ProblemKind.UNREACHABLE, "what had come before it was cut cannot be removed"))
            self._stage = self._stage.anew()
        self._sent = -1
        return await self._send(self._packing.numbers(0), self._stage.begin)

    async def _send(self, numbers: Sequence[int], send: _Sends[_T]) -> _T:
        packing, closing = self._packing, closing_of(self._packing, self._stage.token)

        def begins(number: int) -> None:
            entry = packing.entries[number]
            if number > self._sent:
                self._sent, self.done.files = number, entry.files
            self.done.path = entry.info.name

        length = packing.length(numbers) + len(closing.tar)
        self.done.total = packing.whole + len(closing.tar)
        told = self._counting(self.done.total - length)
        async with _typed(pieces(packing, numbers, begins, closing), told, self._clock) as typed:
            return await send(typed, length, closing.size)

    async def _went_to(self) -> int:
        """The entry with which to go on after a cut. One that is big is brought to its end first: it may take longer
        than any stream lasts."""
        entries = self._packing.entries
        shown = [number for number in range(self._sent + 1) if entries[number].shows]
        numbers = [number for number in shown if is_text(entries[number].info.name)]  # others cannot be asked after
        begun = await self._stage.last_begun([entries[number].info.name for number in numbers])
        last = numbers[begun] if begun >= 0 else 0
        self._reached = max(self._reached, (last, 0))
        entry = entries[last]
        if entry.info.isreg() and entry.info.size >= GONE_ON_WITH and await self._gone_on_with(last, entry):
            return last + 1
        return last

    async def _gone_on_with(self, number: int, entry: Entry) -> bool:
        """Send the rest of a file, where what is there is its beginning; whether it is whole then."""
        held = await self._stage.held(entry.info.name)
        if held is None or not 0 < held.size <= entry.info.size:
            return False
        if held.digest != await _local(digest_of, entry.path, held.size):
            return False
        self._reached = max(self._reached, (number, held.size))
        told = self._counting(entry.begin + held.size)
        async with _typed([content(entry, held.size)], told, self._clock) as typed:
            digest = await self._stage.append(entry, held.size, typed)
        return digest == await _local(digest_of, entry.path, entry.info.size)

    def _counting(self, begin: int) -> Callable[[int], None]:
        """Counts what is sent from there on; what goes twice counts once."""

        def count(size: int) -> None:
            nonlocal begin
            begin += size
            self.done.bytes = max(self.done.bytes, begin)
            self.done.waits = ""
            self._tick(self.done)

        return count


@asynccontextmanager
async def _typed(pieces: Iterable[Piece], count: Callable[[int], None], clock: Clock) -> AsyncGenerator[Messages]:
    """What a thread reads from the disk, for a command to read. count: told the bytes as they go. Raises UsageError in
    place of the OSError of the thread."""
    coming = FromThread()

    def write() -> None:
        try:
            for messages in filled(pieces):
                coming.write(messages)
        except Closed:
            return
        except BaseException as exc:
            coming.end(exc)
            raise
        coming.end()

    async def typed() -> Messages:
        most = 1
        while messages := await coming.take(most):
            begun, size = clock.monotonic(), carried(messages)
            yield messages
            count(size)
            most = TOGETHER if clock.monotonic() - begun < SOON else 1

    writing = asyncio.create_task(asyncio.to_thread(write), name="reading what is copied")
    try:
        yield typed()
    except OSError as exc:
        raise _unreadable(exc) from exc
    finally:
        coming.abandon()
        await asyncio.gather(writing, return_exceptions=True)


async def _unstaged(
    port: SocketPort, place: Place, source: str, target: str, own: str, tick: Tick, clock: Clock
) -> Copied:
    """The same as kubectl does it, in a container that has tar and nothing more.

    tar takes the place of a pipe or a device. Where the container has `test` that is refused for what is copied itself;
    of what is in a folder it is not known beforehand, since each file would take a stream to ask for.
    """
    tested = await run_command(port, Command(place, ("test", "-d", target)), FarEnd(None))
    into = target.endswith("/") or tested.exit_code == 0
    folder, name = (target, own) if into else posixpath.split(target)
    if tested.exit_code in (0, 1):
        await _look_at_place(port, place, posixpath.join(folder, name))
    packing = await _planned(source, name)
    done = Copied(total=packing.whole, left_out=packing.left_out)

    def begins(number: int) -> None:
        done.path, done.files = packing.entries[number].info.name, packing.entries[number].files

    def count(size: int) -> None:
        done.bytes += size
        tick(done)

    command = Command(place, ("tar", "-xmf", "-", "-C", folder or "."), stdin=True)
    async with _typed(pieces(packing, packing.numbers(0), begins), count, clock) as typed:
        far = _Ending(typed)
        ended = await run_command(port, command, far)
    if ended.exit_code != 0:
        raise tar_failed(ended, far.said(), place)
    done.bytes = packing.held
    done.bits += [unsure_words(one.info.name, one.info.mode) for one in packing.special]
    return done


async def _look_at_place(port: SocketPort, place: Place, path: str) -> None:
    """Raises SourceError where a pipe, a socket or a device is there."""
    word = path if path.startswith("/") else f"./{path}"
    if not is_text(word):
        return  # nobody can be asked
    is_other = ("!", "-L", word, "-a", "-e", word, "-a", "!", "-f", word, "-a", "!", "-d", word)
    if (await run_command(port, Command(place, ("test", *is_other)), FarEnd(None))).exit_code == 0:
        summary = f"{path} is neither a file nor a folder in the container: a copy would take its place"
        raise SourceError(Problem(ProblemKind.INVALID, summary))


class _Ending(FarEnd):
    """A command that must be told that what it reads has ended: tar reads on behind the end of an archive."""

    def __init__(self, typed: Messages) -> None:
        super().__init__(None, typed)

    async def opened(self, *, half_close: bool) -> None:
        await super().opened(half_close=half_close)
        if not half_close:
            summary = "the API server cannot say where a copy ends, and the container has no shell that could count"
            remedy = "upgrade the cluster to 1.30 or later"
            raise SourceError(Problem(ProblemKind.INVALID, summary, remedy=remedy))


async def _planned(source: str, name: str) -> Packing:
    try:
        return await asyncio.to_thread(plan, source, name)
    except OSError as exc:
        raise _unreadable(exc) from exc


async def _local(work: Callable[[str, int], str], path: str, size: int) -> str:
    try:
        return await asyncio.to_thread(work, path, size)
    except OSError as exc:
        raise _unreadable(exc) from exc


def _unreadable(exc: OSError) -> UsageError:
    return UsageError(f"{exc.filename or 'here'}: cannot be read: {exc.strerror}")


def _left(problem: Problem, place: Place, stage: Staging) -> SourceError:
    """The same problem, with what it leaves behind."""
    remedy = kubectl_exec(place, "rm", "-rf", "--", stage.path)
    summary = f"{problem.summary}; what had come is left in {stage.path}"
    return SourceError(replace(problem, summary=summary, remedy=remedy))


def _name_of(path: str) -> str:
    return os.path.basename(os.path.abspath(path)) or "root"
