"""A server that says from memory, over plain HTTP, what the simulator once said: what is measured beside it is the
programs that read, and not how fast a server makes what they read.

`python -m tests.bench.replayed URL CA TOKEN` prints its address, and ends with its standard input.
"""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

from tests.bench.programs import PYTHON

CHUNK = 4 << 10
"""Bytes in one chunk of a body, as in the measurements that the goals come from."""


@contextmanager
def replayed(url: str, ca: str, token: str) -> Generator[str]:
    """The address of a server that gives again what `url` answers to GET."""
    command = [PYTHON, "-m", "tests.bench.replayed", url, ca, token]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        child.communicate()


class _Memory:
    """What was said, ready to be sent."""

    def __init__(self, url: str, ca: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._context = ssl.create_default_context(cafile=ca)
        self._token = token
        self._lock = Lock()
        self._said: dict[tuple[str, str], bytes] = {}

    def answer(self, path: str, accept: str) -> bytes:
        at = urlsplit(path)
        if at.path.endswith("/log"):  # one container, whether it is named or not: its log is the same for all
            asked = [pair for pair in parse_qsl(at.query) if pair[0] != "container"]
            path, accept = f"{at.path}?{urlencode(asked)}", ""
        with self._lock:
            if (path, accept) not in self._said:
                self._said[path, accept] = self._ask(path, accept)
            return self._said[path, accept]

    def _ask(self, path: str, accept: str) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": accept or "*/*"}
        try:
            with urlopen(Request(self._url + path, headers=headers), context=self._context) as answer:
                return _message(answer.status, answer.headers["Content-Type"], answer.read())
        except HTTPError as refused:
            return _message(refused.code, refused.headers["Content-Type"], refused.read())


def _message(status: int, kind: str, body: bytes) -> bytes:
    pieces = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _serve(memory: _Memory) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.connection.sendall(memory.answer(self.path, self.headers.get("Accept", "")))

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
    os._exit(0)  # connections that are kept open have threads of their own


if __name__ == "__main__":
    _serve(_Memory(*sys.argv[1:]))
