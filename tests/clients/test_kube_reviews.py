"""What we may do, as a cluster tells it: asked by POST and yet a question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.kubernetes_server import client, failure
from tests.clients.scripted import Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kube_reviews import RULES_PATH, rules_of
from tui.errors import ProblemKind, SourceError
from tui.model.kube import PODS, KindRef
from tui.model.rules import Rule, Rules

ANSWER = {
    "kind": "SelfSubjectRulesReview",
    "status": {
        "resourceRules": [{"verbs": ["list"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"]}, {}],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}],
        "incomplete": True,
    },
}


async def test_rules_are_asked_for_by_a_post_that_stores_nothing(http: Http, server: ScriptedServer) -> None:
    server.on(RULES_PATH, Reply(201, ANSWER))
    rules = await client(http, server).rules("payments")
    assert rules == Rules((Rule(("list",), ("",), ("pods",), ("a",)), Rule()), incomplete=True)
    (asked,) = server.asked
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/json")
    assert json.loads(asked.body)["spec"] == {"namespace": "payments"}


async def test_nothing_else_is_posted_that_way(http: Http, server: ScriptedServer) -> None:
    transport = client(http, server)._transport  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(ValueError, match="is no review"):
        await transport.review("/api/v1/namespaces/a/pods", b"{}")
    assert server.asked == []


@pytest.mark.parametrize("body", ["", "[]", {"kind": "Status"}, {"status": []}])
async def test_an_answer_that_is_none_is_a_problem(http: Http, server: ScriptedServer, body: Any) -> None:
    server.on(RULES_PATH, Reply(200, body))
    assert (await failure(client(http, server).rules("a"))).kind is ProblemKind.PROTOCOL


def test_a_recorded_answer_tells_what_a_viewer_may_list(recordings: Path) -> None:
    body = json.dumps(json.loads((recordings / "ssrr.json").read_text())["body"]).encode()
    rules = rules_of(body, "recorded")
    assert rules.may_list(PODS) is True
    assert rules.may_list(KindRef("", "v1", "secrets", "Secret")) is False
    with pytest.raises(SourceError):
        rules_of(b"{}", "recorded")
