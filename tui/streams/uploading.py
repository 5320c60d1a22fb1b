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
import shlex
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

from msgspec.structs import replace

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.streams import Copied, SocketPort, Tick
from tui.streams.farend import FarEnd, tar_failed
from tui.streams.handover import Closed, Outlet
from tui.streams.modebits import unsure_words
from tui.streams.packing import Entry, Packing, content, folders_of, pieces, plan
from tui.streams.paths import Command, Place
from tui.streams.refetch import PASSES, TRIES, wait_after
from tui.streams.remote import run_command
from tui.streams.staging import Staging, digest_of, prepare
from tui.wire.words import is_text

GONE_ON_WITH = 1 << 20
"""Bytes from which a file that was cut is gone on with in its middle; a smaller one is begun again."""


async def upload(port: SocketPort, place: Place, source: str, target: str, tick: Tick, clock: Clock) -> Copied:
    """Copy `source` of this machine to `target` in a container: into it where it is a folder, else under its name.

    Raises SourceError where the far side fails, UsageError where this side cannot be read.
    """
    if not await asyncio.to_thread(os.path.lexists, source):
        raise UsageError(f"{source}: there is no such file")
    own = await asyncio.to_thread(_name_of, source)
    folder = await asyncio.to_thread(_is_folder, source)
    stage = await prepare(port, place, target, own, folder=folder)
    if stage is None:
        return await _unstaged(port, place, source, target, own, tick)
    try:
        packing = await _planned(source, stage.name)
        staged = _Upload(port, place, stage, packing, tick, clock)
        await staged.run()
    except BaseException as exc:
        if not await stage.discard() and isinstance(exc, SourceError):
            raise _left(exc.problem, place, stage) from exc
        raise
    return staged.done


class _Upload:
    """One copy by way of a staging folder."""

    def __init__(
        self, port: SocketPort, place: Place, stage: Staging, packing: Packing, tick: Tick, clock: Clock
    ) -> None:
        self._port = port
        self._place = place
        self._stage = stage
        self._packing = packing
        self._tick = tick
        self._clock = clock
        self._sent = -1
        """The last entry that was begun to be sent."""
        self._reached = (0, 0)
        """What the far side was seen to have: entries, and bytes of the one that was under way."""
        self.done = Copied(total=packing.whole, left_out=packing.left_out)

    async def run(self) -> None:
        """Raises SourceError, UsageError."""
        await self._over_cuts(self._send)
        await self._over_cuts(lambda: self._stage.finish(folders_of(self._packing)))
        self.done.bytes = self._packing.held
        await self._look_at_bits()

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

    async def _over_cuts(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do `step`, again where it is cut."""
        failures = 0
        while True:
            before = self._reached
            try:
                await step()
                return
            except SourceError as exc:
                failures = failures + 1 if self._reached == before else 1
                if exc.problem.kind not in PASSES or failures > TRIES:
                    raise
                self.done.cuts += 1
                self.done.waits = exc.problem.summary
                self._tick(self.done)
                await self._clock.sleep(wait_after(exc.problem, failures))

    async def _send(self) -> None:
        """Send what the far side has not got."""
        packing = self._packing
        numbers = packing.numbers(await self._went_to() if self._sent >= 0 else 0)
        if not numbers:
            return

        def begins(number: int) -> None:
            entry = packing.entries[number]
            if number > self._sent:
                self._sent, self.done.files = number, entry.files
            self.done.path = entry.info.name

        length = packing.length(numbers)
        command = Command(self._place, self._stage.unpacking(length), stdin=True)
        parts = pieces(packing, numbers, begins, open_folders=True)
        async with _typed(parts, self._counting(packing.whole - length)) as typed:
            far = FarEnd(None, typed)
            ended = await run_command(self._port, command, far)
        if ended.exit_code != 0:
            raise tar_failed(ended, far.said(), self._place)

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
        async with _typed(content(entry, held.size), self._counting(entry.begin + held.size)) as typed:
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
async def _typed(parts: Iterator[bytes], count: Callable[[int], None]) -> AsyncGenerator[AsyncIterator[bytes]]:
    """What a thread reads from the disk, for a command to read. count: told the bytes as they go. Raises UsageError in
    place of the OSError of the thread."""
    outlet = Outlet()

    def write() -> None:
        try:
            for part in parts:
                outlet.write(part)
        except Closed:
            return
        except BaseException as exc:
            outlet.end(exc)
            raise
        outlet.end()

    async def typed() -> AsyncIterator[bytes]:
        async for part in outlet.parts():
            yield part
            count(len(part))

    writing = asyncio.create_task(asyncio.to_thread(write), name="reading what is copied")
    try:
        yield typed()
    except OSError as exc:
        raise _unreadable(exc) from exc
    finally:
        outlet.abandon()
        await asyncio.gather(writing, return_exceptions=True)


async def _unstaged(port: SocketPort, place: Place, source: str, target: str, own: str, tick: Tick) -> Copied:
    """The same as kubectl does it, in a container that has tar and nothing more."""
    there = FarEnd(None)
    tested = await run_command(port, Command(place, ("test", "-d", target)), there)
    into = target.endswith("/") or tested.exit_code == 0
    folder, name = (target, own) if into else posixpath.split(target)
    packing = await _planned(source, name)
    done = Copied(total=packing.whole, left_out=packing.left_out)

    def begins(number: int) -> None:
        done.path, done.files = packing.entries[number].info.name, packing.entries[number].files

    def count(size: int) -> None:
        done.bytes += size
        tick(done)

    command = Command(place, ("tar", "-xmf", "-", "-C", folder or "."), stdin=True)
    async with _typed(pieces(packing, packing.numbers(0), begins, open_folders=False), count) as typed:
        far = _Ending(typed)
        ended = await run_command(port, command, far)
    if ended.exit_code != 0:
        raise tar_failed(ended, far.said(), place)
    done.bytes = packing.held
    done.bits += [unsure_words(one.info.name, one.info.mode) for one in packing.special]
    return done


class _Ending(FarEnd):
    """A command that must be told that what it reads has ended: tar reads on behind the end of an archive."""

    def __init__(self, typed: AsyncIterator[bytes]) -> None:
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
    container = ("-c", place.container) if place.container else ()
    words = ("kubectl", "exec", "-n", place.namespace, place.pod, *container, "--", "rm", "-rf", "--", stage.path)
    remedy = shlex.join(words)
    summary = f"{problem.summary}; what had come is left in {stage.path}"
    return SourceError(replace(problem, summary=summary, remedy=remedy))


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _name_of(path: str) -> str:
    return os.path.basename(os.path.abspath(path)) or "root"
