"""Which pods a log view follows: each joins by itself, and leaves when it has gone."""

from __future__ import annotations

from tests.data.fakekube import DEPLOYMENTS, FakeKube, problem
from tests.data.helpers import ONE, TWO
from tests.data.logbench import viewing
from tui.cli.follow import ended
from tui.clock import ManualClock
from tui.data.agents import CONNECT_LABEL, NAMESPACES
from tui.data.listwatch import Scope
from tui.data.workloads import scope_of
from tui.errors import Problem, ProblemKind
from tui.model.builtin import CRON_JOBS, JOBS
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS
from tui.model.logs import LogQuery


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


async def test_who_reads_to_the_end_waits_for_no_pod_that_has_not_started(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    one.add_log("a").write("a1")
    one.pod("a", labels={"app": "web"})
    one.pod("b", "ImagePullBackOff", "0/1", labels={"app": "web"})
    query = LogQuery((ONE,), labels="app=web", follow=False)
    async with viewing(query, clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["a1"]
        first, second = sorted(bench.status.sources, key=lambda source: source.pod)
        assert (first.over, second.over, second.state) == (True, True, "ended")
        assert second.problem is not None
        assert "ImagePullBackOff" in second.problem.summary
        assert ended(query, bench.status)


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


AKS = ClusterRef(ONE.key, "aks", Via.AKS)


async def test_on_aks_the_agents_that_install_extensions_are_followed_too(
    clock: ManualClock, one: FakeKube, two: FakeKube
) -> None:
    labels = {"app.kubernetes.io/component": "extension-agent"}
    metadata = {"name": "extension-agent", "namespace": "kube-system"}
    one.bodies.put(DEPLOYMENTS, {"metadata": metadata, "spec": {"selector": {"matchLabels": labels}}})
    for name, namespace in (("sc-job", "sc-system"), ("extension-agent-1", "kube-system"), ("coredns", "kube-system")):
        one.pod(name, namespace=namespace, labels=labels if "agent" in name else {})
        one.add_log(name, namespace=namespace).write(f"from {name}")
    async with viewing(LogQuery((AKS,), agents=True), clock, one, two) as bench:
        await clock.advance(3)
        assert sorted(bench.texts) == ["from extension-agent-1", "from sc-job"]
        assert bench.view.status.feed.gaps == ()  # that there is no extension-operator is nothing to tell


async def test_what_may_not_be_seen_of_them_is_told(clock: ManualClock, one: FakeKube, two: FakeKube) -> None:
    one.bodies.refuse["get deployments.apps"] = Problem(ProblemKind.FORBIDDEN, "no deployments for you")
    one.pod("sc-job", namespace="sc-system")
    one.add_log("sc-job", namespace="sc-system").write("applied")
    async with viewing(LogQuery((AKS,), agents=True), clock, one, two) as bench:
        await clock.advance(3)
        assert bench.texts == ["applied"]
        assert [(gap.who, gap.problem.summary) for gap in bench.view.status.feed.gaps] == [
            ("aks: deployments.apps/extension-agent", "no deployments for you"),
            ("aks: deployments.apps/extension-operator", "no deployments for you"),
        ]
