"""A log view over several clusters: every line of every pod once, in one order, and pods that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.data.fakekube import DEPLOYMENTS, FakeKube, problem
from tests.data.helpers import ONE, TWO, Reader, reading, runtime
from tui.clock import ManualClock, settle
from tui.data.agents import CONNECT_LABEL, NAMESPACES, Agents
from tui.data.listwatch import Scope
from tui.data.logbook import LogView
from tui.data.namespaces import Namespaces
from tui.data.narrowed import Narrowed
from tui.data.remembered import Remembered
from tui.data.runtime import Runtime
from tui.data.tables import Tables
from tui.data.turns import Turns
from tui.data.workloads import Workloads, scope_of
from tui.errors import ProblemKind
from tui.model.builtin import CRON_JOBS, JOBS
from tui.model.cluster import ClusterRef
from tui.model.feed import FeedState
from tui.model.kube import PODS
from tui.model.logs import LogQuery, LogStatus
from tui.streams.logs import LogFollow


@dataclass
class Bench:
    clock: ManualClock
    one: FakeKube
    two: FakeKube
    rt: Runtime
    view: LogView
    reader: Reader

    @property
    def texts(self) -> list[str]:
        return [line.text.decode() for line in self.view.since(0)[0]]

    @property
    def status(self) -> LogStatus:
        assert self.view.status.feed.value is not None
        return self.view.status.feed.value

    @property
    def state(self) -> FeedState:
        return self.view.status.feed.state(self.clock.now())


def make_view(query: LogQuery, rt: Runtime, kubes: dict[str, FakeKube], **limits: int) -> LogView:
    async def connect(ref: ClusterRef) -> FakeKube:
        return kubes[ref.key]

    tables = Tables(rt, connect)
    pods = Narrowed(tables, Namespaces(rt, connect, Remembered(None, rt.tasks.spawn)))
    streams = limits.get("streams", 50)
    return LogView(
        query,
        rt,
        pods,
        Agents(rt, connect, tables),
        Workloads(rt, connect, pods),
        connect,
        LogFollow,
        Turns(rt.clock, streams, limits.get("each", streams)),
        lines=limits.get("lines", 1000),
        lossless=bool(limits.get("lossless")),
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def one(clock: ManualClock) -> FakeKube:
    return FakeKube(clock)


@pytest.fixture
def two(clock: ManualClock) -> FakeKube:
    return FakeKube(clock)


@asynccontextmanager
async def viewing(
    query: LogQuery, clock: ManualClock, one: FakeKube, two: FakeKube, **limits: int
) -> AsyncIterator[Bench]:
    rt = runtime(clock)
    view = make_view(query, rt, {ONE.key: one, TWO.key: two}, **limits)
    async with reading(rt, view.status) as (reader,):
        yield Bench(clock, one, two, rt, view, reader)
    assert not any(log.open for kube in (one, two) for log in kube.logs.values())


async def test_lines_of_two_clusters_are_one_list_by_time(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    first, second = one.add_log("a"), two.add_log("b")
    one.pod("a")
    two.pod("b")
    for number in range(6):  # their histories interleave
        (first if number % 2 else second).write(f"old {number}")
        await clock.advance(1)
    async with viewing(LogQuery((ONE, TWO), namespace="default"), clock, one, two) as bench:
        await clock.advance(2)
        for number in range(20):
            (second if number % 3 else first).write(f"new {number}")
            await clock.advance(0.01)
        await clock.advance(1)
        assert bench.texts == [f"old {n}" for n in range(6)] + [f"new {n}" for n in range(20)]
        status = bench.status
        assert [(s.cluster.name, s.pod, s.state) for s in status.sources] == [
            ("one", "a", "following"),
            ("two", "b", "following"),
        ]
        assert (status.received, status.repeated, status.late, status.gaps) == (26, 0, 0, 0)
        assert (status.first_seq, status.next_seq, bench.state) == (0, 26, FeedState.LIVE)
        line = bench.view.since(25)[0][0]
        assert (line.seq, line.source, status.sources[line.source].cluster) == (25, 1, TWO)


async def test_a_new_pod_joins_by_itself_with_all_it_has_written(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a").write("a1")
    one.pod("a", labels={"app": "web"})
    async with viewing(LogQuery((ONE,), labels="app=web", tail=1), clock, one, two) as bench:
        await clock.advance(5)
        fresh = one.add_log("b")
        one.pod("b", "ContainerCreating", "0/1", labels={"app": "web"})
        await clock.advance(3)
        assert bench.status.sources[1].state == "waiting"
        assert bench.status.sources[1].problem is not None
        assert fresh.asked == []  # a container that has not started is not asked for its log
        fresh.write("b1")
        fresh.write("b2")
        one.pod("b", labels={"app": "web"})
        await clock.advance(1)
        assert bench.texts == ["a1", "b1", "b2"]


async def test_history_is_only_as_long_as_asked_for(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    for number in range(500):
        log.write(f"{number}")
    async with viewing(LogQuery((ONE,), namespace="default", tail=3), clock, one, two) as bench:
        await clock.advance(2)
        assert bench.texts == ["497", "498", "499"]


async def test_a_pod_that_is_deleted_ends_and_its_successor_of_the_same_name_is_another_source(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("db-0")
    one.pod("db-0", uid="u1")
    log.write("first life")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(2)
        log.stop()
        one.delete(PODS, "default", "db-0")
        await clock.advance(2)
        assert bench.status.sources[0].state == "ended"
        one.add_log("db-0").write("second life")
        one.pod("db-0", uid="u2")
        await clock.advance(2)
        assert bench.texts == ["first life", "second life"]
        assert [source.state for source in bench.status.sources] == ["ended", "following"]
        requests = one.asked["log"]
        await clock.advance(200)
        assert one.asked["log"] == requests


async def test_a_crashing_container_is_followed_through_its_lives(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(2)
        for life in range(5):
            log.write(f"life {life}")
            await clock.advance(1)
            log.stop()
            one.pod("a", "Error", "0/1", str(life))
            await clock.advance(2)
            one.pod("a", "CrashLoopBackOff", "0/1", str(life))
            await clock.advance(60)
            log.restart()
            one.pod("a", "Running", "1/1", str(life + 1))
            await clock.advance(1)
        assert bench.texts == [f"life {life}" for life in range(5)]
        assert bench.status.gaps == 0
        assert one.asked["log"] <= 1 + 5 * 5


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


async def test_a_named_pod_is_opened_without_waiting_for_the_list_and_where_lists_are_forbidden(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.always["list"] = problem(403)
    one.add_log("a").write("hello")
    query = LogQuery((ONE,), namespace="default", pods=("a",))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["hello"]
        del one.always["list"]
        one.pod("a")
        await clock.advance(100)
        assert len(bench.status.sources) == 1  # it is the same pod
        assert one.asked["log"] == 1


async def test_the_connect_agents_of_the_clusters_are_found(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.put(NAMESPACES, "", "connect-here", labels={CONNECT_LABEL: "acme-1"})
    for kube, namespace in ((one, "connect-here"), (two, "gke-connect")):
        kube.pod("agent", namespace=namespace, labels={"app": "gke-connect-agent"})
        kube.pod("other", namespace=namespace)
        kube.add_log("agent", namespace=namespace).write(f"dialing from {namespace}")
        kube.add_log("other", namespace=namespace).write("never shown")
    async with viewing(LogQuery((ONE, TWO), agents=True), clock, one, two) as bench:
        await clock.advance(3)
        assert sorted(bench.texts) == ["dialing from connect-here", "dialing from gke-connect"]


async def test_one_cluster_that_is_down_is_a_gap_and_costs_the_other_nothing(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    two.down = True
    async with viewing(LogQuery((ONE, TWO), namespace="default"), clock, one, two) as bench:
        for number in range(30):
            log.write(str(number))
            await clock.advance(0.1)
        await clock.advance(1)
        assert bench.texts == [str(number) for number in range(30)]
        assert bench.state is FeedState.PARTIAL
        assert [gap.who for gap in bench.view.status.feed.gaps] == ["two"]


async def test_all_down_is_stale_with_its_lines_and_everything_comes_back(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    log.write("before")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two) as bench:
        await clock.advance(10)
        one.unplug()
        await clock.advance(0.2)
        assert (bench.state, bench.texts) == (FeedState.STALE, ["before"])
        assert bench.status.sources[0].problem is not None
        assert bench.status.sources[0].problem.kind is ProblemKind.UNREACHABLE
        await clock.advance(60)
        log.write("meanwhile")
        one.plug_in()
        await clock.advance(6)
        log.write("after")
        await clock.advance(1)
        assert (bench.state, bench.texts) == (FeedState.LIVE, ["before", "meanwhile", "after"])
        assert (bench.status.repeated, bench.status.gaps) == (1, 0)


async def test_more_streams_than_allowed_wait_for_a_place(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    logs = [one.add_log(f"p{number}") for number in range(5)]
    for number in range(5):
        one.pod(f"p{number}")
    query = LogQuery((ONE,), namespace="default")
    async with viewing(query, clock, one, two, streams=3) as bench:
        await clock.advance(3)
        states = [source.state for source in bench.status.sources]
        assert states == ["following"] * 3 + ["waiting"] * 2
        assert bench.status.sources[4].problem is not None
        logs[0].stop()
        one.delete(PODS, "default", "p0")
        await clock.advance(3)
        assert [source.state for source in bench.status.sources].count("following") == 3


async def test_a_full_ring_says_what_has_left(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two, lines=100) as bench:
        await clock.advance(2)
        log.write(*map(str, range(250)))
        await clock.advance(1)
        assert (bench.status.received, bench.status.evicted, bench.status.first_seq) == (250, 150, 150)
        lines, missed = bench.view.since(0)
        assert (len(lines), missed, lines[0].text) == (100, 150, b"150")


async def test_a_flood_of_lines_is_a_few_repaints(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    logs = [one.add_log("a"), two.add_log("b")]
    one.pod("a")
    two.pod("b")
    async with viewing(LogQuery((ONE, TWO), namespace="default"), clock, one, two, lines=50_000) as bench:
        await clock.advance(3)
        begun = len(bench.reader.feeds)
        for burst in range(100):
            for log in logs:
                log.write(*[f"{burst}"] * 100)
            await clock.advance(0.01)
        await clock.advance(1)
        assert bench.status.received == 20_000
        assert len(bench.reader.feeds) - begun <= 40


async def test_a_view_that_was_left_goes_on_where_it_stopped(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    rt = runtime(clock)
    view = make_view(LogQuery((ONE,), namespace="default"), rt, {ONE.key: one})
    async with reading(rt):
        reader = asyncio.Event()
        view.status.join(reader)
        log.write("seen")
        await clock.advance(2)
        view.status.leave(reader)
        await clock.advance(60)
        assert (log.open, len(rt.tasks)) == ([], 0)
        log.write("while nobody looked")
        view.status.join(reader)
        await clock.advance(2)
        assert [line.text for line in view.since(0)[0]] == [b"seen", b"while nobody looked"]
        view.status.leave(reader)
        await settle()


async def test_the_previous_instances_log_is_read_and_ends(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    log.write("last words")
    log.restart()
    log.write("new life")
    one.pod("a", restarts="1")
    query = LogQuery((ONE,), namespace="default", pods=("a",), previous=True)
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(100)
        assert bench.texts == ["last words"]
        assert bench.status.sources[0].state == "ended"
        assert one.asked["log"] == 2  # once more: a proxy may have ended it in the middle


async def test_where_nothing_may_be_lost_the_streams_wait_for_the_reader(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    log = one.add_log("a")
    one.pod("a")
    query = LogQuery((ONE,), namespace="default")
    async with viewing(query, clock, one, two, lines=200, lossless=True) as bench:
        await clock.advance(2)
        for number in range(100):
            log.write(*[f"{number}-{part}" for part in range(40)])
        got: list[str] = []
        for _ in range(1000):
            lines, missed = bench.view.since(len(got), limit=30)
            assert missed == 0
            got += [line.text.decode() for line in lines]
            await clock.advance(0.01)
        assert got == [f"{number}-{part}" for number in range(100) for part in range(40)]


async def test_more_logs_than_may_be_open_take_turns_and_nothing_is_lost(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    logs = {f"p{number}": one.add_log(f"p{number}") for number in range(7)}
    for name in logs:
        one.pod(name)
    query = LogQuery((ONE,), namespace="default", tail=None)
    async with viewing(query, clock, one, two, streams=3, lines=10_000) as bench:
        written = dict.fromkeys(logs, 0)
        seen_waiting: set[str] = set()
        for _ in range(120):
            for name, log in logs.items():
                written[name] += 1
                log.write(f"{name} {written[name]}")
            await clock.advance(1)
            assert sum(len(log.open) for log in logs.values()) <= 3
            waiting = [source for source in bench.status.sources if source.queued]
            seen_waiting |= {source.pod for source in waiting}
            assert all(source.state == "waiting" and source.problem is not None for source in waiting)
        assert seen_waiting == set(logs)  # everybody gives way, and everybody gets a turn
        await clock.advance(60)
        for name in logs:
            mine = [text for text in bench.texts if text.startswith(f"{name} ")]
            assert mine == [f"{name} {number}" for number in range(1, written[name] + 1)]
        assert bench.status.gaps == 0


async def test_one_cluster_does_not_take_all_places(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for kube, count in ((one, 6), (two, 1)):
        for number in range(count):
            kube.add_log(f"p{number}")
            kube.pod(f"p{number}")
    query = LogQuery((ONE, TWO), namespace="default")
    async with viewing(query, clock, one, two, streams=4, each=3) as bench:
        await clock.advance(5)
        open_now = [source.cluster.name for source in bench.status.sources if source.state == "following"]
        assert sorted(open_now) == ["one", "one", "one", "two"]


async def test_the_pods_of_a_workload_join_and_leave(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    web = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}}
    one.bodies.put(DEPLOYMENTS, web)
    for name, label in (("web-1", "web"), ("db-1", "db")):
        one.add_log(name).write(f"from {name}")
        one.pod(name, labels={"app": label})
    query = LogQuery((ONE,), namespace="default", workloads=("deploy/web",))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["from web-1"]
        one.add_log("web-2").write("from web-2")
        one.pod("web-2", labels={"app": "web"})
        await clock.advance(1)
        one.logs["default", "web-1", "c"].stop()
        one.delete(PODS, "default", "web-1")
        await clock.advance(2)
        assert bench.texts == ["from web-1", "from web-2"]
        assert [(source.pod, source.state, source.gone) for source in bench.status.sources] == [
            ("web-1", "ended", True),
            ("web-2", "following", False),
        ]


async def test_a_workload_that_is_not_there_is_a_problem_and_is_found_later(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    query = LogQuery((ONE,), namespace="default", workloads=("deploy/web",))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(3)
        assert bench.view.status.feed.problem is not None
        assert bench.view.status.feed.problem.kind is ProblemKind.NOT_FOUND
        web = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"selector": {"matchLabels": {"app": "x"}}}}
        one.bodies.put(DEPLOYMENTS, web)
        one.add_log("web-1").write("here")
        one.pod("web-1", labels={"app": "x"})
        await clock.advance(60)
        assert bench.texts == ["here"]


def job_of(kube: FakeKube, name: str, owner: str) -> None:
    """A job that something made, and its pod."""
    meta = {"name": name, "namespace": "default", "ownerReferences": [{"kind": "CronJob", "uid": owner}]}
    kube.bodies.put(JOBS, {"metadata": meta})
    kube.put(JOBS, "default", name, (name,))
    kube.add_log(f"{name}-x").write(f"from {name}")
    kube.pod(f"{name}-x", labels={"job-name": name})


async def test_the_pods_of_a_cron_job_are_those_of_its_jobs_whenever_they_come(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.bodies.put(CRON_JOBS, {"metadata": {"name": "nightly", "namespace": "default"}})
    query = LogQuery((ONE,), namespace="default", workloads=("cronjob/nightly",))
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(3)
        assert (bench.texts, bench.status.complete) == ([], True), "it has made none yet, and that is known"
        job_of(one, "nightly-1", "uid-nightly")
        job_of(one, "hourly-1", "uid-hourly")
        await clock.advance(2)
        assert bench.texts == ["from nightly-1"]
        one.logs["default", "nightly-1-x", "c"].stop()
        one.pod("nightly-1-x", "Completed", "0/1", labels={"job-name": "nightly-1"})
        job_of(one, "nightly-2", "uid-nightly")
        await clock.advance(3)
        one.logs["default", "nightly-2-x", "c"].write("and more")
        await clock.advance(1)
        assert bench.texts == ["from nightly-1", "from nightly-2", "and more"]
        one.delete(JOBS, "default", "nightly-1")
        one.delete(PODS, "default", "nightly-1-x")
        await clock.advance(3)
        assert [(source.pod, source.gone) for source in bench.status.sources] == [
            ("nightly-1-x", True),
            ("nightly-2-x", False),
        ]
    assert await scope_of(one, "default", "cj/nightly") == Scope("default", "job-name in (nightly-1,nightly-2)")
    one.bodies.delete(JOBS, "default", "nightly-1")
    one.bodies.delete(JOBS, "default", "nightly-2")
    assert await scope_of(one, "default", "cj/nightly") == Scope("default", "job-name=")


async def test_pods_by_a_pattern_over_several_namespaces(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for namespace, name in (("a", "web-1"), ("a", "db-1"), ("b", "web-2"), ("c", "web-3")):
        one.add_log(name, namespace=namespace).write(f"{namespace}/{name}")
        one.pod(name, namespace=namespace)
        await clock.advance(1)
    async with viewing(LogQuery((ONE,), namespace="a,b", pattern="^web-"), clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["a/web-1", "b/web-2"]


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


def with_debuggers(kube: FakeKube, *names: str) -> None:
    """The pod `a` gets these ephemeral containers, of which its row shows nothing but another version."""
    kube.bodies.put(
        PODS,
        {
            "metadata": {"name": "a", "namespace": "default"},
            "spec": {"containers": [{"name": "app"}], "ephemeralContainers": [{"name": name} for name in names]},
            "status": {"phase": "Running"},
        },
    )
    kube.pod("a")


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
        assert one.asked["body"] == 0


async def test_each_source_has_its_own_counters_and_the_view_their_sum(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    logs = [one.add_log("a"), two.add_log("b")]
    one.pod("a")
    two.pod("b")
    query = LogQuery((ONE, TWO), namespace="default", tail=None)
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(3)
        logs[0].write("1", "2")
        logs[1].write("3")
        await clock.advance(5)
        logs[0].break_streams()
        logs[1].rotate()
        logs[1].break_streams()
        await clock.advance(5)
        logs[1].write("4")
        await clock.advance(5)
        first, second = bench.status.sources
        assert (first.received, first.repeated, first.gaps) == (2, 2, 0)
        assert (second.received, second.repeated, second.gaps) == (2, 0, 1)
        status = bench.status
        assert (status.received, status.repeated, status.gaps) == (4, 2, 1)
        gap = status.lately[0]
        assert (gap.source, gap.why) == (second.index, "rotated")
        assert (gap.before - gap.after) / 1e9 == pytest.approx(10, abs=0.01)
        assert second.newest == gap.before


async def test_who_holds_the_reading_up_is_said(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(LogQuery((ONE,), namespace="default"), clock, one, two, lines=100) as bench:
        await clock.advance(2)
        waiting = bench.view.reader("the file")
        for number in range(10):
            log.write(*[f"{number}"] * 20)
        await clock.advance(1)
        assert bench.status.held == "the file"
        assert bench.status.evicted == 0
        waiting.reached(60)
        await clock.advance(1)
        waiting.leave()
        await clock.advance(1)
        assert (bench.status.held, bench.status.received) == ("", 200)


async def test_a_log_that_is_only_read_ends(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    for kube, name in ((one, "a"), (two, "b")):
        kube.add_log(name).write(f"from {name}")
        kube.pod(name)
        await clock.advance(1)
    async with viewing(LogQuery((ONE, TWO), namespace="default", follow=False), clock, one, two) as bench:
        await clock.advance(5)
        assert bench.texts == ["from a", "from b"]
        assert all(source.over for source in bench.status.sources)
        assert bench.status.complete


@pytest.mark.parametrize("sources", [1, 30])
async def test_no_burst_is_too_big_for_who_must_see_every_line(
    clock: ManualClock, one: FakeKube, two: FakeKube, sources: int
) -> None:
    logs = [one.add_log(f"p{number}") for number in range(sources)]
    for number in range(sources):
        one.pod(f"p{number}")
    query = LogQuery((ONE,), namespace="default", tail=None)
    async with viewing(query, clock, one, two, lines=100, lossless=True) as bench:
        await clock.advance(3)
        for number, log in enumerate(logs):
            log.write(*[f"{number}-{part}" for part in range(250)])  # each more than the ring holds
        got: list[str] = []
        for _ in range(400 * sources):
            if len(got) == 250 * sources:
                break
            lines, missed = bench.view.since(len(got), limit=30)
            assert missed == 0
            got += [line.text.decode() for line in lines]
            await clock.advance(0.05)
        for number in range(sources):
            mine = [text for text in got if text.startswith(f"{number}-")]
            assert mine == [f"{number}-{part}" for part in range(250)]
