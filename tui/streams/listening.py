"""Ports of this machine that a port-forward listens on: loopback, both families, one number for both."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable

from tui.errors import UsageError

LOOPBACK = ("127.0.0.1", "::1")
_TRIES = 20
_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def bind(port: int, addresses: tuple[str, ...] = LOOPBACK) -> list[socket.socket]:
    """Sockets bound to `port` at each address that this machine has. port: 0 = any that is free at all of them.

    Raises UsageError where the port is taken, may not be used, or no address is there.
    """
    for _ in range(_TRIES if port == 0 else 1):
        held: list[socket.socket] = []
        try:
            for address in addresses:
                made = _bound(address, held[0].getsockname()[1] if held else port)
                if made is not None:
                    held.append(made)
        except OSError as exc:
            for made in held:
                made.close()
            if port == 0 and held and exc.errno == errno.EADDRINUSE:
                continue  # the number that the first address had free is taken at the second
            raise UsageError(_words(port, addresses, exc)) from exc
        if held:
            return held
        raise UsageError(f"none of {', '.join(addresses)} is an address of this machine")
    raise UsageError(f"no port is free at all of {', '.join(addresses)}")


def _bound(address: str, port: int) -> socket.socket | None:
    """None where this machine has no such address: a machine without IPv6 is no mistake."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as exc:
        if exc.errno in _ABSENT:
            return None
        raise
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setblocking(False)
        made.bind((address, port))
        made.listen()  # from now on it is ours: bound alone, it could still be taken by another
    except OSError as exc:
        made.close()
        if exc.errno in _ABSENT:
            return None
        raise
    return made


async def serve(sockets: list[socket.socket], handle: Serve) -> list[asyncio.Server]:
    """Accept connections at all of them; the servers own the sockets from now on."""
    return [await asyncio.start_server(handle, sock=bound) for bound in sockets]


def _words(port: int, addresses: tuple[str, ...], exc: OSError) -> str:
    where = " and ".join(addresses)
    match exc.errno:
        case errno.EADDRINUSE:
            return f"port {port} is taken on this machine ({where}): choose another, or 0 for any that is free"
        case errno.EACCES:
            return f"port {port} may not be used without privileges: choose one above 1023"
        case _:
            return f"cannot listen on port {port} at {where}: {os.strerror(exc.errno or 0)}"
