"""Health of agents, from the pods' printed cells."""

from __future__ import annotations

import pytest

from tests.data.fakekube import POD_COLUMNS, FakeKube, problem
from tests.data.helpers import ONE, reading, runtime
from tui.clock import ManualClock
from tui.data.agents import CONNECT_LABEL, NAMESPACES, Agents, health_of
from tui.data.tables import Tables
from tui.model.cluster import AgentHealth, ClusterRef, Via
from tui.model.feed import FeedState
from tui.model.kube import PODS, Row, Table

AKS = ClusterRef("/subscriptions/s/aks-1", "aks-1", Via.AKS)


def table(*cells: tuple[str | int, ...]) -> Table:
    rows = [Row(f"u{n}", str(printed[0]), "gke-connect", printed) for n, printed in enumerate(cells)]
    return Table(PODS, POD_COLUMNS, {row.key: row for row in rows})


@pytest.mark.parametrize(
    ("pods", "health"),
    [
        ((), AgentHealth()),
        ((("a", "1/1", "Running", "0", "1d"), ("b", "1/1", "Running", 3, "1d")), AgentHealth(2, 2, 3)),
        ((("a", "0/1", "CrashLoopBackOff", "4 (115s ago)", "1d"),), AgentHealth(0, 1, 4, ("a: CrashLoopBackOff",))),
        (
            (
                ("a", "0/1", "Pending", "0", "1d"),
                ("b", "0/1", "Running", "1", "1d"),
                ("c", "0/1", "ImagePullBackOff", "0", "1d"),
            ),
            AgentHealth(0, 3, 1, ("c: ImagePullBackOff", "a: Pending", "b: not ready")),
        ),
        ((("sc-job-x", "0/1", "Completed", "0", "1m"),), AgentHealth()),
        ((("a", "1/2", "Running", "?", "1d"),), AgentHealth(0, 1, 0, ("a: not ready",))),
    ],
)
def test_counts_restarts_and_troubles(pods: tuple[tuple[str | int, ...], ...], health: AgentHealth) -> None:
    assert health_of(table(*pods)) == health


def test_a_table_without_the_columns_is_no_crash() -> None:
    row = Row("u", "a", "ns", ())
    assert health_of(Table(PODS, (), {row.key: row})) == AgentHealth(0, 1, 0, ("a: not ready",))


def agents(kube: FakeKube, clock: ManualClock) -> Agents:
    rt = runtime(clock)

    async def connect(ref: ClusterRef) -> FakeKube:
        return kube

    return Agents(rt, connect, Tables(rt, connect))


async def test_the_agent_is_looked_for_where_the_namespace_is_labelled(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    kube.put(NAMESPACES, "", "connect-here", labels={CONNECT_LABEL: "acme-1"})
    kube.put(NAMESPACES, "", "default")
    labels = {"app": "gke-connect-agent"}
    kube.pod("agent-1", namespace="connect-here", labels=labels)
    kube.pod("other", namespace="connect-here")
    kube.pod("agent-2", "Error", "0/1", namespace="gke-connect", labels=labels)
    held = agents(kube, clock)
    async with reading(held._runtime, held.health(ONE)):
        await clock.advance(0.2)
        feed = held.health(ONE).feed
        assert (feed.value, feed.state(clock.now())) == (AgentHealth(1, 1), FeedState.LIVE)
        kube.pod("agent-1", "CrashLoopBackOff", "0/1", "1", namespace="connect-here", labels=labels)
        await clock.advance(0.2)
        assert held.health(ONE).feed.value == AgentHealth(0, 1, 1, ("agent-1: CrashLoopBackOff",))


async def test_who_may_not_list_namespaces_still_sees_the_usual_one(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    kube.refuse["list"] = [problem(403)]
    kube.pod("agent", namespace="gke-connect", labels={"app": "gke-connect-agent"})
    held = agents(kube, clock)
    async with reading(held._runtime, held.health(ONE)):
        await clock.advance(0.2)
        assert held.health(ONE).feed.value == AgentHealth(1, 1)


async def test_service_connectors_pods_are_those_of_sc_system(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    kube.pod("sc-job-1", "ImagePullBackOff", "0/1", namespace="sc-system")
    kube.pod("else", namespace="kube-system")
    held = agents(kube, clock)
    async with reading(held._runtime, held.health(AKS)):
        await clock.advance(0.2)
        assert held.health(AKS).feed.value == AgentHealth(0, 1, 0, ("sc-job-1: ImagePullBackOff",))


async def test_an_unreachable_cluster_has_no_agent_health_rather_than_none_ready(clock: ManualClock) -> None:
    kube = FakeKube(clock, down=True)
    held = agents(kube, clock)
    async with reading(held._runtime, held.health(ONE)):
        await clock.advance(0.2)
        feed = held.health(ONE).feed
        assert (feed.value, feed.state(clock.now())) == (None, FeedState.FAILED)
