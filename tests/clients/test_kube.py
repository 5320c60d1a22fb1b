"""The Kubernetes client over real sockets: what it asks, what it makes of answers, and every way they can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.clients.kubernetes_server import (
    LIST,
    REF,
    SECRETS,
    Renewable,
    client,
    event,
    failure,
    only,
    pages,
    status,
    table,
    watched,
)
from tests.clients.scripted import HANG, RESET, Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import Access, FixedAccess, KubeEndpoint
from tui.data.ports import KubePort
from tui.errors import ProblemKind
from tui.model.kube import PODS, RowEvent


def test_it_is_what_the_data_layer_asks_for(http: Http) -> None:
    port: KubePort = KubeClient(http, KubeEndpoint("https://h", FixedAccess(Access())), REF)
    assert port


async def test_version(http: Http, server: ScriptedServer) -> None:
    server.on("/version", Reply(200, {"gitVersion": "v1.36.2", "major": "1"}))
    assert await client(http, server).version() == "v1.36.2"
    assert server.asked[0].headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("body", ["<html>sign in</html>", {"hello": "world"}, "", [1]])
async def test_something_else_that_answers_200_is_no_cluster(http: Http, server: ScriptedServer, body: Any) -> None:
    server.on("/version", Reply(200, body))
    assert (await failure(client(http, server).version())).kind is ProblemKind.PROTOCOL


async def test_a_server_url_with_a_path_keeps_it(http: Http, server: ScriptedServer) -> None:
    prefix = "/v1/projects/1/locations/global/memberships/m"
    server.on(f"{prefix}/version", Reply(200, {"gitVersion": "v1"}))
    kube = KubeClient(http, KubeEndpoint(server.url + prefix, FixedAccess(Access())), REF)
    assert await kube.version() == "v1"


async def test_a_list_is_read_page_by_page(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, Reply(200, table("a", "b", more="next", remaining=1)), Reply(200, table("c")))
    got = await pages(client(http, server), limit=2, labels="app in (x, y)", fields="spec.nodeName=n", version="0")
    assert [[row.name for row in page.rows] for page in got] == [["a", "b"], ["c"]]
    assert (got[0].continue_token, got[0].remaining) == ("next", 1)
    first, second = server.asked
    assert first.headers["accept"].startswith("application/json;as=Table;v=v1;g=meta.k8s.io,")
    assert first.query == {
        "limit": "2",
        "labelSelector": "app in (x, y)",
        "fieldSelector": "spec.nodeName=n",
        "resourceVersion": "0",
    }
    assert second.query == {
        "limit": "8",
        "labelSelector": "app in (x, y)",
        "fieldSelector": "spec.nodeName=n",
        "continue": "next",
    }


async def test_later_pages_are_larger_up_to_a_bound(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, *(Reply(200, table("a", more=str(n))) for n in range(3)), Reply(200, table("b")))
    await pages(client(http, server), limit=500)
    assert [asked.query["limit"] for asked in server.asked] == ["500", "2000", "2000", "2000"]


async def test_a_list_of_one_namespace_in_one_piece(http: Http, server: ScriptedServer) -> None:
    server.on("/api/v1/namespaces/pay/pods", Reply(200, table("a")))
    await pages(client(http, server), namespace="pay", limit=0)
    assert server.asked[0].query == {}


async def test_a_continue_token_too_old_is_expired(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, Reply(200, table("a", more="next")), Reply(410, status(410, "Expired", "too old")))
    assert (await failure(pages(client(http, server)))).kind is ProblemKind.EXPIRED


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(200, "<html>"), ProblemKind.PROTOCOL),
        (Reply(200, '{"kind":"Table","rows":[{"cells":["a'), ProblemKind.PROTOCOL),
        (Reply(200, table("a"), cut=40, end="close"), ProblemKind.UNREACHABLE),
        (Reply(500, status(500, "InternalError", "etcdserver: request timed out")), ProblemKind.SERVER),
        (Reply(503, "no healthy upstream"), ProblemKind.SERVER),
        (Reply(404, "404 page not found\n"), ProblemKind.NOT_FOUND),
        (Reply(403, status(403, "Forbidden", "no")), ProblemKind.FORBIDDEN),
        (Reply(401, status(401, "Unauthorized", "Unauthorized")), ProblemKind.SIGNED_OUT),
        (Reply(302, "", {"Location": "https://login.example.com/"}), ProblemKind.PROTOCOL),
        (RESET, ProblemKind.UNREACHABLE),
    ],
)
async def test_every_failure_of_a_list_is_a_problem(
    http: Http, server: ScriptedServer, reply: Reply, kind: ProblemKind
) -> None:
    server.on(LIST, reply)
    problem = await failure(pages(client(http, server), labels="secret=1"))
    assert problem.kind is kind
    assert problem.target == f"{server.url}{LIST}"


async def test_429_tells_how_long_to_wait(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, Reply(429, status(429, "TooManyRequests", "later"), {"Retry-After": "3"}))
    problem = await failure(pages(client(http, server)))
    assert (problem.kind, problem.retry_after) == (ProblemKind.THROTTLED, 3.0)


async def test_a_refused_token_is_renewed_once_and_the_request_repeated(http: Http, server: ScriptedServer) -> None:
    server.on("/version", only("new", Reply(200, {"gitVersion": "v1"})))
    assert await client(http, server, Renewable("old", "new")).version() == "v1"
    assert len(server.asked) == 2


async def test_a_stream_renews_a_refused_token_too(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, only("new", Reply(200, chunks=[event("ADDED", "a", "11")])))
    got: list[RowEvent] = []
    await watched(client(http, server, Renewable("old", "new")), got, version="10")
    assert [e.version for e in got] == ["11"]


async def test_a_token_refused_twice_is_given_up(http: Http, server: ScriptedServer) -> None:
    server.on("/version", only("never", Reply(200)))
    server.on(LIST, only("never", Reply(200)))
    kube = client(http, server, Renewable("old", "new"))
    problem = await failure(kube.version())
    assert (problem.kind, problem.remedy) == (ProblemKind.SIGNED_OUT, "sign in again")
    assert (await failure(watched(kube, []))).kind is ProblemKind.SIGNED_OUT
    assert len(server.asked) == 4


async def test_a_fixed_token_is_not_tried_twice(http: Http, server: ScriptedServer) -> None:
    server.on("/version", only("other", Reply(200)))
    assert (await failure(client(http, server).version())).kind is ProblemKind.SIGNED_OUT
    assert len(server.asked) == 1


async def test_existence_asks_for_metadata_in_no_other_form(http: Http, server: ScriptedServer) -> None:
    path = "/api/v1/namespaces/default/secrets"
    server.on(f"{path}/here", Reply(200, {"kind": "PartialObjectMetadata", "metadata": {"name": "here"}}))
    server.on(f"{path}/gone", Reply(404, status(404, "NotFound", 'secrets "gone" not found')))
    server.on(f"{path}/hidden", Reply(403, status(403, "Forbidden", "no")))
    kube = client(http, server)
    assert await kube.exists(SECRETS, "default", "here") is True
    assert await kube.exists(SECRETS, "default", "gone") is False
    assert (await failure(kube.exists(SECRETS, "default", "hidden"))).kind is ProblemKind.FORBIDDEN
    assert {asked.headers["accept"] for asked in server.asked} == {
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    }


async def test_a_name_from_elsewhere_cannot_lead_the_request_elsewhere(http: Http, server: ScriptedServer) -> None:
    await failure(client(http, server).exists(SECRETS, "../../x?y", "system:a/b"))
    assert server.asked[0].target == "/api/v1/namespaces/..%2F..%2Fx%3Fy/secrets/system:a%2Fb"


async def test_a_404_that_is_not_kubernetes_own_proves_no_absence(http: Http, server: ScriptedServer) -> None:
    server.on(
        "/api/v1/namespaces/default/secrets/x", Reply(404, "<html><title>Error 404 (Not Found)!!1</title></html>")
    )
    assert (await failure(client(http, server).exists(SECRETS, "default", "x"))).kind is ProblemKind.NOT_FOUND


LOG = "/api/v1/namespaces/n/pods/p/log"


async def _log(kube: KubeClient, **options: Any) -> bytes:
    async with kube.log("n", "p", **options) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_a_log_is_asked_for_with_what_was_given_and_no_more(http: Http, server: ScriptedServer) -> None:
    server.on(LOG, Reply(200, chunks=[b"one\ntw", b"o\n"]))
    kube = client(http, server)
    assert await _log(kube) == b"one\ntwo\n"
    await _log(
        kube, container="c", follow=True, tail=0, since_time="2026-11-22T01:00:00Z", previous=True, timestamps=True
    )
    await _log(kube, since_seconds=5)
    assert [asked.query for asked in server.asked] == [
        {},
        {
            "container": "c",
            "follow": "true",
            "tailLines": "0",
            "sinceTime": "2026-11-22T01:00:00Z",
            "previous": "true",
            "timestamps": "true",
        },
        {"sinceSeconds": "5"},
    ]
    assert all("text/plain" not in asked.headers["accept"] for asked in server.asked)


async def test_a_refused_log_tells_the_servers_words(http: Http, server: ScriptedServer) -> None:
    said = "a container name must be specified for pod p, choose one of: [a b]"
    server.on(LOG, Reply(400, status(400, "BadRequest", said)))
    problem = await failure(_log(client(http, server)))
    assert (problem.kind, problem.server_words) == (ProblemKind.INVALID, said)


async def test_a_log_cut_off_is_a_problem_after_what_had_come(http: Http, server: ScriptedServer) -> None:
    server.on(LOG, Reply(200, chunks=[b"one\n"], end="reset"))
    assert (await failure(_log(client(http, server)))).kind is ProblemKind.UNREACHABLE


async def test_a_follow_may_be_silent_and_leaving_it_closes_it(http: Http, server: ScriptedServer) -> None:
    server.on(LOG, Reply(200, chunks=[b"one\n"], end="hang"))

    async def first(chunks: AsyncIterator[bytes]) -> bytes:
        return await anext(aiter(chunks))

    async with client(http, server).log("n", "p", follow=True) as chunks:
        assert await first(chunks) == b"one\n"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(first(chunks), 0.05)
    await server.all_closed()


async def test_a_hanging_cluster_ends_when_its_caller_does(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, HANG)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pages(client(http, server)), 0.05)
    await server.all_closed()


async def test_get_hands_out_the_body_as_it_is(http: Http, server: ScriptedServer) -> None:
    server.on("/livez", Reply(200, "ok"))
    server.on("/readyz", Reply(500, "[-]etcd failed"))
    kube = client(http, server)
    assert await kube.get("/livez", "*/*") == b"ok"
    assert (await failure(kube.get("/readyz"))).server_words == "[-]etcd failed"


async def test_another_gate_for_background_work(http: Http, server: ScriptedServer) -> None:
    passed: list[str] = []

    class Gate:
        def __init__(self, name: str) -> None:
            self.name = name

        async def enter(self) -> None:
            passed.append(self.name)

        def answered(self, status: int, retry_after: float | None) -> None: ...

    server.on("/version", Reply(200, {"gitVersion": "v1"}))
    kube = KubeClient(http, KubeEndpoint(server.url, FixedAccess(Access())), REF, Gate("screen"))
    await kube.version()
    await kube.behind(Gate("background")).version()
    assert passed == ["screen", "background"]


async def test_one_object_is_asked_for_by_its_name(http: Http, server: ScriptedServer) -> None:
    path = "/api/v1/namespaces/n/pods/a"
    server.on(path, Reply(200, table("a")), Reply(404, status(404, "NotFound", 'pods "a" not found')))
    kube = client(http, server)
    assert [row.name for row in (await kube.row(PODS, "n", "a")).rows] == ["a"]
    assert (await failure(kube.row(PODS, "n", "a"))).server_words == 'pods "a" not found'
    assert [asked.query for asked in server.asked] == [{}, {}]


async def test_one_object_of_an_api_that_prints_no_tables(http: Http, server: ScriptedServer) -> None:
    plain = {"kind": "Pod", "metadata": {"name": "a", "namespace": "n", "creationTimestamp": "2026-01-01T00:00:00Z"}}
    server.on("/api/v1/namespaces/n/pods/a", Reply(200, plain))
    page = await client(http, server).row(PODS, "n", "a")
    assert [column.name for column in page.columns] == ["Name", "Age"]
    assert [row.cells for row in page.rows] == [("a", "2026-01-01T00:00:00Z")]
