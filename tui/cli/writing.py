"""What is asked of every command line that may change something, before anything is looked up."""

from __future__ import annotations

import argparse
import shlex
import sys

from tui.errors import Problem, ProblemKind, SourceError


def needs_write(arguments: argparse.Namespace, *remedies: str) -> None:
    """Raises SourceError where --write was not given; remedies: the flags that would do."""
    if arguments.write:
        return
    command, dashes, rest = shlex.join(["clusterview", *sys.argv[1:]]).partition(" -- ")
    remedy = "\n".join(f"{command} {flag}{dashes}{rest}" for flag in remedies or ("--write",))
    raise SourceError(Problem(ProblemKind.FORBIDDEN, "read-only without --write: nothing was sent", remedy=remedy))
