"""Discovery, aggregated and plain, whole and in part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.kubernetes_server import (
    client,
    failure,
    status,
)
from tests.clients.scripted import Reply, ScriptedServer
from tui.clients.http import Http
from tui.errors import ProblemKind


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
    assert [k.others for k in kinds] == [(), ("v1",), ()]
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


@pytest.mark.parametrize("code", [429, 500, 503])
async def test_half_an_answer_is_not_taken_for_all_there_is(http: Http, server: ScriptedServer, code: int) -> None:
    listing = {"kind": "APIGroupDiscoveryList", "items": []}
    server.on("/api", Reply(code, status(code, "TooManyRequests", "later")))
    server.on("/apis", Reply(200, listing))
    assert (await failure(client(http, server).discover())).status == code


async def test_a_throttled_group_is_asked_for_again_and_not_left_out(http: Http, server: ScriptedServer) -> None:
    _old_server(server)
    server.on("/apis/apps/v1", Reply(429, status(429, "TooManyRequests", "later")))
    assert (await failure(client(http, server).discover())).kind is ProblemKind.THROTTLED
