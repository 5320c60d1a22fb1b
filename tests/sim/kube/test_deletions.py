"""Deletion: grace, finalizers, propagation, preconditions, garbage, namespaces."""

from typing import Any

import pytest

from tests.sim.kube.conftest import DEPLOYMENTS, MAPS, NAMESPACES, PODS, Api, Time
from tests.sim.kube.samples import deployment

JOBS = "/apis/batch/v1/namespaces/default/jobs"
SETS = "/apis/apps/v1/namespaces/default/replicasets"


async def owned(api: Api, name: str, *owners: Any, block: bool = False) -> None:
    """A ConfigMap that belongs to these objects."""
    references = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": block,
        }
        for owner in owners
    ]
    assert (await api.post(MAPS, {"metadata": {"name": name, "ownerReferences": references}})).status == 201


async def there(api: Api, name: str) -> bool:
    return (await api.get(f"{MAPS}/{name}")).status == 200


async def test_a_finished_deletion_is_answered_by_a_status(api: Api):
    made = (await api.post(DEPLOYMENTS, deployment())).body
    gone = await api.delete(f"{DEPLOYMENTS}/web")
    assert (gone.status, gone.body) == (
        200,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {"name": "web", "group": "apps", "kind": "deployments", "uid": made["metadata"]["uid"]},
        },
    )
    assert (await api.delete(f"{DEPLOYMENTS}/web")).message == 'deployments.apps "web" not found'


async def test_a_pod_on_a_node_is_given_its_grace(api: Api, time: Time):
    await api.pod()
    asked = (await api.delete(f"{PODS}/p")).body["metadata"]
    assert (asked["deletionGracePeriodSeconds"], asked["deletionTimestamp"]) == (30, "2026-09-21T14:13:50Z")
    assert asked["generation"] == 2
    time.now += 5
    hastened = (await api.delete(f"{PODS}/p", {"gracePeriodSeconds": 10})).body["metadata"]
    assert (hastened["deletionGracePeriodSeconds"], hastened["deletionTimestamp"]) == (10, "2026-09-21T14:13:30Z")
    again = (await api.delete(f"{PODS}/p")).body["metadata"]
    assert again == hastened, "a longer grace changes nothing"
    assert (await api.delete(f"{PODS}/p", {"gracePeriodSeconds": 0})).status == 200
    assert (await api.get(f"{PODS}/p")).status == 404


@pytest.mark.parametrize(("node", "phase"), [("", "Pending"), ("n1", "Succeeded"), ("n1", "Failed")])
async def test_a_pod_with_nothing_to_finish_goes_at_once(api: Api, node: str, phase: str):
    await api.pod(node=node)
    await api.patch(f"{PODS}/p/status", {"status": {"phase": phase}})
    gone = await api.delete(f"{PODS}/p")
    assert gone.body["kind"] == "Pod", "pods are answered by themselves"
    assert (await api.get(f"{PODS}/p")).status == 404


async def test_a_finalizer_holds_an_object_until_it_is_taken_off(api: Api):
    await api.post(MAPS, {"metadata": {"name": "a", "finalizers": ["example.com/hold"]}})
    held = (await api.delete(f"{MAPS}/a")).body
    assert held["kind"] == "ConfigMap"
    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    assert (await api.patch(f"{MAPS}/a", {"data": {"still": "writable"}})).status == 200
    freed = await api.patch(f"{MAPS}/a", {"metadata": {"finalizers": None}})
    assert freed.status == 200
    assert (await api.get(f"{MAPS}/a")).status == 404


async def test_a_dry_run_deletes_nothing(api: Api):
    await api.pod()
    tried = await api.delete(f"{PODS}/p?dryRun=All")
    assert tried.body["metadata"]["deletionTimestamp"]
    assert "deletionTimestamp" not in (await api.get(f"{PODS}/p")).body["metadata"]
    assert (await api.delete(f"{MAPS}/kube-root-ca.crt", {"dryRun": ["All"]})).body["status"] == "Success"
    assert await there(api, "kube-root-ca.crt")


async def test_a_deletion_can_be_bound_to_one_object(api: Api):
    made = (await api.post(MAPS, {"metadata": {"name": "a"}})).body["metadata"]
    other = await api.delete(f"{MAPS}/a", {"preconditions": {"uid": "another"}})
    assert (other.status, "UID in precondition: another" in other.message) == (409, True)
    stale = await api.delete(f"{MAPS}/a", {"preconditions": {"resourceVersion": "1"}})
    assert (stale.status, "ResourceVersion in precondition: 1" in stale.message) == (409, True)
    exact = {"uid": made["uid"], "resourceVersion": made["resourceVersion"]}
    assert (await api.delete(f"{MAPS}/a", {"preconditions": exact})).status == 200


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"propagationPolicy": "Sometimes"}, 422, 'Unsupported value: "Sometimes"'),
        ({"propagationPolicy": "Orphan", "orphanDependents": True}, 422, "cannot be both set"),
        ({"kind": "Pod"}, 400, "cannot be converted to DeleteOptions"),
        ([], 400, "must be of type DeleteOptions"),
    ],
)
async def test_options_of_a_deletion_are_checked(api: Api, body: Any, status: int, said: str):
    refused = await api.delete(f"{MAPS}/kube-root-ca.crt", body)
    assert (refused.status, said in refused.message) == (status, True)


async def test_a_collection_is_deleted_by_what_selects_it(api: Api):
    for name, app in (("a", "x"), ("b", "x"), ("c", "y")):
        await api.post(MAPS, {"metadata": {"name": name, "labels": {"app": app}}})
    deleted = await api.delete(f"{MAPS}?labelSelector=app%3Dx")
    assert (deleted.status, deleted.body["kind"], deleted.names) == (200, "ConfigMapList", ["a", "b"])
    assert [await there(api, name) for name in "abc"] == [False, False, True]


async def test_what_its_owner_leaves_behind_is_deleted(api: Api):
    owner = (await api.post(DEPLOYMENTS, deployment())).body
    other = (await api.post(DEPLOYMENTS, deployment("other"))).body
    await owned(api, "child", owner)
    await owned(api, "shared", owner, other)
    await owned(api, "grandchild", (await api.get(f"{MAPS}/child")).body)
    await api.delete(f"{DEPLOYMENTS}/web")
    assert await there(api, "child"), "deletion in the background is the collector's"
    api.cluster.collect_garbage()
    assert [await there(api, name) for name in ("child", "grandchild", "shared")] == [False, False, True]
    await api.delete(f"{DEPLOYMENTS}/other")
    api.cluster.collect_garbage()
    assert not await there(api, "shared")


async def test_an_object_of_an_owner_that_never_was_is_garbage(api: Api):
    ghost = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "ghost", "uid": "no-such-uid"}}
    await owned(api, "child", ghost)
    assert api.cluster.collect_garbage() == 1
    assert not await there(api, "child")


async def test_in_the_foreground_the_owner_waits_for_those_who_block_it(api: Api):
    owner = (await api.post(DEPLOYMENTS, deployment())).body
    await owned(api, "blocks", owner, block=True)
    await api.patch(f"{MAPS}/blocks", {"metadata": {"finalizers": ["example.com/hold"]}})
    held = (await api.delete(f"{DEPLOYMENTS}/web?propagationPolicy=Foreground")).body
    assert held["metadata"]["finalizers"] == ["foregroundDeletion"]
    api.cluster.collect_garbage()
    assert (await api.get(f"{MAPS}/blocks")).body["metadata"]["deletionTimestamp"]
    assert (await api.get(f"{DEPLOYMENTS}/web")).status == 200
    await api.patch(f"{MAPS}/blocks", {"metadata": {"finalizers": ["foregroundDeletion"]}})
    for _ in range(2):  # the child first, then its owner
        api.cluster.collect_garbage()
    assert not await there(api, "blocks")
    assert (await api.get(f"{DEPLOYMENTS}/web")).status == 404


async def test_orphans_stay_and_forget_their_owner(api: Api):
    owner = (await api.post(DEPLOYMENTS, deployment())).body
    await owned(api, "child", owner)
    await api.delete(f"{DEPLOYMENTS}/web", {"propagationPolicy": "Orphan"})
    api.cluster.collect_garbage()
    api.cluster.collect_garbage()
    assert (await api.get(f"{DEPLOYMENTS}/web")).status == 404
    assert "ownerReferences" not in (await api.get(f"{MAPS}/child")).body["metadata"]


async def test_a_job_deleted_without_a_policy_keeps_its_pods_and_warns(api: Api):
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    made = (await api.post(JOBS, {"metadata": {"name": "j"}, "spec": {"template": template}})).body
    await owned(api, "child", made)
    answer = await api.delete(f"{JOBS}/j")
    assert answer.headers["Warning"].startswith('299 - "child pods are preserved by default when jobs are deleted')
    for _ in range(2):
        api.cluster.collect_garbage()
    assert await there(api, "child")
    assert (await api.get(f"{JOBS}/j")).status == 404


async def test_a_namespace_goes_when_it_is_empty(api: Api, time: Time):
    await api.post(NAMESPACES, {"metadata": {"name": "shop"}})
    maps = f"{NAMESPACES}/shop/configmaps"
    await api.post(maps, {"metadata": {"name": "a", "finalizers": ["example.com/hold"]}})
    going = (await api.delete(f"{NAMESPACES}/shop")).body
    assert going["status"]["phase"] == "Terminating"
    assert "deletionGracePeriodSeconds" not in going["metadata"]
    refused = await api.post(maps, {"metadata": {"name": "b"}})
    assert refused.status == 403
    assert refused.message == (
        'configmaps "b" is forbidden: unable to create new content in namespace shop because it is being terminated'
    )
    assert refused.body["details"]["causes"] == [
        {
            "reason": "NamespaceTerminating",
            "message": "namespace shop is being terminated",
            "field": "metadata.namespace",
        }
    ]
    assert api.cluster.drain_namespaces() == 1
    conditions = {c["type"]: c for c in (await api.get(f"{NAMESPACES}/shop")).body["status"]["conditions"]}
    assert conditions["NamespaceContentRemaining"]["message"] == (
        "Some resources are remaining: configmaps. has 1 resource instances"
    )
    assert conditions["NamespaceFinalizersRemaining"]["message"] == (
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"
    )
    before = api.cluster.store.version
    time.now += 1
    api.cluster.drain_namespaces()
    assert api.cluster.store.version == before, "nothing new is not written again"
    await api.patch(f"{maps}/a", {"metadata": {"finalizers": None}})
    assert api.cluster.drain_namespaces() == 0
    assert (await api.get(f"{NAMESPACES}/shop")).status == 404


async def test_some_namespaces_are_immortal(api: Api):
    refused = await api.delete(f"{NAMESPACES}/kube-system")
    assert (refused.status, refused.message) == (
        403,
        'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    )


async def test_the_furniture_of_a_namespace_comes_back(api: Api):
    old = (await api.get("/api/v1/namespaces/default/serviceaccounts/default")).body["metadata"]["uid"]
    await api.delete("/api/v1/namespaces/default/serviceaccounts/default")
    assert (await api.get("/api/v1/namespaces/default/serviceaccounts/default")).body["metadata"]["uid"] != old
    await api.delete(f"{MAPS}/kube-root-ca.crt")
    assert await there(api, "kube-root-ca.crt")


async def test_a_namespace_can_be_freed_through_finalize(api: Api):
    await api.post(NAMESPACES, {"metadata": {"name": "shop"}})
    going = (await api.delete(f"{NAMESPACES}/shop")).body
    freed = await api.put(f"{NAMESPACES}/shop/finalize", {**going, "spec": {"finalizers": []}})
    assert freed.status == 200
    assert (await api.get(f"{NAMESPACES}/shop")).status == 404


async def test_the_end_of_an_object_is_one_event(api: Api):
    await api.post(MAPS, {"metadata": {"name": "a"}})
    async with api.watch(f"{MAPS}?resourceVersion={api.cluster.store.version}") as watch:
        await api.delete(f"{MAPS}/a")
        await api.post(MAPS, {"metadata": {"name": "b"}})
        assert await watch.take(2) == [("DELETED", "a"), ("ADDED", "b")]
