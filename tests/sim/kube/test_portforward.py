"""pods/portforward over a real socket: both of its forms, what listens in the pods, and every refusal."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import re
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from tests import recordings
from tests.sim.kube.living import Town
from tests.sim.spdyclient import SpdyClient, Stream, tunnelled
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.forwarding.portforward import PodForwards
from tui.sim.kube.forwarding.programs import PATTERN
from tui.sim.kube.identity import User
from tui.wire.spdy import Data, Reset, SpdyReader, SynReply

ADMIN = User("admin", ("system:masters",))
TUNNEL = "SPDY/3.1+portforward.k8s.io"
V4 = "v4.channel.k8s.io"


class Port:
    """A town and the way to its pods."""

    def __init__(self, town: Town, server: BaseTestServer, client: aiohttp.ClientSession, user: list[User]) -> None:
        self.town = town
        self.user = user
        self._url = str(server.make_url("/api/v1/namespaces/default/pods/"))
        self._client = client

    def pod(
        self, name: str = "one", image: str = "registry.example.com/lab/echo:1", port: int = 7, **spec: Any
    ) -> None:
        self.town.pod(name, image, container={"ports": [{"containerPort": port}]}, **spec)
        self.town.until(lambda: self.town.get(PODS, name)["status"].get("phase") == "Running")
        self.town.live(2)

    async def dial(self, protocol: str, pod: str = "one", query: str = "") -> aiohttp.ClientWebSocketResponse:
        protocols = (protocol,) if protocol else ()
        return await self._client.ws_connect(f"{self._url}{pod}/portforward{query}", protocols=protocols)

    @asynccontextmanager
    async def tunnel(self, pod: str = "one") -> AsyncIterator[SpdyClient]:
        async with tunnelled(await self.dial(TUNNEL, pod)) as client:
            yield client

    async def refusal(self, protocol: str, pod: str = "one", query: str = "", **headers: str) -> tuple[int, str]:
        sent = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
            **({"Sec-WebSocket-Protocol": protocol} if protocol else {}),
            **headers,
        }
        async with self._client.get(f"{self._url}{pod}/portforward{query}", headers=sent) as response:
            return response.status, await response.text()


@asynccontextmanager
async def serving(version: str = "v1.36.2") -> AsyncIterator[Port]:
    town, user = Town(version=version), [ADMIN]
    town.cluster.pod_streams["portforward"] = PodForwards(town.cluster, town.behaviours).serve

    async def handle(request: web.Request) -> web.StreamResponse:
        return await town.cluster.handle(request, request.path, user[0])

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        yield Port(town, server, client, user)


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with serving() as one:
        yield one


async def over(client: SpdyClient, *streams: Stream) -> None:
    """Every stream has been ended by the server."""
    await client.until(lambda: all(stream.ended for stream in streams))


# against what was recorded


def shape(events: list[Any]) -> list[tuple[str, int]]:
    """What a server says, without the bytes of the pod: replies, data and ends by stream."""
    said: list[tuple[str, int]] = []
    for event in events:
        if isinstance(event, SynReply):
            said.append(("reply", event.stream))
        elif isinstance(event, Data):
            said += [("data", event.stream)] * bool(event.data) + [("end", event.stream)] * event.fin
    return [one for index, one in enumerate(said) if index == 0 or one != said[index - 1]]


@recordings.needed
async def test_what_kubectl_sent_is_answered_as_it_was_by_a_real_server(port: Port) -> None:
    port.pod("ticker", "busybox:1", 8080)
    frames = recordings.frames("kubectl-portforward-1")
    reader = SpdyReader()
    recorded = [
        event
        for frame in frames
        if frame["from"] == "server" and frame["type"] == "BINARY"
        for event in reader.feed(base64.b64decode(frame["base64"]))
    ]
    socket = await port.dial(TUNNEL, "ticker")
    reader, answered = SpdyReader(), list[Any]()
    for index, frame in enumerate(frames):
        if frame["from"] == "client" and frame["type"] == "BINARY":
            await socket.send_bytes(base64.b64decode(frame["base64"]))
            continue
        while len(shape(answered)) < len(shape(recorded[: _events_until(frames, index)])):
            answered += reader.feed(await socket.receive_bytes(timeout=30))
    assert shape(answered) == shape(recorded)
    bodies = [event.data for event in answered if isinstance(event, Data) and event.data]
    assert [body.split(b"\r\n", 1)[0] for body in bodies] == [b"HTTP/1.1 200 OK"] * 2
    await socket.close()


def _events_until(frames: list[Any], index: int) -> int:
    reader = SpdyReader()
    return sum(
        len(reader.feed(base64.b64decode(frame["base64"])))
        for frame in frames[: index + 1]
        if frame["from"] == "server" and frame["type"] == "BINARY"
    )


@recordings.needed
async def test_the_older_form_names_its_port_first_and_then_carries_bytes(port: Port) -> None:
    port.pod("ticker", "busybox:1", 8080)
    recorded = recordings.frames("ws-portforward-old-v4")
    socket = await port.dial(V4, "ticker", "?ports=8080")
    firsts = [base64.b64decode(frame["base64"]) for frame in recorded[:2]]
    for channel, said in enumerate(firsts):
        assert await socket.receive_bytes(timeout=30) == bytes((channel,)) + said
    await socket.send_bytes(b"\0" + recorded[2]["text"].encode())
    answer = await socket.receive_bytes(timeout=30)
    assert answer[:1] == b"\0"
    assert answer[1:].startswith(b"HTTP/1.1 200 OK\r\n")
    assert (await socket.receive(timeout=30)).type is aiohttp.WSMsgType.CLOSE  # HTTP/1.0: the pod has closed


@recordings.needed
async def test_a_port_where_nothing_listens_is_told_in_containerds_words(port: Port) -> None:
    port.pod("ticker")
    recorded = recordings.frames("ws-portforward-old-refused-port")[2]["text"]
    socket = await port.dial(V4, "ticker", "?ports=9")
    assert [await socket.receive_bytes(timeout=30) for _ in range(2)] == [b"\0\x09\0", b"\1\x09\0"]
    said = (await socket.receive_bytes(timeout=30))[1:].decode()
    assert _without_ids(said) == _without_ids(recorded)
    async with port.tunnel("ticker") as client:
        data, error = await client.pair(9, 0)
        await over(client, data, error)
        assert (_without_ids(error.data.decode()), bytes(data.data)) == (_without_ids(recorded), b"")


def _without_ids(words: str) -> str:
    return re.sub(r"[0-9a-f]{64}|cni-[0-9a-f-]{36}", "ID", words)


# connections


async def test_half_a_connection_can_be_closed(port: Port) -> None:
    port.pod("one", "docker.io/lab/discard:1", 9)
    async with port.tunnel() as client:
        data, error = await client.pair(9, 0)
        await client.write(data, bytes(100_000))
        assert not data.data
        await client.write(data, b"", fin=True)
        await over(client, data, error)
        assert (bytes(data.data), bytes(error.data)) == (b"100000\n", b"")


async def test_hundreds_of_connections_at_once_carry_their_own_bytes(port: Port) -> None:
    port.pod()
    async with port.tunnel() as client:

        async def one(number: int) -> bool:
            sent = random.Random(number).randbytes(3_000 + 97 * number)
            data, error = await client.pair(7, number)
            for start in range(0, len(sent), 1_111):
                await client.write(data, sent[start : start + 1_111])
            await client.write(data, b"", fin=True)
            await over(client, data, error)
            return hashlib.sha256(data.data).digest() == hashlib.sha256(sent).digest() and not error.data

        assert all(await asyncio.gather(*(one(number) for number in range(300))))


async def test_a_ping_comes_back_even_while_much_flows(port: Port) -> None:
    port.pod("one", "lab/chargen", 19)
    async with port.tunnel() as client:
        data, _ = await client.pair(19, 0)
        await client.until(lambda: len(data.data) > 1 << 20)
        await client.ping(1)
        await client.until(lambda: client.pings == [1])
        assert bytes(data.data[: len(PATTERN)]) == PATTERN
        await client.ping(2)  # an answer to none of the server's
        await client.ping(3)
        await client.until(lambda: len(client.pings) > 1)
        assert client.pings == [1, 3]


async def test_a_stream_that_is_reset_is_over_and_the_others_are_not(port: Port) -> None:
    port.pod()
    async with port.tunnel() as client:
        (first, told), (second, _) = [await client.pair(7, number) for number in range(2)]
        await client.write(first, b"x" * 10)
        await client.until(lambda: len(first.data) == 10)
        await client.reset(first)
        await client.until(lambda: told.ended)  # kubectl waits for that
        assert (bytes(told.data), first.ended) == (b"", False)
        await client.write(second, b"still here")
        await client.until(lambda: bytes(second.data) == b"still here")


async def test_after_goaway_nothing_new_is_taken_and_the_rest_goes_on(port: Port) -> None:
    port.pod()
    async with port.tunnel() as client:
        data, _ = await client.pair(7, 0)
        await client.go_away()
        late = await client.open(streamtype="error", port="7", requestid="1")
        await client.until(lambda: late.reset == Reset.REFUSED_STREAM)
        await client.write(data, b"on", fin=True)
        await over(client, data)
        assert bytes(data.data) == b"on"


@pytest.mark.parametrize(
    "headers",
    [
        {"streamtype": "error"},
        {"streamtype": "error", "port": "http"},
        {"streamtype": "error", "port": "0"},
        {"streamtype": "error", "port": "65536"},
        {"streamtype": "stdin", "port": "7"},
        {"port": "7"},
    ],
)
async def test_a_stream_that_is_for_no_port_is_reset(port: Port, headers: dict[str, str]) -> None:
    port.pod()
    async with port.tunnel() as client:
        stream = await client.open(**headers)
        await client.until(lambda: stream.reset == Reset.CANCEL)
        data, _ = await client.pair(7, 0)
        assert data.replied


async def test_a_second_stream_of_a_kind_is_told_on_the_first(port: Port) -> None:
    port.pod()
    async with port.tunnel() as client:
        first = await client.open(streamtype="error", port="7", requestid="5")
        await client.open(streamtype="error", port="7", requestid="5")
        await client.until(lambda: first.ended)
        assert first.data.decode() == "error processing stream for request 5: error stream already assigned"


async def test_streams_without_a_request_are_paired_by_their_numbers(port: Port) -> None:
    port.pod()
    async with port.tunnel() as client:
        await client.open(streamtype="error", port="7")
        data = await client.open(streamtype="data", port="7")
        await client.write(data, b"old client")
        await client.until(lambda: bytes(data.data) == b"old client")


@pytest.mark.parametrize(
    "raw", [b"GET / HTTP/1.1\r\n\r\n" * 20, b"\x80\x02\0\1\0\0\0\4abcd", b"\x80\3\0\1\xff\xff\xff\xff"]
)
async def test_what_is_no_spdy_ends_the_connection(port: Port, raw: bytes) -> None:
    port.pod()
    async with port.tunnel() as client:
        await client.send(raw)
        if raw.startswith(b"GET"):  # a data frame of a stream that nobody knows, by its look: passed over
            await client.ping(1)
            return
        await client.until(lambda: client.gone)
        await client.until_closed()


# what listens


async def test_http_tells_which_pod_it_is_and_keeps_the_connection(port: Port) -> None:
    port.pod("api", "registry.example.com/app:1", 8080)
    async with port.tunnel("api") as client:
        data, error = await client.pair(8080, 0)
        await client.write(
            data, b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nPOST /in HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
        )
        await client.until(lambda: b"POST /in" in data.data)
        first, second = data.data.decode().split("HTTP/1.1 200 OK\r\n")[1:]
        assert "Connection: keep-alive" in first
        assert first.endswith("api (app, namespace default, port 8080)\nGET /a?b=c\n")
        assert second.endswith("POST /in\n5 bytes received\n")
        await client.write(data, b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        await client.write(data, b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n")
        await over(client, data, error)
        assert data.data.decode().endswith("POST /c\n7 bytes received\n")


async def test_a_database_refuses_the_guest_in_its_own_protocol(port: Port) -> None:
    port.town.behave("db", "postgres:16.6", log="postgres")
    port.pod("db", "postgres:16.6", 5432)
    async with port.tunnel("db") as client:
        data, error = await client.pair(5432, 0)
        await client.write(data, struct.pack("!II", 8, 80877103))
        await client.until(lambda: bytes(data.data) == b"N")
        told = struct.pack("!I", 3 << 16) + b"user\0ana\0database\0shop\0\0"
        await client.write(data, struct.pack("!I", len(told) + 4) + told)
        await over(client, data, error)
        assert b'C28000\0Mno pg_hba.conf entry for host "127.0.0.1", user "ana", database "shop"' in data.data


async def test_who_only_sleeps_listens_to_nothing(port: Port) -> None:
    port.town.pod("idle", "busybox:1", container={"command": ["sleep", "infinity"], "ports": [{"containerPort": 80}]})
    port.town.until(lambda: port.town.get(PODS, "idle")["status"].get("phase") == "Running")
    async with port.tunnel("idle") as client:
        _, error = await client.pair(80, 0)
        await client.until(lambda: error.ended)
        assert "connect: connection refused" in error.data.decode()


async def test_a_pod_that_is_gone_takes_its_connections_with_it(port: Port) -> None:
    port.pod()
    async with port.tunnel() as client:
        data, error = await client.pair(7, 0)
        await client.write(data, b"before")
        await client.until(lambda: bytes(data.data) == b"before")
        port.town.delete(PODS, "one", grace=0)
        await over(client, data)
        await client.write(data, b"after")
        await over(client, error)
        assert error.data.decode().endswith("read: connection reset by peer")
        port.pod()  # another one of the same name, which this forward is not for
        _, error = await client.pair(7, 1)
        await client.until(lambda: error.ended)
        assert re.fullmatch(
            r'error forwarding port 7 to pod (\w{64}), uid : failed to find sandbox "\1" in store: not found',
            error.data.decode(),
        )
    async with port.tunnel() as client:
        data, _ = await client.pair(7, 0)
        await client.write(data, b"again")
        await client.until(lambda: bytes(data.data) == b"again")


async def test_a_container_that_is_restarted_answers_anew(port: Port) -> None:
    port.pod()
    async with port.tunnel() as client:
        data, error = await client.pair(7, 0)
        port.town.crew.end_containers(lambda namespace, pod, container: pod == "one", 137)
        port.town.live(1)
        await client.write(data, b"", fin=True)
        await over(client, data, error)
        port.town.live(5)
        data, _ = await client.pair(7, 1)
        await client.write(data, b"again")
        await client.until(lambda: bytes(data.data) == b"again")


# the older form


async def test_several_ports_have_two_channels_each(port: Port) -> None:
    port.town.pod("two", "lab/echo:1", container={"ports": [{"containerPort": 7}, {"containerPort": 70}]})
    port.town.until(lambda: port.town.get(PODS, "two")["status"].get("phase") == "Running")
    port.town.live(2)
    socket = await port.dial(V4, "two", "?ports=7&ports=70,9")
    firsts = [await socket.receive_bytes(timeout=30) for _ in range(6)]
    assert firsts == [bytes((number,)) + struct.pack("<H", (7, 70, 9)[number // 2]) for number in range(6)]
    assert b"connection refused" in await socket.receive_bytes(timeout=30)
    await socket.send_bytes(b"\2to the second")
    assert await socket.receive_bytes(timeout=30) == b"\2to the second"
    await socket.send_bytes(b"\0to the first")
    assert await socket.receive_bytes(timeout=30) == b"\0to the first"
    await socket.close()


async def test_the_older_form_in_base64(port: Port) -> None:
    port.pod()
    socket = await port.dial("v4.base64.channel.k8s.io", "one", "?ports=7")
    assert [await socket.receive_str(timeout=30) for _ in range(2)] == ["0BwA=", "1BwA="]
    await socket.send_str("0" + base64.b64encode(b"hello").decode())
    assert base64.b64decode((await socket.receive_str(timeout=30))[1:]) == b"hello"
    await socket.close()


async def test_without_a_protocol_it_is_the_older_form(port: Port) -> None:
    port.pod()
    socket = await port.dial("", "one", "?ports=7")
    assert await socket.receive_bytes(timeout=30) == b"\0\7\0"
    await socket.close()


# refusals


@pytest.mark.parametrize(
    ("version", "protocol", "query", "status", "words"),
    [
        ("v1.36.2", "v9.channel.k8s.io", "", 403, ""),
        ("v1.30.4", TUNNEL, "", 403, ""),
        ("v1.31.0", "SPDY/3.1+", "", 400, "unable to upgrade: no tunneling spdy protocols provided"),
        ("v1.31.0", "SPDY/3.1+v9", "", 403, "client supports [v9], server accepts [portforward.k8s.io]"),
        ("v1.36.2", V4, "", 400, 'query parameter \\"port\\" is required'),
        ("v1.36.2", V4, "?ports=", 400, 'query parameter \\"ports\\" cannot be empty'),
        ("v1.36.2", V4, "?ports=http", 400, "invalid syntax"),
        ("v1.36.2", V4, "?ports=70000", 400, "value out of range"),
    ],
)
async def test_a_form_that_is_not_spoken(version: str, protocol: str, query: str, status: int, words: str) -> None:
    async with serving(version) as port:
        port.pod()
        answer = await port.refusal(protocol, query=query)
        assert answer[0] == status
        assert words in answer[1] if words else answer[1] == ""


async def test_a_pod_that_has_not_begun_yet(port: Port) -> None:
    port.town.pod("stuck", nodeSelector={"no": "such-node"})
    status, body = await port.refusal(TUNNEL, "stuck")
    assert (status, json.loads(body)["message"]) == (400, "pod stuck does not have a host assigned")


@pytest.mark.parametrize(
    ("version", "verbs", "passes"),
    [
        ("v1.34.1", ["get"], True),
        ("v1.34.1", ["create"], False),
        ("v1.36.2", ["get"], False),
        ("v1.36.2", ["get", "create"], True),
    ],
)
async def test_which_verbs_a_websocket_needs(version: str, verbs: list[str], passes: bool) -> None:
    async with serving(version) as port:
        port.pod()
        rules = [{"apiGroups": [""], "resources": ["pods/portforward"], "verbs": verbs}]
        rbac = "rbac.authorization.k8s.io"
        role = {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": {"name": "forward"}, "rules": rules}
        port.town.cluster.apply_manifest(role)
        port.town.cluster.apply_manifest(
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "forward"},
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "forward"},
                "subjects": [{"kind": "User", "name": "ana"}],
            }
        )
        port.user[0] = User("ana")
        if passes:
            async with port.tunnel() as client:
                assert (await client.pair(7, 0))[0].replied
            return
        status, body = await port.refusal(TUNNEL)
        words = 'pods "one" is forbidden: '
        assert (status, json.loads(body)["message"].startswith(words)) == (403, True)
        if "get" in verbs:
            assert json.loads(body)["message"] == words  # recorded: ws-portforward-get-only-role-1.36
