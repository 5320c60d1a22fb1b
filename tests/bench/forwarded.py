"""A port-forward that is up, and what is carried through it by a client that costs little itself."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.programs import Run
from tests.bench.terminal import CLOCK_TICKS

PARALLEL = 50
_PIECE = 1 << 20
_WAIT = 120.0


class Forwarding:
    """One `port-forward` process, from when it listens to the end of the block. port: the local one."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._child = subprocess.Popen(
            command, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._child.stdout is not None
        found = None
        while found is None:
            line = self._child.stdout.readline()
            if not line:
                raise RuntimeError(f"it never listened: {command}")
            found = re.match(rb"Forwarding from 127\.0\.0\.1:(\d+) ->", line)
        self.port = int(found[1])

    def __enter__(self) -> Forwarding:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.kill()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def run(self, carry: Callable[[int], None]) -> Run:
        """What it costs to carry that through the local port; start and end are not counted."""
        before, started = self._processor(), time.perf_counter()
        carry(self.port)
        seconds = time.perf_counter() - started
        return Run(seconds, self._processor() - before, self._peak())

    def _processor(self) -> float:
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def _peak(self) -> float:
        status = Path(f"/proc/{self._child.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def got(port: int, size: int) -> None:
    """Ask an HTTP server for so many bytes. Raises RuntimeError where not as many came."""
    with socket.create_connection(("127.0.0.1", port), timeout=_WAIT) as made:
        made.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % size)
        room = bytearray(_PIECE)
        came = made.recv_into(room)
        head = room.find(b"\r\n\r\n", 0, came) + 4
        came -= head
        while part := made.recv_into(room):
            came += part
    if head < 4 or came != size:
        raise RuntimeError(f"{came:,} bytes came of {size:,}")


def sent(port: int, size: int) -> None:
    """Send so many bytes to a sink that counts them. Raises RuntimeError where it counted others."""
    piece = os.urandom(_PIECE)
    with socket.create_connection(("127.0.0.1", port), timeout=_WAIT) as made:
        for place in range(0, size, _PIECE):
            made.sendall(piece[: size - place])
        made.shutdown(socket.SHUT_WR)
        counted = b""
        while part := made.recv(100):
            counted += part
    if counted.strip() != str(size).encode():
        raise RuntimeError(f"{counted!r} bytes were counted of {size:,}")


def together(carry: Callable[[int, int], None], port: int, size: int) -> None:
    """The same over many connections at once."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        for done in [pool.submit(carry, port, size) for _ in range(PARALLEL)]:
            done.result()
