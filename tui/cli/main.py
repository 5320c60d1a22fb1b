"""The console script. It imports nothing before it has shown that it lives: the first bytes are on the screen in the
time that Python itself takes to start, and everything else is paid for after that."""

import sys

from tui.cli import splash

INTERRUPTED = 130
"""Exit code: what a shell reports for a program ended by SIGINT."""
SCREENFUL = ((), ("demo",))
"""The command lines that surely open the screen; others may turn out to be questions, or wrong."""


def main() -> int:
    """Run this process's command line; returns the exit code."""
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
