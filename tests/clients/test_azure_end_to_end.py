"""Azure clients against the simulated clouds: the SDKs as they are, over TLS, signed in by managed identity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from tui.clients.azure import AzureArm
from tui.clients.azure_auth import azure_credentials
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clock import SystemClock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.connection import AksCluster
from tui.model.expected import expected_objects
from tui.model.kube import KindRef
from tui.sim.server import SimServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = {
    "Secret": KindRef("", "v1", "secrets", "Secret"),
    "ServiceAccount": KindRef("", "v1", "serviceaccounts", "ServiceAccount"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sim() -> AsyncIterator[SimServer]:
    async with SimServer.start("healthy", seed=7) as server:
        yield server


@asynccontextmanager
async def signed_in(sim: SimServer, person: str, patch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Http, AzureArm]]:
    environ = {"PATH": "/nonexistent", **sim.environment(person)}
    for name, value in environ.items():
        patch.setenv(name, value)  # azure-identity reads the process's own
    http = Http(environ)
    credentials = azure_credentials(http, environ, SystemClock())
    try:
        yield http, AzureArm(http, credentials)
    finally:
        await credentials.close()
        await http.close()


@pytest_asyncio.fixture(loop_scope="module")
async def admin(sim: SimServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Http, AzureArm]]:
    async with signed_in(sim, "admin", monkeypatch) as session:
        yield session
    sim.faults.clear()


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


async def clusters(arm: AzureArm) -> dict[str, AksCluster]:
    return {one.name: one for each in await arm.subscriptions() for one in await arm.aks_clusters(each)}


async def test_every_cluster_linker_and_extension(admin: tuple[Http, AzureArm]) -> None:
    _, arm = admin
    found = await clusters(arm)
    assert set(found) == {"aks-shop-weu", "aks-shop-neu", "aks-data-eus"}
    assert arm.hosts[found["aks-shop-weu"].key] == set(found["aks-shop-weu"].hosts) != set()
    linkers = {linker.name: linker for cluster in found.values() for linker in await arm.linkers(cluster)}
    assert set(linkers) == {"orders_blob", "sessions", "shop_vault", "catalog", "events", "exports"}
    assert linkers["orders_blob"].target_type == "storage-blob"
    assert linkers["shop_vault"].csi
    assert all(linker.auth_label and linker.provisioning_state for linker in linkers.values())
    healthy = await arm.extension(found["aks-shop-weu"])
    assert healthy is not None
    assert (healthy.provisioning_state, healthy.error) == ("Succeeded", None)
    failed = await arm.extension(found["aks-shop-neu"])
    assert failed is not None
    assert failed.provisioning_state == "Failed"
    assert failed.error is not None


async def test_the_expected_objects_of_each_connection_are_looked_for_in_its_cluster(
    admin: tuple[Http, AzureArm],
) -> None:
    http, arm = admin
    missing: dict[str, int] = {}
    for cluster in (await clusters(arm)).values():
        kube = KubeClient(http, await arm.endpoint(cluster), ClusterRef(cluster.key, cluster.name, Via.AKS))
        assert (await kube.version()).startswith("v1.")
        for linker in await arm.linkers(cluster):
            there = [await kube.exists(KINDS[one.kind], one.namespace, one.name) for one in expected_objects(linker)]
            missing[linker.name] = there.count(False)
    assert missing.pop("catalog") == 1  # broken so in the scenario
    assert missing == {"orders_blob": 0, "sessions": 0, "shop_vault": 0, "events": 0, "exports": 0}


async def test_arm_ids_are_asked_for_in_any_case(admin: tuple[Http, AzureArm]) -> None:
    http, arm = admin
    cluster = (await clusters(arm))["aks-shop-weu"]
    kube = KubeClient(http, await arm.endpoint_of(cluster.key), ClusterRef(cluster.key, cluster.name, Via.AKS))
    assert await kube.version()


async def test_a_throttled_arm_says_how_long_to_wait(sim: SimServer, admin: tuple[Http, AzureArm]) -> None:
    _, arm = admin
    found = (await clusters(arm))["aks-shop-weu"]
    sim.faults.add("answer", {"surface": "azure"}, status=429, retry_after=17)
    for asking in (arm.linkers(found), arm.extension(found)):
        problem = await failure(asking)
        assert (problem.kind, problem.retry_after) == (ProblemKind.THROTTLED, 17.0)


async def test_nobody_sees_no_subscription_and_is_told_which_role_he_lacks(
    sim: SimServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with signed_in(sim, "admin", monkeypatch) as (_, arm):
        found = (await clusters(arm))["aks-shop-weu"]
    async with signed_in(sim, "nobody", monkeypatch) as (_, arm):
        for asking in (arm.linkers(found), arm.extension(found)):
            problem = await failure(asking)
            assert problem.kind is ProblemKind.FORBIDDEN
            assert problem.remedy.startswith("az role assignment create --assignee ")
