"""A tar stream from a container, written below one folder of this machine and nowhere else.

What is in the archive is a container's word, so nothing in it is believed: names that lead out, links that do, devices
and set-user bits are left out and named. `tui.streams.folders` walks to where it goes.
"""

from __future__ import annotations

import errno
import os
import stat
import tarfile
from collections.abc import Callable, Sequence
from typing import cast

from msgspec import Struct, field

from tui.streams.folders import OutsideError, Root, finish_folder, make_folder, open_folder, set_date
from tui.streams.modebits import NOT_HERE, SPECIAL, letters_of, lost_words
from tui.streams.tarheaders import Source, opened

CHUNK = 1 << 20
PART = ".clusterview-part"
"""Ending of a file that is still being written; it takes its name when all of it is there."""
_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_UNTAKEN = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.EFBIG, errno.EMLINK}
"""What a file system says of one entry, and would not say of the next."""
_LONGEST_LINK = 4096
"""Bytes that a symbolic link may lead to, with a zero at their end."""
_NAMED = 120
"""Characters at either end of a name that is too long to be told whole."""


class Unpacked(Struct):
    """What was written. files, bytes: how much. left_out: entries that were not written, with the reason. bits: those
    that were, without a bit of their mode."""

    files: int = 0
    bytes: int = 0
    left_out: list[str] = field(default_factory=list[str])
    bits: list[str] = field(default_factory=list[str])


def unpack(source: Source, folder: str, name: str, tick: Callable[[str, int], None], *, cut: int = 1) -> Unpacked:
    """Write the archive's one tree into `folder` as `name`, over what is there. folder: exists. tick: told the path and
    the bytes as they are written. cut: how many of the first parts of each name `name` stands for.

    Raises OSError where this machine cannot write, tarfile.TarError where what comes is no tar.
    """
    done = Unpacked()
    folders: list[tuple[list[str], int, float]] = []
    root = Root(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    try:
        with opened(source) as entries:
            for entry in entries:
                try:
                    _write(source, entry, root, (name, cut), folders, done, tick)
                except (OutsideError, ValueError, OverflowError) as exc:
                    why = str(exc) if isinstance(exc, OutsideError) else f"it cannot be written here ({exc})"
                    done.left_out.append(f"{_shown(entry.name)}: {why}")
                except OSError as exc:
                    if exc.errno not in _UNTAKEN:
                        raise
                    done.left_out.append(f"{_shown(entry.name)}: it cannot be written here ({exc.strerror})")
        for parts, mode, modified in reversed(folders):  # last, since a folder may not be writable to its owner
            finish_folder(root.fd, parts, mode, modified)
    finally:
        root.close()
    return done


def _shown(name: str) -> str:
    """A name of an entry, without its middle where that has more than any file's name."""
    return name if len(name) <= 2 * _NAMED + 1 else f"{name[:_NAMED]}…{name[-_NAMED:]}"


def _placed(named: str, top: tuple[str, int]) -> list[str]:
    """Where an entry goes, as parts below the target. top: what stands for how many of its first parts. Raises
    OutsideError."""
    parts = [part for part in named.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise OutsideError("its name leads outside")
    if any("\0" in part for part in parts):
        raise OutsideError("its name cannot be written")
    name, cut = top
    return [name, *parts[cut:]]


def _write(
    source: Source,
    entry: tarfile.TarInfo,
    root: Root,
    top: tuple[str, int],
    folders: list[tuple[list[str], int, float]],
    done: Unpacked,
    tick: Callable[[str, int], None],
) -> None:
    parts = _placed(entry.name, top)
    path = "/".join(parts)
    parent = root.folder(parts[:-1])
    if entry.isdir():
        make_folder(parent, parts[-1])
        folders.append((parts, entry.mode & 0o777, entry.mtime))
    elif entry.isreg():
        _write_file(source, entry, parent, parts[-1], lambda count: tick(path, count))
        done.files += 1
        done.bytes += entry.size
    elif entry.issym():
        _check_link(parts, entry.linkname)
        _check_words(entry.linkname)
        _remove(parent, parts[-1])
        os.symlink(entry.linkname, parts[-1], dir_fd=parent)
        done.files += 1
    elif entry.islnk():
        _link(root.fd, _placed(entry.linkname, top), parent, parts[-1], entry.linkname)
        done.files += 1
    else:
        raise OutsideError("it is neither a file nor a folder nor a link")
    if entry.mode & SPECIAL and (entry.isdir() or entry.isreg()):
        done.bits.append(lost_words(entry.name, letters_of(entry.mode), NOT_HERE))


def _link(root: int, first: Sequence[str], parent: int, name: str, called: str) -> None:
    """Give what was copied to `first` another name. called: `first`, as the archive has it. Raises OutsideError."""
    beside = open_folder(root, first[:-1])
    try:
        os.stat(first[-1], dir_fd=beside, follow_symlinks=False)  # before anything is removed for it
        _remove(parent, name)
        os.link(first[-1], name, src_dir_fd=beside, dst_dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError as exc:
        raise OutsideError(f"it is another name of {_shown(called)}, which was not copied") from exc
    except PermissionError as exc:  # it is a folder, or there are no second names here
        raise OutsideError(f"it is another name of {_shown(called)}: {exc.strerror}") from exc
    finally:
        os.close(beside)


def _write_file(source: Source, entry: tarfile.TarInfo, parent: int, name: str, tick: Callable[[int], None]) -> None:
    _check_place(parent, name)
    pieces = _pieces(entry)
    part = os.fsdecode(os.fsencode(name)[:200]) + PART
    source.seek(entry.offset_data)
    file = os.open(part, _FILE, 0o600, dir_fd=parent)
    try:
        for place, size in pieces:
            if place:
                os.lseek(file, place, os.SEEK_SET)
            _write_piece(source, size, file, tick)
        if entry.issparse():
            os.ftruncate(file, entry.size)
        os.fchmod(file, entry.mode & 0o777)
        set_date(file, entry.mtime)
    except BaseException:
        os.unlink(part, dir_fd=parent)
        raise
    finally:
        os.close(file)
    try:
        if entry.size > CHUNK:  # which took a while
            _check_place(parent, name)
        os.replace(part, name, src_dir_fd=parent, dst_dir_fd=parent)
    except OutsideError:
        os.unlink(part, dir_fd=parent)
        raise
    except IsADirectoryError as exc:  # it has come meanwhile
        os.unlink(part, dir_fd=parent)
        raise OutsideError("a folder of that name is in the way") from exc


def _pieces(entry: tarfile.TarInfo) -> Sequence[tuple[int, int]]:
    """Where in the file what stands in the archive belongs, and how much of it: all in one, or what a sparse file has
    between its holes. Raises OutsideError."""
    if not entry.issparse():
        return ((0, entry.size),)
    pieces = list(cast("Sequence[tuple[int, int]]", entry.sparse))  # which is not what its types call it
    end = 0
    for place, size in pieces:
        if size < 0 or place < end or place + size > entry.size:
            raise OutsideError("where its holes are cannot be made out")
        end = place + size
    return pieces


def _write_piece(source: Source, left: int, file: int, tick: Callable[[int], None]) -> None:
    while left:
        data = source.read(min(left, CHUNK))
        if not data:
            raise tarfile.ReadError("the archive ends within a file")
        left -= len(data)
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        tick(len(data))


def _check_place(parent: int, name: str) -> None:
    """Raises OutsideError where a file would take the place of something that is none: a folder, a device, a pipe, a
    socket."""
    try:
        there = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(there.st_mode):
        raise OutsideError("a folder of that name is in the way")
    if not (stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode)):
        raise OutsideError("a device or pipe of that name is in the way")


def _check_link(parts: Sequence[str], leads_to: str) -> None:
    """Raises OutsideError where a symbolic link at `parts` leads out of what is copied."""
    if leads_to.startswith("/"):
        raise OutsideError(f"it is a link to {_shown(leads_to)}, outside of what is copied")
    place, down = list(parts[:-1]), False
    for step in leads_to.split("/"):
        if step == "..":
            if len(place) <= 1 or down:  # what it goes down through may be a link, and up from there is elsewhere
                raise OutsideError(f"it is a link to {_shown(leads_to)}, outside of what is copied")
            place.pop()
        elif step not in ("", "."):
            place.append(step)
            down = True


def _check_words(leads_to: str) -> None:
    """Raises OutsideError where no symbolic link can lead to that: before what is in its place is removed for it."""
    if not leads_to or "\0" in leads_to:
        raise OutsideError("where it leads to cannot be written")
    if len(os.fsencode(leads_to)) >= _LONGEST_LINK:
        raise OutsideError("where it leads to is too long")


def _remove(parent: int, name: str) -> None:
    """Make room for a link; a folder is not removed for one."""
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        pass
    except (IsADirectoryError, PermissionError) as exc:
        raise OutsideError("a folder of that name is in the way") from exc
