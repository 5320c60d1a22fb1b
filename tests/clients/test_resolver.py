"""Names are looked up without anybody having to wait for the system's resolver at the end."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from tui.clients.http import Http
from tui.clients.resolver import DaemonResolver
from tui.errors import ProblemKind, SourceError


def test_a_resolver_that_hangs_holds_up_neither_a_request_nor_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    ended = threading.Event()

    def hanging(*_: object, **__: object) -> list[object]:
        released.wait(30)
        ended.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hanging)

    async def ask() -> ProblemKind:
        http = Http({})
        with pytest.raises(SourceError) as failed:
            await http.request("GET", "http://no-answer.example/", timeout=0.05)
        await http.close()
        return failed.value.problem.kind

    started = time.monotonic()
    assert asyncio.run(ask()) is ProblemKind.TIMEOUT
    assert time.monotonic() - started < 5  # asyncio.run would wait for a thread of the default executor
    released.set()
    assert ended.wait(5)  # its answer, for which there is no loop any more, troubles nobody


async def test_every_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))
    six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 443, 0, 2))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [four, six])
    found = await DaemonResolver().resolve("both.example", 443, socket.AF_UNSPEC)
    assert [(one["host"], one["port"], one["family"]) for one in found] == [
        ("192.0.2.1", 443, socket.AF_INET),
        ("fe80::1%2", 443, socket.AF_INET6),
    ]


@pytest.mark.parametrize("name", ["no-such-name.invalid", "x" * 70 + ".example"])
async def test_a_name_that_is_none_is_an_os_error(name: str) -> None:
    with pytest.raises(socket.gaierror):
        await DaemonResolver().resolve(name, 443)
