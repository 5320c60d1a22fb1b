"""Tells the guard of this process what is there that must not outlive it (`guard`)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tui.sim.kube.streams import guard

_SCRIPT = Path(guard.__file__)


class Guarded:
    """Starts the guard with the first thing that is told. What cannot be guarded is done all the same."""

    def __init__(self) -> None:
        self._guard: subprocess.Popen[bytes] | None = None

    def begins(self, kind: str, name: int | str) -> None:
        """A "session" by its leader, or a "folder" (see `named`)."""
        if self._guard is None:
            try:
                self._guard = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(_SCRIPT)],
                    stdin=subprocess.PIPE,  # its other end is ours alone: no child inherits it
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,  # ctrl+c in the terminal is for the simulator
                )
            except OSError:
                return
        self._tell(f"+{kind} {name}")

    def ends(self, kind: str, name: int | str) -> None:
        """It is gone."""
        self._tell(f"-{kind} {name}")

    def _tell(self, line: str) -> None:
        if self._guard is None or self._guard.stdin is None:
            return
        try:
            os.write(self._guard.stdin.fileno(), os.fsencode(f"{line}\n"))
        except OSError:
            pass  # somebody killed it


GUARDED = Guarded()
"""Of this process, however many simulators are in it."""


def named(path: Path) -> str:
    """How the guard is told of one that has just been made."""
    return f"{guard.identity(path)} {path}"


@contextmanager
def scratch_folder(prefix: str) -> Generator[Path]:
    """A temporary folder that is gone with the block, or with this process."""
    with tempfile.TemporaryDirectory(prefix=prefix) as made:
        told = named(Path(made))
        GUARDED.begins("folder", told)
        try:
            yield Path(made)
        finally:
            GUARDED.ends("folder", told)
