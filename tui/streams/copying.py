"""Files from a container: tar over exec, as kubectl cp does it, with progress; a file is whole or not there.

Source: k8s.io/kubectl/pkg/cmd/cp (cp.go) for the command.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
import tarfile

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.streams import Copied, SocketPort, Tick
from tui.streams.farend import tar_failed
from tui.streams.handover import Closed, ToThread
from tui.streams.paths import Place
from tui.streams.refetch import Refetch, changed
from tui.streams.tarheaders import RefusedError
from tui.streams.unpacking import Unpacked, unpack
from tui.wire.status import Ended


async def download(port: SocketPort, place: Place, source: str, target: str, tick: Tick, clock: Clock) -> Copied:
    """Copy `source` of a container to `target` here: into it where it is a folder, else under its name. It goes on
    where it was cut (`tui.streams.refetch`).

    Raises SourceError where the far side fails, UsageError where this side cannot be written.
    """
    clean = posixpath.normpath(source)
    where, what = posixpath.split(clean)
    whole = what in ("", ".", "..")  # a folder that has no name of its own here
    name = "root" if whole else what
    if await asyncio.to_thread(os.path.islink, target):  # as kubectl: what it leads to is written
        target = await asyncio.to_thread(os.path.realpath, target)
    folder, name = (target, name) if await asyncio.to_thread(os.path.isdir, target) else _parted(target)
    if not await asyncio.to_thread(_takes_a_file, os.path.join(folder, name)):
        raise UsageError(f"{target} is neither a file nor a folder: a copy would take its place")
    if not await asyncio.to_thread(os.path.isdir, folder):
        raise UsageError(f"{folder} is no folder of this machine")
    reader, done = ToThread(), Copied()

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
            return unpack(reader, folder, name, note, cut=0 if whole else 1)
        finally:
            reader.abandon()

    there = (clean, ".") if whole else (where or ".", f"./{what}")
    fetch = Refetch(port, place, *there, reader.feed, cut, clock)
    reading = asyncio.create_task(asyncio.to_thread(read), name=f"unpacking {source}")
    try:
        try:
            ended, said = await fetch.run()
        except Closed:
            ended, said = None, ""  # the reader says why
        await reader.end()
        unpacked = await _unpacked(reading, ended, said, place, cut=done.cuts > 0)
    finally:
        reader.abandon()
        reader.stop()
        await asyncio.gather(reading, return_exceptions=True)
    if ended is not None and ended.exit_code != 0 and not unpacked.files:
        raise tar_failed(ended, said, place)
    if ended is not None and (ended.exit_code != 0 or (done.cuts and said)):  # tail tells nothing of tar's end
        unpacked.left_out.append(said or ended.words)
    done.files, done.left_out, done.bits = unpacked.files, unpacked.left_out, unpacked.bits
    return done


async def _unpacked(
    reading: asyncio.Task[Unpacked], ended: Ended | None, said: str, place: Place, *, cut: bool
) -> Unpacked:
    try:
        return await reading
    except RefusedError as exc:
        summary = f"the archive that came was not read to its end: {exc}"
        remedy = "no tar writes such headers: see which tar the container has; what was copied before it is here"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, said, remedy=remedy)) from exc
    except tarfile.TarError as exc:
        if ended is not None and ended.exit_code != 0:
            raise tar_failed(ended, said, place) from exc
        if cut:  # what was longer by then than its header says
            raise changed() from exc
        raise SourceError(Problem(ProblemKind.PROTOCOL, f"what came is no tar: {exc}", said)) from exc
    except OSError as exc:
        raise UsageError(f"{exc.filename or 'here'}: cannot be written: {exc.strerror}") from exc


def _takes_a_file(path: str) -> bool:
    """Whether a file or folder may be put there: not in place of a device, a pipe or a socket."""
    return not os.path.lexists(path) or os.path.islink(path) or os.path.isfile(path) or os.path.isdir(path)


def _parted(target: str) -> tuple[str, str]:
    folder, name = os.path.split(target.rstrip("/"))
    if name in ("", ".", ".."):
        raise UsageError(f"{target}: give a file's or folder's name")
    return folder or ".", name
