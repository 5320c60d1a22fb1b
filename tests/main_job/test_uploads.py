"""Copies into containers over real sockets: cut by the simulated gateway, and by a server that knows only the older
protocol, in which nobody can say that what he sends has ended."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from aiohttp import WSMsgType, web

from tests.clients.test_sockets import served
from tests.main_job.conftest import Watched
from tests.streams.localport import LocalPort
from tests.streams.test_copying import Hurried, made, names, told
from tui.clients.http import Http
from tui.errors import SourceError, UsageError
from tui.model.streams import Copied, SocketPort, StreamSocket
from tui.streams.copying import download
from tui.streams.farend import FarEnd
from tui.streams.paths import Command, Place, Query
from tui.streams.remote import run_command
from tui.streams.uploading import upload
from tui.wire.channels import V4

if TYPE_CHECKING:
    from tui.sim.faults import Fault
    from tui.sim.server import SimServer

POD = Place("payments", "ledger-db-0", "postgres")
MIB = 1 << 20


async def said(port: SocketPort, *argv: str) -> str:
    """What a command prints."""
    out = bytearray()
    await run_command(port, Command(POD, argv), FarEnd(lambda parts: out.extend(b"".join(parts))))
    return out.decode()


async def test_an_upload_outlives_the_cuts_of_the_gateway(sim: SimServer, watched: Watched, tmp_path: Path) -> None:
    content = random.Random(11).randbytes(40 * MIB)
    (tmp_path / "big").write_bytes(content)
    port = await watched.hub.streams.road(await watched.cluster("prod-eu"))
    await said(port, "mkdir", "/tmp/up")
    cuts = [5 * MIB, 15 * MIB, 30 * MIB]
    armed: list[Fault] = []
    seen: list[str] = []

    def tick(done: Copied) -> None:
        seen.append(done.waits)
        if done.waits:
            while armed:
                sim.faults.remove(armed.pop())
        elif cuts and not armed and done.bytes > cuts[0]:
            cuts.pop(0)
            armed.append(sim.faults.add("unreachable", {"membership": "prod-eu"}))

    done = await upload(port, POD, str(tmp_path / "big"), "/tmp/up/big", tick, Hurried())
    assert (cuts, done.cuts) == ([], 3)
    assert (await said(port, "ls", "-A", "/tmp/up")).split() == ["big"]
    await download(port, POD, "/tmp/up/big", str(tmp_path / "back"), lambda done: None, Hurried())
    assert (tmp_path / "back").read_bytes() == content


NO_TEXT = os.fsdecode(b"caf\xe9 \xff")


async def test_names_that_are_no_text_keep_their_bytes(watched: Watched, tmp_path: Path) -> None:
    port = await watched.hub.streams.road(await watched.cluster("prod-eu"))
    (tmp_path / "tree" / NO_TEXT).mkdir(parents=True)
    (tmp_path / "tree" / NO_TEXT / NO_TEXT).write_bytes(b"bytes")
    (tmp_path / f"{NO_TEXT} too").write_bytes(b"one file")
    await upload(port, POD, str(tmp_path / "tree"), "/tmp/no-text", lambda done: None, Hurried())
    await upload(port, POD, str(tmp_path / f"{NO_TEXT} too"), "/tmp/no-text/", lambda done: None, Hurried())
    await download(port, POD, "/tmp/no-text", str(tmp_path / "back"), lambda done: None, Hurried())
    assert (tmp_path / "back" / NO_TEXT / NO_TEXT).read_bytes() == b"bytes"
    assert (tmp_path / "back" / f"{NO_TEXT} too").read_bytes() == b"one file"


async def test_words_that_are_no_text_are_refused_before_they_are_sent(
    sim: SimServer, watched: Watched, tmp_path: Path
) -> None:
    port = await watched.hub.streams.road(await watched.cluster("prod-eu"))
    (tmp_path / "f").write_bytes(b"f")
    with pytest.raises(UsageError, match=r"^/tmp/caf\\xe9 \\xff is not UTF-8"):
        await upload(port, POD, str(tmp_path / "f"), f"/tmp/{NO_TEXT}", lambda done: None, Hurried())
    with pytest.raises(UsageError, match="is not UTF-8"):
        await said(port, "cat", NO_TEXT)


class OldServer:
    """An API server that speaks v4 alone, before a container that is a folder. cuts: bytes of stdin after which it
    drops a connection, one after the other."""

    def __init__(self, folder: Path, cuts: Sequence[int | None] = ()) -> None:
        self.place = LocalPort(folder, protocol=V4, cut_in=cuts)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(protocols=(V4,), max_msg_size=0)
        await ws.prepare(request)
        async with self.place.socket(request.path, list(request.query.items()), (V4,)) as socket:
            telling = asyncio.create_task(self._tell(socket, request, ws))
            try:
                async for message in ws:
                    if message.type is WSMsgType.BINARY:
                        await socket.send(message.data)
            except SourceError:
                assert request.transport is not None
                request.transport.abort()
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
        return ws

    async def _tell(self, socket: StreamSocket, request: web.Request, ws: web.WebSocketResponse) -> None:
        try:
            while (message := await socket.receive()) is not None:
                await ws.send_bytes(bytes(message))
        except SourceError:
            assert request.transport is not None
            request.transport.abort()


class HttpPort:
    """Fits `SocketPort`, over the one HTTP stack."""

    def __init__(self, http: Http, url: str) -> None:
        self._http = http
        self._url = url

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[StreamSocket]:
        async with self._http.socket(f"{self._url}{path}?{urlencode(query)}", protocols) as socket:
            yield socket


async def test_a_server_that_cannot_be_told_an_end_is_told_how_much_will_come(tmp_path: Path) -> None:
    for side in ("near", "far"):
        (tmp_path / side).mkdir()
    tree, far = made(tmp_path / "near"), tmp_path / "far"
    (tree / "bigger").write_bytes(random.Random(12).randbytes(9 * MIB))
    server, http = OldServer(far, [100, 2 * MIB, None, 5 * MIB]), Http({})
    try:
        async with served(server.answer) as url:
            done = await upload(HttpPort(http, url), POD, str(tree), str(far), lambda done: None, Hurried())
    finally:
        await http.close()
    assert done.cuts == 3
    assert names(far) == ["tree"]
    assert told(far / "tree") == told(tree)
