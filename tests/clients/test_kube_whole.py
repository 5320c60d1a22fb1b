"""Lists of whole objects that outlive what the server remembers: each object once, and an end."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.clients.kubernetes_server import client, failure, status
from tests.clients.scripted import Reply, ScriptedServer
from tui.clients import kube_whole
from tui.clients.http import Http
from tui.clients.kube_whole import FIRST_PAGE, PAGE_BYTES, next_limit, read_object
from tui.errors import ProblemKind, SourceError
from tui.model.bodies import name_of
from tui.model.kube import PODS

PATH = "/api/v1/namespaces/shop/pods"


def page(*names: str, more: str = "") -> Reply:
    items = [{"metadata": {"name": name, "uid": f"uid-{name}"}} for name in names]
    return Reply(200, {"kind": "PodList", "metadata": {"resourceVersion": "9", "continue": more}, "items": items})


def expired(token: str = "") -> Reply:
    metadata: dict[str, Any] = {"metadata": {"continue": token}} if token else {}
    return Reply(410, status(410, "Expired", "The provided continue parameter is too old", **metadata))


async def names(http: Http, server: ScriptedServer, into: list[str] | None = None) -> list[str]:
    found: list[str] = [] if into is None else into
    async for some in client(http, server).whole_pages(PODS, namespace="shop", labels="a=b"):
        found += [name_of(read_object(raw, PODS)) for raw in some]
    return found


def tokens(server: ScriptedServer) -> list[str]:
    return [asked.query.get("continue", "") for asked in server.asked]


async def test_a_list_is_read_in_pages(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, page("a", "b", more="t1"), page("c"))
    assert await names(http, server) == ["a", "b", "c"]
    assert [asked.query for asked in server.asked] == [
        {"labelSelector": "a=b", "limit": str(FIRST_PAGE)},
        {"labelSelector": "a=b", "limit": str(2 * FIRST_PAGE), "continue": "t1"},
    ]


async def test_pages_of_large_objects_are_short(http: Http, server: ScriptedServer) -> None:
    large = [{"metadata": {"name": f"n{number}"}, "data": {"file": "x" * 900_000}} for number in range(4)]
    body = {"kind": "ConfigMapList", "metadata": {"continue": "t"}, "items": large}
    server.on(PATH, Reply(200, body), page("last"))
    assert await names(http, server) == ["n0", "n1", "n2", "n3", "last"]
    assert [asked.query["limit"] for asked in server.asked] == [str(FIRST_PAGE), "4"]


@pytest.mark.parametrize(
    ("limit", "objects", "size", "following"),
    [
        (50, 50, 50 * 3000, 100),
        (320, 320, 320 * 3000, 500),
        (50, 50, 50 * 900_000, 4),
        (4, 4, 4000, 8),
        (4, 4, 100 * PAGE_BYTES, 1),
        (1, 1, 2000, 2),
        (50, 0, 100, 50),
    ],
    ids=["small", "most", "large", "small-again", "huge", "after-huge", "empty"],
)
def test_the_next_page_is_as_long_as_the_last_was_light(limit: int, objects: int, size: int, following: int) -> None:
    assert next_limit(limit, objects, size) == following


async def test_an_expired_list_goes_on_with_the_token_that_the_server_gives(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, page("a", more="t1"), expired("now"), page("b", more="t2"), expired("later"), page("c"))
    assert await names(http, server) == ["a", "b", "c"]
    assert tokens(server) == ["", "t1", "now", "t2", "later"]


async def test_without_such_a_token_it_begins_anew_and_nothing_comes_twice(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, page("a", "b", more="t1"), expired(), page("new", "a", "b", more="t2"), page("c"))
    assert await names(http, server) == ["a", "b", "new", "c"]
    assert tokens(server) == ["", "t1", "", "t2"]


async def test_a_namesake_is_another_object_and_without_a_uid_the_name_counts(
    http: Http, server: ScriptedServer
) -> None:
    bare = {"kind": "PodList", "items": [{"metadata": {"name": "x"}}, {"metadata": {"name": "x", "uid": "2"}}, {}]}
    again = bare | {"items": [*bare["items"], {"metadata": {"name": "y"}}]}
    server.on(PATH, Reply(200, bare | {"metadata": {"continue": "t"}}), expired(), Reply(200, again))
    assert await names(http, server) == ["x", "x", "", "", "y"]  # what has no identity is rather told twice than lost


@pytest.mark.parametrize("token", ["", "now"])
async def test_a_list_that_never_comes_further_ends_as_expired(http: Http, server: ScriptedServer, token: str) -> None:
    server.on(PATH, page("a", more="t1"), expired(token), *[] if token else [page("a", more="t2")], expired(token))
    found: list[str] = []
    assert (await failure(names(http, server, found))).kind is ProblemKind.EXPIRED
    assert found == ["a"]


async def test_a_410_to_begin_with_is_a_failure(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, expired("now"))
    assert (await failure(names(http, server))).kind is ProblemKind.EXPIRED
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", ["<html>", {"kind": "Pod"}, [], {"kind": "PodList", "items": {}}])
async def test_what_is_no_list_is_refused(http: Http, server: ScriptedServer, body: Any) -> None:
    server.on(PATH, Reply(200, body))
    assert (await failure(names(http, server))).kind is ProblemKind.PROTOCOL


@pytest.mark.parametrize("body", [{"kind": "PodList"}, {"kind": "PodList", "items": None, "metadata": {}}])
async def test_no_objects_are_an_empty_list(http: Http, server: ScriptedServer, body: Any) -> None:
    server.on(PATH, Reply(200, body))
    assert await names(http, server) == []


async def test_pages_are_read_off_the_loop(http: Http, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    decode = kube_whole._page  # pyright: ignore[reportPrivateUsage]

    def noted(body: bytes, target: str, seen: set[str]) -> tuple[list[msgspec.Raw], int, str]:
        threads.append(threading.current_thread())
        return decode(body, target, seen)

    monkeypatch.setattr(kube_whole, "_page", noted)
    server.on(PATH, page("a", more="t"), page("b"))
    assert await names(http, server) == ["a", "b"]
    assert len(threads) == 2
    assert threading.main_thread() not in threads


async def test_one_object_is_a_page_of_its_own(http: Http, server: ScriptedServer) -> None:
    server.on(f"{PATH}/../x", Reply(200, {"kind": "Pod", "metadata": {"name": "x"}}))
    pages: list[Sequence[msgspec.Raw]] = [
        page async for page in client(http, server).whole_pages(PODS, namespace="shop", name="../x")
    ]
    assert [[read_object(raw) for raw in page] for page in pages] == [[{"kind": "Pod", "metadata": {"name": "x"}}]]
    assert server.asked[0].target == f"{PATH}/..%2Fx"


@pytest.mark.parametrize("raw", [b"[1]", b"{", b'"\xff"', b"null"])
def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(SourceError):
        read_object(msgspec.Raw(raw), PODS)
