"""Which containers of a pod a log view follows, those too that are added while it runs."""

from __future__ import annotations

import asyncio

import pytest

from tests.data.fakekube import FakeKube, problem
from tests.data.helpers import ONE, reading, runtime
from tests.data.logbench import make_view, viewing
from tui.clock import ManualClock, settle
from tui.model.kube import PODS
from tui.model.logs import LogQuery


async def test_a_pod_with_several_containers_is_followed_in_all_of_them(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a", "app").write("from app")
    one.add_log("a", "proxy").write("from proxy")
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(3)
        assert sorted(bench.texts) == ["from app", "from proxy"]
        assert [source.container for source in bench.status.sources] == ["app", "proxy"]
        assert {source.state for source in bench.status.sources} == {"following"}


async def test_only_the_containers_asked_for(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.add_log("a", "app").write("from app")
    one.add_log("a", "proxy").write("from proxy")
    one.pod("a")
    query = LogQuery((ONE,), namespace="default", containers=("proxy",))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(2)
        assert bench.texts == ["from proxy"]


async def test_init_and_ephemeral_containers_are_followed_too(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    done = {"terminated": {"exitCode": 0}}
    one.bodies.put(
        PODS,
        {
            "metadata": {"name": "a", "namespace": "default"},
            "spec": {
                "initContainers": [{"name": "setup"}],
                "containers": [{"name": "app"}],
                "ephemeralContainers": [{"name": "debugger"}],
            },
            "status": {
                "phase": "Running",
                "initContainerStatuses": [{"name": "setup", "state": done}],
                "containerStatuses": [{"name": "app", "state": {"running": {}}}],
            },
        },
    )
    for name in ("setup", "app", "debugger"):
        one.add_log("a", name).write(f"from {name}")
        await clock.advance(0.1)
    one.logs["default", "a", "setup"].running = False
    one.pod("a", uid="uid-a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(20)
        assert bench.texts == ["from setup", "from app", "from debugger"]
        states = {source.container: (source.state, source.over) for source in bench.status.sources}
        assert states == {
            "setup": ("ended", True),
            "app": ("following", False),
            "debugger": ("following", False),
        }
        asked = one.asked["log"]
        await clock.advance(200)
        assert one.asked["log"] == asked  # what has ended is asked no more


def with_debuggers(kube: FakeKube, *names: str, row: tuple[str, str] = ("Running", "1/1"), pod: str = "a") -> None:
    """The pod gets these ephemeral containers, of which its row shows nothing but another version."""
    kube.bodies.put(
        PODS,
        {
            "metadata": {"name": pod, "namespace": "default"},
            "spec": {"containers": [{"name": "app"}], "ephemeralContainers": [{"name": name} for name in names]},
            "status": {"phase": "Running"},
        },
    )
    kube.pod(pod, *row)


async def test_an_ephemeral_container_that_is_added_later_is_followed_from_its_first_line(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a", "app").write(*(f"old {number}" for number in range(20)))
    with_debuggers(one)
    async with viewing(LogQuery((ONE,), namespace="default", tail=1), clock, one, two) as bench:
        await clock.advance(3)
        asked = one.asked["body"]
        one.pod("a", restarts="1")
        await clock.advance(5)
        assert one.asked["body"] == asked, "what the row tells need not be asked for"
        one.pod("a")
        await clock.advance(5)
        one.add_log("a", "debugger-1").write("first", "second", "third")
        with_debuggers(one, "debugger-1")
        await clock.advance(0.2)
        one.pod("a")  # it starts
        await clock.advance(4)
        assert bench.texts == ["old 19", "first", "second", "third"]
        assert one.asked["body"] == asked + 1, "one question for both changes"
        assert [source.container for source in bench.status.sources] == ["app", "debugger-1"]
        one.refuse["body"].append(problem(503))
        one.add_log("a", "debugger-2").write("fourth")
        with_debuggers(one, "debugger-1", "debugger-2")
        await clock.advance(10)
        assert bench.texts[-1] == "fourth", "a server that cannot answer now is asked again"


async def test_a_container_that_joined_while_nobody_looked_is_followed_afterwards(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a", "app").write("app")
    with_debuggers(one)
    rt = runtime(clock)
    view = make_view(LogQuery((ONE,), namespace="default"), rt, {ONE.key: one})
    async with reading(rt):
        reader = asyncio.Event()
        view.status.join(reader)
        await clock.advance(3)
        view.status.leave(reader)
        await clock.advance(60)
        one.add_log("a", "debugger").write("debugger")
        with_debuggers(one, "debugger")
        one.pod("a", restarts="1")
        view.status.join(reader)
        await clock.advance(5)
        assert [line.text for line in view.since(0)[0]] == [b"app", b"debugger"]
        view.status.leave(reader)
        await settle()


async def test_of_the_containers_asked_for_none_is_added(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.add_log("a", "app").write("app")
    with_debuggers(one)
    async with viewing(LogQuery((ONE,), namespace="default", containers=("app",)), clock, one, two) as bench:
        await clock.advance(3)
        one.add_log("a", "debugger").write("debugger")
        with_debuggers(one, "debugger")
        await clock.advance(5)
        assert bench.texts == ["app"]
        assert one.asked["body"] == 1  # to find out whether the pod has such a container


async def test_a_pod_without_the_container_asked_for_says_so_and_is_left_in_peace(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a", "app").write("app")
    with_debuggers(one)
    query = LogQuery((ONE,), namespace="default", pods=("a", "b"), containers=("side",), follow=False)
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(30)
        source = next(source for source in bench.status.sources if source.pod == "a")
        assert (source.state, source.problem, source.over) == ("ended", None, True)
        assert (source.lacks, source.there) == (True, ("app",))
        assert (one.asked["body"], one.asked["log"]) == (2, 1), "but for `b`, which is not there"


async def test_one_pod_that_is_named_without_the_container_is_not_asked_for_its_log(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    with_debuggers(one)
    one.always["table"] = problem(403)
    query = LogQuery((ONE,), namespace="default", pods=("a",), containers=("tpyo",))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(5)
        (source,) = bench.status.sources
        assert (source.state, source.problem, source.lacks, source.there) == ("waiting", None, True, ("app",))
        assert one.asked["log"] == 0


async def test_of_two_names_the_one_that_there_is_is_followed_and_the_other_when_it_is_added(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a", "app").write("app")
    with_debuggers(one)
    query = LogQuery((ONE,), namespace="default", pods=("a",), containers=("app", "debugger"))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(5)
        assert [(source.container, source.there) for source in bench.status.sources] == [("app", ("app",))]
        one.add_log("a", "debugger").write("first")
        with_debuggers(one, "debugger")
        await clock.advance(5)
        assert bench.texts == ["app", "first"]


@pytest.mark.parametrize("row", [("Running", "1/1"), ("CrashLoopBackOff", "0/1")])
async def test_a_container_asked_for_that_is_added_later_is_followed_from_its_first_line(
    clock: ManualClock, one: FakeKube, two: FakeKube, row: tuple[str, str]
) -> None:
    one.add_log("a", "app").write("app")
    with_debuggers(one, row=row)
    query = LogQuery((ONE,), namespace="default", tail=1, containers=("debugger", "second"))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(10)
        (source,) = bench.status.sources
        assert (source.state, source.over, source.lacks) == ("waiting", False, True)
        asked = one.asked["body"]
        with_debuggers(one, row=row, pod="b")
        await clock.advance(10)
        assert one.asked["body"] == asked + 1, "only the pod that is new"
        one.add_log("a", "debugger").write("first", "second")
        with_debuggers(one, "debugger", row=row)
        await clock.advance(5)
        assert bench.texts == ["first", "second"]
        source = bench.status.sources[0]
        assert (source.container, source.state, source.lacks, source.there) == (
            "debugger",
            "following",
            False,
            ("app", "debugger"),
        )
        one.add_log("a", "second").write("third")
        with_debuggers(one, "debugger", "second", row=row)
        await clock.advance(5)
        assert bench.texts[-1] == "third", "another of those that are asked for"
        asked = one.asked["body"]
        with_debuggers(one, "debugger", "second", "else", row=row)
        await clock.advance(5)
        assert one.asked["body"] == asked, "where all are followed there is nothing to look for"


async def test_a_pod_that_has_ended_gets_no_other_container(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.add_log("a", "app").write("app")
    with_debuggers(one)
    query = LogQuery((ONE,), namespace="default", containers=("side",))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(5)
        one.pod("a", "Completed", "0/1")
        await clock.advance(5)
        assert not bench.status.sources[0].over, "it is started again"
        one.bodies.put(
            PODS,
            {
                "metadata": {"name": "a", "namespace": "default"},
                "spec": {"containers": [{"name": "app"}]},
                "status": {"phase": "Succeeded"},
            },
        )
        one.pod("a", "Completed", "0/1", "1")
        await clock.advance(5)
        source = bench.status.sources[0]
        assert (source.state, source.over, source.lacks) == ("ended", True, True)


async def test_whoever_may_not_read_pods_is_told_of_the_container_by_the_server(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a", "app").write("app")
    with_debuggers(one)
    one.always["body"] = problem(403)
    async with viewing(LogQuery((ONE,), namespace="default", containers=("app",)), clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["app"]
