"""A log view whose pods differ from one cluster and namespace to the other."""

from __future__ import annotations

from tests.data.fakekube import DEPLOYMENTS, FakeKube
from tests.data.helpers import ONE, TWO
from tests.data.logbench import viewing
from tui.clock import ManualClock
from tui.errors import ProblemKind
from tui.model.kube import PODS
from tui.model.logs import LogPick, LogQuery, query_of


def write(kube: FakeKube, namespace: str, pod: str, label: str = "") -> None:
    kube.add_log(pod, namespace=namespace).write(f"{namespace}/{pod}")
    kube.pod(pod, namespace=namespace, labels={"app": label})


async def test_each_namespace_and_cluster_has_pods_of_its_own(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for kube in (one, two):
        for namespace in ("web", "shop"):
            for pod in ("a", "b", "c"):
                write(kube, namespace, pod, pod)
    picks = [
        LogPick(ONE, "web", pods=("a",)),
        LogPick(ONE, "shop", pods=("a",)),
        LogPick(ONE, "shop", pods=("b",)),
        LogPick(TWO, "web", "app=c"),
        LogPick(TWO, "shop", pattern="^[ab]$"),
    ]
    async with viewing(query_of(picks), clock, one, two) as bench:
        await clock.advance(5)
        seen = [(source.cluster, source.namespace, source.pod) for source in bench.status.sources]
        assert sorted(seen, key=str) == sorted(
            [
                (ONE, "web", "a"),
                (ONE, "shop", "a"),
                (ONE, "shop", "b"),
                (TWO, "web", "c"),
                (TWO, "shop", "a"),
                (TWO, "shop", "b"),
            ],
            key=str,
        )
        assert sorted(bench.texts) == ["shop/a", "shop/a", "shop/b", "shop/b", "web/a", "web/c"]


async def test_a_pod_that_is_gone_is_told_from_its_namesake_elsewhere(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    write(one, "web", "a")
    write(one, "shop", "a")
    picks = [LogPick(ONE, "web", pods=("a",)), LogPick(ONE, "shop", pods=("a",))]
    async with viewing(query_of(picks), clock, one, two) as bench:
        await clock.advance(3)
        one.logs["web", "a", "c"].stop()
        one.delete(PODS, "web", "a")
        await clock.advance(3)
        gone = {source.namespace: source.gone for source in bench.status.sources}
        assert gone == {"web": True, "shop": False}


async def test_a_pod_that_is_picked_twice_is_read_once(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    write(one, "web", "a", "x")
    picks = [LogPick(ONE, "web", pods=("a",)), LogPick(ONE, "web", "app=x")]
    async with viewing(query_of(picks), clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["web/a"]


async def test_a_workload_that_is_not_there_keeps_nobody_from_the_others(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    web = {"metadata": {"name": "web", "namespace": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}
    one.bodies.put(DEPLOYMENTS, web)
    write(one, "web", "w", "web")
    picks = [LogPick(ONE, "web", workloads=("deploy/web",)), LogPick(ONE, "shop", workloads=("deploy/till",))]
    async with viewing(query_of(picks), clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["web/w"]
        (gap,) = bench.view.status.feed.gaps
        assert (gap.who, gap.problem.kind) == (f"{ONE.name}: deploy/till", ProblemKind.NOT_FOUND)


def test_what_is_the_same_in_all_clusters_is_said_once() -> None:
    same = [LogPick(ref, "web", pods=(pod,)) for ref in (ONE, TWO) for pod in ("a", "b")]
    assert query_of(same, previous=True) == LogQuery((ONE, TWO), "web", pods=("a", "b"), previous=True)
    assert query_of([*same, LogPick(TWO, "shop", "app=x")]).picks[-1] == LogPick(TWO, "shop", "app=x")
