"""Parse, run one command, and turn whatever happened into an exit code (design section 5)."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from tui import __version__
from tui.cli import crash, splash
from tui.errors import ClusterviewError, UsageError

if TYPE_CHECKING:
    import argparse

SCREEN = "tui.cli.ui:run"
"""What opens the screen, and sees to its garbage itself."""
_COLLECT_EVERY = 250_000
"""New objects, net, between two looks for garbage. A command's modules make more than a hundred thousand, nearly all of
them for good, and looking through them at Python's usual pace is an eighth of the time of a short command."""


def dispatch(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. argv: None = the process's own."""
    arguments = _parsed(sys.argv[1:] if argv is None else argv)
    if arguments.run != SCREEN:
        gc.set_threshold(_COLLECT_EVERY)
    try:
        with crash.Guard():
            _refuse_idle(arguments)
            code = _print_version() if arguments.version else _resolve(arguments.run)(arguments)
            sys.stdout.flush()
            return code
    except crash.StdoutLost as error:
        _give_up_stdout()
        return _refused(error)
    except ClusterviewError as error:
        return _refused(error)
    except BrokenPipeError:
        _give_up_stdout()  # the reader of our pipe has seen enough
        return 0


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    if not argv:
        # The command line of nearly every start; the parser would cost it a frame's time.
        return cast("argparse.Namespace", SimpleNamespace(run=SCREEN, version=False))
    from tui.cli.parser import parse

    return parse(argv)


def _print_version() -> int:
    sys.stdout.write(f"clusterview {__version__}\n")
    return 0


def _give_up_stdout() -> None:
    """Keep the interpreter's own flush at its end from complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _refuse_idle(arguments: argparse.Namespace) -> None:
    """A flag that would change nothing is a mistake of whoever gave it. Raises UsageError."""
    given = vars(arguments)
    for name in given.get("idle", ()):
        if name in given:
            raise UsageError(f"--{name} means nothing to this command: leave it out")


def _refused(error: ClusterviewError) -> int:
    from tui.cli.output import say, say_remedy

    splash.wipe()  # what is said on the other screen goes with it
    say(f"clusterview: {error}")
    say_remedy(getattr(getattr(error, "problem", None), "remedy", ""))
    return error.exit_code


def _resolve(target: str) -> Callable[[argparse.Namespace], int]:
    from importlib import import_module

    module, _, function = target.partition(":")
    return getattr(import_module(module), function)
