"""Reading what is there and writing what finds room, without ever waiting, on a descriptor that others hold as well:
O_NONBLOCK would be for all of them.

Linux has a flag for it, RWF_NOWAIT (preadv2(2), pwritev2(2)): for files, where it means what is in memory, and since
6.4 for pipes. Other systems and kernels have none, nor have terminals.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress

from tui.wire.outgoing import Bytes

NOWAIT = getattr(os, "RWF_NOWAIT", 0)
PIPE = 1 << 20
"""Bytes that a pipe may hold: with the usual 64 KiB both sides would be woken for each of them."""
_HERE = -1
"""The place in a file from which it goes on."""
_NOT_SO = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ESPIPE}


class UntoldError(Exception):
    """Whether it would wait is not told here, for this descriptor at all."""


def read_now(fd: int, into: Sequence[memoryview]) -> int:
    """How many bytes came, into the first of these first; none at the end. Raises BlockingIOError where nothing is
    there yet, UntoldError, OSError."""
    try:
        return os.preadv(fd, into, _HERE, _flag())
    except OSError as exc:
        _check_told(exc)
        raise


def write_now(fd: int, parts: Sequence[Bytes]) -> int:
    """How many bytes of these were taken. Raises BlockingIOError where there is no room, UntoldError, OSError."""
    try:
        return os.pwritev(fd, parts, _HERE, _flag())
    except OSError as exc:
        _check_told(exc)
        raise


def _flag() -> int:
    if not NOWAIT:
        raise UntoldError
    return NOWAIT


def _check_told(exc: OSError) -> None:
    """Raises UntoldError where that is what it says."""
    if exc.errno in _NOT_SO:
        raise UntoldError from exc


def widen(fd: int) -> None:
    """Have a pipe hold more, where this system can (Linux) and allows it; what is no pipe stays as it is, and so does
    one that holds as much."""
    held: int | None = getattr(fcntl, "F_GETPIPE_SZ", None)
    wider: int | None = getattr(fcntl, "F_SETPIPE_SZ", None)
    if held is not None and wider is not None:
        with suppress(OSError):
            if fcntl.fcntl(fd, held) < PIPE:
                fcntl.fcntl(fd, wider, PIPE)
