"""A program in a real pseudo-terminal, watched from outside: when bytes come, what they show, what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Terminal:
    """One child on a pty of the given size. Times are seconds since it was spawned."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 40) -> None:
        self.output = bytearray()
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), dict(env))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def read(self, timeout: float) -> bytes:
        """What came within `timeout` seconds (at once when something is there); b"" for nothing or the end."""
        ready, _, _ = select.select([self.fd], [], [], timeout)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: the child closed its side
            return b""
        self.output += data
        return data

    def until(self, text: bytes, timeout: float = 30.0) -> float:
        """Seconds from spawn until `text` had come. Raises TimeoutError with the end of what did."""
        deadline = self.started + timeout
        while text not in self.output:
            left = deadline - time.perf_counter()
            if left <= 0:
                raise TimeoutError(f"{text!r} never came; last: {bytes(self.output[-400:])!r}")
            self.read(left)
        return time.perf_counter() - self.started

    def first_byte(self, timeout: float = 30.0) -> float:
        """Seconds from spawn until anything came."""
        while not self.output:
            if not self.read(timeout) and time.perf_counter() - self.started > timeout:
                raise TimeoutError("nothing came")
        return time.perf_counter() - self.started

    def press(self, keys: bytes) -> float:
        """Write keys; seconds until the first byte of an answer."""
        while self.read(0.05):
            pass
        sent = time.perf_counter()
        os.write(self.fd, keys)
        if not self.read(5.0):
            raise TimeoutError(f"no answer to {keys!r}")
        return time.perf_counter() - sent

    def answer(self, keys: bytes, shows: bytes, timeout: float = 30.0) -> float:
        """Write keys; seconds until `shows` was painted after them. Raises TimeoutError with the end of what was."""
        while self.read(0.05):
            pass
        seen, sent = len(self.output), time.perf_counter()
        os.write(self.fd, keys)
        while shows not in self.output[seen:]:
            if not self.read(max(0.0, timeout - (time.perf_counter() - sent))):
                raise TimeoutError(f"{shows!r} never came; last: {bytes(self.output[-400:])!r}")
        return time.perf_counter() - sent

    def comes(self, text: bytes, timeout: float = 30.0) -> float:
        """When `text` is there, on `time.perf_counter`; also where it has come with what was read before."""
        deadline = time.perf_counter() + timeout
        while text not in self.output:
            if not self.read(max(0.0, deadline - time.perf_counter())):
                raise TimeoutError(f"{text!r} never came; last: {bytes(self.output[-400:])!r}")
        return time.perf_counter()

    def matches(self, pattern: bytes, timeout: float = 30.0) -> float:
        """When `pattern` was painted after now, on `time.perf_counter`."""
        seen, deadline = len(self.output), time.perf_counter() + timeout
        while re.search(pattern, self.output[seen:]) is None:
            if not self.read(max(0.0, deadline - time.perf_counter())):
                raise TimeoutError(f"{pattern!r} never came; last: {bytes(self.output[-400:])!r}")
        return time.perf_counter()

    def drain(self, seconds: float) -> None:
        """Read on for `seconds`, so that the child never blocks on a full terminal."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def rss_mb(self) -> float:
        """Resident memory now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE / 1e6

    def cpu_seconds(self) -> float:
        """User and system time used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def ends_after(command: Sequence[str], env: Mapping[str, str]) -> float:
    """Seconds a whole process takes, from spawn to exit, its output thrown away."""
    started = time.perf_counter()
    subprocess.run(command, env=dict(env), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started
