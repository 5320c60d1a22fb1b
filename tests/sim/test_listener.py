"""A listener that is closed has hung up on everybody, also on those with whom it had not finished shaking hands."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tui.sim.ca import Authority
from tui.sim.listener import Listener, reserve


async def _answer(_: web.Request) -> web.StreamResponse:
    return web.Response(text="ok")


@pytest.fixture
async def listener(tmp_path: Path) -> AsyncIterator[Listener]:
    made = Listener(reserve(), _answer, tls=Authority(tmp_path).server_context())
    await made.open()
    yield made
    await made.close()


def _open(port: int) -> list[socket.socket]:
    """Sockets of this process that are open at this port: the listening one, and the server's ends of connections."""
    made = [thing for thing in gc.get_objects() if isinstance(thing, socket.socket) and thing.fileno() != -1]
    return [one for one in made if one.family == socket.AF_INET and one.getsockname()[1] == port]


async def _connect(port: int) -> socket.socket:
    made = socket.socket()
    made.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    except OSError:
        made.close()
        raise
    return made


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("abruptly", [True, False])
async def test_who_is_still_shaking_hands_is_hung_up_on(listener: Listener, turns: int, abruptly: bool) -> None:
    """turns: how far the connection has come when the listener is closed."""
    with await _connect(listener.port) as client:
        for _ in range(turns):
            await asyncio.sleep(0)
        await listener.close(abruptly=abruptly)
        assert _open(listener.port) == []
        try:
            said = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 100), 30)
        except ConnectionError:
            said = b""
        assert said == b""


async def test_it_answers_again_on_its_port(listener: Listener) -> None:
    port = listener.port
    await listener.close(abruptly=True)
    with pytest.raises(ConnectionRefusedError):
        await _connect(port)
    await listener.open()
    (await _connect(port)).close()
    assert listener.port == port
