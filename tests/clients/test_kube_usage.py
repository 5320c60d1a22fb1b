"""What pods and nodes use, from servers that print it and from servers that do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.kubernetes_server import client, failure
from tests.clients.scripted import Reply, ScriptedServer
from tests.recordings import load, needed
from tui.clients.http import Http
from tui.clients.kube_usage import ACCEPT, PIECE
from tui.errors import ProblemKind
from tui.model.kube import KindRef
from tui.model.usage import Usage, mebibytes, millicores

PODS = KindRef("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", verbs=frozenset({"list"}))
NODES = KindRef("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", "", False, verbs=frozenset({"list"}))
PATH = "/apis/metrics.k8s.io/v1beta1/pods"


async def read(http: Http, server: ScriptedServer, kind: KindRef = PODS, **where: str) -> list[list[Usage]]:
    return [list(piece) async for piece in client(http, server).usages(kind, **where)]


def plain(*items: dict[str, Any], more: str = "") -> dict[str, Any]:
    return {"kind": "PodMetricsList", "metadata": {"continue": more}, "items": list(items)}


def pod(name: str, *used: tuple[str, str]) -> dict[str, Any]:
    containers = [{"name": str(at), "usage": {"cpu": cpu, "memory": size}} for at, (cpu, size) in enumerate(used)]
    return {"metadata": {"name": name, "namespace": "shop"}, "containers": containers}


async def test_plain_objects_are_added_up(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, Reply(200, plain(pod("web", ("100m", "1Mi"), ("50m", "2Mi")), pod("odd"))))
    ((web, odd),) = await read(http, server)
    assert (web.key, millicores(web.cpu), mebibytes(web.memory)) == (("shop", "web"), "150m", "3Mi")
    assert odd == Usage("shop", "odd", None, None)
    assert server.asked[0].headers["accept"] == ACCEPT


async def test_a_list_is_read_in_pages_where_the_server_cuts_it(http: Http, server: ScriptedServer) -> None:
    server.on(
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods",
        Reply(200, plain(pod("a", ("1", "1Mi")), more="x")),
        Reply(200, plain(pod("b", ("1", "1Mi")))),
    )
    pieces = await read(http, server, namespace="shop", labels="app=web")
    assert [usage.name for piece in pieces for usage in piece] == ["a", "b"]
    assert [asked.query.get("continue") for asked in server.asked] == [None, "x"]
    assert {asked.query["labelSelector"] for asked in server.asked} == {"app=web"}


async def test_one_large_answer_comes_in_pieces(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, Reply(200, plain(*(pod(str(number), ("1", "1Mi")) for number in range(2 * PIECE + 1)))))
    assert [len(piece) for piece in await read(http, server)] == [PIECE, PIECE, 1]


@pytest.mark.parametrize("body", ["<html>", {"items": 7}, {"items": [7]}])
async def test_what_cannot_be_read_is_a_problem(http: Http, server: ScriptedServer, body: Any) -> None:
    server.on(PATH, Reply(200, body))
    assert (await failure(read(http, server))).kind is ProblemKind.PROTOCOL


@needed
async def test_recorded_answers_of_both_forms_tell_the_same(http: Http, server: ScriptedServer) -> None:
    printed, whole = (json.dumps(load(name).body) for name in ("metrics-pods-table", "metrics-pods"))
    server.on(PATH, Reply(200, printed.encode()), Reply(200, whole.encode()))
    ((*of_table,), (*of_plain,)) = (*(await read(http, server)), *(await read(http, server)))
    said = [
        [(usage.key, millicores(usage.cpu), mebibytes(usage.memory)) for usage in one] for one in (of_table, of_plain)
    ]
    assert said[0] == said[1]
    assert (("default", "ticker"), "4m", "0Mi") in said[0]


@needed
async def test_a_recorded_node_tells_what_it_uses(http: Http, server: ScriptedServer) -> None:
    server.on("/apis/metrics.k8s.io/v1beta1/nodes", Reply(200, json.dumps(load("metrics-nodes").body).encode()))
    ((node,),) = await read(http, server, NODES)
    assert (node.key, millicores(node.cpu), mebibytes(node.memory)) == (("", "node1"), "94m", "501Mi")
