"""The Kubernetes client over real sockets: what it asks, what it makes of answers, and every way they can fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.clients.scripted import HANG, RESET, Asked, Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import Access, Authoriser, FixedAccess, KubeEndpoint, bearer
from tui.data.ports import KubePort
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, EventType, KindRef, RowEvent, TablePage

REF = ClusterRef("context:test", "test", Via.CONTEXT)
SECRETS = KindRef("", "v1", "secrets", "Secret")
LIST = "/api/v1/pods"
COLUMNS = [{"name": "Name", "type": "string", "format": "name", "priority": 0}]


def client(http: Http, server: ScriptedServer, auth: Authoriser | None = None) -> KubeClient:
    auth = auth or FixedAccess(bearer("t0ken"), "ana@example.com")
    return KubeClient(http, KubeEndpoint(server.url, auth), REF)


def status(code: int, reason: str, message: str, **more: Any) -> dict[str, Any]:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return body | {"code": code, **more}


def table(*names: str, version: str = "10", more: str = "", remaining: int | None = None) -> dict[str, Any]:
    meta: dict[str, Any] = {"resourceVersion": version}
    if more:
        meta |= {"continue": more, "remainingItemCount": remaining}
    rows = [{"cells": [name], "object": {"metadata": {"name": name, "namespace": "default"}}} for name in names]
    return {"kind": "Table", "metadata": meta, "columnDefinitions": COLUMNS, "rows": rows}


def event(kind: str, name: str, version: str) -> bytes:
    held: dict[str, Any] = table(name, version=version) | {"columnDefinitions": None}
    held["rows"][0]["object"]["metadata"]["resourceVersion"] = version
    return json.dumps({"type": kind, "object": held}).encode() + b"\n"


async def pages(kube: KubeClient, **options: Any) -> list[TablePage]:
    return [page async for page in kube.list_pages(PODS, **options)]


async def watched(kube: KubeClient, into: list[RowEvent], **options: Any) -> None:
    async for batch in kube.watch(PODS, **options):
        into += batch


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


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
        "limit": "2",
        "labelSelector": "app in (x, y)",
        "fieldSelector": "spec.nodeName=n",
        "continue": "next",
    }


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


class Renewable:
    """Tokens from a list; a refused one is followed by the next."""

    account = "ana@example.com"
    remedy = "sign in again"

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    async def access(self) -> Access:
        return bearer(self.tokens[0])

    def refused(self, access: Access) -> bool:
        if access == bearer(self.tokens[0]) and len(self.tokens) > 1:
            self.tokens.pop(0)
        return True


def only(token: str, good: Reply) -> Any:
    def answer(asked: Asked) -> Reply:
        authorised = asked.headers.get("authorization") == f"Bearer {token}"
        return good if authorised else Reply(401, status(401, "Unauthorized", "Unauthorized"))

    return answer


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


async def test_a_watch_hands_out_an_empty_batch_when_accepted_then_events_until_it_ends(
    http: Http, server: ScriptedServer
) -> None:
    first, second = event("ADDED", "a", "11"), event("MODIFIED", "a", "12")
    bookmark = event("BOOKMARK", "", "15")
    server.on(LIST, Reply(200, chunks=[first + second[:20], second[20:], bookmark]))
    batches = [batch async for batch in client(http, server).watch(PODS, labels="a=b", version="10", timeout=299)]
    assert batches[0] == []
    events = [each for batch in batches for each in batch]
    assert [(e.type, e.version) for e in events] == [
        (EventType.ADDED, "11"),
        (EventType.MODIFIED, "12"),
        (EventType.BOOKMARK, "15"),
    ]
    assert server.asked[0].query == {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "timeoutSeconds": "299",
        "labelSelector": "a=b",
        "resourceVersion": "10",
    }


async def test_a_quiet_watch_is_accepted_before_its_first_event(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, Reply(200, chunks=[], end="hang"))
    batches = client(http, server).watch(PODS)
    assert await asyncio.wait_for(anext(batches), 5) == []
    await batches.aclose()
    await server.all_closed()


@pytest.mark.parametrize("reply", [Reply(410, status(410, "Expired", "too old")), Reply(200, chunks=[b"..."])])
async def test_a_watch_too_old_is_expired_whether_told_by_status_or_by_event(
    http: Http, server: ScriptedServer, reply: Reply
) -> None:
    if reply.status == 200:
        error = {"type": "ERROR", "object": status(410, "Expired", "too old resource version: 1 (303)")}
        reply = Reply(200, chunks=[event("ADDED", "a", "11"), json.dumps(error).encode() + b"\n"])
    server.on(LIST, reply)
    got: list[RowEvent] = []
    problem = await failure(watched(client(http, server), got))
    assert problem.kind is ProblemKind.EXPIRED
    assert len(got) == (1 if reply.status == 200 else 0)


@pytest.mark.parametrize(
    ("reply", "kind", "count"),
    [
        (Reply(200, chunks=[event("ADDED", "a", "11"), event("ADDED", "b", "12")[:30]]), ProblemKind.UNREACHABLE, 1),
        (Reply(200, chunks=[event("ADDED", "a", "11")], end="close"), ProblemKind.UNREACHABLE, 1),
        (Reply(200, chunks=[b"<html>sorry</html>\n"]), ProblemKind.PROTOCOL, 0),
        (Reply(429, status(429, "TooManyRequests", "later"), {"Retry-After": "1"}), ProblemKind.THROTTLED, 0),
        (RESET, ProblemKind.UNREACHABLE, 0),
    ],
)
async def test_every_failure_of_a_watch_is_a_problem_after_what_had_come(
    http: Http, server: ScriptedServer, reply: Reply, kind: ProblemKind, count: int
) -> None:
    server.on(LIST, reply)
    got: list[RowEvent] = []
    assert (await failure(watched(client(http, server), got))).kind is kind
    assert len(got) == count


async def test_a_watch_that_outlives_its_time_in_silence_is_given_up(
    http: Http, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.clients.kube._WATCH_GRACE", 0.05)
    server.on(LIST, Reply(200, chunks=[event("ADDED", "a", "11")], end="hang"))
    got: list[RowEvent] = []
    assert (await failure(watched(client(http, server), got, timeout=0))).kind is ProblemKind.TIMEOUT
    assert len(got) == 1


async def test_a_burst_of_events_comes_in_few_batches(http: Http, server: ScriptedServer) -> None:
    burst = b"".join(event("MODIFIED", f"p{n}", str(n)) for n in range(10_000))
    server.on(LIST, Reply(200, chunks=[burst[at : at + 65_536] for at in range(0, len(burst), 65_536)]))
    batches = [batch async for batch in client(http, server).watch(PODS)]
    assert sum(map(len, batches)) == 10_000
    assert len(batches) < 200


async def test_discovery_in_two_requests(http: Http, server: ScriptedServer) -> None:
    def group(name: str, *versions: dict[str, Any]) -> dict[str, Any]:
        return {"metadata": {"name": name} if name else {}, "versions": list(versions)}

    def version(name: str, *plurals: str) -> dict[str, Any]:
        resources = [
            {"resource": plural, "responseKind": {"kind": plural.title()}, "scope": "Namespaced", "verbs": ["list"]}
            for plural in plurals
        ]
        return {"version": name, "resources": resources, "freshness": "Current"}

    kind = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2"}
    server.on("/api", Reply(200, kind | {"items": [group("", version("v1", "pods"))]}))
    autoscaling = group("autoscaling", version("v2", "hpas"), version("v1", "hpas", "olds"))
    server.on("/apis", Reply(200, kind | {"items": [autoscaling]}))
    kinds = await client(http, server).discover()
    assert [(k.group, k.version, k.plural) for k in kinds] == [
        ("", "v1", "pods"),
        ("autoscaling", "v2", "hpas"),
        ("autoscaling", "v1", "olds"),
    ]
    assert sorted(server.paths()) == ["/api", "/apis"]


def _old_server(server: ScriptedServer) -> None:
    def resources(version: str, *names: str) -> dict[str, Any]:
        listed = [{"name": n, "kind": "K", "namespaced": True, "verbs": ["list"]} for n in names]
        return {"kind": "APIResourceList", "groupVersion": version, "resources": listed}

    groups = [
        {
            "name": name,
            "versions": [{"groupVersion": f"{name}/{v}", "version": v} for v in versions],
            "preferredVersion": {"groupVersion": f"{name}/{versions[0]}", "version": versions[0]},
        }
        for name, versions in (("apps", ["v1"]), ("batch", ["v1", "v1beta1"]), ("broken.example.com", ["v1"]))
    ]
    server.on("/api", Reply(200, {"kind": "APIVersions", "versions": ["v1"]}))
    server.on("/apis", Reply(200, {"kind": "APIGroupList", "groups": groups}))
    server.on("/api/v1", Reply(200, resources("v1", "pods", "pods/log")))
    server.on("/apis/apps/v1", Reply(200, resources("apps/v1", "deployments", "deployments/scale")))
    server.on("/apis/batch/v1", Reply(200, resources("batch/v1", "jobs")))
    server.on("/apis/batch/v1beta1", Reply(200, resources("batch/v1beta1", "jobs", "cronjobs")))
    server.on("/apis/broken.example.com/v1", Reply(503, "service unavailable"))


async def test_discovery_of_an_old_server_survives_a_broken_group(http: Http, server: ScriptedServer) -> None:
    _old_server(server)
    kinds = await client(http, server).discover()
    assert [(k.qualified, k.version) for k in kinds] == [
        ("pods", "v1"),
        ("deployments.apps", "v1"),
        ("jobs.batch", "v1"),
        ("cronjobs.batch", "v1beta1"),
    ]
    assert kinds[0].subresources == {"log"}


async def test_discovery_with_one_half_missing_gives_the_other(http: Http, server: ScriptedServer) -> None:
    _old_server(server)
    server.on("/apis", Reply(403, status(403, "Forbidden", "no")))
    assert [k.plural for k in await client(http, server).discover()] == ["pods"]


async def test_discovery_refused_altogether_is_a_problem(http: Http, server: ScriptedServer) -> None:
    for path in ("/api", "/apis"):
        server.on(path, Reply(403, status(403, "Forbidden", "no")))
    assert (await failure(client(http, server).discover())).kind is ProblemKind.FORBIDDEN


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
