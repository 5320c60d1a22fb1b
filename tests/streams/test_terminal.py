"""Our terminal around a command that reads no keys, or has no terminal of its own: over a pty."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import termios
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.streams.fakesocket import FakePort, FakeSocket
from tui.clock import ManualClock, SystemClock, settle
from tui.streams.nearends import DRAIN_SECONDS, in_terminal, one_of
from tui.streams.paths import Command, Place, Query
from tui.wire.channels import STATUS, STDIN, STDOUT, V5, pack

LOOKED_AT = Command(Place("default", "shop", "app"), ())
HEARD = Command(Place("default", "shop", "app"), (), stdin=True)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The person's side and the program's."""
    near, far = pty.openpty()
    yield near, far
    os.close(near)
    os.close(far)


async def shown(fd: int, words: bytes) -> bytes:
    """What the screen shows, once `words` are among it."""
    seen = b""
    while words not in seen:
        seen += await asyncio.wait_for(asyncio.to_thread(os.read, fd, 4096), 20)
    return seen


@pytest.fixture
async def far_end() -> FakeSocket:
    return FakeSocket(V5)


@pytest.mark.parametrize("keys", [b"\x03", b"\x04", b"\r~."])
async def test_what_reads_no_keys_can_be_left(far_end: FakeSocket, terminal: tuple[int, int], keys: bytes) -> None:
    near, far = terminal
    session = asyncio.create_task(in_terminal(FakePort(far_end), LOOKED_AT, far, far, clock=SystemClock()))
    far_end.coming.put_nowait(pack(STDOUT, b"one\ntwo\n"))
    assert b"one\r\ntwo\r\n" in await shown(near, b"two")
    os.write(near, b"x" + keys)
    assert await asyncio.wait_for(session, 20) is None
    assert [message for message in far_end.sent if message[0] == STDIN] == []


async def test_what_reads_keys_is_given_ctrl_c(far_end: FakeSocket, terminal: tuple[int, int]) -> None:
    near, far = terminal
    session = asyncio.create_task(in_terminal(FakePort(far_end), HEARD, far, far, clock=SystemClock()))
    far_end.coming.put_nowait(pack(STDOUT, b"one\n"))
    await shown(near, b"one")
    os.write(near, b"\x03")
    await asyncio.wait_for(far_end.sent_some.wait(), 20)
    assert pack(STDIN, b"\x03") in far_end.sent
    far_end.coming.put_nowait(pack(STATUS, b'{"status":"Success"}'))
    ended = await asyncio.wait_for(session, 20)
    assert ended is not None
    assert ended.exit_code == 0


class SlowPort(FakePort):
    """Whose stream waits for its turn, or for a server that does not answer."""

    def __init__(self, socket: FakeSocket) -> None:
        super().__init__(socket)
        self.let_in = asyncio.Event()

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[FakeSocket]:
        await self.let_in.wait()
        async with super().socket(path, query, protocols) as socket:
            yield socket


@pytest.mark.parametrize("keys", [b"\x03", b"~.", b"what\r~."])
@pytest.mark.parametrize("command", [HEARD, LOOKED_AT])
async def test_a_session_that_does_not_open_can_be_left(
    far_end: FakeSocket, terminal: tuple[int, int], keys: bytes, command: Command
) -> None:
    near, far = terminal
    before = termios.tcgetattr(far)
    session = asyncio.create_task(in_terminal(SlowPort(far_end), command, far, far, clock=SystemClock()))
    await settle()
    os.write(near, keys)
    assert await asyncio.wait_for(session, 20) is None
    assert termios.tcgetattr(far) == before


async def test_what_is_typed_before_a_session_opens_is_for_it(far_end: FakeSocket, terminal: tuple[int, int]) -> None:
    near, far = terminal
    port = SlowPort(far_end)
    session = asyncio.create_task(in_terminal(port, HEARD, far, far, clock=SystemClock()))
    await settle()
    os.write(near, b"ls\r")
    port.let_in.set()
    while b"".join(one[1:] for one in far_end.sent if one[0] == STDIN) != b"ls\r":
        far_end.sent_some.clear()
        await asyncio.wait_for(far_end.sent_some.wait(), 20)
    far_end.coming.put_nowait(pack(STATUS, b'{"status":"Success"}'))
    ended = await asyncio.wait_for(session, 20)
    assert ended is not None
    assert ended.exit_code == 0


@pytest.mark.parametrize("key", [b"q", b"\r"])
async def test_what_was_typed_for_a_session_that_has_gone_reaches_nobody_behind_the_answer(
    terminal: tuple[int, int], key: bytes
) -> None:
    near, far = terminal
    clock, before = ManualClock(), termios.tcgetattr(far)
    asked = asyncio.Event()
    asking = asyncio.create_task(one_of(far, {b"q": False, b"\r": True}, asked.set, clock))
    await asyncio.wait_for(asked.wait(), 20)
    os.write(near, b";echo HARM\r")
    await settle()
    assert not asking.done()
    while select.select([far], [], [], 0)[0]:
        await settle()
    os.write(near, key)
    while select.select([far], [], [], 0)[0]:
        await settle()
    await settle()
    assert not asking.done()
    os.write(near, b"echo HARM\r")
    await clock.advance(DRAIN_SECONDS)
    assert not asking.done(), "somebody is still typing"
    await clock.advance(DRAIN_SECONDS)
    assert await asyncio.wait_for(asking, 20) is (key == b"\r")
    assert termios.tcgetattr(far) == before
    os.set_blocking(far, False)
    assert not select.select([far], [], [], 0)[0]
