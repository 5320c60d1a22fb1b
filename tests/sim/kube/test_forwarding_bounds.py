"""A port-forward holds back whoever is faster than the other side: nothing is kept in memory without bound."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from tests.sim.spdyclient import SpdyClient
from tui.clock import settle
from tui.sim.kube.forwarding.buffers import LIMIT, Connection, connection
from tui.sim.kube.forwarding.pairs import Pairs
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
