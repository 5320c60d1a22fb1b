"""Ends what a simulator leaves behind that is killed: a program of its own, which outlives it by a moment.

    python -I -S guard.py

Its input names the sessions of processes and the folders that are there at present, a line for each that begins or
ends: "+session 1234", "-folder 2049.77 /tmp/x" (see `identity`). The simulator holds the other end, and nobody else
does, so that the input ends when the simulator does, however that comes; whatever is still named then is killed and
removed. Nothing of clusterview is imported, so that this starts in some milliseconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
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
            made, _, path = name.partition(" ")
            if made == identity(Path(path)):
                remove(Path(path))


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


def identity(path: Path) -> str:
    """Which folder it is, by device and inode; "" where none is there, or a link to one. Another one that somebody has
    put in its place, here or further up, is another."""
    try:
        found = path.lstat()
    except OSError:
        return ""
    return f"{found.st_dev}.{found.st_ino}" if stat.S_ISDIR(found.st_mode) else ""


def remove(path: Path) -> None:
    """A folder with all that is in it, whatever commands have done to the permissions in there. What is behind a link
    is left as it is, and so is a link in place of the folder itself."""
    if not identity(path):
        return
    _open_up(str(path), None)
    for _, folders, _, above in os.fwalk(path):  # looks twice at each, and so follows no link
        for name in folders:
            _open_up(name, above)
    shutil.rmtree(path, ignore_errors=True)


def _open_up(name: str, above: int | None) -> None:
    """Let us into a folder. above: the open one in which it is."""
    try:
        if stat.S_ISDIR(os.lstat(name, dir_fd=above).st_mode):
            os.chmod(name, 0o700, dir_fd=above)
    except OSError:
        pass  # rmtree fails on the same, and leaves it


if __name__ == "__main__":
    main()
