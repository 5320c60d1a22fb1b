"""Files to and from a container: tar over exec, as kubectl cp does it, with progress and in one piece or not at all.

Source: k8s.io/kubectl/pkg/cmd/cp (cp.go) for the commands: `tar` reads or writes on the far side, and `test -d` says
whether a target is a folder into which to copy.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
import re
import tarfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.streams import SocketPort
from tui.streams.handover import Closed, Inlet, Outlet
from tui.streams.packing import pack
from tui.streams.paths import Command, Place
from tui.streams.remote import run_command
from tui.streams.unpacking import Unpacked, unpack
from tui.wire.status import Ended

_NO_TAR = re.compile(
    r"""exec: "?tar"?|executable file not found|tar: (command )?not found|tar['"’]: no such file""", re.I
)
LONGEST_COMPLAINT = 4 << 10


@dataclass(slots=True)
class Copied:
    """How far a copy has come. path: the file that is under way. bytes: of the files' contents. left_out: what was not
    copied, with the reason."""

    path: str = ""
    files: int = 0
    bytes: int = 0
    left_out: list[str] = field(default_factory=list[str])


Tick = Callable[[Copied], None]
"""Told how far it has come; called by another thread."""


class _Far:
    """A `Near` for a command that is spoken to by this program. out: what stdout goes to."""

    def __init__(self, out: Callable[[bytes], object] | None, typed: AsyncIterator[bytes] | None = None) -> None:
        self._out = out
        self._typed = typed
        self.half_close = True
        self.complaint = b""

    async def opened(self, *, half_close: bool) -> None:
        self.half_close = half_close

    async def out(self, data: bytes) -> None:
        if self._out is not None and asyncio.iscoroutine(taken := self._out(data)):
            await taken

    async def err(self, data: bytes) -> None:
        self.complaint = (self.complaint + data)[-LONGEST_COMPLAINT:]

    async def typed(self) -> AsyncIterator[bytes]:
        if self._typed is not None:
            async for data in self._typed:
                yield data

    async def sizes(self) -> AsyncIterator[tuple[int, int]]:
        return
        yield

    def said(self) -> str:
        return self.complaint.decode("utf-8", "replace").strip()


async def download(port: SocketPort, place: Place, source: str, target: str, tick: Tick) -> Copied:
    """Copy `source` of a container to `target` here: into it where it is a folder, else under its name.

    Raises SourceError where the far side fails, UsageError where this side cannot be written.
    """
    clean = posixpath.normpath(source)
    where, what = posixpath.split(clean)
    whole = what in ("", ".", "..")  # a folder that has no name of its own here
    name = "root" if whole else what
    folder, name = (target, name) if await asyncio.to_thread(os.path.isdir, target) else _parted(target)
    if not await asyncio.to_thread(os.path.isdir, folder):
        raise UsageError(f"{folder} is no folder of this machine")
    command = ("tar", "cf", "-", "-C", clean if whole else where or ".", "." if whole else f"./{what}")
    inlet, done = Inlet(), Copied()

    def note(path: str, count: int) -> None:
        done.path = path
        done.bytes += count
        tick(done)

    def read() -> Unpacked:
        try:
            return unpack(inlet, folder, name, note, cut=0 if whole else 1)
        finally:
            inlet.abandon()

    far = _Far(inlet.feed)
    reading = asyncio.create_task(asyncio.to_thread(read), name=f"unpacking {source}")
    try:
        try:
            ended = await run_command(port, Command(place, command), far)
        except Closed:
            ended = None  # the reader says why
        await inlet.end()
        unpacked = await _unpacked(reading, ended, far, place)
    finally:
        inlet.abandon()
        inlet.stop()
        await asyncio.gather(reading, return_exceptions=True)
    if ended is not None and ended.exit_code != 0 and not unpacked.files:
        raise _failed(ended, far.said(), place)
    if ended is not None and ended.exit_code != 0:
        unpacked.left_out.append(far.said() or ended.words)
    done.files, done.left_out = unpacked.files, unpacked.left_out
    return done


async def _unpacked(reading: asyncio.Task[Unpacked], ended: Ended | None, far: _Far, place: Place) -> Unpacked:
    try:
        return await reading
    except tarfile.TarError as exc:
        if ended is not None and ended.exit_code != 0:
            raise _failed(ended, far.said(), place) from exc
        raise SourceError(Problem(ProblemKind.PROTOCOL, f"what came is no tar: {exc}", far.said())) from exc
    except OSError as exc:
        raise UsageError(f"{exc.filename or 'here'}: cannot be written: {exc.strerror}") from exc


async def upload(port: SocketPort, place: Place, source: str, target: str, tick: Tick) -> Copied:
    """Copy `source` of this machine to `target` in a container: into it where it is a folder, else under its name.

    Raises SourceError where the far side fails, UsageError where this side cannot be read.
    """
    if not await asyncio.to_thread(os.path.lexists, source):
        raise UsageError(f"{source}: there is no such file")
    own = await asyncio.to_thread(_name_of, source)
    if target.endswith("/") or await _is_folder(port, place, target):
        folder, name = target, own
    else:
        folder, name = posixpath.split(target)
    outlet, done = Outlet(), Copied()

    def note(path: str, count: int) -> None:
        done.path = path
        done.files += 1
        tick(done)

    def write() -> None:
        died_of: BaseException | None = None
        try:
            done.left_out = pack(source, name, outlet, note)
        except Closed:
            return
        except (OSError, tarfile.TarError) as exc:
            died_of = exc
        outlet.end(died_of)

    async def typed() -> AsyncIterator[bytes]:
        async for part in outlet.parts():
            yield part
            done.bytes += len(part)
            tick(done)

    writing = asyncio.create_task(asyncio.to_thread(write), name=f"packing {source}")
    far = _Far(None, typed())
    try:
        ended = await run_command(port, Command(place, ("tar", "-xmf", "-", "-C", folder or "."), stdin=True), far)
    except OSError as exc:
        raise UsageError(f"{exc.filename or source}: cannot be read: {exc.strerror}") from exc
    finally:
        outlet.abandon()
        await asyncio.gather(writing, return_exceptions=True)
    if ended.exit_code != 0:
        raise _failed(ended, far.said(), place)
    return done


async def _is_folder(port: SocketPort, place: Place, path: str) -> bool:
    """As far as the container can tell: one without `test` is taken to have none."""
    ended = await run_command(port, Command(place, ("test", "-d", path)), _Far(None))
    return ended.exit_code == 0


def _name_of(path: str) -> str:
    return os.path.basename(os.path.abspath(path)) or "root"


def _parted(target: str) -> tuple[str, str]:
    folder, name = os.path.split(target.rstrip("/"))
    if name in ("", ".", ".."):
        raise UsageError(f"{target}: give a file's or folder's name")
    return folder or ".", name


def _failed(ended: Ended, said: str, place: Place) -> SourceError:
    words = said or ended.words
    if (ended.exit_code is None and "tar" in words) or ended.exit_code in (126, 127) or _NO_TAR.search(words):
        summary = f"container {place.container or place.pod} has no tar, which copying needs"
        remedy = f"kubectl debug -n {place.namespace} {place.pod} -it --image=busybox --target={place.container}"
        return SourceError(Problem(ProblemKind.INVALID, summary, words, remedy))
    return SourceError(Problem(ProblemKind.INVALID, "the container's tar failed", words))
