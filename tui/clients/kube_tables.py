"""Lists and watches of Tables, whose cells the server has printed, as `kubectl get` asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from tui.clients.kube_decode import TABLE_LIST, TABLE_ROW, TABLE_WATCH, decode_page, decode_row
from tui.clients.kube_paging import pages
from tui.clients.kube_transport import KubeTransport, Query
from tui.clients.kube_watch import WatchDecoder
from tui.clients.problems import plain_url
from tui.clients.segments import segment
from tui.clients.watch_bounds import GRACE, WATCH_HEADERS
from tui.model.kube import KindRef, RowEvent, TablePage

if TYPE_CHECKING:
    from tui.model.jsonpath import Path


async def read_tables(
    transport: KubeTransport, kind: KindRef, namespace: str, query: Query, limit: int, paths: Sequence[Path]
) -> AsyncGenerator[TablePage]:
    """A list, page by page. query: selectors and version. limit: see `tui.clients.kube_paging`. paths: what of the
    whole objects is wanted as further cells; they are then sent with the rows, and read in a thread."""
    path = kind.path(segment(namespace))
    target = plain_url(transport.url(path))

    def read(query: Query) -> Coroutine[Any, Any, bytes]:
        return transport.read(path, TABLE_LIST, query)

    async def decode(body: bytes) -> TablePage:
        if not paths:
            return decode_page(body, target)
        from tui.clients.kube_picking import picked_page  # for the few who have chosen columns of their own

        return await asyncio.to_thread(picked_page, body, target, paths)

    asked = {**query, "includeObject": "Object" if paths else None}
    async with aclosing(pages(read, decode, asked, limit)) as found:
        async for page in found:
            yield page


async def watch_tables(
    transport: KubeTransport, kind: KindRef, namespace: str, query: Query, timeout: int, paths: Sequence[Path]
) -> AsyncGenerator[list[RowEvent]]:
    """Events in batches; the first, empty, comes when the server has accepted the watch. query: selectors and the
    version to watch from. timeout: seconds after which the server is asked to end it. paths: as for a list."""
    path = kind.path(segment(namespace))
    asked: Query = {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "timeoutSeconds": timeout,
        **query,
        "includeObject": "Object" if paths else None,
    }
    target = plain_url(transport.url(path))
    if paths:
        from tui.clients.kube_picking import PickingDecoder

        decoder = PickingDecoder(target, paths)
    else:
        decoder = WatchDecoder(target)
    opened = transport.stream(path, TABLE_WATCH, asked, timeout=WATCH_HEADERS, silence=timeout + GRACE)
    async with opened as stream:
        yield []
        async for chunk in stream.chunks():
            events = decoder.feed(chunk)
            if events:
                yield events
                decoder.raise_failure()
        decoder.finish()


async def read_row(transport: KubeTransport, account: str, kind: KindRef, namespace: str, name: str) -> TablePage:
    """One object as a Table of one row. Asked for by its name, which needs no right to list."""
    path = kind.path(segment(namespace), segment(name))
    answer = (await transport.get(path, TABLE_ROW)).checked(account)
    return decode_row(answer.body, plain_url(answer.url))
