"""A port-forward holds back whoever is faster than the other side: nothing is kept in memory without bound."""

from __future__ import annotations

import asyncio
import random
from collections import deque

import pytest

from tests.sim.spdyclient import SpdyClient
from tui.clock import settle
from tui.sim.kube.forwarding.buffers import LIMIT, Connection, connection
from tui.sim.kube.forwarding.http import serve_http
from tui.sim.kube.forwarding.listening import Listening
from tui.sim.kube.forwarding.pairs import Pairs
from tui.sim.kube.forwarding.programs import discard, echo, postgres
from tui.wire.spdy import LARGEST_DATA

PIECE = bytes(64 << 10)
ROOM = LIMIT + 4 * len(PIECE)
"""What one direction may hold: its buffer, and what is on its way in and out of it."""


class Pipe:
    """Bytes both ways in memory. stuck: the client does not read any more."""

    def __init__(self) -> None:
        self.client = SpdyClient(self._send)
        self.taken = 0  # by the server
        self._sent = deque[bytes]()
        self._some = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()

    async def _send(self, data: bytes) -> None:
        self._sent.append(data)
        self._some.set()

    def stick(self) -> None:
        self._free.clear()

    async def read(self) -> bytes:
        while not self._sent:
            self._some.clear()
            await self._some.wait()
        data = self._sent.popleft()
        self.taken += len(data)
        return data

    async def write(self, data: bytes) -> None:
        await self._free.wait()
        self.client.meet(data)


class OnePort:
    """A pod that keeps the far end of every connection for the test."""

    id = "sandbox"

    def __init__(self) -> None:
        self.served: list[Connection] = []

    def dial(self, port: int) -> Connection:
        near, far = connection()
        self.served.append(far)
        return near

    def cut_off(self, port: int) -> str:
        return "reset"


async def test_a_client_that_does_not_read_holds_back_the_pod() -> None:
    pipe, pod = Pipe(), OnePort()
    forwarding = asyncio.create_task(Pairs(pipe, pod).run())
    await pipe.client.pair(80, 0)
    await settle()
    pipe.stick()
    written = 0

    async def source() -> None:
        nonlocal written
        while True:
            await pod.served[0].write(PIECE)
            written += len(PIECE)

    producing = asyncio.create_task(source())
    await settle()
    assert LIMIT <= written <= ROOM
    producing.cancel()
    forwarding.cancel()


async def test_a_pod_that_does_not_read_holds_back_the_client() -> None:
    pipe, pod = Pipe(), OnePort()
    forwarding = asyncio.create_task(Pairs(pipe, pod).run())
    data, _ = await pipe.client.pair(80, 0)
    for _ in range(400):
        await pipe.client.write(data, bytes(LARGEST_DATA))
    await settle()
    assert 2 * LIMIT <= pipe.taken <= 2 * ROOM  # the stream's own buffer, and the connection's
    held, received = pipe.taken, 0
    while received < held:  # it reads on, and so does everybody
        received += len(await pod.served[0].read())
    await settle()
    assert pipe.taken > held
    forwarding.cancel()


async def test_a_client_that_leaves_ends_what_was_for_it() -> None:
    pipe, pod = Pipe(), OnePort()
    forwarding = asyncio.create_task(Pairs(pipe, pod).run())
    for number in range(20):
        await pipe.client.pair(80, number)
    await settle()
    forwarding.cancel()
    await settle()
    assert len(pod.served) == 20
    for served in pod.served:
        with pytest.raises(ConnectionResetError):
            await served.read()


@pytest.mark.parametrize("seed", range(40))
async def test_hostile_frames_neither_break_nor_hold_a_server(seed: int) -> None:
    """Whole conversations with some bytes changed, cut anywhere: the server ends, or goes on to the client's end."""
    chance = random.Random(seed)
    pipe, pod = Pipe(), OnePort()
    recorded: list[bytes] = []

    async def record(data: bytes) -> None:
        recorded.append(data)

    writer = SpdyClient(record)
    for number in range(6):
        await writer.open(streamtype="error", port="80", requestid=str(number))
        data = await writer.open(streamtype=chance.choice(["data", "error"]), port="80", requestid=str(number))
        await writer.write(data, chance.randbytes(chance.randrange(2_000)), fin=chance.random() < 0.5)
        await writer.ping(number)
    raw = bytearray(b"".join(recorded))
    for _ in range(chance.randrange(1, 8)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    served = Pairs(_Listener(pipe), pod)
    place = 0
    while place < len(raw):
        size = chance.randrange(1, 700)
        await pipe.client.send(bytes(raw[place : place + size]))
        place += size
    await pipe.client.send(b"")  # the end
    forwarding = asyncio.create_task(served.run())
    await settle()
    assert forwarding.done()
    assert forwarding.exception() is None


class _Listener:
    """A pipe whose client understands nothing."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    async def read(self) -> bytes:
        return await self._pipe.read()

    async def write(self, data: bytes) -> None:
        """Goes nowhere."""


@pytest.mark.parametrize("seed", range(40))
async def test_hostile_requests_neither_break_nor_hold_a_program(seed: int) -> None:
    chance = random.Random(seed)
    request = bytearray(
        b"POST /bytes/10 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
        b"GET /bytes/99999999999999999999 HTTP/1.1\r\nContent-Length: "
        + b"9" * chance.randrange(1, 5_000)
        + b"\r\n\r\n"
    )
    for _ in range(chance.randrange(4)):
        request[chance.randrange(90)] = chance.randrange(256)
    for server in (serve_http, postgres, echo, discard):
        near, far = connection()
        serving = asyncio.create_task(server(far, Listening("p", "n", "c", 80, lambda: 0.0)))
        await near.write(bytes(request))
        near.write_eof()
        await settle()
        assert serving.done()
        assert serving.exception() is None
