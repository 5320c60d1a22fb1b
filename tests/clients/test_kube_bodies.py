"""Whole objects over real sockets: read, listed and watched as the server's own JSON, and every way that can fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.kubernetes_server import SECRETS, client, failure, status
from tests.clients.scripted import Reply, ScriptedServer
from tests.recordings import load, needed
from tui.clients.http import Http
from tui.clients.kube_bodies import METADATA_LIST, BodyEvents, decode_page
from tui.errors import ProblemKind, SourceError
from tui.model.bodies import name_of
from tui.model.kube import PODS, EventType
from tui.model.objects import BodyEvent

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "resourceVersion": "7"}, "spec": {"new": [1]}}


def line(kind: str, body: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": body}).encode() + b"\n"


def listed(*items: dict[str, Any], more: str = "") -> dict[str, Any]:
    return {"kind": "PodList", "metadata": {"resourceVersion": "9", "continue": more}, "items": list(items)}


async def test_one_object_is_read_as_it_is(http: Http, server: ScriptedServer) -> None:
    server.on("/api/v1/namespaces/shop/pods/web", Reply(200, POD))
    assert await client(http, server).body(PODS, "shop", "web") == POD


async def test_a_name_cannot_leave_its_place_in_the_path(http: Http, server: ScriptedServer) -> None:
    server.on("/api/v1/namespaces/shop/pods/../secrets", Reply(200, POD))
    await client(http, server).body(PODS, "shop", "../secrets")
    assert server.asked[0].target == "/api/v1/namespaces/shop/pods/..%2Fsecrets"


async def test_no_such_object_is_a_problem_of_its_own_kind(http: Http, server: ScriptedServer) -> None:
    server.on("/api/v1/namespaces/shop/pods/web", Reply(404, status(404, "NotFound", 'pods "web" not found')))
    assert (await failure(client(http, server).body(PODS, "shop", "web"))).kind is ProblemKind.NOT_FOUND


@pytest.mark.parametrize("body", ["<html>", [1], "", "null"])
async def test_what_is_no_object_is_refused(http: Http, server: ScriptedServer, body: Any) -> None:
    server.on("/api/v1/namespaces/shop/pods/web", Reply(200, body))
    assert (await failure(client(http, server).body(PODS, "shop", "web"))).kind is ProblemKind.PROTOCOL


async def test_items_of_a_list_are_told_what_they_are(http: Http, server: ScriptedServer) -> None:
    bare = {"metadata": {"name": "a"}}
    server.on("/api/v1/namespaces/shop/pods", Reply(200, listed(bare, more="x")), Reply(200, listed(bare)))
    pages = [page async for page in client(http, server).body_pages(PODS, namespace="shop", labels="a=b", limit=1)]
    assert [(page.items[0]["kind"], page.items[0]["apiVersion"], page.version) for page in pages] == [
        ("Pod", "v1", "9")
    ] * 2
    assert server.asked[1].query["continue"] == "x"
    assert server.asked[1].query["labelSelector"] == "a=b"


async def test_metadata_only_asks_for_nothing_else(http: Http, server: ScriptedServer) -> None:
    form = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "db"}}
    server.on("/api/v1/namespaces/shop/secrets", Reply(200, {"kind": "PartialObjectMetadataList", "items": [form]}))
    pages = [page async for page in client(http, server).body_pages(SECRETS, namespace="shop", metadata_only=True)]
    assert server.asked[0].headers["accept"] == METADATA_LIST
    assert pages[0].items == ({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "db"}},)


async def test_a_watch_tells_of_whole_objects(http: Http, server: ScriptedServer) -> None:
    bookmark = {"kind": "Pod", "metadata": {"resourceVersion": "12"}}
    server.on("/api/v1/namespaces/shop/pods", Reply(200, line("ADDED", POD) + line("BOOKMARK", bookmark)))
    batches = [
        batch
        async for batch in client(http, server).watch_bodies(
            PODS, namespace="shop", labels="a=b", fields="metadata.name=web", version="5", timeout=60
        )
    ]
    assert batches[0] == []
    told = [event for batch in batches for event in batch]
    assert told == [BodyEvent(EventType.ADDED, POD, "7"), BodyEvent(EventType.BOOKMARK, None, "12")]
    asked = server.asked[0].query
    assert asked["labelSelector"] == "a=b"
    assert (asked["watch"], asked["fieldSelector"], asked["resourceVersion"]) == ("true", "metadata.name=web", "5")


def test_an_event_may_come_in_pieces() -> None:
    reader = BodyEvents("x")
    whole = line("MODIFIED", POD)
    assert reader.feed(whole[:20]) == []
    assert [event.version for event in reader.feed(whole[20:] + whole[:3])] == ["7"]
    with pytest.raises(SourceError, match="cut off"):
        reader.finish()


def test_a_version_too_old_is_told_as_expired() -> None:
    gone = status(410, "Expired", "too old resource version: 1 (303)")
    with pytest.raises(SourceError) as caught:
        BodyEvents("x").feed(line("ERROR", gone))
    assert caught.value.problem.kind is ProblemKind.EXPIRED


def test_events_of_unknown_types_are_passed_over() -> None:
    assert BodyEvents("x").feed(line("SURPRISE", POD)) == []


@needed
def test_recorded_lists_are_read() -> None:
    recorded = load("list-pods").body
    page = decode_page(json.dumps(recorded).encode(), PODS, "x")
    assert [name_of(one) for one in page.items] == ["badimage", "crash"]
    assert {one["kind"] for one in page.items} == {"Pod"}
