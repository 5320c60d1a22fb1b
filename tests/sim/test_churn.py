"""A cluster in unrest: as many events as asked for, and what a watch tells is what a list then says."""

from __future__ import annotations

from tui.sim.churn import Churn
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.objects import name_of, namespace_of, resource_version
from tui.sim.loading import load
from tui.sim.scale import scaled
from tui.sim.world import World


def crowded() -> World:
    return World(scaled(load("healthy"), 12, 300))


def test_events_come_at_the_rate_that_was_asked_for_and_are_caught_up_with_in_bursts() -> None:
    world = crowded()
    cluster = world.clusters["prod-eu"]
    churn = Churn(cluster, rate=1000)
    before = cluster.store.version
    for step in range(1, 51):
        churn.catch_up(step * 0.02)
    assert 1000 <= churn.events <= 1001
    assert cluster.store.version - before >= 1000
    churn.catch_up(100.0)
    assert churn.events <= 1255, "a clock that jumps makes no flood"


def test_what_a_watch_tells_is_what_a_list_then_says() -> None:
    world = crowded()
    store = world.clusters["prod-eu"].store
    held = {(namespace_of(pod), name_of(pod)): pod for pod in store.list(PODS)}
    cursor = store.watch(PODS, store.version)
    churn = Churn(world.clusters["prod-eu"], rate=2000)
    kinds: set[str] = set()
    for step in range(1, 60):
        churn.catch_up(step * 0.02)
        for record in cursor.take():
            key = (namespace_of(record.obj), name_of(record.obj))
            kinds.add(record.change)
            if record.change == "DELETED":
                del held[key]
            else:
                held[key] = record.obj
    assert kinds == {"ADDED", "MODIFIED", "DELETED"}
    assert held == {(namespace_of(pod), name_of(pod)): pod for pod in store.list(PODS)}
    assert len({resource_version(pod) for pod in held.values()}) == len(held)


def test_a_cluster_without_plain_pods_stays_quiet() -> None:
    world = World(load("healthy"))
    cluster = world.clusters["prod-eu"]
    before = cluster.store.version
    Churn(cluster, rate=100).catch_up(1.0)
    assert cluster.store.version == before
