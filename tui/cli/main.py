"""The console script. It imports nothing before it has shown that it lives: the first bytes are on the screen in the
time that Python itself takes to start, and everything else is paid for after that."""

import gc
import os
import sys

from tui.cli import splash

INTERRUPTED = 130
"""Exit code: what a shell reports for a program ended by SIGINT."""
KEPT = 1 << 20
"""Bytes of the block that `keep_freed_memory` frees."""
SCREENFUL = ((), ("demo",))
"""The command lines that surely open the screen; others may turn out to be questions, or wrong."""


def main() -> int:
    """Run this process's command line; returns the exit code."""
    _open_closed_streams()
    keep_freed_memory()
    painted = tuple(sys.argv[1:]) in SCREENFUL and splash.in_terminal()
    if painted:
        splash.paint()
    try:
        from tui.cli.dispatch import dispatch

        return dispatch()
    except KeyboardInterrupt:  # also while modules are being imported, which is most of a short command's life
        return INTERRUPTED
    finally:
        splash.wipe()
        gc.freeze()  # all goes with the process: Python need not look through it once more for what is garbage


def keep_freed_memory() -> None:
    """Have the C library keep some of what is freed.

    glibc gives a heap's end back from 128 KiB on. Where messages of 64 KiB come and go that is so for each of them: it
    is given back, asked for, and zeroed page by page, which takes longer than what is done with it. Once a block of
    this size has been freed it keeps twice as much (mallopt(3), M_MMAP_THRESHOLD). Elsewhere this does nothing; the
    block itself is never touched.
    """
    bytes(KEPT)


def _open_closed_streams() -> None:
    """Whoever closed one of the three (`>&-`) wants nothing of it; Python leaves None in its place."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115 (for good)
