"""WebSockets with servers that go their own ways: raw bytes after the handshake, no reading, no leave-taking."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from types import MappingProxyType
from typing import cast

import pytest
from aiohttp.client_proto import ResponseHandler

from tests.turns import counted
from tests.wire.frames import sent
from tui.clients import sockets, upgraded
from tui.clients.http import Http
from tui.clients.sockets import Socket
from tui.clients.upgraded import AHEAD, FRAMES, MESSAGE, UNSENT
from tui.errors import Problem, ProblemKind, SourceError
from tui.wire import outgoing
from tui.wire.outgoing import Bytes, Outgoing
from tui.wire.websocket import KEPT, Opcode, accepted, leave

V5 = "v5.channel.k8s.io"
Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def opened(
    http: Http, act: Act, *, first: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Socket]:
    """A socket to a server that agrees, says `first` with it, and then does as it likes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = (await reader.readuntil(b"\r\n\r\n")).decode()
            key = re.search(r"Sec-WebSocket-Key: (\S+)", asked, re.I)
            assert key is not None
            said = {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Accept": accepted(key[1]),
                "Sec-WebSocket-Protocol": V5,
                **headers,
            }
            lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
            writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n".encode() + first)
            await act(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        async with http.socket(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/exec", (V5,)) as socket:
            yield socket
    finally:
        server.close()


async def _nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing, and reads until the client goes."""
    while await reader.read(1 << 16):
        pass


async def _drained(opening: AbstractAsyncContextManager[Socket]) -> None:
    async with opening as socket:
        while await socket.receive() is not None:
            pass


async def _fails(opening: AbstractAsyncContextManager[Socket]) -> Problem:
    with pytest.raises(SourceError) as caught:
        await _drained(opening)
    return caught.value.problem


async def _held_up(socket: Socket) -> None:
    while not socket._messages.held_up:  # noqa: ASYNC110 (nothing in the product waits for it)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "CLOSE_TIMEOUT", 0.05)


def test_the_compiled_mask_is_the_one_that_is_used() -> None:
    assert upgraded.MASK is not outgoing.mask


async def test_what_comes_with_the_handshake_is_not_lost(http: Http) -> None:
    async with opened(http, _nothing, first=sent(Opcode.BINARY, b"\x01hello")) as socket:
        assert await socket.receive() == b"\x01hello"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
        {"Sec-WebSocket-Accept": ""},
        {"Sec-WebSocket-Extensions": "permessage-deflate"},
        {"Upgrade": "h2c"},
    ],
)
async def test_a_handshake_that_is_none_is_refused_with_what_is_wrong(http: Http, headers: dict[str, str]) -> None:
    problem = await _fails(opened(http, _nothing, headers=headers))
    assert (problem.kind, problem.status) == (ProblemKind.PROTOCOL, 101)
    assert [problem.server_words] == [f"{name}: {value}" for name, value in headers.items()]


async def test_an_answer_that_upgrades_nothing_is_refused(http: Http) -> None:
    problem = await _fails(opened(http, _nothing, headers={"Connection": "close"}))
    assert problem.kind in (ProblemKind.PROTOCOL, ProblemKind.UNREACHABLE)


@pytest.mark.parametrize(
    "headers",
    [
        {"Upgrade": "WebSocket"},
        {"Sec-WebSocket-Protocol": f"other, {V5}"},
        {"Sec-WebSocket-Extensions": ""},
    ],
)
async def test_a_handshake_in_other_letters_is_one(http: Http, headers: dict[str, str]) -> None:
    async with opened(http, _nothing, headers=headers) as socket:
        assert socket.protocol == V5


async def test_a_command_is_not_started_twice_where_the_answer_is_lost(http: Http) -> None:
    asked = 0

    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        writer.close()

    server = await asyncio.start_server(drop, "127.0.0.1", 0)
    problem = await _fails(http.socket(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/exec", (V5,)))
    server.close()
    assert problem.kind is ProblemKind.UNREACHABLE
    assert asked == 1


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (b"HTTP/1.1 500 sorry\r\n\r\n", "no WebSocket"),
        (sent(Opcode.BINARY, b"x", bits=0x40), "extension"),
        (sent(Opcode.CLOSE, b"\x03"), "half a code"),
        (b"\x82\x7f" + bytes((0, 0, 0, 255)) + bytes(4), "more than"),
    ],
)
async def test_what_is_no_websocket_is_said_to_be_none(http: Http, told: bytes, words: str) -> None:
    problem = await _fails(opened(http, _nothing, first=sent(Opcode.BINARY, b"\x01good") + told))
    assert problem.kind is ProblemKind.PROTOCOL
    assert words in problem.summary


async def test_the_server_is_told_that_a_message_is_too_big(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LARGEST_MESSAGE", 100)
    monkeypatch.setattr(upgraded, "MASK", lambda key, payload: None)
    told = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.set_result(await reader.readexactly(8))
        await _nothing(reader, writer)

    await _fails(opened(http, listen, first=sent(Opcode.BINARY, bytes(101))))
    assert (await told)[0] & 0x0F == Opcode.CLOSE
    assert (await told)[6:] == leave(1009)


@pytest.mark.parametrize(
    ("code", "summary"), [(1009, "takes no message as big as ours"), (1011, "closed the stream with code 1011")]
)
async def test_a_complaint_is_told_with_the_servers_words(http: Http, code: int, summary: str) -> None:
    problem = await _fails(opened(http, _nothing, first=sent(Opcode.CLOSE, leave(code) + b"read limited to 32")))
    assert summary in problem.summary
    assert problem.server_words == "read limited to 32"


async def test_after_a_leave_nothing_counts_and_nothing_can_be_sent(http: Http) -> None:
    told = sent(Opcode.CLOSE, leave(1000)) + sent(Opcode.BINARY, b"late") + b"\xff\xff"
    async with opened(http, _nothing, first=told) as socket:
        assert await socket.receive() is None
        with pytest.raises(SourceError) as caught:
            await socket.send(b"\x00more")
        assert await socket.receive() is None
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE


@pytest.mark.parametrize("together", [False, True])
async def test_text_is_refused_after_what_came_before_it_and_nothing_follows_it(http: Http, together: bool) -> None:
    said = asyncio.Queue[bytes]()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.put_nowait(await reader.readexactly(8))

    told = b"".join(sent(opcode, bytes((opcode,))) for opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.BINARY))
    async with opened(http, listen, first=told) as socket:
        assert list(await socket.receive_all() if together else [await socket.receive()]) == [b"\x02"]
        for receiving in (socket.receive, socket.receive_all):
            with pytest.raises(SourceError, match="text where only bytes may come"):
                await receiving()
        with pytest.raises(SourceError, match="text where only bytes may come"):
            await socket.send(b"\x00more")
        frame = await said.get()
    assert frame[:2] == b"\x88\x82"
    assert bytes(one ^ other for one, other in zip(frame[2:4], frame[6:], strict=True)) == leave(1003)


async def test_messages_that_are_sent_together_are_framed_one_by_one(http: Http) -> None:
    said = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.extend(await reader.readexactly(2 * (6 + 2) + 8 + 300))
        writer.write(sent(Opcode.CLOSE, leave(1000)))

    async with opened(http, listen) as socket:
        await socket.send(b"\x00a", Outgoing.of(b"\x00", bytes(299)), b"\xff\x00")
        assert not await socket.receive_all()
    sizes = bytes((0x82, 0x82)), bytes((0x82, 0xFE)) + (300).to_bytes(2), bytes((0x82, 0x82))
    assert (said[:2], said[8:12], said[316:318]) == sizes
    assert len({bytes(said[place : place + 4]) for place in (2, 12, 318)}) == 3, "each has a mask of its own"


@pytest.mark.parametrize("together", [False, True])
async def test_a_reader_who_is_slow_holds_up_the_server_and_loses_nothing(http: Http, together: bool) -> None:
    count, written = 400, 0
    pieces = [number.to_bytes(2) * 25_000 for number in range(count)]

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        for piece in pieces:
            writer.write(sent(Opcode.BINARY, piece))
            await writer.drain()
            written += 1
        writer.write(sent(Opcode.CLOSE, leave(1000)))
        await _nothing(reader, writer)

    async with opened(http, flood) as socket:
        await _held_up(socket)
        held = socket._messages._size
        for _ in range(100):
            await asyncio.sleep(0)
        assert AHEAD < socket._messages._size == held < AHEAD + (512 << 10)
        assert written < count
        messages: list[Bytes] = []
        while came := await socket.receive_all() if together else [one for one in [await socket.receive()] if one]:
            assert sum(map(len, came)) < AHEAD + (512 << 10)
            messages += came
    assert messages == pieces, "none was written over while somebody looked at it"


async def test_memory_that_nobody_looks_at_is_read_into_again(http: Http) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1 << 16):
            writer.write(sent(Opcode.BINARY, bytes(KEPT)))

    async with opened(http, answer) as socket:
        memory = socket._messages._buffer
        for _ in range(3):
            await socket.send(b"\x00")
            message = await socket.receive()
            assert isinstance(message, memoryview)
            message.release()
            assert socket._messages._buffer is memory


async def test_a_server_that_is_held_up_is_not_taken_for_dead(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PING_EVERY", 0.005)
    much = b"".join(sent(Opcode.BINARY, bytes(60_000)) for _ in range(20))

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(much)
        await _nothing(reader, writer)

    async with opened(http, flood) as socket:
        await _held_up(socket)
        socket._messages.heard -= 100
        await asyncio.sleep(0.05)
        for _ in range(20):
            assert len(await socket.receive() or b"") == 60_000
        await asyncio.sleep(0.05)
        assert not socket._messages.ended


async def test_who_pings_and_never_reads_does_not_fill_the_memory(http: Http) -> None:
    pings = sent(Opcode.PING, bytes(125)) * 1000

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(200):
            writer.write(pings)
            await writer.drain()
        writer.write(sent(Opcode.BINARY, b"\x01done"))
        await asyncio.sleep(10)

    async with opened(http, flood) as socket:
        assert await socket.receive() == b"\x01done"
        assert socket._messages._transport.get_write_buffer_size() < UNSENT + 131


async def test_who_sends_waits_for_room_and_is_told_where_there_will_be_none(http: Http) -> None:
    deaf = asyncio.Event()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await deaf.wait()

    async def feed(socket: Socket) -> None:
        nonlocal fed
        while True:
            await socket.send(bytes(60_000))
            fed += 1

    fed = -1
    async with opened(http, hang_up) as socket:
        feeding = asyncio.create_task(feed(socket))
        before = -2
        while fed != before:
            before = fed
            await asyncio.sleep(0.05)
        deaf.set()
        with pytest.raises(SourceError) as caught:
            await feeding
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE


@pytest.mark.parametrize("unsent", [False, True])
async def test_a_server_that_does_not_take_leave_is_left(http: Http, unsent: bool) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)

    async def much(socket: Socket) -> None:
        while True:
            await socket.send(bytes(60_000))

    begun = asyncio.get_running_loop().time()
    async with opened(http, mute) as socket:
        if unsent:
            with suppress(TimeoutError):
                await asyncio.wait_for(much(socket), 0.1)
            assert socket._messages._transport.get_write_buffer_size()
    for _ in range(10):
        await asyncio.sleep(0)
    assert asyncio.get_running_loop().time() - begun < 5
    assert http._sockets.left == []


async def test_a_leave_in_good_order_leaves_nothing_behind(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[BaseException | None]()
    monkeypatch.setattr(ResponseHandler, "connection_lost", lambda _, exc: told.append(exc))

    async def polite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            if data[0] & 0x0F == Opcode.CLOSE:
                writer.write(sent(Opcode.CLOSE, leave(1000)))

    async with opened(http, polite) as socket:
        await socket.send(b"\x00hello")
    for _ in range(10):
        await asyncio.sleep(0)
    assert http._sockets.left == []
    assert told == [None], "what aiohttp's pool is told"


async def test_empty_messages_do_not_fill_the_memory(http: Http) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(sent(Opcode.BINARY, b"") * 10_000)
            await writer.drain()

    async with opened(http, flood) as socket:
        await _held_up(socket)
        await asyncio.sleep(0.1)
        assert len(socket._messages._messages) <= AHEAD // MESSAGE + FRAMES
        for _ in range(3000):
            assert await socket.receive() == b""


async def test_many_frames_in_one_read_leave_others_their_turn(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgraded, "FRAMES", 10)
    told = b"".join(sent(Opcode.BINARY, number.to_bytes(2)) for number in range(500)) + sent(Opcode.CLOSE, leave(1000))
    async with opened(http, _nothing, first=told) as socket, counted() as turns:
        for number in range(500):
            assert await socket.receive() == number.to_bytes(2)
        assert await socket.receive() is None
    assert turns.count >= 40


async def test_of_several_pings_the_last_is_answered(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgraded, "MASK", lambda key, payload: None)
    heard = asyncio.get_running_loop().create_future()

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.readexactly(7))
        await _nothing(reader, writer)

    async with opened(http, ask, first=sent(Opcode.PING, b"1") + sent(Opcode.PING, b"2")):
        assert (await heard)[0] & 0x0F == Opcode.PONG
        assert (await heard)[6:] == b"2"


async def test_a_server_that_stops_reading_and_hangs_up_is_gone(http: Http) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cast(asyncio.Transport, writer.transport).pause_reading()
        await asyncio.sleep(0.1)
        writer.write_eof()
        await asyncio.sleep(10)

    async def feed(socket: Socket) -> None:
        while True:
            await socket.send(bytes(60_000))

    async with opened(http, half) as socket, asyncio.timeout(5):
        feeding = asyncio.create_task(feed(socket))
        with pytest.raises(SourceError) as caught:
            await socket.receive()
        with pytest.raises(SourceError):
            await feeding
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE


async def test_who_leaves_a_server_that_is_held_up_still_hears_its_leave(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "CLOSE_TIMEOUT", 5.0)

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(200):
            writer.write(sent(Opcode.BINARY, bytes(60_000)))
            await writer.drain()
        while data := await reader.read(100):
            if data[0] & 0x0F == Opcode.CLOSE:
                writer.write(sent(Opcode.CLOSE, leave(1000)))

    begun = asyncio.get_running_loop().time()
    async with opened(http, flood) as socket:
        await _held_up(socket)
    assert asyncio.get_running_loop().time() - begun < 4
    assert socket._messages.broken is None


async def test_a_complaint_is_what_who_sends_is_told_too(http: Http) -> None:
    async with opened(http, _nothing, first=sent(Opcode.CLOSE, leave(1011) + b"broken")) as socket:
        with pytest.raises(SourceError):
            await socket.receive()
        with pytest.raises(SourceError, match="1011: broken"):
            await socket.send(b"\x00more")
