"""Files of this machine as a tar stream for a container: what is there, under the name that it is to have there."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from typing import IO, Protocol, cast

BUFFER = 128 << 10
"""Bytes of tar that are written at a time; a multiple of its blocks."""


class Sink(Protocol):
    """Where the tar goes."""

    def write(self, data: bytes, /) -> int: ...


def total_of(path: str) -> int | None:
    """Bytes of the files below `path`, links not followed; what cannot be read counts nothing. None where there is no
    `path`: the copy itself says so."""
    if not os.path.isdir(path) or os.path.islink(path):
        try:
            return os.lstat(path).st_size
        except OSError:
            return None
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
    return total


def pack(path: str, name: str, sink: Sink, tick: Callable[[str, int], None]) -> list[str]:
    """Write the tar of `path`, in which it is called `name`; returns what was left out, with the reason. tick: told the
    name and the bytes of each file as it is begun.

    Owners are left out: they mean nothing there. Raises OSError where `path` itself cannot be read.
    """
    left_out: list[str] = []
    with tarfile.open(fileobj=cast("IO[bytes]", sink), mode="w|", bufsize=BUFFER, format=tarfile.PAX_FORMAT) as archive:
        _add(archive, path, name, tick, left_out, top=True)
    return left_out


def _add(
    archive: tarfile.TarFile,
    path: str,
    name: str,
    tick: Callable[[str, int], None],
    left_out: list[str],
    *,
    top: bool = False,
) -> None:
    try:
        entry = archive.gettarinfo(path, name)
    except OSError as exc:
        if top:
            raise
        left_out.append(f"{path}: {exc.strerror}")
        return
    if cast("tarfile.TarInfo | None", entry) is None:  # a socket, which tar cannot hold
        left_out.append(f"{path}: a socket")
        return
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    if not entry.isreg():
        archive.addfile(entry)
        for inner in sorted(os.listdir(path)) if entry.isdir() else ():
            _add(archive, os.path.join(path, inner), f"{name}/{inner}", tick, left_out)
        return
    try:
        content = open(path, "rb")  # noqa: SIM115 (closed below)
    except OSError as exc:
        if top:
            raise
        left_out.append(f"{path}: {exc.strerror}")
        return
    with content:
        tick(name, entry.size)
        archive.addfile(entry, content)
