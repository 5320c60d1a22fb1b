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
