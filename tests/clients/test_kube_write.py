"""Changes over real sockets: what is sent, what is never sent twice, and what each failure says about the change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.kubernetes_server import REF, Renewable, client, only, status
from tests.clients.scripted import RESET, Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import FixedAccess, KubeEndpoint, bearer
from tui.errors import ProblemKind, SourceError
from tui.model.permits import Permit
from tui.model.writes import GuardedPort, Media, RefusedError, UncertainError, Write

PATH = "/apis/apps/v1/namespaces/pay/deployments/api"
PATCH = Write("PATCH", PATH, {"spec": {"paused": True}}, Media.MERGE_PATCH)
ALLOWED = Permit(REF, lambda: None)
OBJECT: dict[str, Any] = {"kind": "Deployment", "metadata": {"name": "api"}}


async def refused(kube: GuardedPort, write: Write) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await kube.write(write, ALLOWED)
    return caught.value


async def test_a_patch_says_who_writes_and_is_strict(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, Reply(200, OBJECT))
    written = await client(http, server).write(PATCH, ALLOWED)
    assert (written.status, written.body) == (200, OBJECT)
    (asked,) = server.asked
    assert (asked.method, asked.headers["content-type"]) == ("PATCH", "application/merge-patch+json")
    assert asked.query == {"fieldManager": "clusterview", "fieldValidation": "Strict"}
    assert json.loads(asked.body) == {"spec": {"paused": True}}
    assert asked.headers["authorization"] == "Bearer t0ken"


async def test_a_dry_run_asks_for_one(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, Reply(200, OBJECT))
    kube = client(http, server)
    await kube.write(Write("PATCH", PATH, {}, Media.MERGE_PATCH, dry=True), ALLOWED)
    assert server.asked[0].query["dryRun"] == "All"


async def test_a_deletion_is_tried_in_its_body_where_the_server_looks(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, Reply(200, OBJECT))
    await client(http, server).write(Write("DELETE", PATH, {"propagationPolicy": "Foreground"}, dry=True), ALLOWED)
    assert server.asked[0].query == {"dryRun": "All"}
    assert json.loads(server.asked[0].body) == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Foreground",
        "dryRun": ["All"],
    }


async def test_an_apply_names_its_force(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, Reply(201, OBJECT))
    await client(http, server).write(Write("PATCH", PATH, OBJECT, Media.APPLY_PATCH, {"force": "true"}), ALLOWED)
    assert server.asked[0].query == {"fieldManager": "clusterview", "force": "true"}


async def test_warnings_are_collected(http: Http, server: ScriptedServer) -> None:
    said = '299 - "unknown field \\"spec.x\\"", 299 - "v1 Foo is deprecated, use v2"'
    server.on(PATH, Reply(200, OBJECT, {"Warning": said}))
    written = await client(http, server).write(PATCH, ALLOWED)
    assert written.warnings == ('unknown field "spec.x"', "v1 Foo is deprecated, use v2")


async def test_a_refused_token_is_renewed_and_the_change_sent_again(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, only("new", Reply(200, OBJECT)))
    await client(http, server, Renewable("old", "new")).write(PATCH, ALLOWED)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (401, "Unauthorized", ProblemKind.SIGNED_OUT),
        (403, "Forbidden", ProblemKind.FORBIDDEN),
        (404, "NotFound", ProblemKind.NOT_FOUND),
        (409, "Conflict", ProblemKind.CONFLICT),
        (422, "Invalid", ProblemKind.INVALID),
        (429, "TooManyRequests", ProblemKind.THROTTLED),
        (500, "InternalError", ProblemKind.SERVER),
        (503, "ServiceUnavailable", ProblemKind.SERVER),
    ],
)
async def test_a_refusal_is_in_the_servers_words_and_certain(
    http: Http, server: ScriptedServer, code: int, reason: str, kind: ProblemKind
) -> None:
    server.on(PATH, Reply(code, status(code, reason, "no, thank you")))
    error = await refused(client(http, server), PATCH)
    assert not isinstance(error, UncertainError)
    assert (error.problem.kind, error.problem.server_words) == (kind, "no, thank you")
    assert len(server.asked) == 1


async def test_the_causes_of_a_refusal_are_kept(http: Http, server: ScriptedServer) -> None:
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl"', "field": ".spec.replicas"}
    server.on(PATH, Reply(409, status(409, "Conflict", "Apply failed", details={"causes": [cause]})))
    error = await refused(client(http, server), PATCH)
    assert isinstance(error, RefusedError)
    assert error.causes == (("FieldManagerConflict", 'conflict with "kubectl"', ".spec.replicas"),)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "reply",
    [
        RESET,
        Reply(200, OBJECT, cut=5, end="close"),
        Reply(200, "<html>"),
        Reply(502, "bad gateway"),
        Reply(504, "upstream request timeout"),
        Reply(500, status(500, "InternalError", "etcdserver: request timed out")),
    ],
    ids=["reset", "cut", "html", "502", "504", "etcd"],
)
async def test_a_change_without_an_answer_is_uncertain_and_never_sent_again(
    http: Http, server: ScriptedServer, method: str, reply: Reply
) -> None:
    server.on("/version", Reply(200, {"gitVersion": "v1"}))
    server.on(PATH, reply)
    kube = client(http, server)
    await kube.version()  # so that the connection is a kept one, on which aiohttp would try an idempotent method again
    error = await refused(kube, Write(method, PATH, OBJECT))
    assert isinstance(error, UncertainError)
    assert error.problem.summary.startswith("nobody knows whether it was made: ")
    assert server.paths().count(PATH) == 1


async def test_a_dry_run_without_an_answer_is_a_plain_failure(http: Http, server: ScriptedServer) -> None:
    server.on(PATH, RESET)
    error = await refused(client(http, server), Write("PUT", PATH, OBJECT, dry=True))
    assert not isinstance(error, UncertainError)


async def test_a_change_that_never_left_is_certain(http: Http) -> None:
    kube = KubeClient(http, KubeEndpoint("http://127.0.0.1:1", FixedAccess(bearer("t"))), REF)
    error = await refused(kube, PATCH)
    assert not isinstance(error, UncertainError)
    assert error.problem.kind is ProblemKind.UNREACHABLE


class Lane:
    """A gate that counts."""

    def __init__(self) -> None:
        self.entered = 0
        self.told: list[int] = []

    async def enter(self) -> None:
        self.entered += 1

    def answered(self, status: int, retry_after: float | None) -> None:
        self.told.append(status)


async def test_a_pod_that_its_budget_holds_does_not_make_the_gateway_rest(http: Http, server: ScriptedServer) -> None:
    gate = Lane()
    kube = client(http, server).behind(gate)
    budget = {"causes": [{"reason": "DisruptionBudget", "message": "needs 2 healthy pods"}]}
    server.on("/held", Reply(429, status(429, "TooManyRequests", "Cannot evict pod", details=budget)))
    server.on("/busy", Reply(429, "quota exceeded"))
    await refused(kube, Write("POST", "/held", OBJECT))
    await refused(kube, Write("POST", "/busy", OBJECT))
    assert (gate.entered, gate.told) == (2, [429])
