"""The tunnel of port-forward against a scripted kubelet: pairs of streams, half-close, complaints, every way to end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests import recordings
from tests.streams.fakekubelet import FakeKubelet, Serve
from tests.streams.fakesocket import FakePort, FakeSocket
from tests.turns import counted
from tui.errors import Problem, ProblemKind, SourceError
from tui.streams import tunnel as tunnels
from tui.streams import tunnelstream
from tui.streams.paths import TUNNEL_PROTOCOL, Place
from tui.streams.pump import CHUNK, CHUNK_SOON
from tui.streams.tunnel import LOOKED_AT, Tunnel, TunnelLink, tunnelled
from tui.wire.channels import MESSAGE_BYTES
from tui.wire.outgoing import Bytes, Outgoing
from tui.wire.spdy import LARGEST_DATA, Data, SpdyReader

POD = Place("default", "ticker")
DROPPED = SourceError(Problem(ProblemKind.UNREACHABLE, "dropped"))


async def echo(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
    kubelet.says(kubelet.writer.data(stream, data, fin=not data))


async def refuse(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
    words = f"error forwarding port {port} to pod: connection refused".encode()
    kubelet.says(kubelet.writer.data(kubelet.error_of(stream), words))
    kubelet.says(
        kubelet.writer.data(kubelet.error_of(stream), b"", fin=True), kubelet.writer.data(stream, b"", fin=True)
    )


async def silent(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
    pass


@asynccontextmanager
async def dug(serve: Serve, *, accepts: bool = True) -> AsyncIterator[tuple[Tunnel, FakeKubelet, FakeSocket]]:
    socket = FakeSocket(TUNNEL_PROTOCOL)
    kubelet = FakeKubelet(socket, serve, accepts=accepts)
    answering = asyncio.create_task(kubelet.run())
    try:
        async with tunnelled(FakePort(socket), POD) as (tunnel, _):
            yield tunnel, kubelet, socket
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


async def _all(link: TunnelLink) -> bytes:
    parts: list[bytes] = []
    while (data := await link.receive()) is not None:
        parts.append(data)
    return b"".join(parts)


async def test_a_connection_is_a_pair_of_streams_as_kubectl_opens_them() -> None:
    async with dug(echo) as (tunnel, kubelet, socket):
        link = await tunnel.connect(8080)
        await link.send(b"hello")
        await link.finish()
        assert await _all(link) == b"hello"
        await link.close()
        await tunnel.connect(81)
        asked = [(s.stream, s.header("streamtype"), s.header("port"), s.header("requestid")) for s in kubelet.opened]
    assert asked == [
        (1, "error", "8080", "0"),
        (3, "data", "8080", "0"),
        (5, "error", "81", "1"),
        (7, "data", "81", "1"),
    ]
    await socket.has_sent(1)


@recordings.needed
async def test_the_address_is_kubectls() -> None:
    port = FakePort(FakeSocket(TUNNEL_PROTOCOL))
    async with tunnelled(port, POD):
        pass
    asked = recordings.request("kubectl-portforward-1")
    assert (port.asked[0][0], list(port.asked[0][1]), list(port.asked[0][2])) == (asked["path"], [], asked["protocols"])


async def test_the_pod_may_go_on_after_we_have_finished_and_we_after_it() -> None:
    async def late(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
        if data == b"bye":
            kubelet.says(kubelet.writer.data(stream, b"last words", fin=True))
        elif not data:
            kubelet.heard.set()

    async with dug(late) as (tunnel, _, _socket):
        link = await tunnel.connect(80)
        await link.send(b"bye")
        assert await link.receive() == b"last words"
        assert await link.receive() is None
        await link.send(b"still here")
        await link.finish()


async def test_a_port_that_does_not_answer_is_told_in_the_kubelets_words() -> None:
    async with dug(refuse) as (tunnel, _, _socket):
        link = await tunnel.connect(9)
        await link.send(b"x")
        with pytest.raises(SourceError) as caught:
            await _all(link)
    assert caught.value.problem.server_words == "error forwarding port 9 to pod: connection refused"
    assert "port 9" in caught.value.problem.summary


async def test_many_connections_are_kept_apart() -> None:
    async with dug(echo) as (tunnel, _, _socket):

        async def one(number: int) -> None:
            link = await tunnel.connect(80)
            sent = bytes([number]) * (200 + number * 997)
            await link.send(sent)
            await link.finish()
            assert await _all(link) == sent
            await link.close()

        await asyncio.gather(*map(one, range(60)))


async def test_data_is_sent_in_frames_of_measure() -> None:
    async with dug(echo) as (tunnel, _, socket):
        link = await tunnel.connect(80)
        before = len(socket.sent)
        data = random.Random(1).randbytes(CHUNK_SOON + CHUNK)
        for piece in (data[:CHUNK], data[CHUNK:]):
            await link.send(piece)
        messages = socket.sent[before:]
        assert [len(message) for message in messages] == [1 + MESSAGE_BYTES] * 5
        frames = [event for event in SpdyReader().feed(b"".join(messages)) if isinstance(event, Data)]
        assert max(len(frame.data) for frame in frames) <= LARGEST_DATA
        assert b"".join(frame.data for frame in frames) == data


async def test_many_frames_in_one_message_leave_others_their_turn() -> None:
    async with dug(silent) as (tunnel, kubelet, _socket):
        link = await tunnel.connect(80)
        empty = kubelet.writer.data(3, b"")
        async with counted() as turns:
            kubelet.says(empty * 100_000, kubelet.writer.data(3, b"here", fin=True))
            assert await _all(link) == b"here"
        assert turns.count >= len(empty) * 100_000 // LOOKED_AT


async def test_a_server_that_reads_nothing_is_left_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnels, "LEAVE_SECONDS", 0.01)

    async def stuck(*messages: Bytes | Outgoing) -> None:
        await asyncio.Event().wait()

    async with dug(silent) as (_tunnel, _, socket):
        monkeypatch.setattr(socket, "send", stuck)


async def test_who_sends_waits_for_those_before_and_makes_nothing_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    async with dug(echo) as (tunnel, kubelet, socket):
        first, second = [await tunnel.connect(80) for _ in range(2)]
        room, begun = asyncio.Event(), list[int]()

        async def stuck(*messages: Bytes | Outgoing) -> None:
            begun.append(len(messages))
            if len(begun) == 1:
                await room.wait()
            socket.sent += map(bytes, messages)

        monkeypatch.setattr(socket, "send", stuck)
        sending = [asyncio.create_task(link.send(b"x")) for link in (first, second, second)]
        for _ in range(10):
            await asyncio.sleep(0)
        assert begun == [1]
        sending[1].cancel()
        kubelet.says(kubelet.writer.ping(2))
        for _ in range(10):
            await asyncio.sleep(0)
        assert begun == [1, 1], "what is no data does not wait"
        room.set()
        await asyncio.gather(*sending, return_exceptions=True)
        assert begun == [1, 1, 1]


async def test_a_ping_is_answered_and_a_stream_that_the_pod_opens_is_refused() -> None:
    async with dug(echo) as (tunnel, kubelet, _socket):
        kubelet.says(kubelet.writer.ping(2), kubelet.writer.syn_stream(2, (("streamtype", "data"),)))
        await tunnel.connect(80)
        while not (kubelet.pongs and kubelet.reset):
            kubelet.heard.clear()
            await kubelet.heard.wait()
        assert (kubelet.pongs, kubelet.reset) == ([2], [2])


async def test_closing_a_connection_lets_the_pod_go_of_it() -> None:
    async with dug(echo) as (tunnel, kubelet, _socket):
        link = await tunnel.connect(80)
        await link.close()
        while not kubelet.reset:
            kubelet.heard.clear()
            await kubelet.heard.wait()
        assert kubelet.reset == [3]
        await link.close()
        with pytest.raises(SourceError):
            await link.send(b"x")


async def test_a_slow_reader_holds_the_tunnel_up_and_not_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnelstream, "BUFFERED", 1000)

    async def pour(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
        if data:
            for _ in range(50):
                kubelet.says(kubelet.writer.data(stream, b"x" * 500))
            kubelet.says(kubelet.writer.data(stream, b"", fin=True))

    async with dug(pour) as (tunnel, _, socket):
        link = await tunnel.connect(80)
        await link.send(b"go")
        for _ in range(200):  # turns of the loop, in which the tunnel could have taken all of it
            await asyncio.sleep(0)
        assert socket.coming.qsize() > 40
        assert len(await _all(link)) == 25_000


async def test_a_slow_reader_that_goes_frees_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnelstream, "BUFFERED", 100)

    async def pour(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
        for _ in range(5):
            kubelet.says(kubelet.writer.data(stream, data * 100))
        kubelet.says(kubelet.writer.data(stream, b"", fin=True))

    async with dug(pour) as (tunnel, _, _socket):
        slow, other = await tunnel.connect(80), await tunnel.connect(80)
        await slow.send(b"abc")
        reading = asyncio.create_task(_all(other))
        await other.send(b"d")
        await asyncio.sleep(0)
        await slow.close()
        assert await reading == b"d" * 500


def pouring(count: int) -> Serve:
    """Answers "much" with so many hundreds of bytes, and anything else as it is."""

    async def pour(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
        for _ in range(count if data == b"much" else 1):
            kubelet.says(kubelet.writer.data(stream, b"x" * 100 if data == b"much" else data))

    return pour


async def watched(link: TunnelLink, told: asyncio.Queue[int]) -> None:
    await link.watch(told.put_nowait)


async def test_who_holds_the_others_up_is_named_and_cut_off_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnelstream, "BUFFERED", 1000)
    monkeypatch.setattr(tunnels, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(tunnels, "STUCK_SECONDS", 0.003)
    async with dug(pouring(50)) as (tunnel, kubelet, _socket):
        slow, other = await tunnel.connect(80), await tunnel.connect(80)
        told: asyncio.Queue[int] = asyncio.Queue()
        watching = asyncio.create_task(watched(slow, told))
        await slow.send(b"much")
        await other.send(b"hello")
        assert await other.receive() == b"hello"
        with pytest.raises(SourceError, match=r"read nothing for .* and held up others"):
            await watching
        assert told.get_nowait() == 1
        while not kubelet.reset:
            kubelet.heard.clear()
            await kubelet.heard.wait()
        assert kubelet.reset == [3]
        with pytest.raises(SourceError, match="cut off"):
            await _all(slow)
        await slow.close()
        await other.send(b"on")
        assert await other.receive() == b"on"
    assert kubelet.reset == [3]


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "beside one that is idle"])
async def test_who_holds_nobody_up_may_stop_reading_for_as_long_as_it_likes(
    monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    monkeypatch.setattr(tunnelstream, "BUFFERED", 1000)
    monkeypatch.setattr(tunnels, "LOOK_SECONDS", 0.0001)
    monkeypatch.setattr(tunnels, "STUCK_SECONDS", 0.0001)
    async with dug(pouring(50)) as (tunnel, kubelet, socket):
        links = [await tunnel.connect(80) for _ in range(others)]
        for link in links:
            await link.send(b"hello")
            assert await link.receive() == b"hello"
        slow = await tunnel.connect(80)
        await slow.send(b"much")
        looks, looked_often = 0, asyncio.Event()
        notice = tunnelstream.Stream.notice

        def looked(self: tunnelstream.Stream, holds_up: int) -> None:
            nonlocal looks
            looks += self.full
            if looks == 5:
                looked_often.set()
            notice(self, holds_up)

        monkeypatch.setattr(tunnelstream.Stream, "notice", looked)
        await looked_often.wait()
        assert socket.coming.qsize() > 20
        read = 0
        while read < 5000:
            read += len(await slow.receive() or b"")
        assert kubelet.reset == []


async def test_who_reads_slowly_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnelstream, "BUFFERED", 1000)
    monkeypatch.setattr(tunnelstream, "TAKEN", 100)
    monkeypatch.setattr(tunnelstream, "SOON", 0.0)
    async with dug(pouring(50)) as (tunnel, kubelet, _socket):
        slow = await tunnel.connect(80)
        await slow.send(b"much")
        parts = [await slow.receive() or b"" for _ in range(50)]
        assert {len(part) for part in parts} == {100}, "each part that is read is a sign of life"
        assert kubelet.reset == []


async def test_who_comes_back_soon_is_given_more_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnelstream, "TAKEN", 100)
    monkeypatch.setattr(tunnelstream, "TAKEN_SOON", 300)
    monkeypatch.setattr(tunnelstream, "SOON", float("inf"))
    stream = tunnelstream.Stream(1)
    for _ in range(10):
        stream.take(bytes(100), fin=False)
    stream._read = asyncio.get_running_loop().time()
    assert [len(await stream.read() or b"") for _ in range(4)] == [300, 300, 300, 100]
    monkeypatch.setattr(tunnelstream, "SOON", 0.0)
    for _ in range(3):
        stream.take(bytes(100), fin=False)
    assert [len(await stream.read() or b"") for _ in range(3)] == [100, 100, 100]


async def test_a_reset_ends_one_connection_and_not_its_neighbour() -> None:
    async with dug(echo) as (tunnel, kubelet, _socket):
        first, second = await tunnel.connect(80), await tunnel.connect(80)
        kubelet.says(kubelet.writer.rst_stream(3, tunnels.Reset.INTERNAL_ERROR))
        with pytest.raises(SourceError, match="reset"):
            await first.receive()
        await second.send(b"on")
        assert await second.receive() == b"on"


@pytest.mark.parametrize("end", [None, DROPPED, b"\x80\x07\x00\x01\x00\x00\x00\x00"], ids=["leave", "drop", "nonsense"])
async def test_when_the_tunnel_ends_so_do_its_connections(end: bytes | SourceError | None) -> None:
    async with dug(silent) as (tunnel, _, socket):
        link = await tunnel.connect(80)
        socket.brings(end)
        with pytest.raises(SourceError):
            await link.receive()
        with pytest.raises(SourceError):
            await tunnel.connect(80)


async def test_what_came_before_the_end_can_still_be_read() -> None:
    async with dug(echo) as (tunnel, kubelet, socket):
        link = await tunnel.connect(80)
        await link.send(b"early")
        assert await link.receive() == b"early"
        await link.send(b"again")
        kubelet.heard.clear()
        await kubelet.heard.wait()
        socket.brings(DROPPED)
        assert await link.receive() == b"again"
        with pytest.raises(SourceError, match="dropped"):
            await link.receive()


async def test_a_pod_that_goes_away_takes_no_more() -> None:
    async with dug(echo) as (tunnel, kubelet, _socket):
        link = await tunnel.connect(80)
        kubelet.says(kubelet.writer.go_away(3))
        await link.send(b"on")
        assert await link.receive() == b"on"
        with pytest.raises(SourceError):
            await tunnel.connect(80)


async def test_a_stream_that_is_never_accepted_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnels, "REPLY_SECONDS", 0.01)
    async with dug(silent, accepts=False) as (tunnel, _, _socket):
        with pytest.raises(SourceError) as caught:
            await tunnel.connect(80)
    assert caught.value.problem.kind is ProblemKind.TIMEOUT


async def test_a_complaint_without_measure_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rant(kubelet: FakeKubelet, stream: int, port: int, data: bytes) -> None:
        for _ in range(100):
            kubelet.says(kubelet.writer.data(kubelet.error_of(stream), b"no " * 1000))
        kubelet.says(kubelet.writer.data(stream, b"", fin=True))

    async with dug(rant) as (tunnel, _, _socket):
        link = await tunnel.connect(80)
        await link.send(b"x")
        with pytest.raises(SourceError) as caught:
            await _all(link)
    assert len(caught.value.problem.server_words) <= tunnels.LONGEST_ERROR
