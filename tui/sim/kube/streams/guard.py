"""Ends what a simulator leaves behind that is killed: a program of its own, which outlives it by a moment.

    python -I -S guard.py

Its input names the sessions of processes and the folders that are there at present, a line for each that begins or
ends: "+session 1234", "-folder /tmp/x". The simulator holds the other end, and nobody else does, so that the input ends
when the simulator does, however that comes; whatever is still named then is killed and removed. Nothing of clusterview
is imported, so that this starts in some milliseconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path


def main() -> None:
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # whoever ends us with the simulator would leave its work undone
    there: dict[str, None] = {}
    for line in iter(sys.stdin.buffer.readline, b""):
        text = os.fsdecode(line.rstrip(b"\n"))
        if text.startswith("+"):
            there[text[1:]] = None
        else:
            there.pop(text[1:], None)
    left = [text.partition(" ") for text in there]
    for kind, _, name in left:
        if kind == "session":
            kill_session(int(name))
    for kind, _, name in left:
        if kind == "folder":
            remove(Path(name))


def kill_session(leader: int) -> None:
    """SIGKILL for all processes of a session; where those cannot be told, for the group of its leader."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    try:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return  # not Linux
    for number in numbers:
        try:
            fields = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()
            if int(fields[3]) == leader:
                os.kill(number, signal.SIGKILL)
        except (OSError, IndexError):
            pass  # gone meanwhile


def remove(path: Path) -> None:
    """A folder with all that is in it, whatever commands have done to the permissions in there."""
    try:
        path.chmod(0o700)
    except FileNotFoundError:
        return
    for folder, folders, _ in os.walk(path):
        for name in folders:
            below = os.path.join(folder, name)
            if not os.path.islink(below):
                try:
                    os.chmod(below, 0o700)
                except OSError:
                    pass  # rmtree fails on the same, and leaves it
    shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
