"""WebSockets over real sockets: what is agreed on, what a refusal says, and every way a stream can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSMsgType, web

from tui.clients import sockets
from tui.clients.http import Http
from tui.errors import Problem, ProblemKind, SourceError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _refused(http: Http, handler: Handler, protocols: tuple[str, ...] = PROTOCOLS) -> Problem:
    async with served(handler) as url:
        with pytest.raises(SourceError) as caught:
            async with http.socket(f"{url}/exec?command=ls", protocols, who="ana"):
                pass
    return caught.value.problem


async def test_messages_go_both_ways_and_the_preferred_protocol_is_spoken(http: Http) -> None:
    asked: list[web.Request] = []

    async def echo(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        ws = web.WebSocketResponse(protocols=PROTOCOLS)
        await ws.prepare(request)
        async for message in ws:
            await ws.send_bytes(message.data[::-1])
        return ws

    async with served(echo) as url:
        path = "/exec?command=a+b&command=c%2Fd"
        async with http.socket(f"{url}{path}", PROTOCOLS, headers=[("Authorization", "Bearer t")]) as socket:
            assert socket.protocol == PROTOCOLS[0]
            await socket.send(b"\x00abc")
            assert await socket.receive() == b"cba\x00"
            await socket.send(b"")
            assert await socket.receive() == b""
    assert asked[0].raw_path == path
    assert asked[0].headers["Authorization"] == "Bearer t"
    assert asked[0].headers["User-Agent"].startswith("clusterview")
    assert asked[0].headers["Sec-WebSocket-Protocol"].split(",") == list(PROTOCOLS)


async def test_an_older_server_takes_the_older_protocol(http: Http) -> None:
    async def old(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(protocols=PROTOCOLS[1:])
        await ws.prepare(request)
        await ws.close()
        return ws

    async with served(old) as url, http.socket(url, PROTOCOLS) as socket:
        assert socket.protocol == PROTOCOLS[1]
        assert await socket.receive() is None


async def test_a_server_that_speaks_none_of_ours_is_told_from_one_that_does(http: Http) -> None:
    async def mute(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.receive()
        return ws

    problem = await _refused(http, mute)
    assert problem.kind is ProblemKind.PROTOCOL
    assert "v5.channel.k8s.io" in problem.summary


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            403,
            '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \\"x\\" is forbidden: ","code":403}',
            ProblemKind.FORBIDDEN,
            'pods "x" is forbidden:',
        ),
        (400, "generic::failed_precondition: error encountered within the cluster", None, "error encountered within"),
        (500, 'container not found ("c")', ProblemKind.SERVER, 'container not found ("c")'),
        (403, "", ProblemKind.FORBIDDEN, ""),
        (400, "<html><title>Error 400 (Bad Request)!!1</title></html>", ProblemKind.INVALID, "Error 400"),
        (302, "", ProblemKind.PROTOCOL, ""),
        (200, "a page", None, "a page"),
    ],
)
async def test_a_refusal_keeps_the_servers_own_words(
    http: Http, status: int, body: str, kind: ProblemKind | None, words: str
) -> None:
    async def refuse(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers={"Location": "/elsewhere"} if status == 302 else None)

    problem = await _refused(http, refuse)
    assert problem.status == status
    assert kind is None or problem.kind is kind
    assert words in problem.server_words


async def test_nothing_that_listens_is_unreachable(http: Http) -> None:
    with pytest.raises(SourceError) as caught:
        async with http.socket("http://127.0.0.1:9/exec", PROTOCOLS):
            pass
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE


async def _ends(http: Http, act: Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]) -> Problem:
    async def serve(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(protocols=PROTOCOLS)
        await ws.prepare(request)
        await ws.send_bytes(b"\x01hello")
        await act(ws, request)
        return ws

    async with served(serve) as url, http.socket(url, PROTOCOLS) as socket:
        assert await socket.receive() == b"\x01hello"
        with pytest.raises(SourceError) as caught:
            await socket.receive()
        return caught.value.problem


async def test_a_connection_that_is_dropped_is_no_leave_taking(http: Http) -> None:
    async def drop(ws: web.WebSocketResponse, request: web.Request) -> None:
        assert request.transport is not None
        request.transport.abort()

    assert (await _ends(http, drop)).kind is ProblemKind.UNREACHABLE


async def test_a_connection_that_ends_without_a_close_frame_is_no_leave_taking(http: Http) -> None:
    async def finish(ws: web.WebSocketResponse, request: web.Request) -> None:
        assert request.transport is not None
        request.transport.close()

    assert (await _ends(http, finish)).kind is ProblemKind.UNREACHABLE


async def test_a_close_code_that_is_a_complaint_is_told(http: Http) -> None:
    async def complain(ws: web.WebSocketResponse, request: web.Request) -> None:
        await ws.close(code=1002)

    assert "1002" in (await _ends(http, complain)).summary


async def test_text_is_not_what_these_protocols_send(http: Http) -> None:
    async def talk(ws: web.WebSocketResponse, request: web.Request) -> None:
        await ws.send_str("hello")

    assert (await _ends(http, talk)).kind is ProblemKind.PROTOCOL


async def test_a_message_without_measure_is_refused(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LARGEST_MESSAGE", 1 << 16)

    async def flood(ws: web.WebSocketResponse, request: web.Request) -> None:
        await ws.send_bytes(b"x" * (1 << 17))

    await _ends(http, flood)


async def test_pings_are_answered_and_sent(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PING_EVERY", 0.01)
    heard: list[WSMsgType] = []

    async def listen(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(protocols=PROTOCOLS, autoping=False)
        await ws.prepare(request)
        await ws.ping(b"?")
        while not {WSMsgType.PING, WSMsgType.PONG} <= set(heard):
            message = await ws.receive()
            heard.append(message.type)
            if message.type is WSMsgType.PING:
                await ws.pong(message.data)
        await ws.send_bytes(b"\x01done")
        await ws.close()
        return ws

    async with served(listen) as url, http.socket(url, PROTOCOLS) as socket:
        assert await socket.receive() == b"\x01done"
        assert await socket.receive() is None


async def test_a_peer_that_says_nothing_at_all_is_given_up(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PING_EVERY", 0.01)
    monkeypatch.setattr(sockets, "SILENCE", 0.05)
    gone = asyncio.Event()

    async def deaf(ws: web.WebSocketResponse, request: web.Request) -> None:
        await gone.wait()

    try:
        problem = await _ends(http, deaf)
    finally:
        gone.set()
    assert problem.kind is ProblemKind.TIMEOUT
