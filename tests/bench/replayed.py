"""A server that says from memory, over plain HTTP, what the simulator once said: what is measured beside it is the
programs, and not how fast a server makes what they read.

A command in a pod is not run: `say N` says so many bytes, `take N` ends well where it was told as many. A log that is
followed goes on for as long as it is read, and in a watch nothing happens.

`python -m tests.bench.replayed URL CA TOKEN` prints its address, and ends with its standard input.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Protocol
from urllib.error import HTTPError
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

from tests.bench.programs import PYTHON
from tui.wire.channels import CLOSE, STATUS, STDIN, STDOUT, V5

CHUNK = 4 << 10
"""Bytes in one chunk of a body, as in the measurements that the goals come from."""
MESSAGE = 32 << 10
"""Bytes in one message of a command, as those of real servers have."""
_AT_ONCE = 256
LINES = 1_000
"""Lines of a followed log that are sent at once, and that have the same millisecond."""
_MILLISECOND = b"0000-00-00T00:00:00.000"
_BINARY, _LEAVE = 0x82, 0x88
_MASKED = 0x80
_WELL = b'{"metadata":{},"status":"Success"}'
_ILL = b'{"metadata":{},"status":"Failure","message":"other bytes came"}'


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


def _follow(connection: socket.socket) -> None:
    """A log without an end, stamped with now, as fast as it is read. Where that is more than `LINES` in a millisecond
    lines come again as they were: to be counted, they are none."""
    words = b"request d0bd9f9f174441bb ad21b2a36ae9e9cf took"
    lines = [b"%b%06dZ flood %06d %b %d ms\n" % (_MILLISECOND, n, n, words, n % 997) for n in range(LINES)]
    each = CHUNK // len(lines[0])
    pieces = [b"".join(lines[at : at + each]) for at in range(0, LINES, each)]
    block = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    while True:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")[: len(_MILLISECOND)]
        connection.sendall(block.replace(_MILLISECOND, now.encode()))


def _run(connection: socket.socket, command: list[str]) -> None:
    """Play a command, over a WebSocket that is open."""
    says, size = command[0] == "say", int(command[1])
    if says:
        full = _frame(bytes((STDOUT,)) + bytes(MESSAGE))
        many = full * _AT_ONCE
        for _ in range(size // MESSAGE // _AT_ONCE):
            connection.sendall(many)
        connection.sendall(full * (size // MESSAGE % _AT_ONCE))
        if size % MESSAGE:
            connection.sendall(_frame(bytes((STDOUT,)) + bytes(size % MESSAGE)))
    with connection.makefile("rb", buffering=1 << 20) as told:
        came = 0
        for message in _messages(told) if not says else ():
            if message[0] == CLOSE:
                break
            came += len(message) - 1 if message[0] == STDIN else 0
        well = says or came == size
        connection.sendall(_frame(bytes((STATUS,)) + (_WELL if well else _ILL)) + bytes((_LEAVE, 2)) + b"\x03\xe8")
        for _ in _messages(told):
            pass  # until it takes its leave


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _frame(message: bytes) -> bytes:
    return struct.pack(">BBQ", _BINARY, 127, len(message)) + message


def _messages(told: _Readable) -> Iterator[bytes]:
    """What a client sends, with the first byte as it was before it was masked, until it leaves."""
    while len(head := told.read(2)) == 2 and head[0] != _LEAVE:
        length = head[1] & ~_MASKED
        if length > 125:
            length = int.from_bytes(told.read(2 if length == 126 else 8))
        mask, message = told.read(4), told.read(length)
        if head[0] == _BINARY:
            yield bytes((message[0] ^ mask[0],)) + message[1:]


def _accepted(key: str) -> bytes:
    """The answer that opens a WebSocket (RFC 6455, section 4.2.2)."""
    token = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    lines = ("HTTP/1.1 101 -", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {token}")
    return "\r\n".join((*lines, f"Sec-WebSocket-Protocol: {V5}", "", "")).encode()


def _serve(memory: _Memory) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if key := self.headers.get("Sec-WebSocket-Key"):
                self.connection.sendall(_accepted(key))
                _run(self.connection, parse_qs(urlsplit(self.path).query)["command"])
                self.close_connection = True
                return
            asked = parse_qs(urlsplit(self.path).query)
            if "watch" in asked or "follow" in asked:
                kind = "text/plain" if "follow" in asked else "application/json"
                head = f"HTTP/1.1 200 -\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
                self.connection.sendall(head.encode())
                with suppress(OSError):  # the reader goes when he has seen enough
                    _follow(self.connection) if "follow" in asked else self.connection.recv(1)
                self.close_connection = True
                return
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
