"""Pages are asked for ahead of being decoded, and a wrong guess at what follows costs no more than itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tui.clients.kube_decode import decode_page
from tui.clients.kube_paging import early_token, pages
from tui.model.kube import TablePage

Query = Mapping[str, str | int | None]


def table(number: int, token: str, *, head_first: bool = True, labels: dict[str, str] | None = None) -> bytes:
    body: dict[str, Any] = {"kind": "Table", "apiVersion": "meta.k8s.io/v1"}
    metadata = {"metadata": {"resourceVersion": "7"} | ({"continue": token} if token else {})}
    meta = {"name": f"web-{number}", "labels": labels or {}}
    rows = {"columnDefinitions": [{"name": "Name"}], "rows": [{"cells": [meta["name"]], "object": {"metadata": meta}}]}
    return json.dumps(body | (metadata | rows if head_first else rows | metadata), separators=(",", ":")).encode()


class Server:
    """bodies: by the continue token that asks for them."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self.bodies = bodies
        self.told: list[str] = []
        self.queries: list[Query] = []
        self.cancelled: list[str] = []

    async def read(self, query: Query) -> bytes:
        token = str(query.get("continue") or "")
        self.told.append(f"read {token}")
        self.queries.append(query)
        try:
            await asyncio.sleep(0)
            if token not in self.bodies:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(token)
            raise
        return self.bodies[token]

    async def decode(self, body: bytes) -> TablePage:
        page = decode_page(body, "t")
        self.told.append(f"decode {page.rows[0].name}")
        return page

    async def names(self, limit: int = 500) -> list[str]:
        found = pages(self.read, self.decode, {"labelSelector": "a", "resourceVersion": "5"}, limit)
        return [row.name async for page in found for row in page.rows]


async def test_the_next_page_is_asked_for_before_one_is_decoded() -> None:
    server = Server({"": table(0, "t1"), "t1": table(1, "t2"), "t2": table(2, "")})
    assert await server.names() == ["web-0", "web-1", "web-2"]
    assert server.told == ["read ", "read t1", "decode web-0", "read t2", "decode web-1", "decode web-2"]
    assert [(query["limit"], query["resourceVersion"]) for query in server.queries] == [
        (500, "5"),
        (2000, None),
        (2000, None),
    ]


async def test_a_list_that_tells_late_how_it_continues_is_read_page_by_page() -> None:
    server = Server({"": table(0, "t1", head_first=False), "t1": table(1, "", head_first=False)})
    assert await server.names() == ["web-0", "web-1"]
    assert server.told == ["read ", "decode web-0", "read t1", "decode web-1"]


async def test_what_only_looked_like_the_token_is_not_waited_for() -> None:
    misleading = table(0, "t1").replace(b'"metadata"', b'"told":{"continue":"wrong"},"metadata"', 1)
    server = Server({"": misleading, "t1": table(1, "")})
    assert await server.names() == ["web-0", "web-1"]
    assert server.told == ["read ", "read wrong", "decode web-0", "read t1", "decode web-1"]
    assert server.cancelled == ["wrong"]


async def test_a_reader_who_leaves_has_the_next_page_called_off() -> None:
    server = Server({"": table(0, "never")})
    found = pages(server.read, server.decode, {}, 500)
    assert (await anext(found)).rows[0].name == "web-0"
    await found.aclose()
    assert server.cancelled == ["never"]


async def test_all_in_one_asks_for_no_number_of_rows() -> None:
    server = Server({"": table(0, "")})
    assert await server.names(limit=0) == ["web-0"]
    assert server.queries[0]["limit"] is None


@pytest.mark.parametrize("body", [table(0, "", labels={"continue": "x"}), b"", b"[]", table(0, "t", head_first=False)])
def test_no_token_is_seen_behind_the_head(body: bytes) -> None:
    assert early_token(body) == ""
