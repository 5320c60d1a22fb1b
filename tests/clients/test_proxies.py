"""Which proxy a URL is asked through, by Go's rules; and a proxy really used, with the tunnel that TLS needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme

from tests.clients.scripted import Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.proxies import Proxies
from tui.clients.tls import TlsSpec
from tui.errors import ProblemKind, SourceError

PROXY = {"HTTPS_PROXY": "http://secure:3128", "HTTP_PROXY": "plain:3128"}


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        ({}, "https://example.com/", None),
        (PROXY, "https://example.com/", "http://secure:3128"),
        (PROXY, "http://example.com/", "http://plain:3128"),
        ({"https_proxy": "http://lower:1"}, "https://example.com/", "http://lower:1"),
        (PROXY, "https://localhost:6443/", None),
        (PROXY, "https://127.0.0.1:6443/", None),
        (PROXY, "https://[::1]:6443/", None),
        (PROXY | {"NO_PROXY": "*"}, "https://example.com/", None),
        (PROXY | {"NO_PROXY": "example.com"}, "https://example.com/", None),
        (PROXY | {"NO_PROXY": "EXAMPLE.com"}, "https://api.example.COM/", None),
        (PROXY | {"NO_PROXY": ".example.com"}, "https://example.com/", "http://secure:3128"),
        (PROXY | {"NO_PROXY": ".example.com"}, "https://api.example.com/", None),
        (PROXY | {"NO_PROXY": "*.example.com"}, "https://api.example.com/", None),
        (PROXY | {"NO_PROXY": "example.com"}, "https://badexample.com/", "http://secure:3128"),
        (PROXY | {"NO_PROXY": "10.0.0.0/8, 192.168.1.0/24"}, "https://10.9.8.7:443/", None),
        (PROXY | {"NO_PROXY": "10.0.0.0/8"}, "https://11.0.0.1/", "http://secure:3128"),
        (PROXY | {"NO_PROXY": "10.0.0.0/8"}, "https://ten.example.com/", "http://secure:3128"),
        (PROXY | {"NO_PROXY": "10.0.0.1"}, "https://10.0.0.1/", None),
        (PROXY | {"NO_PROXY": "fd00::/8"}, "https://[fd00::1]/", None),
        (PROXY | {"NO_PROXY": "[fd00::1]:443"}, "https://[fd00::1]/", None),
        (PROXY | {"NO_PROXY": "example.com:8443"}, "https://example.com:8443/", None),
        (PROXY | {"NO_PROXY": "example.com:8443"}, "https://example.com/", "http://secure:3128"),
        (PROXY | {"NO_PROXY": "not/a/network, ,example.com"}, "https://example.com/", None),
    ],
)
def test_the_proxy_of_a_url(environ: dict[str, str], url: str, expected: str | None) -> None:
    assert Proxies(environ).for_url(url) == expected


def test_a_socks_proxy_is_refused_in_words_and_without_its_password() -> None:
    with pytest.raises(SourceError) as caught:
        Proxies({"HTTPS_PROXY": "socks5://ana:pw@gate:1080"}).for_url("https://example.com/")
    problem = caught.value.problem
    assert problem.kind is ProblemKind.MISSING
    assert "pw" not in problem.summary + problem.target


@asynccontextmanager
async def tunnelling(answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> AsyncIterator[tuple[int, list[str]]]:
    """An HTTP proxy that answers CONNECT with `answer` and, if that is a success, tunnels to where it was asked to."""
    asked: list[str] = []
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split("\r\n")[0])
        writer.write(answer)
        await writer.drain()
        if b" 200 " in answer:
            host, _, port = head.split(" ")[1].rpartition(":")
            up_reader, up_writer = await asyncio.open_connection(host, int(port))
            for pair in ((reader, up_writer), (up_reader, writer)):
                tasks.add(asyncio.create_task(pump(*pair)))
        else:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.close()


async def test_a_clusters_own_proxy_is_tunnelled_through(
    http: Http, tls_server: ScriptedServer, authority: trustme.CA
) -> None:
    tls_server.on("/x", Reply(200, "ok"))
    spec = TlsSpec(ca=authority.cert_pem.bytes())
    async with tunnelling() as (port, asked):
        answer = await http.request("GET", f"{tls_server.url}/x", tls=spec, proxy=f"http://127.0.0.1:{port}")
        assert answer.body == b"ok"
        assert asked == [f"CONNECT 127.0.0.1:{tls_server.port} HTTP/1.1"]
        await http.close()


async def test_a_proxy_that_refuses_is_told_apart_from_the_server(http: Http, tls_server: ScriptedServer) -> None:
    async with tunnelling(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as (port, _):
        with pytest.raises(SourceError) as caught:
            await http.request("GET", f"{tls_server.url}/x", proxy=f"http://127.0.0.1:{port}")
    problem = caught.value.problem
    assert (problem.kind, problem.status) == (ProblemKind.UNREACHABLE, 407)
    assert "proxy refused" in problem.summary


async def test_a_proxy_that_is_not_there_is_named_as_the_proxy(http: Http, tls_server: ScriptedServer) -> None:
    with pytest.raises(SourceError) as caught:
        await http.request("GET", f"{tls_server.url}/x", proxy="http://127.0.0.1:9")
    assert "the proxy cannot be reached" in caught.value.problem.summary
