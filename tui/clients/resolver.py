"""Names to addresses, in threads that nobody waits for at the end: the system's resolver cannot be cancelled, and with
a name server that has gone away it blocks for tens of seconds."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult

from tui.clients.aside import aside

_Found = Sequence[tuple[int, int, int, str, tuple[object, ...]]]
"""As getaddrinfo tells: family, type, protocol, canonical name, address (host, port, for IPv6 flow and scope)."""
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class DaemonResolver(AbstractResolver):
    """getaddrinfo, one daemon thread for each question; aiohttp asks once for each name however many wait."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Every address of `host`, the best first. Raises OSError (gaierror) where there is none."""
        found = await _ask(host, port, family)
        return [
            ResolveResult(
                hostname=host,
                host=_with_scope(str(address[0]), address),
                port=port,
                family=int(its_family),
                proto=protocol,
                flags=_NUMERIC,
            )
            for its_family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def _with_scope(host: str, address: tuple[object, ...]) -> str:
    """A link-local IPv6 address needs its interface's number, or it names nobody."""
    scope = address[3] if len(address) > 3 else 0
    return f"{host}%{scope}" if scope and "%" not in host else host


async def _ask(host: str, port: int, family: socket.AddressFamily) -> _Found:
    def look_up() -> _Found:
        try:
            return socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except UnicodeError as error:
            raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error

    return await aside(look_up)
