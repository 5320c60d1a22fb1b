"""One object and its events, kept true: watched, polled where there is no watch, and honest when neither works."""

from __future__ import annotations

from typing import Any

import pytest

from tests.data.fakekube import METRICS, FakeKube, problem
from tests.data.helpers import ONE, connecting, reading, runtime
from tui.clock import ManualClock, settle
from tui.data.happenings import fold, happening
from tui.data.objects import Objects
from tui.data.onebody import POLL_EVERY
from tui.data.runtime import Runtime
from tui.errors import ProblemKind
from tui.model.builtin import EVENTS, NODES
from tui.model.feed import FeedState
from tui.model.kube import PODS
from tui.model.objects import Held, ObjectRef

REF = ObjectRef(ONE, PODS, "default", "web")


@pytest.fixture
def kube(clock: ManualClock) -> FakeKube:
    made = FakeKube(clock)
    made.bodies.put(PODS, body("web"))
    made.bodies.put(PODS, body("other"))
    return made


def body(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "default"}, **more}


def objects(kube: FakeKube, clock: ManualClock) -> tuple[Runtime, Objects]:
    rt = runtime(clock)
    connect = connecting(kube)
    return rt, Objects(rt, lambda ref: connect())


def event(called: str, reason: str, at: str, count: int = 1, **involved: str) -> dict[str, Any]:
    about = {"kind": "Pod", "name": "web", "namespace": "default", "uid": "uid-web", **involved}
    return {
        "metadata": {"name": called, "namespace": "default"},
        "involvedObject": about,
        "reason": reason,
        "message": f"{reason} it",
        "type": "Normal",
        "count": count,
        "firstTimestamp": at,
        "lastTimestamp": at,
        "source": {"component": "kubelet"},
    }


async def test_an_object_is_watched(clock: ManualClock, kube: FakeKube) -> None:
    rt, all_objects = objects(kube, clock)
    cell = all_objects.object(REF)
    async with reading(rt, cell) as (reader,):
        await clock.advance(0.1)
        assert reader.value.body["metadata"]["name"] == "web"
        assert cell.feed.state(clock.now()) is FeedState.LIVE
        kube.bodies.put(PODS, body("web", spec={"nodeName": "n1"}))
        kube.bodies.put(PODS, body("other", spec={"nodeName": "n2"}))
        await clock.advance(0.1)
        assert reader.value.body["spec"] == {"nodeName": "n1"}
        assert kube.bodies.asked == ["list pods", "watch pods"]


async def test_a_deleted_object_stays_readable_and_is_called_deleted(clock: ManualClock, kube: FakeKube) -> None:
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.object(REF)) as (reader,):
        await clock.advance(0.1)
        kube.bodies.delete(PODS, "default", "web")
        await clock.advance(0.1)
        assert (reader.value.deleted, reader.value.body["metadata"]["name"]) == (True, "web")
        kube.bodies.put(PODS, body("web", spec={"again": True}))
        await clock.advance(0.1)
        assert (reader.value.deleted, reader.value.body["spec"]) == (False, {"again": True})


async def test_what_was_deleted_while_nobody_watched_is_found_out_by_the_next_list(
    clock: ManualClock, kube: FakeKube
) -> None:
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.object(REF)) as (reader,):
        await clock.advance(2)
        watches, kube.bodies.watches = kube.bodies.watches, []
        kube.bodies.delete(PODS, "default", "web")
        kube.bodies.watches = watches
        kube.bodies.refuse["watch pods"] = problem(410)
        kube.bodies.end_watches()
        await clock.advance(30)
        assert reader.value.deleted


async def test_no_such_object(clock: ManualClock, kube: FakeKube) -> None:
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.object(ObjectRef(ONE, PODS, "default", "nobody"))) as (reader,):
        await clock.advance(0.1)
        assert reader.value == Held(None)
        assert reader.last.problem is None


async def test_who_may_only_get_polls(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.refuse["list pods"] = problem(403)
    rt, all_objects = objects(kube, clock)
    cell = all_objects.object(REF)
    async with reading(rt, cell) as (reader,):
        await clock.advance(0.1)
        assert reader.value.body["metadata"]["name"] == "web"
        assert cell.feed.state(clock.now()) is FeedState.LIVE
        kube.bodies.put(PODS, body("web", spec={"nodeName": "n1"}))
        await clock.advance(POLL_EVERY + 0.1)
        assert reader.value.body["spec"] == {"nodeName": "n1"}
        kube.bodies.delete(PODS, "default", "web")
        await clock.advance(POLL_EVERY + 5)
        assert reader.value.deleted


async def test_a_refresh_reads_what_is_polled_at_once(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.refuse["list pods"] = problem(403)
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.object(REF)) as (reader,):
        await clock.advance(2)
        kube.bodies.put(PODS, body("web", spec={"nodeName": "n1"}))
        rt.checks.refresh()
        await clock.advance(0.1)
        assert reader.value.body["spec"] == {"nodeName": "n1"}
        looks = kube.bodies.asked.count("get pods")
        await clock.advance(POLL_EVERY - 1)
        assert kube.bodies.asked.count("get pods") == looks, "the next look is as far off as ever"


async def test_who_may_list_and_not_watch_polls_too(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.refuse["watch pods"] = problem(403)
    rt, all_objects = objects(kube, clock)
    cell = all_objects.object(REF)
    async with reading(rt, cell) as (reader,):
        await clock.advance(0.1)
        kube.bodies.put(PODS, body("web", spec={"nodeName": "n1"}))
        await clock.advance(POLL_EVERY + 0.1)
        assert reader.value.body["spec"] == {"nodeName": "n1"}
        assert cell.feed.problem is None


async def test_who_may_nothing_is_told_so(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.refuse |= {"list pods": problem(403), "get pods": problem(403)}
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.object(REF)) as (reader,):
        await clock.advance(0.1)
        assert reader.last.value is None
        assert reader.last.problem is not None
        assert reader.last.problem.kind is ProblemKind.FORBIDDEN


async def test_a_kind_without_a_watch_is_polled(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.put(METRICS, body("web", containers=[]))
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.object(ObjectRef(ONE, METRICS, "default", "web"))) as (reader,):
        await clock.advance(POLL_EVERY * 2.5)
        assert reader.value.body["containers"] == []
        assert set(kube.bodies.asked) == {"get pods.metrics.k8s.io"}


async def test_an_outage_makes_it_stale_and_keeps_it(clock: ManualClock, kube: FakeKube) -> None:
    rt, all_objects = objects(kube, clock)
    cell = all_objects.object(REF)
    async with reading(rt, cell) as (reader,):
        await clock.advance(2)
        kube.down = True
        kube.bodies.end_watches()
        await clock.advance(1)
        assert reader.value.body["metadata"]["name"] == "web"
        assert cell.feed.state(clock.now()) is FeedState.STALE
        kube.down = False
        await clock.advance(60)
        assert cell.feed.state(clock.now()) is FeedState.LIVE


async def test_the_same_object_is_watched_once(clock: ManualClock, kube: FakeKube) -> None:
    rt, all_objects = objects(kube, clock)
    one, two = all_objects.object(REF), all_objects.object(ObjectRef(ONE, PODS, "default", "web"))
    assert one is two
    async with reading(rt, one, two):
        await settle()
        assert kube.bodies.asked.count("watch pods") == 1


async def test_events_are_folded_and_the_newest_is_last(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.put(EVENTS, event("e1", "BackOff", "2026-11-22T01:05:00Z", 3))
    kube.bodies.put(EVENTS, event("e2", "Pulled", "2026-11-22T01:02:00Z"))
    kube.bodies.put(EVENTS, event("e3", "Killing", "2026-11-22T01:09:00Z", uid="uid-of-the-one-before"))
    kube.bodies.put(EVENTS, event("e4", "Killing", "2026-11-22T01:09:00Z", name="other"))
    rt, all_objects = objects(kube, clock)
    ref = ObjectRef(ONE, PODS, "default", "web", "uid-web")
    async with reading(rt, all_objects.events(ref)) as (reader,):
        await clock.advance(0.1)
        assert [(one.reason, one.count) for one in reader.value] == [("Pulled", 1), ("BackOff", 3)]
        kube.bodies.put(EVENTS, event("e5", "BackOff", "2026-11-22T01:08:00Z", 2))
        kube.bodies.delete(EVENTS, "default", "e2")
        await clock.advance(0.1)
        assert [(one.reason, one.count) for one in reader.value] == [("BackOff", 5)]
        only = reader.value[0]
        assert only.last - only.first == 180


async def test_events_of_a_node_are_asked_for_in_all_namespaces(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.put(EVENTS, event("e1", "Starting", "2026-11-22T01:05:00Z", kind="Node", name="n1", uid="n1"))
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.events(ObjectRef(ONE, NODES, "", "n1", "a-real-uid"))) as (reader,):
        await clock.advance(0.1)
        assert [one.reason for one in reader.value] == ["Starting"]


async def test_forbidden_events_cost_the_object_nothing(clock: ManualClock, kube: FakeKube) -> None:
    kube.bodies.refuse["list events"] = problem(403)
    rt, all_objects = objects(kube, clock)
    async with reading(rt, all_objects.object(REF), all_objects.events(REF)) as (one, happened):
        await clock.advance(0.1)
        assert one.value.body is not None
        assert happened.last.problem is not None
        assert happened.last.problem.kind is ProblemKind.FORBIDDEN


def test_both_forms_of_events_are_read() -> None:
    new = {
        "eventTime": "2026-11-22T01:01:25.862860Z",
        "firstTimestamp": None,
        "lastTimestamp": None,
        "reportingComponent": "default-scheduler",
        "series": {"count": 4, "lastObservedTime": "2026-11-22T01:02:25Z"},
        "source": {},
        "reason": "Scheduled",
    }
    seen = happening(new)
    assert (seen.source, seen.count, round((seen.last or 0) - (seen.first or 0))) == ("default-scheduler", 4, 59)


def test_nothing_folds_to_nothing_and_shapeless_events_do_no_harm() -> None:
    assert fold([]) == ()
    assert fold([happening({"count": "many", "series": [], "firstTimestamp": 7})])[0].count == 1
