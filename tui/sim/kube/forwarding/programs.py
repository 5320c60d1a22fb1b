"""What a container answers on its ports. Real bytes: each connection is served by a small program of its own.

Images that are known by name keep their promise, be they made by a scenario or with `kubectl run`: an echo server
echoes, `chargen` is a source that never ends and `discard` a sink (RFC 862, 864, 863). A database speaks its protocol
as far as to refuse the guest; anything else answers HTTP. A container that was told only to sleep or to print listens
to nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tui.sim.kube.actors.behaviours import Program
from tui.sim.kube.forwarding.buffers import Connection
from tui.sim.kube.forwarding.http import serve_http
from tui.sim.kube.forwarding.listening import Listening as Listening
from tui.sim.kube.objects import text
from tui.sim.kube.status import Obj

Server: TypeAlias = Callable[[Connection, Listening], Awaitable[None]]
"""Serves one connection to its end; returning closes it. May raise ConnectionResetError."""

_ROW = 72  # characters of a line of chargen
_RING = bytes(range(0x20, 0x7F))
PATTERN = b"".join((_RING * 2)[start : start + _ROW] + b"\r\n" for start in range(len(_RING)))
"""What chargen says again and again: 95 lines, each one character further on (RFC 864)."""
_SAID_AT_ONCE = PATTERN * 4


def server_of(program: Program, container: Obj) -> Server | None:
    """Who serves a container's ports; None = nobody listens."""
    name = text(container.get("image")).rpartition("/")[2].partition(":")[0].partition("@")[0]
    if name in ("echo", "tcp-echo", "tcp-echo-server"):
        return echo
    if name == "chargen":
        return chargen
    if name == "discard":
        return discard
    if program.log == "said":
        return None
    return postgres if program.log == "postgres" else serve_http


async def echo(connection: Connection, listening: Listening) -> None:
    """Everything comes back, and the end too."""
    while chunk := await connection.read():
        await connection.write(chunk)
    connection.write_eof()


async def discard(connection: Connection, listening: Listening) -> None:
    """Everything is read; at its end comes how many bytes that were, so that they can be counted."""
    count = 0
    while chunk := await connection.read():
        count += len(chunk)
    await connection.write(f"{count}\n".encode())
    connection.write_eof()


async def chargen(connection: Connection, listening: Listening) -> None:
    """Lines without end, as fast as they are taken; what is sent to it is not read."""
    while True:
        await connection.write(_SAID_AT_ONCE)


async def postgres(connection: Connection, listening: Listening) -> None:
    """PostgreSQL's protocol 3 up to its refusal (protocol-flow, "Start-up"): no TLS, and no entry for anybody."""
    held = b""
    while chunk := await connection.read():
        held += chunk
        if len(held) < 8 or len(held) < (length := struct.unpack("!I", held[:4])[0]):
            if len(held) > 10_000:
                return
            continue
        message, held = held[4:length], held[length:]
        if message[:4] in (struct.pack("!I", 80877103), struct.pack("!I", 80877104)):  # TLS? GSSAPI?
            await connection.write(b"N")
            continue
        words = message[4:].split(b"\0")
        given = dict(zip(words[::2], words[1::2], strict=False))
        user, database = given.get(b"user", b"?"), given.get(b"database") or given.get(b"user", b"?")
        said = b'no pg_hba.conf entry for host "127.0.0.1", user "%s", database "%s", no encryption' % (user, database)
        fields = b"SFATAL\0VFATAL\0C28000\0M" + said + b"\0\0"
        await connection.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
        return
