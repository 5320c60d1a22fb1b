"""Of many pods it is asked together which containers they have, and otherwise in the place where the log is read."""

from __future__ import annotations

import asyncio

import pytest

from tests.data.fakekube import FakeKube, problem
from tests.data.helpers import ONE, reading, runtime
from tests.data.logbench import make_view, viewing
from tui.clock import ManualClock, settle
from tui.data.podlists import MANY
from tui.model.kube import PODS
from tui.model.logs import LogQuery

EVERYWHERE = LogQuery((ONE,), pattern=".*")


def crowd(kube: FakeKube, count: int, *, begin: int = 0, namespace: str = "default") -> None:
    """So many pods with two containers each."""
    for number in range(begin, begin + count):
        name = f"p{number}"
        for container in ("app", "side"):
            kube.add_log(name, container, namespace=namespace).write(f"{name} {container}")
        spec = {"containers": [{"name": "app"}, {"name": "side"}]}
        body = {"metadata": {"name": name, "namespace": namespace}, "spec": spec, "status": {"phase": "Running"}}
        kube.bodies.put(PODS, body)
        kube.pod(name, namespace=namespace)


@pytest.mark.parametrize("namespaces", [1, 3])
async def test_many_pods_are_asked_about_in_a_list(
    clock: ManualClock, one: FakeKube, two: FakeKube, namespaces: int
) -> None:
    for part in range(namespaces):
        crowd(one, 600 // namespaces, begin=1000 * part, namespace=f"n{part}")
    async with viewing(EVERYWHERE, clock, one, two, streams=10) as bench:
        await clock.advance(5)
        assert len(bench.status.sources) == 1200
        assert {source.container for source in bench.status.sources} == {"app", "side"}
        assert (one.asked["bodies"], one.asked["body"]) == (1, 0)
        assert one.asked["log"] <= 10


async def test_few_are_asked_about_by_name(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    crowd(one, MANY - 1)
    async with viewing(EVERYWHERE, clock, one, two, streams=100) as bench:
        await clock.advance(5)
        assert len(bench.texts) == 2 * (MANY - 1)
        assert (one.asked["bodies"], one.asked["body"]) == (0, MANY - 1)


async def test_who_may_not_list_asks_in_his_turn_and_reads_in_the_same(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    crowd(one, 60)
    one.always["bodies"] = problem(403)
    async with viewing(EVERYWHERE, clock, one, two, streams=10) as bench:
        await clock.advance(5)
        assert one.asked["body"] == 10
        assert len(bench.texts) == 10
        assert sum(source.state == "following" for source in bench.status.sources) == 10
        await clock.advance(300)
        assert one.asked["body"] == 60
        assert len(bench.texts) == 120


async def test_who_may_list_in_namespaces_alone_does_so(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    crowd(one, 30, namespace="a")
    crowd(one, 30, begin=100, namespace="b")
    crowd(one, 2, begin=200, namespace="c")
    one.refuse["bodies"].append(problem(403))
    async with viewing(EVERYWHERE, clock, one, two, streams=200) as bench:
        await clock.advance(10)
        assert len(bench.texts) == 124
        assert (one.asked["bodies"], one.asked["body"]) == (3, 2)


async def test_pods_that_join_later_are_asked_about_too(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    crowd(one, 30)
    async with viewing(EVERYWHERE, clock, one, two, streams=200) as bench:
        await clock.advance(5)
        crowd(one, 1, begin=50)
        await clock.advance(5)
        assert bench.texts[-2:] == ["p50 app", "p50 side"]
        assert (one.asked["bodies"], one.asked["body"]) == (1, 1)


async def test_who_leaves_while_a_list_is_read_finds_all_when_he_comes_back(clock: ManualClock, one: FakeKube) -> None:
    crowd(one, 30)
    one.hanging.add("bodies")
    rt = runtime(clock)
    view = make_view(EVERYWHERE, rt, {ONE.key: one}, streams=200)
    async with reading(rt):
        reader = asyncio.Event()
        view.status.join(reader)
        await clock.advance(2)
        assert one.asked["bodies"] == 1
        view.status.leave(reader)
        await clock.advance(60)
        one.hanging.clear()
        view.status.join(reader)
        await clock.advance(5)
        assert len(view.since(0)[0]) == 60
        view.status.leave(reader)
        await settle()
    assert not any(log.open for log in one.logs.values())
