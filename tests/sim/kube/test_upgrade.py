"""A connection that is taken over: what goes each way, who is held back, and who is told of the end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer

from tui.sim.kube.streams.upgrade import BUFFER, Upgraded

ASKED = b"POST /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n\r\n"

Served = Callable[[Upgraded], Awaitable[None]]
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(params=["plain", "tls"])
async def dial(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[Served], Awaitable[Ends]]]:
    """Opens a connection whose taking over is served by the given function; the head of the answer is read."""
    async with _dialling(tls=request.param == "tls") as dialling:
        yield dialling


@asynccontextmanager
async def _dialling(*, tls: bool) -> AsyncIterator[Callable[[Served], Awaitable[Ends]]]:
    serve: list[Served] = []
    writers: list[asyncio.StreamWriter] = []
    there = here = None
    if tls:
        authority = trustme.CA()
        there, here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
        authority.issue_cert("127.0.0.1").configure_cert(there)
        authority.configure_trust(here)

    async def handle(request: web.Request) -> web.StreamResponse:
        upgraded = Upgraded("SPDY/3.1", {"X-Which": "v4"})
        await upgraded.prepare(request)
        await serve[-1](upgraded)
        return upgraded

    app = web.Application()
    app.router.add_route("*", "/x", handle)
    server = TestServer(app, scheme="https" if tls else "http")
    await server.start_server(ssl=there)

    async def dialling(served: Served) -> Ends:
        serve.append(served)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=here)
        writers.append(writer)
        writer.write(ASKED)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        named = {line.lower() for line in head.split(b"\r\n")}
        assert {b"upgrade: spdy/3.1", b"connection: upgrade", b"x-which: v4"} <= named
        assert b"content-length" not in head.lower()
        assert b"transfer-encoding" not in head.lower()
        return reader, writer

    try:
        yield dialling
    finally:
        for writer in writers:
            writer.close()
        await server.close()


async def test_what_is_sent_after_the_answer_goes_through_as_it_is(dial: Callable[[Served], Awaitable[Ends]]):
    async def echo(upgraded: Upgraded) -> None:
        while chunk := await upgraded.read():
            await upgraded.write(chunk)
            if chunk.endswith(b"END"):
                return

    reader, writer = await dial(echo)
    sent = b"GET / HTTP/1.1\r\n\r\n\x00\xff" * 50_000 + b"END"  # HTTP is no longer spoken
    writer.write(sent)
    assert await reader.readexactly(len(sent)) == sent
    writer.close()


async def test_who_does_not_read_holds_the_server_back(dial: Callable[[Served], Awaitable[Ends]]):
    written = 0
    stuck = asyncio.Event()

    async def flood(upgraded: Upgraded) -> None:
        nonlocal written
        while written < 200 << 20:
            try:
                await asyncio.wait_for(upgraded.write(b"x" * BUFFER), 0.3)
            except TimeoutError:
                stuck.set()
                return
            written += BUFFER

    reader, writer = await dial(flood)
    await asyncio.wait_for(stuck.wait(), 30)
    assert written < 50 << 20  # what the kernel and both ends hold
    writer.close()
    assert not reader.at_eof()


async def test_a_client_that_leaves_is_noticed(dial: Callable[[Served], Awaitable[Ends]]):
    ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(upgraded: Upgraded) -> None:
        try:
            ended.set_result(await upgraded.read())
        except ConnectionError:
            ended.set_result(b"")

    _, writer = await dial(listen)
    writer.transport.abort()
    assert await asyncio.wait_for(ended, 10) == b""


async def test_the_last_words_arrive_although_the_client_still_talks(dial: Callable[[Served], Awaitable[Ends]]):
    async def part(upgraded: Upgraded) -> None:
        await upgraded.write(b"farewell")

    reader, writer = await dial(part)
    writer.write(b"but I have so much more to tell " * 1000)
    assert await reader.readexactly(8) == b"farewell"
    writer.close()
