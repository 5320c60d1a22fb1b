"""How much of a local connection is sent at a time; the rest of what a pump does is in `test_forward`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tui.streams import pump as pumping
from tui.streams.pump import CHUNK, CHUNK_SOON, pump

MUCH = 5 * CHUNK_SOON


class Sink:
    """Fits `Link`: takes everything, and says nothing."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self._finished = asyncio.Event()

    async def send(self, data: bytes) -> None:
        self.taken.append(data)
        await asyncio.sleep(0)

    async def finish(self) -> None:
        self._finished.set()

    async def receive(self) -> bytes | None:
        await self._finished.wait()
        return None

    async def watch(self, held: Callable[[int], None]) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(("soon", "largest"), [(60.0, CHUNK_SOON), (0.0, CHUNK)])
async def test_who_is_rid_of_it_soon_is_given_more(soon: float, largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pumping, "SOON", soon)
    sink, counted, over = Sink(), list[int](), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await pump(sink, reader, writer, sent=counted.append, received=counted.append, held=counted.append)
        writer.close()
        over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    data = bytes(range(256)) * (MUCH // 256)
    writer.write(data)
    writer.write_eof()
    await over.wait()
    assert b"".join(sink.taken) == data
    assert counted == [len(one) for one in sink.taken]
    assert len(sink.taken[0]) <= CHUNK
    assert max(map(len, sink.taken)) == largest
    writer.close()
    server.close()
    await asyncio.gather(writer.wait_closed(), server.wait_closed())
