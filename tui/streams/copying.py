"""Files to and from a container: tar over exec, as kubectl cp does it, with progress. Here a file is whole or not
there; in the container a copy that is cut leaves what its tar had written.

Source: k8s.io/kubectl/pkg/cmd/cp (cp.go) for the commands: `tar` reads or writes on the far side, and `test -d` says
whether a target is a folder into which to copy.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
import re
import tarfile
from collections.abc import AsyncIterator

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.streams import Copied, SocketPort, Tick
from tui.streams.farend import FarEnd
from tui.streams.handover import Closed, Inlet, Outlet
from tui.streams.packing import pack
from tui.streams.paths import Command, Place
from tui.streams.refetch import Refetch, changed
from tui.streams.remote import run_command
from tui.streams.unpacking import Unpacked, unpack
from tui.wire.status import Ended

_NO_TAR = re.compile(
    r"""exec: "?tar"?|executable file not found|tar: (command )?not found|tar['"’]: no such file""", re.I
)


async def download(port: SocketPort, place: Place, source: str, target: str, tick: Tick, clock: Clock) -> Copied:
    """Copy `source` of a container to `target` here: into it where it is a folder, else under its name. It goes on
    where it was cut (`tui.streams.refetch`).

    Raises SourceError where the far side fails, UsageError where this side cannot be written.
    """
    clean = posixpath.normpath(source)
    where, what = posixpath.split(clean)
    whole = what in ("", ".", "..")  # a folder that has no name of its own here
    name = "root" if whole else what
    folder, name = (target, name) if await asyncio.to_thread(os.path.isdir, target) else _parted(target)
    if not await asyncio.to_thread(os.path.isdir, folder):
        raise UsageError(f"{folder} is no folder of this machine")
    inlet, done = Inlet(), Copied()

    def note(path: str, count: int) -> None:
        done.path = path
        done.bytes += count
        done.waits = ""
        tick(done)

    def cut(problem: Problem) -> None:
        done.cuts += 1
        done.waits = problem.summary
        tick(done)

    def read() -> Unpacked:
        try:
            return unpack(inlet, folder, name, note, cut=0 if whole else 1)
        finally:
            inlet.abandon()

    there = (clean, ".") if whole else (where or ".", f"./{what}")
    fetch = Refetch(port, place, *there, inlet.feed, cut, clock)
    reading = asyncio.create_task(asyncio.to_thread(read), name=f"unpacking {source}")
    try:
        try:
            ended, said = await fetch.run()
        except Closed:
            ended, said = None, ""  # the reader says why
        await inlet.end()
        unpacked = await _unpacked(reading, ended, said, place, cut=done.cuts > 0)
    finally:
        inlet.abandon()
        inlet.stop()
        await asyncio.gather(reading, return_exceptions=True)
    if ended is not None and ended.exit_code != 0 and not unpacked.files:
        raise _failed(ended, said, place)
    if ended is not None and (ended.exit_code != 0 or (done.cuts and said)):  # tail tells nothing of tar's end
        unpacked.left_out.append(said or ended.words)
    done.files, done.left_out = unpacked.files, unpacked.left_out
    return done


async def _unpacked(
    reading: asyncio.Task[Unpacked], ended: Ended | None, said: str, place: Place, *, cut: bool
) -> Unpacked:
    try:
        return await reading
    except tarfile.TarError as exc:
        if ended is not None and ended.exit_code != 0:
            raise _failed(ended, said, place) from exc
        if cut:  # what was longer by then than its header says
            raise changed() from exc
        raise SourceError(Problem(ProblemKind.PROTOCOL, f"what came is no tar: {exc}", said)) from exc
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
    far = FarEnd(None, typed())
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
    ended = await run_command(port, Command(place, ("test", "-d", path)), FarEnd(None))
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
