"""What goes through all kinds: objects by a part of their names, and what has changed of late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from msgspec.structs import replace

from tests.data.fakebodies import trace_of
from tests.data.fakekube import DEPLOYMENTS, METRICS, FakeKube, problem
from tests.data.fakeworld import World, followed, ref_of, running
from tests.data.helpers import Reader
from tui.clock import ManualClock
from tui.data.finding import WITHIN, find, kinds_to_find, wanted
from tui.data.happened import MOST_CONFIRMED, Recent, changes_of, newest_of, restart_of, restarts_of
from tui.data.looking import CHANGES_EVERY, LINGER, kinds_that_change
from tui.errors import Problem, ProblemKind
from tui.model.builtin import EVENTS
from tui.model.feed import FeedState
from tui.model.kube import PODS, Column, KindRef, ResourceQuery, Row, Table, TablePage
from tui.model.traces import Trace, TracePage, Writer
from tui.present.ages import time_of_day
from tui.present.listing import deletions
from tui.present.merged import view_status

ONE, TWO = ref_of("context:one", "one"), ref_of("context:two", "two")
START = 1_700_000_000.0  # 2023-11-14T22:13:20Z


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def world(clock: ManualClock) -> World:
    made = World(clock)
    for ref in (ONE, TWO):
        kube = made.kube(ref.key)
        kube.columns[DEPLOYMENTS.qualified] = (Column("Name", format="name"), Column("Ready"), Column("Age"))
        kube.pod("api-1", namespace="pay")
        kube.pod("web-1", namespace="web")
        kube.put(DEPLOYMENTS, "pay", "api", ("api", "1/1", "3d"))
        kube.put(METRICS, "pay", "api-1", ("api-1",))
    return made


def found(reader: Reader) -> set[tuple[str, str, object]]:
    return {
        (part.cluster.name, part.asked, row.name)
        for part in reader.value.parts
        if part.feed.value is not None
        for row in part.feed.value.rows.values()
    }


async def test_a_name_is_found_in_all_kinds_and_clusters(world: World, clock: ManualClock) -> None:
    query = ResourceQuery("pods", (ONE, TWO), find="API")
    async with running(world) as hub, followed(hub.resources(query)) as (reader,):
        await clock.advance(1)
        assert found(reader) == {
            (cluster, kind, name)
            for cluster in ("one", "two")
            for kind, name in (("pods", "api-1"), ("deployments.apps", "api"))
        }
        assert reader.value.columns[0].name == "Kind"
        asked = len(world.kube(ONE.key).listed)
        await clock.advance(300)
        assert len(world.kube(ONE.key).listed) == asked  # found once, not watched
        assert world.kube(ONE.key).watches == []


async def test_what_is_refused_or_slow_is_counted(world: World, clock: ManualClock) -> None:
    world.kube(ONE.key).forbidden.add("deployments")
    query = ResourceQuery("pods", (ONE,), find="api*")
    async with running(world) as hub, followed(hub.resources(query)) as (reader,):
        await clock.advance(1)
        assert found(reader) == {("one", "pods", "api-1")}
        status = view_status(reader.last, clock.now())
        assert status.words == "partial: deployments.apps forbidden"
        world.kube(TWO.key).hanging.add("list")
        async with followed(hub.resources(ResourceQuery("pods", (TWO,), find="x"))) as (slow,):
            await clock.advance(1)
            assert slow.last.state(clock.now()) is FeedState.LOADING


async def test_leaving_the_view_ends_the_search(world: World, clock: ManualClock) -> None:
    world.kube(ONE.key).hanging.add("list")
    async with running(world) as hub:
        async with followed(hub.resources(ResourceQuery("pods", (ONE,), find="x"))):
            await clock.advance(1)
        await clock.advance(60)
        asked = world.kube(ONE.key).asked["list"]
        world.kube(ONE.key).hanging.clear()
        await clock.advance(1200)
        assert world.kube(ONE.key).asked["list"] == asked


@pytest.mark.parametrize(
    ("text", "name", "meant"),
    [
        ("api", "my-api-7", True),
        ("API", "api", True),
        ("api*", "api-1", True),
        ("api*", "my-api", False),
        ("x", "a", False),
    ],
)
def test_a_part_or_a_glob(text: str, name: str, meant: bool) -> None:
    assert wanted(text).means(name) is meant


def test_all_kinds_but_the_log_are_looked_through_and_that_where_it_is_asked_for() -> None:
    verbs = frozenset({"list"})
    nodes = KindRef("", "v1", "nodes", "Node", namespaced=False, verbs=verbs)
    roles = KindRef("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False, verbs=verbs)
    leases = KindRef("coordination.k8s.io", "v1", "leases", "Lease", verbs=verbs)
    reviews = KindRef("x", "v1", "reviews", "Review")
    gadgets = KindRef("example.com", "v1", "gadgets", "Gadget", verbs=verbs)
    served = (PODS, EVENTS, nodes, roles, leases, reviews, gadgets, METRICS)
    assert kinds_to_find(served) == (PODS, nodes, roles, leases, gadgets)
    assert kinds_to_find(served, "events") == (EVENTS,)
    assert kinds_to_find(served, "po,gadget") == (PODS, gadgets)
    unknown = kinds_to_find(served, "po,nonsense")
    assert isinstance(unknown, Problem)
    assert "nonsense" in unknown.summary
    assert kinds_that_change(served) == (PODS, nodes)


def at(minutes_ago: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(START - 60 * minutes_ago, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(name: str, created: float = 600, **more: object) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "pay", "creationTimestamp": at(created), **more}}


def body_of(kube: FakeKube, name: str, **more: object) -> None:
    kube.bodies.put(PODS, pod(name, **more))  # type: ignore[arg-type]


def told(reader: Reader) -> dict[str, tuple[object, ...]]:
    view = reader.value
    names = [column.name for column in view.columns]
    places = [names.index(name) for name in ("Kind", "Change", "By")]
    return {
        row.name: tuple(row.cells[place] for place in places)
        for part in view.parts
        if part.feed.value is not None
        for row in part.feed.value.rows.values()
    }


async def test_what_was_created_changed_restarted_and_deleted(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    kube.kinds = (PODS, EVENTS)
    body_of(kube, "old")
    body_of(kube, "new", created=5)
    fields = [{"manager": "kubectl-edit", "operation": "Update", "time": at(3)}, {"manager": "kubelet", "time": at(1)}]
    body_of(kube, "edited", managedFields=fields)
    crashed = pod("crashed")
    ended = {"terminated": {"finishedAt": at(2), "reason": "OOMKilled"}}
    crashed["status"] = {"containerStatuses": [{"name": "app", "restartCount": 4, "lastState": ended}]}
    kube.bodies.put(PODS, crashed)
    killed = {"metadata": {"name": "e", "namespace": "pay"}, "reason": "Killing", "lastTimestamp": at(4)}
    kube.absent.add("Pod/pay/killed")
    kube.bodies.put(EVENTS, {**killed, "involvedObject": {"kind": "Pod", "namespace": "pay", "name": "killed"}})
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,), since=900.0))) as (reader,):
        await clock.advance(1)
        assert told(reader) == {
            "new": ("Pod", "created", ""),
            "edited": ("Pod", "changed", "kubectl-edit"),
            "crashed": ("Pod", "restarted 4×: OOMKilled", "app"),
            "killed": ("Pod", "deleted", "told by its last event"),
        }
        kube.bodies.delete(PODS, "pay", "old")
        await clock.advance(CHANGES_EVERY + 1)
        assert told(reader)["old"] == ("Pod", "deleted", "")
        await clock.advance(1800)
        assert "new" not in told(reader)


def stopped(kube: FakeKube, *names: str) -> None:
    """The kubelet was told to stop containers of these pods."""
    for name in names:
        about = {"kind": "Pod", "namespace": "pay", "name": name}
        event = {"metadata": {"name": f"{name}.1", "namespace": "pay"}, "reason": "Killing", "lastTimestamp": at(4)}
        kube.bodies.put(EVENTS, {**event, "involvedObject": about})


async def test_a_pod_outside_the_labels_is_not_called_deleted(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    kube.kinds = (PODS, EVENTS)
    body_of(kube, "other")
    body_of(kube, "new", created=5, labels={"app": "new"})
    stopped(kube, "other")
    query = ResourceQuery("pods", (ONE,), labels="app=new", since=900.0)
    async with running(world) as hub, followed(hub.resources(query)) as (reader,):
        await clock.advance(1)
        assert set(told(reader)) == {"new"}


class Endless(FakeKube):
    """Has more pods than anybody can read, and takes half a minute for each page of them."""

    async def traces(self, kind: KindRef, *, namespace: str = "", labels: str = "") -> AsyncGenerator[TracePage]:
        async for page in super().traces(kind, namespace=namespace, labels=labels):
            while kind == PODS:
                await self.clock.sleep(30)
                yield TracePage(page.items, "more")
            yield page

    async def list_pages(self, kind: KindRef, **asked: Any) -> AsyncGenerator[TablePage]:
        async for page in super().list_pages(kind, **asked):
            while kind == PODS and not asked.get("fields"):
                await self.clock.sleep(30)
                yield replace(page, continue_token="more")
            yield page


async def test_a_pod_behind_the_last_page_is_not_called_deleted(clock: ManualClock) -> None:
    kube = Endless(clock)
    kube.absent.add("Pod/pay/far")
    body_of(kube, "new", created=5)
    stopped(kube, "far")
    looked = asyncio.create_task(Recent(PODS, 900.0, clock).look(kube, "", ""))
    await clock.advance(121)
    answer = await looked
    assert [gap.who for gap in answer.gaps] == ["the rest"]
    assert {name for _, name in answer.value.rows} == {"new"}
    assert answer.value.gone_since is None


async def test_a_pod_that_has_come_since_the_list_is_not_called_deleted(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    names = [f"gone-{number}" for number in range(MOST_CONFIRMED)]
    stopped(kube, "again", *names)
    kube.absent |= {f"Pod/pay/{name}" for name in names}
    recent = Recent(PODS, 900.0, clock)
    first = await recent.look(kube, "", "")
    assert [gap.who for gap in first.gaps] == ["deletions"]
    assert len(first.value.rows) == MOST_CONFIRMED - 1
    second = await recent.look(kube, "", "")
    assert second.gaps == ()
    assert {name for _, name in second.value.rows} == set(names)


async def test_who_may_not_read_events_sees_the_rest(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    kube.kinds = (PODS, EVENTS)
    kube.bodies.refuse["list events"] = problem(403)
    body_of(kube, "new", created=5)
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,), since=900.0))) as (reader,):
        await clock.advance(1)
        assert set(told(reader)) == {"new"}
        kube.bodies.refuse["list pods"] = problem(403)
        await clock.advance(CHANGES_EVERY + 1)
        assert reader.value.parts[0].feed.problem.kind is ProblemKind.FORBIDDEN


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"manager": "kubectl", "subresource": "scale"}, "scaled"),
        ({"manager": "kube-controller-manager", "subresource": "scale"}, "scaled"),
        ({"manager": "kubectl", "subresource": "resize"}, "changed"),
        ({"manager": "kubectl-edit"}, "changed"),
        ({"manager": "argo", "subresource": "status"}, None),
        ({"manager": "kube-controller-manager"}, None),
    ],
)
def test_a_write_of_anything_but_the_status_is_a_change(entry: dict[str, str], what: str | None) -> None:
    trace = trace_of(pod("a", managedFields=[{**entry, "time": at(2)}]), START)
    newest = newest_of(changes_of(trace), START - 900)
    assert (newest and newest.what) == what


def test_an_init_container_that_ended_has_restarted() -> None:
    ended = {"terminated": {"finishedAt": at(2), "reason": "Error", "exitCode": 1}}
    told = {"name": "migrate", "restartCount": 3, "lastState": ended}
    body = {**pod("a"), "status": {"initContainerStatuses": [told], "containerStatuses": [{"name": "app"}]}}
    newest = newest_of(restarts_of(body), START - 900)
    assert newest is not None
    assert (newest.what, newest.by) == ("restarted 3×: Error", "migrate")


def test_an_object_of_any_shape_tells_nothing_wrong() -> None:
    for body in ({}, {"status": None}, {"status": []}, {"status": {"containerStatuses": [{"lastState": 7}]}}):
        assert list(restarts_of(body)) == []
    for trace in (Trace("", "", ""), Trace("", "", "a", "x", "y", (Writer("m", "z"),), "many (long ago)")):
        assert list(changes_of(trace)) == []
        assert restart_of(trace, START) is None
    assert newest_of(changes_of(Trace("", "", "a", at(1))), START) is None


def crashed(name: str, minutes_ago: float, count: int = 4, ready: bool = True) -> dict[str, object]:
    ended = {"terminated": {"finishedAt": at(minutes_ago), "reason": "OOMKilled"}}
    return {**pod(name), "status": {"containerStatuses": [{"name": "app", "restartCount": count, "lastState": ended}]}}


async def test_a_whole_pod_is_read_only_where_it_has_restarted_and_once(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    for number in range(20):
        body_of(kube, f"calm-{number}")
    kube.bodies.put(PODS, crashed("crashed", 2))
    kube.bodies.put(PODS, crashed("long-ago", 90))
    recent = Recent(PODS, 900.0, clock)
    for _ in range(3):
        answer = await recent.look(kube, "", "")
        assert {name: row.cells[1] for (_, name), row in answer.value.rows.items()} == {
            "crashed": "restarted 4×: OOMKilled"
        }
        await clock.advance(60)
    assert kube.bodies.asked.count("get pods") == 1
    kube.bodies.put(PODS, crashed("crashed", -3, count=5))
    answer = await recent.look(kube, "", "")
    assert [row.cells[1] for row in answer.value.rows.values()] == ["restarted 5×: OOMKilled"]
    assert kube.bodies.asked.count("get pods") == 2
    assert kube.asked["bodies"] == 4  # the events of each look, and no list of whole pods


async def test_who_may_not_read_the_pod_is_told_of_the_restart_all_the_same(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    kube.bodies.put(PODS, crashed("crashed", 2))
    kube.bodies.refuse["get pods"] = problem(403)
    answer = await Recent(PODS, 900.0, clock).look(kube, "", "")
    (row,) = answer.value.rows.values()
    assert row.cells[1:3] == ("restarted 4×", "")
    assert row.created == at(2)


async def test_it_is_said_since_when_deletions_are_known(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    kube.kinds = (PODS, EVENTS)
    query = ResourceQuery("pods", (ONE,), since=900.0)
    async with running(world) as hub, followed(hub.resources(query)) as (reader,):
        await clock.advance(1)
        assert deletions(query, reader.value, clock.now()) == f"deletions since {time_of_day(START, START)}"
        await clock.advance(901)
        assert deletions(query, reader.value, clock.now()) == ""


async def test_what_leaves_a_list_by_labels_need_not_be_deleted(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    body_of(kube, "a", labels={"app": "x"})
    recent = Recent(PODS, 900.0, clock)
    await recent.look(kube, "", "app=x")
    body_of(kube, "a", labels={"app": "y"})
    answer = await recent.look(kube, "", "app=x")
    assert [row.cells[1] for row in answer.value.rows.values()] == ["deleted, or has other labels"]


async def test_large_kinds_are_looked_at_less_often(world: World, clock: ManualClock) -> None:
    kube = world.kube(ONE.key)
    kube.kinds = (PODS, EVENTS)
    for number in range(10_000):
        kube.bodies.held[PODS.qualified]["pay", f"pod-{number}"] = pod(f"pod-{number}")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,), since=900.0))):
        await clock.advance(1)
        assert kube.asked["traces"] == 1
        await clock.advance(CHANGES_EVERY + 5)
        assert kube.asked["traces"] == 1
        await clock.advance(CHANGES_EVERY)
        assert kube.asked["traces"] == 2


async def test_several_namespaces_are_looked_through(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    for namespace in ("a", "b", "c"):
        kube.pod("api", namespace=namespace)
        kube.bodies.put(PODS, {"metadata": {"name": "api", "namespace": namespace, "creationTimestamp": at(1)}})
    answer = await find(kube, PODS, wanted("api"), "a,b", "", clock)
    assert set(answer.value.rows) == {("a", "api"), ("b", "api")}
    changed = await Recent(PODS, 900.0, clock).look(kube, "a,b", "")
    assert set(changed.value.rows) == {("a", "api"), ("b", "api")}


async def test_a_search_is_bounded_in_time_and_not_in_count(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    for number in range(30_000):
        row = Row(f"u{number}", f"pod-{number:05}", "pay", (f"pod-{number:05}",))
        kube.rows[PODS.qualified][row.key] = row
    answer = await find(kube, PODS, wanted("pod-29999"), "", "", clock)
    assert [name for _, name in answer.value.rows] == ["pod-29999"]
    assert answer.gaps == ()
    endless = Endless(clock)
    endless.pod("api", namespace="pay")
    seen: list[Table] = []
    search = asyncio.create_task(find(endless, PODS, wanted("nothing"), "", "", clock, seen.append))
    await clock.advance(WITHIN + 1)
    cut = await search
    assert [(gap.who, gap.problem.kind) for gap in cut.gaps] == [("the rest", ProblemKind.TIMEOUT)]
    assert "only the first 4 pods" in cut.gaps[0].problem.summary
    assert seen
    assert not any(table.complete for table in seen)


async def test_the_object_of_just_that_name_is_there_before_the_rest_is_read(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    for number in range(1_200):
        row = Row(f"u{number}", f"pod-{number:04}", "pay", (f"pod-{number:04}",))
        kube.rows[PODS.qualified][row.key] = row
    told: list[set[str]] = []
    await find(kube, PODS, wanted("pod-1199"), "", "", clock, lambda table: told.append({n for _, n in table.rows}))
    assert told[0] == {"pod-1199"}


async def test_who_may_not_list_sees_the_object_of_that_name(clock: ManualClock) -> None:
    kube = FakeKube(clock)
    kube.forbidden.add("pods")
    answer = await find(kube, PODS, wanted("api"), "pay", "", clock)
    assert list(answer.value.rows) == [("pay", "api")]
    assert [gap.problem.kind for gap in answer.gaps] == [ProblemKind.FORBIDDEN]
    kube.absent.add("Pod/pay/other")
    assert not (await find(kube, PODS, wanted("other"), "pay", "", clock)).value.rows


async def test_how_far_it_has_come_is_said(world: World, clock: ManualClock) -> None:
    world.kubes[ONE.key] = kube = Endless(clock)
    kube.pod("api", namespace="pay")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,), find="api"))) as (reader,):
        await clock.advance(31)
        assert view_status(reader.last, clock.now()).words == "looked through 1 of 2 kinds"
        assert found(reader) == {("one", "pods", "api")}  # told while the search goes on
        await clock.advance(WITHIN)
        assert view_status(reader.last, clock.now()).words == "partial: pods: the rest timed out"


async def test_a_kind_that_is_not_served_is_said(world: World, clock: ManualClock) -> None:
    query = ResourceQuery("pods", (ONE,), find="nonsense/api")
    async with running(world) as hub, followed(hub.resources(query)) as (reader,):
        await clock.advance(1)
        assert "nonsense" in reader.value.parts[0].feed.problem.summary


async def test_a_search_that_is_left_ends_at_once(world: World, clock: ManualClock) -> None:
    world.kubes[ONE.key] = kube = Endless(clock)
    async with running(world) as hub:
        async with followed(hub.resources(ResourceQuery("pods", (ONE,), find="x"))):
            await clock.advance(1)
            assert hub.resources(ResourceQuery("pods", (ONE,), find="x")).readers
        await clock.advance(2 * LINGER + 1)
        assert not [name for name in running_names() if name.startswith("find ")]
        assert kube.asked["list"]


def running_names() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks()]
