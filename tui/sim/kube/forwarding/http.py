"""An HTTP/1.1 server in a pod: tells which pod it is and what it was asked, keeps the connection, reads bodies.

Two paths do more: `/healthz` answers "ok", and `/bytes/N` N bytes, so that a transfer can be measured with any client.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate

from tui.sim.kube.forwarding.buffers import Connection
from tui.sim.kube.forwarding.listening import Listening

_LARGEST_HEAD = 64 << 10
_PIECE = 64 << 10
_MOST_DIGITS = 15  # of a length


class _Malformed(Exception):
    """status: what it is answered with."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: str
    version: str
    headers: dict[str, str]

    @property
    def keeps(self) -> bool:
        """Whether the connection is to stay open."""
        wanted = self.headers.get("connection", "").lower()
        return wanted != "close" if self.version == "HTTP/1.1" else wanted == "keep-alive"


class _Reader:
    """Reads a connection in pieces that HTTP has: lines and counted bytes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held = b""

    async def until(self, mark: bytes) -> bytes | None:
        """Up to and with `mark`; None where the client ended before it said anything. Raises _Malformed."""
        while mark not in self._held:
            if len(self._held) > _LARGEST_HEAD:
                raise _Malformed("431 Request Header Fields Too Large")
            chunk = await self._connection.read()
            if not chunk:
                if not self._held.strip():
                    return None
                raise _Malformed("400 Bad Request")
            self._held += chunk
        found, _, self._held = self._held.partition(mark)
        return found + mark

    async def exactly(self, count: int) -> None:
        """Read so many bytes and forget them. Raises _Malformed."""
        while count > 0:
            if not self._held:
                self._held = await self._connection.read()
                if not self._held:
                    raise _Malformed("400 Bad Request")
            taken = min(count, len(self._held))
            self._held = self._held[taken:]
            count -= taken


async def serve_http(connection: Connection, listening: Listening) -> None:
    reader = _Reader(connection)
    while True:
        try:
            head = await reader.until(b"\r\n\r\n")
            if head is None:
                return
            request = _parsed(head)
            received = await _body(reader, request)
        except _Malformed as malformed:
            await _answer(connection, listening, malformed.status, f"{malformed.status}\n".encode(), keep=False)
            return
        await _respond(connection, listening, request, received)
        if not request.keeps:
            return


def _parsed(head: bytes) -> _Request:
    first, *lines = head.decode("latin-1").strip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise _Malformed("400 Bad Request")
    pairs = (line.partition(":") for line in lines)
    return _Request(words[0], words[1], words[2], {name.strip().lower(): value.strip() for name, _, value in pairs})


async def _body(reader: _Reader, request: _Request) -> int:
    """Read the body; how many bytes it had. Raises _Malformed."""
    if request.headers.get("transfer-encoding", "").lower() != "chunked":
        length = request.headers.get("content-length", "0")
        if not _counts(length):
            raise _Malformed("400 Bad Request")
        await reader.exactly(int(length))
        return int(length)
    total = 0
    while True:
        line = await reader.until(b"\r\n")
        try:
            size = int((line or b"").split(b";")[0], 16)
        except ValueError as error:
            raise _Malformed("400 Bad Request") from error
        if size <= 0:
            while await reader.until(b"\r\n") not in (b"\r\n", None):
                pass  # trailers
            return total
        await reader.exactly(size + 2)
        total += size


def _counts(text: str) -> bool:
    """Whether it is a number of bytes."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


async def _respond(connection: Connection, listening: Listening, request: _Request, received: int) -> None:
    path = request.target.partition("?")[0]
    first, _, asked = path.removeprefix("/").partition("/")
    head_only = request.method == "HEAD"
    if first == "bytes" and _counts(asked):
        await _send_bytes(connection, listening, int(asked), keep=request.keeps, head_only=head_only)
        return
    if path == "/healthz":
        body = b"ok"
    else:
        lines = [
            f"{listening.pod} ({listening.container}, namespace {listening.namespace}, port {listening.port})",
            f"{request.method} {request.target}",
            *([f"{received} bytes received"] if received else []),
        ]
        body = ("\n".join(lines) + "\n").encode("utf-8", "replace")
    await _answer(connection, listening, "200 OK", body, keep=request.keeps, head_only=head_only)


async def _answer(
    connection: Connection, listening: Listening, status: str, body: bytes, *, keep: bool, head_only: bool = False
) -> None:
    head = _head(listening, status, "text/plain; charset=utf-8", len(body), keep=keep)
    await connection.write(head if head_only else head + body)


async def _send_bytes(connection: Connection, listening: Listening, count: int, *, keep: bool, head_only: bool) -> None:
    await connection.write(_head(listening, "200 OK", "application/octet-stream", count, keep=keep))
    piece = bytes(range(256)) * (_PIECE // 256)
    left = 0 if head_only else count
    while left > 0:
        await connection.write(piece[: min(left, _PIECE)])
        left -= _PIECE


def _head(listening: Listening, status: str, kind: str, length: int, *, keep: bool) -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        f"Date: {formatdate(listening.now(), usegmt=True)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
        f"Content-Type: {kind}",
        f"Content-Length: {length}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()
