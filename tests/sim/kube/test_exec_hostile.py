"""What no client should send: the server closes, or takes no notice, and serves the next as if nothing had been."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from yarl import URL

from tests.sim.kube.conftest import PODS, Api
from tests.sim.kube.exec_client import hear, query, run_pod, talking
from tui.sim.kube.cluster import KubeCluster
from tui.wire.channels import V4, V4_BASE64, V5
from tui.wire.spdy import Data, Event, Ping, RstStream, SpdyReader, SpdyWriter, SynReply

CAT = query("cat", stdin=True)


@pytest.fixture(autouse=True)
def pod(cluster: KubeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    run_pod(cluster)
    monkeypatch.setattr("tui.sim.kube.streams.upgrade.LAST_WORDS", 0.1)  # our SPDY client waits for the server's end


async def all_is_well(api: Api) -> None:
    assert (await hear(api, "echo", "well")).out == b"well\n"


@pytest.mark.parametrize("message", [b"", b"\x01out", b"\x02", b"\x03{}", b"\x05", b"\x80x", b"\xfex"])
async def test_messages_that_mean_nothing(api: Api, message: bytes):
    async with talking(api, CAT) as talk:
        await talk.socket.send_bytes(message)
        await talk.say(b"still\n")
        await talk.until(b"still\n")
        await talk.half_close()
        assert (await talk.rest()).exit_code == 0


@pytest.mark.parametrize("message", [b"\xff", b"\xff\x05", b"\xff\x00\x00"])
async def test_a_half_close_of_nothing_ends_it(api: Api, message: bytes):
    async with talking(api, CAT) as talk:
        await talk.socket.send_bytes(message)
        assert not (await talk.rest()).on(3)
    await all_is_well(api)


async def test_a_half_close_of_other_channels_is_nothing(api: Api):
    async with talking(api, CAT) as talk:
        for channel in (1, 2, 3, 4):
            await talk.socket.send_bytes(bytes((0xFF, channel)))
        await talk.say(b"still\n")
        await talk.until(b"still\n")


async def test_input_behind_its_end_is_lost(api: Api):
    async with talking(api, query("sh", "-c", "cat; echo end", stdin=True)) as talk:
        await talk.say(b"a\n")
        await talk.half_close()
        await talk.half_close()
        await talk.say(b"b\n")
        heard = await talk.rest()
        assert heard.out == b"a\nend\n"


async def test_text_is_taken_for_bytes(api: Api):
    async with talking(api, CAT) as talk:
        await talk.socket.send_str("\0héllo\n")
        await talk.until("héllo\n".encode())


@pytest.mark.parametrize("text", ["0!!!", "0YQ", "é"])
async def test_what_is_no_base64_ends_it(api: Api, text: str):
    async with talking(api, CAT, [V4_BASE64]) as talk:
        await talk.socket.send_str(text)
        assert not (await talk.rest()).on(3)
    await all_is_well(api)


@pytest.mark.parametrize("protocol", [V5, V4, V4_BASE64])
async def test_any_messages(api: Api, protocol: str):
    chance = random.Random(protocol)
    for _ in range(10):
        async with talking(api, query("cat", stdin=True, tty=chance.random() < 0.5), [protocol]) as talk:
            try:
                for _ in range(30):
                    message = chance.randbytes(chance.choice((0, 1, 2, 3, 50, 5000)))
                    await talk.socket.send_bytes(message)
            except (aiohttp.ClientError, ConnectionError):
                pass  # it has had enough of them
    await all_is_well(api)


async def test_a_broken_websocket_frame(api: Api):
    async with talking(api, CAT) as talk:
        await talk.next()
        connection = talk.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.write(b"\xff\xff\xff\xff" * 100)
        await talk.rest()
    await all_is_well(api)


# SPDY


class Spdy:
    """A client that speaks SPDY over a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.frames = SpdyWriter()
        self._events = SpdyReader()
        self.heard: list[Event] = []

    async def open(self, *names: str) -> None:
        """Streams 1, 3, 5, … of these types; waits until the server has accepted them."""
        for number, name in enumerate(names):
            self.writer.write(self.frames.syn_stream(1 + 2 * number, (("streamtype", name),)))
        while sum(isinstance(event, SynReply) for event in self.heard) < len(names):
            assert await self.next()

    async def next(self) -> bool:
        """Hear more; False at the end."""
        try:
            chunk = await asyncio.wait_for(self.reader.read(65536), 20)
        except ConnectionError:
            return False
        self.heard += self._events.feed(chunk)
        return bool(chunk)

    async def rest(self) -> None:
        while await self.next():
            pass

    def on(self, stream: int) -> bytes:
        return b"".join(event.data for event in self.heard if isinstance(event, Data) and event.stream == stream)


@asynccontextmanager
async def spdy(api: Api, asked: str, versions: str = V4, what: str = "exec") -> AsyncIterator[Spdy]:
    url = api.url(URL(f"{PODS}/p/{what}?{asked}", encoded=True))
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = [f"POST {url.raw_path_qs} HTTP/1.1", f"Host: {url.authority}", "Authorization: Bearer admin"]
    lines += ["Connection: Upgrade", "Upgrade: SPDY/3.1", "Content-Length: 0"]
    lines += [f"X-Stream-Protocol-Version: {version}" for version in versions.split()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 101 "), head
    assert f"X-Stream-Protocol-Version: {versions.split()[-1]}\r\n" in head
    try:
        yield Spdy(reader, writer)
    finally:
        writer.close()


async def test_spdy_as_kubectl_speaks_it(api: Api):
    async with spdy(
        api, query("sh", "-c", "cat; echo err >&2; exit 7", stdin=True), f"v9.channel.k8s.io {V4}"
    ) as client:
        await client.open("error", "stdin", "stdout", "stderr")
        client.writer.write(client.frames.data(3, b"hello", fin=True))
        await client.rest()
    assert (client.on(5), client.on(7)) == (b"hello", b"err\n")
    assert b'"reason":"NonZeroExitCode"' in client.on(1)
    assert {event.stream for event in client.heard if isinstance(event, Data) and event.fin} == {1, 5, 7}


async def test_spdy_of_the_oldest_kind(api: Api):
    async with spdy(api, query("sh", "-c", "exit 7"), "channel.k8s.io") as client:
        await client.open("error", "stdout", "stderr")
        await client.rest()
    assert client.on(1) == b"command terminated with non-zero exit code: command terminated with exit code 7"


@pytest.mark.parametrize(
    ("header", "status", "said"),
    [
        ("", 400, "unable to upgrade: X-Stream-Protocol-Version is required"),
        (
            "v9.channel.k8s.io",
            403,
            "unable to upgrade: unable to negotiate protocol: client supports [v9.channel.k8s.io], server accepts "
            "[v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]",
        ),
    ],
)
async def test_spdy_that_cannot_be_agreed_on(api: Api, header: str, status: int, said: str):
    headers = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1", "X-Stream-Protocol-Version": header}
    answer = await api.send("POST", f"{PODS}/p/exec?{CAT}", headers=headers)
    assert (answer.status, answer.body) == (status, said)


async def test_spdy_streams_that_nobody_asked_for_are_refused(api: Api):
    async with spdy(api, CAT) as client:
        for number, name in enumerate(("resize", "nonsense", "error", "error", "stdin", "stdout", "stderr")):
            client.writer.write(client.frames.syn_stream(1 + 2 * number, (("streamtype", name),)))
        client.writer.write(client.frames.data(1, b"nobody") + client.frames.data(99, b"nobody"))
        client.writer.write(client.frames.data(9, b"hello", fin=True))
        await client.rest()
    assert client.on(11) == b"hello"
    refused = {event.stream for event in client.heard if isinstance(event, RstStream)}
    assert refused == {1, 3, 7}


async def test_spdy_is_pinged(api: Api):
    async with spdy(api, CAT) as client:
        await client.open("error", "stdin", "stdout", "stderr")
        client.writer.write(client.frames.ping(7))
        while not any(isinstance(event, Ping) for event in client.heard):
            assert await client.next()


@pytest.mark.parametrize("opened", [True, False])
async def test_any_bytes_instead_of_spdy(api: Api, opened: bool):
    chance = random.Random(opened)
    for _ in range(20):
        async with spdy(api, CAT) as client:
            if opened:
                await client.open("error", "stdin", "stdout", "stderr")
            control = bytes((0x80, 3, 0, chance.randrange(12))) if chance.random() < 0.7 else b""
            client.writer.write(control + chance.randbytes(chance.choice((1, 8, 100, 5000))))
            client.writer.write_eof()
            await client.rest()
    await all_is_well(api)
