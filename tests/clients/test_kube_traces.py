"""What objects tell of their past, from lists that hold no whole object."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.kubernetes_server import SECRETS, client, failure
from tests.clients.scripted import Reply, ScriptedServer
from tests.recordings import load, needed
from tui.clients.http import Http
from tui.clients.kube_traces import METADATA, PRINTED, decode_traces
from tui.errors import ProblemKind
from tui.model.kube import PODS
from tui.model.traces import Trace, Writer

WRITTEN = {"manager": "kubectl", "operation": "Update", "time": "2026-11-22T01:00:00Z", "fieldsV1": {"f:data": {}}}
SECRET = {"metadata": {"name": "db", "namespace": "shop", "uid": "u", "managedFields": [WRITTEN]}}


async def test_nothing_but_metadata_is_asked_for(http: Http, server: ScriptedServer) -> None:
    server.on(
        "/api/v1/namespaces/shop/secrets",
        Reply(200, {"kind": "PartialObjectMetadataList", "metadata": {"continue": "x"}, "items": [SECRET]}),
        Reply(200, {"kind": "PartialObjectMetadataList", "items": []}),
    )
    pages = [page async for page in client(http, server).traces(SECRETS, namespace="shop", labels="a=b")]
    assert {asked.headers["accept"] for asked in server.asked} == {METADATA}
    assert [asked.query.get("continue") for asked in server.asked] == [None, "x"]
    assert [asked.query["limit"] for asked in server.asked] == ["500", "2000"]
    assert server.asked[1].query["labelSelector"] == "a=b"
    writer = Writer("kubectl", "2026-11-22T01:00:00Z")
    assert [list(page.items) for page in pages] == [[Trace("u", "shop", "db", writers=(writer,))], []]


async def test_of_pods_the_printed_row_is_asked_for(http: Http, server: ScriptedServer) -> None:
    columns = [{"name": "Name", "type": "string"}, {"name": "Restarts", "type": "string"}]
    row = {"cells": ["web", "3 (5m ago)"], "object": {"metadata": {"name": "web", "creationTimestamp": None}}}
    table = {"kind": "Table", "metadata": {"continue": "x"}, "columnDefinitions": columns, "rows": [row]}
    later = {"kind": "Table", "metadata": {}, "rows": [row]}
    server.on("/api/v1/pods", Reply(200, table), Reply(200, later))
    pages = [page async for page in client(http, server).traces(PODS)]
    assert server.asked[0].headers["accept"] == PRINTED
    assert "includeObject" not in server.asked[0].query
    assert [trace.restarts for page in pages for trace in page.items] == ["3 (5m ago)"] * 2


@pytest.mark.parametrize("body", ["<html>", [1], {"items": 7}])
async def test_what_is_no_list_is_a_problem(http: Http, server: ScriptedServer, body: Any) -> None:
    server.on("/api/v1/pods", Reply(200, body))

    async def read() -> None:
        async for _ in client(http, server).traces(PODS):
            pass

    assert (await failure(read())).kind is ProblemKind.PROTOCOL


@needed
def test_recorded_rows_and_metadata_are_read() -> None:
    page, columns = decode_traces(json.dumps(load("table-pods").body).encode(), "x")
    assert columns[3] == "RESTARTS"
    assert [trace.restarts for trace in page.items] == ["0", "4 (115s ago)", "0", "0"]
    first = page.items[0]
    assert (first.namespace, first.name, first.created) == ("default", "badimage", "2026-11-22T01:01:25Z")
    assert first.writers == (
        Writer("kubectl", "2026-11-22T01:01:25Z"),
        Writer("kubelet", "2026-11-22T01:03:22Z", "status"),
    )
    partial, _ = decode_traces(json.dumps(load("partial-metadata-list").body).encode(), "x")
    assert partial.items[0].name == "badimage"
    assert partial.continue_token
