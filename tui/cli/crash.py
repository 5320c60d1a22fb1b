"""The end of the line for what nobody foresaw: the traceback goes to the log file, the person gets its path."""

from __future__ import annotations

import os
import sys
from types import TracebackType

from tui.cli import splash
from tui.errors import ClusterviewError

BUG = 70
"""EX_SOFTWARE of sysexits.h."""


class StdoutLost(ClusterviewError):
    """stdout takes nothing more: a full disk, a device that is gone."""


def _of_stdout() -> bool:
    """Whether it is stdout that failed: then what it still holds cannot be written either."""
    try:
        sys.stdout.flush()
    except OSError:
        return True
    return False


class Guard:
    """A context that turns an unforeseen exception into a logged traceback, one line on stderr and exit code 70. What
    stdout refuses is nobody's bug, and is raised as StdoutLost."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or isinstance(error, ClusterviewError | BrokenPipeError):
            return
        if isinstance(error, OSError) and _of_stdout():
            raise StdoutLost(f"the result cannot be written to stdout: {error.strerror}") from error
        import logging

        from tui.cli.logfile import start_logging
        from tui.config.places import state_dir

        path = start_logging(state_dir(os.environ))
        if path is None:
            return  # nowhere to write: the interpreter's own traceback on the terminal is all there is
        logging.getLogger("tui").error("crashed", exc_info=error)
        splash.wipe()
        sys.stderr.write(f"clusterview: this is a bug, sorry. What happened is in {path}\n")
        raise SystemExit(BUG) from error
