"""A loopback HTTP/1.1 server that does as it is told, down to the byte: the faults that a well-behaved server library
cannot commit (a reset in mid-body, a chunk cut short, silence) are exactly those the clients must survive."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. path: decoded, without the query. headers: lower-case names."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    target: str


@dataclass(frozen=True)
class Reply:
    """body: bytes, text, or anything that JSON can say. chunks: sent one by one, chunked, instead of body.
    end: what happens after the last byte: "clean", "reset" (RST), "close" (without the end the framing promised) or
    "hang" (nothing more, connection open)."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    chunks: Sequence[bytes] | None = None
    end: str = "clean"
    cut: int | None = None

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    @property
    def content_type(self) -> str:
        if isinstance(self.body, bytes | str):
            return "text/plain"
        return "application/json"


HANG = Reply(status=0, end="hang")
"""The request is read and never answered."""

RESET = Reply(status=0, end="reset")
"""The connection is reset instead of an answer."""

Answering = Callable[[Asked], Reply]


class ScriptedServer:
    """Replies by path: each path has a queue of replies, of which the last one repeats."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._replies: dict[str, deque[Reply | Answering]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.asked: list[Asked] = []
        self.open_connections = 0
        self._fewer = asyncio.Event()

    async def __aenter__(self) -> ScriptedServer:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context, limit=1 << 20)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def on(self, path: str, *replies: Reply | Answering) -> None:
        """Answer requests for `path` (or "METHOD path") with these, in turn; the last one repeats."""
        self._replies[path] = deque(replies)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def all_closed(self, timeout: float = 2.0) -> None:
        """Return when no connection is open any more."""
        async with asyncio.timeout(timeout):
            while self.open_connections:
                self._fewer.clear()
                await self._fewer.wait()

    def _reply(self, asked: Asked) -> Reply:
        queue = self._replies.get(f"{asked.method} {asked.path}") or self._replies.get(asked.path)
        if not queue:
            return Reply(404, f"nothing is scripted for {asked.method} {asked.path}")
        reply = queue.popleft() if len(queue) > 1 else queue[0]
        return reply if isinstance(reply, Reply) else reply(asked)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open_connections += 1
        try:
            while (asked := await _read_request(reader)) is not None:
                self.asked.append(asked)
                if not await self._answer(asked, reader, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open_connections -= 1
            self._fewer.set()
            self._tasks.discard(task)
            writer.transport.abort() if task.cancelling() else writer.close()

    async def _answer(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        reply = self._reply(asked)
        if reply.status:
            await self._send(reply, writer)
        if reply.end == "hang":
            await reader.read()  # until the client has had enough
        if reply.end == "reset":
            writer.transport.abort()
        return reply.end == "clean"

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        headers = {"Content-Type": reply.content_type, **reply.headers}
        if reply.chunks is None:
            headers.setdefault("Content-Length", str(len(reply.content)))
        else:
            headers["Transfer-Encoding"] = "chunked"
        lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        if reply.chunks is None:
            writer.write(reply.content[: reply.cut])
        for chunk in reply.chunks or ():
            writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            await writer.drain()
            await asyncio.sleep(0)
        if reply.chunks is not None and reply.end == "clean":
            writer.write(b"0\r\n\r\n")
        await writer.drain()


async def _read_request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    path, _, query = target.partition("?")
    return Asked(method, unquote(path), dict(parse_qsl(query, keep_blank_values=True)), headers, body, target)
