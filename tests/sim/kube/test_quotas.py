"""ResourceQuotas and LimitRanges at the door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.kube.conftest import PODS, Api

DEFAULT = "/api/v1/namespaces/default"


def pod(name: str, requests: dict[str, str] | None = None, limits: dict[str, str] | None = None, **spec: Any) -> Any:
    given = {side: asked for side, asked in (("requests", requests), ("limits", limits)) if asked}
    container = {"name": "app", "image": "app:1", "resources": given}
    return {"metadata": {"name": name}, "spec": {"containers": [container], **spec}}


async def limited(api: Api, **hard: str) -> None:
    named = {name.replace("__", "/").replace("_", "."): amount for name, amount in hard.items()}
    made = await api.post(f"{DEFAULT}/resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": named}})
    assert made.status == 201


async def test_what_exceeds_a_quota_is_refused_with_the_sums(api: Api):
    await limited(api, pods="2", requests_cpu="1")
    assert (await api.post(PODS, pod("a", {"cpu": "600m"}))).status == 201
    refused = await api.post(PODS, pod("b", {"cpu": "500m"}))
    assert (refused.status, refused.message) == (
        403,
        'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, '
        "limited: requests.cpu=1",
    )
    assert (await api.post(PODS, pod("b", {"cpu": "400m"}))).status == 201
    refused = await api.post(f"{PODS}?dryRun=All", pod("c", {"cpu": "1m"}))
    said = "requested: pods=1,requests.cpu=1m, used: pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1"
    assert refused.message == f'pods "c" is forbidden: exceeded quota: q, {said}'
    await api.delete(f"{PODS}/a?gracePeriodSeconds=0")
    assert (await api.post(PODS, pod("c", {"cpu": "1m"}))).status == 201


async def test_a_container_must_name_what_a_quota_limits(api: Api):
    await limited(api, limits_memory="1Gi", requests_cpu="1")
    refused = await api.post(PODS, pod("a"))
    assert (refused.status, refused.message) == (
        403,
        'pods "a" is forbidden: failed quota: q: must specify limits.memory for: app; requests.cpu for: app',
    )


async def test_quotas_count_objects_claims_and_services(api: Api):
    await limited(api, count__deployments_apps="0", configmaps="1", requests_storage="1Gi", services_nodeports="1")
    assert (await api.post(f"{DEFAULT}/configmaps", {"metadata": {"name": "a"}})).status == 403  # kube-root-ca.crt
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}
    claimed = await api.post(f"{DEFAULT}/persistentvolumeclaims", {"metadata": {"name": "a"}, "spec": claim})
    assert claimed.message.endswith(
        "requested: requests.storage=2Gi, used: requests.storage=0, limited: requests.storage=1Gi"
    )
    for name, status in (("a", 201), ("b", 403)):
        spec = {"type": "NodePort", "ports": [{"port": 80}]}
        assert (await api.post(f"{DEFAULT}/services", {"metadata": {"name": name}, "spec": spec})).status == status


@pytest.mark.parametrize(
    ("scopes", "status"), [({"scopes": ["BestEffort"]}, 201), ({"scopes": ["NotBestEffort"]}, 403), ({}, 403)]
)
async def test_a_quota_concerns_the_pods_in_its_scope(api: Api, scopes: Any, status: int):
    spec = {"hard": {"pods": "0"}, **scopes}
    await api.post(f"{DEFAULT}/resourcequotas", {"metadata": {"name": "q"}, "spec": spec})
    assert (await api.post(PODS, pod("a", {"cpu": "1m"}))).status == status


async def ranged(api: Api, **limit: Any) -> None:
    spec = {"limits": [{"type": "Container", **limit}]}
    made = await api.post(f"{DEFAULT}/limitranges", {"metadata": {"name": "r"}, "spec": spec})
    assert made.status == 201, made.body


async def test_a_container_that_asks_for_nothing_gets_the_defaults_of_its_namespace(api: Api):
    await ranged(api, max={"cpu": "1"}, default={"memory": "256Mi"}, defaultRequest={"cpu": "100m"})
    made = (await api.post(PODS, pod("a"))).body
    given = made["spec"]["containers"][0]["resources"]
    assert given == {"limits": {"cpu": "1", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}}
    said = "LimitRanger plugin set: cpu, memory request for container app; cpu, memory limit for container app"
    assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == said
    assert made["status"]["qosClass"] == "Burstable"


@pytest.mark.parametrize(
    ("limit", "requests", "limits", "said"),
    [
        ({"max": {"cpu": "200m"}}, {}, {"cpu": "5"}, "maximum cpu usage per Container is 200m, but limit is 5"),
        ({"min": {"cpu": "200m"}}, {"cpu": "0.1"}, {}, "minimum cpu usage per Container is 200m, but request is 100m"),
        (
            {"maxLimitRequestRatio": {"cpu": "2"}},
            {"cpu": "1"},
            {"cpu": "3"},
            "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
        ),
        (
            {"type": "Pod", "max": {"cpu": "2", "memory": "1Gi"}},
            {},
            {"memory": "2Gi"},
            "[maximum cpu usage per Pod is 2.  No limit is specified, "
            "maximum memory usage per Pod is 1Gi, but limit is 2Gi]",
        ),
    ],
)
async def test_a_pod_outside_the_limits_is_refused(
    api: Api, limit: Any, requests: dict[str, str], limits: dict[str, str], said: str
):
    await ranged(api, **limit)
    refused = await api.post(PODS, pod("a", requests, limits))
    assert (refused.status, refused.message) == (403, f'pods "a" is forbidden: {said}')


async def test_a_claim_outside_the_limits_is_refused(api: Api):
    await ranged(api, type="PersistentVolumeClaim", max={"storage": "1Gi"})
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}
    refused = await api.post(f"{DEFAULT}/persistentvolumeclaims", {"metadata": {"name": "a"}, "spec": claim})
    said = "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi"
    assert (refused.status, refused.message) == (403, f'persistentvolumeclaims "a" is forbidden: {said}')
