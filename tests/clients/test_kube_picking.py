"""Whole objects with the rows, for columns of the user's own: what is asked, and what is kept."""

from __future__ import annotations

import json

from tests.clients.kubernetes_server import client, pages, table
from tests.clients.scripted import Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kube_picking import PickingDecoder
from tui.model.jsonpath import parse_path

IMAGE = parse_path(".spec.containers[*].image")


async def test_whole_objects_are_asked_for_only_with_such_columns(http: Http, server: ScriptedServer) -> None:
    body = table("a")
    body["rows"][0]["object"]["spec"] = {"containers": [{"image": "x:1"}]}
    server.on("/api/v1/pods", Reply(200, body), Reply(200, table("a")))
    (page,) = await pages(client(http, server), paths=(IMAGE,))
    assert (page.columns[-1].name, page.rows[0].cells[-1]) == (IMAGE.text, "x:1")
    await pages(client(http, server))
    assert ["includeObject" in asked.query for asked in server.asked] == [True, False]


def test_events_of_a_watch_have_the_cells_too() -> None:
    made = table("a")
    made["rows"][0]["object"]["spec"] = {"containers": [{"image": "x:2"}]}
    decoder = PickingDecoder("here", (IMAGE,))
    bookmark = {"kind": "Table", "metadata": {"resourceVersion": "9"}, "rows": []}
    lines = [{"type": "MODIFIED", "object": made}, {"type": "BOOKMARK", "object": bookmark}]
    events = decoder.feed(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    assert events[0].row is not None
    assert events[0].row.cells[-1] == "x:2"
    assert events[0].columns[-1].name == IMAGE.text
    assert [event.row for event in events[1:]] == [None]
