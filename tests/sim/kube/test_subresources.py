"""Subresources with a life of their own: scale, eviction, binding, tokens, streams; and discovery's entries."""

from typing import Any

import pytest
from aiohttp import web

from tests.sim.kube.conftest import APPLY, DEPLOYMENTS, PODS, STRATEGIC, TABLE, Api, Time
from tests.sim.kube.samples import deployment
from tui.sim.kube.kinds import BUILTIN
from tui.sim.kube.status import Obj

BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket"}


async def test_the_scale_is_read_and_written(api: Api):
    made = (await api.post(DEPLOYMENTS, deployment(replicas=2))).body
    scale = (await api.get(f"{DEPLOYMENTS}/web/scale")).body
    assert scale["kind"] == "Scale"
    assert scale["apiVersion"] == "autoscaling/v1"
    assert scale["metadata"]["uid"] == made["metadata"]["uid"]
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 0, "selector": "app=web"})
    written = await api.put(f"{DEPLOYMENTS}/web/scale", {**scale, "spec": {"replicas": 5}})
    assert (written.status, written.body["spec"]) == (200, {"replicas": 5})
    after = (await api.get(f"{DEPLOYMENTS}/web")).body
    assert (after["spec"]["replicas"], after["metadata"]["generation"]) == (5, 2)
    entries = [entry for entry in after["metadata"]["managedFields"] if entry.get("subresource") == "scale"]
    assert entries[0]["fieldsV1"] == {"f:spec": {"f:replicas": {}}}
    stale = await api.put(f"{DEPLOYMENTS}/web/scale", scale)
    assert stale.status == 409


@pytest.mark.parametrize("content_type", ["application/merge-patch+json", STRATEGIC, APPLY])
async def test_the_scale_can_be_patched(api: Api, content_type: str):
    await api.post(DEPLOYMENTS, deployment())
    path = f"{DEPLOYMENTS}/web/scale?fieldManager=x"
    assert (await api.patch(path, {"spec": {"replicas": 0}}, content_type)).status == 200
    assert (await api.get(f"{DEPLOYMENTS}/web")).body["spec"]["replicas"] == 0
    tried = await api.patch(f"{path}&dryRun=All", {"spec": {"replicas": 7}}, content_type)
    assert tried.body["spec"]["replicas"] == 7
    assert (await api.get(f"{DEPLOYMENTS}/web")).body["spec"]["replicas"] == 0


async def test_a_scale_below_zero_is_invalid(api: Api):
    await api.post(DEPLOYMENTS, deployment())
    refused = await api.patch(f"{DEPLOYMENTS}/web/scale", {"spec": {"replicas": -1}})
    assert (refused.status, "must be greater than or equal to 0" in refused.message) == (422, True)


async def budget(api: Api, allowed: int, name: str = "b") -> None:
    made = {"metadata": {"name": name}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}}}
    assert (await api.post(BUDGETS, made)).status == 201
    status = {"disruptionsAllowed": allowed, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}
    assert (await api.patch(f"{BUDGETS}/{name}/status", {"status": status})).status == 200


async def running(api: Api, name: str) -> None:
    await api.pod(name, labels={"app": "x"})
    await api.patch(f"{PODS}/{name}/status", {"status": {"phase": "Running"}})


async def evict(api: Api, name: str, **options: Any) -> Any:
    return await api.post(f"{PODS}/{name}/eviction", {"metadata": {"name": name}, **options})


async def test_an_eviction_deletes_with_grace(api: Api):
    await running(api, "p")
    answer = await evict(api, "p")
    assert (answer.status, answer.body["status"]) == (201, "Success")
    assert (await api.get(f"{PODS}/p")).body["metadata"]["deletionGracePeriodSeconds"] == 30


async def test_a_budget_that_is_spent_forbids_the_next_eviction(api: Api):
    await budget(api, 1)
    await running(api, "p")
    await running(api, "q")
    tried = await evict(api, "p", deleteOptions={"dryRun": ["All"]})
    assert tried.status == 201
    assert (await evict(api, "p")).status == 201
    refused = await evict(api, "q")
    assert (refused.status, refused.body["reason"]) == (429, "TooManyRequests")
    assert refused.message == "Cannot evict pod as it would violate the pod's disruption budget."
    assert refused.body["details"]["causes"] == [
        {
            "reason": "DisruptionBudget",
            "message": "The disruption budget b needs 1 healthy pods and has 1 currently",
        }
    ]


async def test_two_budgets_for_one_pod_are_an_error(api: Api):
    await budget(api, 1, "a")
    await budget(api, 1, "b")
    await running(api, "p")
    assert (await evict(api, "p")).status == 500


async def test_a_pod_is_bound_to_a_node_once(api: Api):
    await api.pod(node="")
    target = {"target": {"apiVersion": "v1", "kind": "Node", "name": "n7"}}
    assert (await api.post(f"{PODS}/p/binding", target)).status == 201
    bound = (await api.get(f"{PODS}/p")).body
    assert bound["spec"]["nodeName"] == "n7"
    assert bound["status"]["conditions"][0]["type"] == "PodScheduled"
    assert (await api.post(f"{PODS}/p/binding", target)).status == 409


async def test_a_pod_can_be_bound_through_the_older_kind_too(api: Api):
    await api.pod(node="")
    binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n7"}}
    assert (await api.post("/api/v1/namespaces/default/bindings", binding)).status == 201
    assert (await api.get(f"{PODS}/p")).body["spec"]["nodeName"] == "n7"


async def test_a_requested_token_is_good_until_it_expires(api: Api, time: Time):
    asked = {"spec": {"expirationSeconds": 600}}
    answer = await api.post(f"{ACCOUNTS}/default/token", asked)
    assert answer.status == 201
    assert answer.body["status"]["expirationTimestamp"] == "2026-09-21T14:23:20Z"
    token = answer.body["status"]["token"]
    assert token.count(".") == 2
    who = await api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, as_=token)
    info = who.body["status"]["userInfo"]
    assert info["username"] == "system:serviceaccount:default:default"
    assert "system:serviceaccounts:default" in info["groups"]
    reviewed = await api.post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": token}})
    assert reviewed.body["status"]["authenticated"] is True
    time.now += 601
    expired = await api.get("/api/v1/namespaces", as_=token)
    assert (expired.status, expired.message) == (401, "Unauthorized")
    reviewed = await api.post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": token}})
    assert reviewed.body["status"] == {"user": {}, "error": "[invalid bearer token, token lookup failed]"}


async def test_a_token_of_an_account_dies_with_it(api: Api):
    await api.post(ACCOUNTS, {"metadata": {"name": "a"}})
    token = (await api.post(f"{ACCOUNTS}/a/token", {"spec": {}})).body["status"]["token"]
    assert (await api.get("/version", as_=token)).status == 200
    await api.delete(f"{ACCOUNTS}/a")
    assert (await api.get("/version", as_=token)).status == 401


async def test_a_token_bound_to_a_pod_dies_with_the_pod(api: Api):
    reference = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": (await api.pod())["metadata"]["uid"]}
    answer = await api.post(f"{ACCOUNTS}/default/token", {"spec": {"boundObjectRef": reference}})
    token = answer.body["status"]["token"]
    assert (await api.get("/version", as_=token)).status == 200
    await api.delete(f"{PODS}/p", {"gracePeriodSeconds": 0})
    assert (await api.get("/version", as_=token)).status == 401


async def test_a_token_of_a_few_seconds_is_refused(api: Api):
    refused = await api.post(f"{ACCOUNTS}/default/token", {"spec": {"expirationSeconds": 5}})
    assert refused.status == 422
    assert (await api.post(f"{ACCOUNTS}/nobody/token", {"spec": {}})).status == 404


async def test_streams_are_authorised_then_served_by_who_registered(api: Api):
    async def served(request: web.Request, found: Obj) -> web.StreamResponse:
        return web.Response(text=f"{request.query['command']} in {found['metadata']['name']}")

    await api.pod()
    del api.cluster.pod_streams["exec"]
    path = f"{PODS}/p/exec?command=ls"
    assert (await api.get(path)).message == "Upgrade request required"
    assert (await api.get(path, headers=UPGRADE)).status == 501
    api.cluster.pod_streams["exec"] = served
    assert (await api.get(path, headers=UPGRADE)).body == "ls in p"
    assert (await api.get(f"{PODS}/nope/exec?command=ls", headers=UPGRADE)).message == 'pods "nope" not found'
    refused = await api.get(path, headers=UPGRADE, as_="viewer")
    assert 'cannot get resource "pods/exec"' in refused.message


async def test_a_stream_by_get_needs_the_right_to_create_too(api: Api):
    await api.grant("token-nobody", "get", groups="", resources="pods/exec")
    await api.pod()
    refused = await api.get(f"{PODS}/p/exec?command=ls", headers=UPGRADE, as_="nobody")
    assert (refused.status, refused.message) == (403, 'pods "p" is forbidden: ')


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/livez/ping", "/readyz/informer-sync"])
async def test_health_is_ok(api: Api, path: str):
    assert (await api.get(path)).body == "ok"


async def test_health_in_words_names_every_check(api: Api):
    lines = (await api.get("/readyz?verbose&exclude=etcd")).body.splitlines()
    assert "[+]etcd excluded: ok" in lines
    assert lines[-1] == "readyz check passed"
    assert (await api.get("/livez/nonsense")).status == 404


async def test_the_version_is_the_clusters(api: Api):
    api.cluster.version = "v1.31.2-gke.100"
    body = (await api.get("/version")).body
    assert (body["major"], body["minor"], body["gitVersion"]) == ("1", "31", "v1.31.2-gke.100")
    assert "emulationMajor" not in body


async def test_old_kinds_are_warned_of_with_every_answer(api: Api):
    endpoints = "/api/v1/namespaces/default/endpoints"
    said = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
    assert (await api.get(endpoints)).headers["Warning"] == said
    assert (await api.get(f"{endpoints}/kubernetes")).headers["Warning"] == said
    async with api.watch(endpoints) as watch:
        assert watch.response.headers["Warning"] == said
    api.cluster.version = "v1.31.2"
    assert "Warning" not in (await api.get(endpoints)).headers
    statuses = await api.get("/api/v1/componentstatuses")
    assert statuses.names == ["controller-manager", "etcd-0", "scheduler"]
    assert "ComponentStatus is deprecated" in statuses.headers["Warning"]


async def test_the_root_lists_where_something_is_served(api: Api):
    paths = (await api.get("/")).body["paths"]
    assert paths == sorted(paths)
    for path in paths:
        assert (await api.get(path)).status == 200, path
    assert (await api.get("/nonsense")).status == 404


async def test_every_group_and_version_has_its_list(api: Api):
    listed = (await api.get("/apis")).body["groups"]
    for group in listed:
        assert (await api.get(f"/apis/{group['name']}")).body["preferredVersion"] == group["preferredVersion"]
        for version in group["versions"]:
            found = (await api.get(f"/apis/{version['groupVersion']}")).body
            assert found["groupVersion"] == version["groupVersion"]
            assert found["resources"]
    assert {group["name"] for group in listed} == {kind.group for kind in BUILTIN if kind.group}
    assert (await api.get("/apis/nope")).status == 404


AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"


async def test_aggregated_discovery_is_asked_for_again_for_nothing(api: Api):
    accept = AGGREGATED.format("v2") + ",application/json"
    first = await api.get("/apis", accept=accept)
    assert first.headers["Content-Type"] == AGGREGATED.format("v2")
    again = await api.get("/apis", accept=accept, headers={"If-None-Match": first.headers["Etag"]})
    assert again.status == 304
    old = await api.get("/apis", accept=f"{AGGREGATED.format('v2beta1')},application/json")
    assert old.body["apiVersion"] == "apidiscovery.k8s.io/v2beta1"
    plain = await api.get("/apis", accept=f"application/json,{accept}")
    assert plain.body["kind"] == "APIGroupList"


async def test_a_scale_is_printed_in_columns_of_its_own(api: Api):
    await api.post(DEPLOYMENTS, deployment("web", replicas=3))
    table = (await api.get(f"{DEPLOYMENTS}/web/scale", accept=TABLE)).body
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Desired", "Available", "Age"]
    assert table["rows"][0]["cells"][:3] == ["web", 3, 0]
