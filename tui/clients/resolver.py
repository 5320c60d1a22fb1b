"""Names to addresses, in threads that nobody waits for at the end.

The system's resolver cannot be cancelled, and with a name server that has gone away it blocks for tens of seconds.
asyncio asks it in its default executor, whose threads are joined when the loop ends and again when Python does; so a
program whose network has died would quit only when the resolver gives up. Daemon threads are left behind instead.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult

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
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_Found] = loop.create_future()

    def tell(found: _Found | OSError) -> None:
        if answer.done():
            return  # who asked has given up
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def look_up() -> None:
        found: _Found | OSError
        try:
            found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except OSError as exc:
            found = exc
        except UnicodeError:
            found = socket.gaierror(socket.EAI_NONAME, "not a host name")
        try:
            loop.call_soon_threadsafe(tell, found)
        except RuntimeError:
            pass  # the loop has ended meanwhile, and nobody wants to know

    threading.Thread(target=look_up, name=f"resolver {host}", daemon=True).start()
    return await answer
