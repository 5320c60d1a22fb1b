"""The console script. It imports nothing before it has shown that it lives: the first bytes are on the screen in the
time that Python itself takes to start, and everything else is paid for after that."""

import gc
import os
import sys

from tui.cli import splash

INTERRUPTED = 130
"""Exit code: what a shell reports for a program ended by SIGINT."""
SCREENFUL = ((), ("demo",))
"""The command lines that surely open the screen; others may turn out to be questions, or wrong."""


def main() -> int:
    """Run this process's command line; returns the exit code."""
    _open_closed_streams()
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


def _open_closed_streams() -> None:
    """Whoever closed one of the three (`>&-`) wants nothing of it; Python leaves None in its place."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115 (for good)
