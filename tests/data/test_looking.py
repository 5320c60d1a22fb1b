"""What goes through all kinds: objects by a part of their names, and what has changed of late."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.data.fakekube import DEPLOYMENTS, METRICS, FakeKube, problem
from tests.data.fakeworld import World, followed, ref_of, running
from tests.data.helpers import Reader
from tui.clock import ManualClock
from tui.data.happened import MOST_CONFIRMED, Recent, changes_of, newest_change
from tui.data.looking import CHANGES_EVERY, kinds_that_change, kinds_to_find, named_like
from tui.errors import ProblemKind
from tui.model.builtin import EVENTS
from tui.model.feed import FeedState
from tui.model.kube import PODS, Column, KindRef, ResourceQuery
from tui.model.objects import BodyPage
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
    ("wanted", "name", "meant"),
    [
        ("api", "my-api-7", True),
        ("API", "api", True),
        ("api*", "api-1", True),
        ("api*", "my-api", False),
        ("x", "a", False),
    ],
)
def test_a_part_or_a_glob(wanted: str, name: str, meant: bool) -> None:
    assert named_like(wanted)(name) is meant


def test_kinds_that_are_written_all_the_time_are_left_out() -> None:
    verbs = frozenset({"list"})
    nodes = KindRef("", "v1", "nodes", "Node", namespaced=False, verbs=verbs)
    roles = KindRef("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False, verbs=verbs)
    reviews = KindRef("x", "v1", "reviews", "Review")
    gadgets = KindRef("example.com", "v1", "gadgets", "Gadget", verbs=verbs)
    served = (PODS, EVENTS, nodes, roles, reviews, gadgets, METRICS)
    assert kinds_to_find(served) == [PODS, nodes, gadgets]
    assert kinds_that_change(served) == [PODS, nodes]


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
    """Has more pods than anybody looks at."""

    async def body_pages(self, kind: KindRef, **asked: Any) -> AsyncGenerator[BodyPage]:
        async for page in super().body_pages(kind, **asked):
            while kind == PODS:
                yield BodyPage(page.items, page.version, "more")
            yield page


async def test_a_pod_behind_the_last_page_is_not_called_deleted(clock: ManualClock) -> None:
    kube = Endless(clock)
    kube.absent.add("Pod/pay/far")
    stopped(kube, "far")
    answer = await Recent(PODS, 900.0, clock).look(kube, "", "")
    assert [gap.who for gap in answer.gaps] == ["the rest"]
    assert answer.value.rows == {}


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
    newest = newest_change(pod("a", managedFields=[{**entry, "time": at(2)}]), START - 900)
    assert (newest and newest.what) == what


def test_an_init_container_that_ended_has_restarted() -> None:
    ended = {"terminated": {"finishedAt": at(2), "reason": "Error", "exitCode": 1}}
    told = {"name": "migrate", "restartCount": 3, "lastState": ended}
    body = {**pod("a"), "status": {"initContainerStatuses": [told], "containerStatuses": [{"name": "app"}]}}
    newest = newest_change(body, START - 900)
    assert newest is not None
    assert (newest.what, newest.by) == ("restarted 3×: Error", "migrate")


def test_an_object_of_any_shape_tells_nothing_wrong() -> None:
    for body in ({}, {"metadata": None}, {"metadata": {"managedFields": "x", "creationTimestamp": 7}}, {"status": []}):
        assert list(changes_of(body)) == []
    assert newest_change(pod("a", created=1), START) is None
