"""Misbehaviour on purpose: what each fault does, and to whom."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tui.errors import UsageError
from tui.sim import tamper

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

GKE = "/v1/projects/111111111111/locations/europe-west1/gkeMemberships/prod-eu"
PLANT = "/v1/projects/111111111111/locations/global/memberships/plant-7"
PODS = "/api/v1/pods"
WATCH = f"{GKE}{PODS}?watch=true"
DIRECT = f"/clusters/gke-1{PODS}"
LIST = "/v1/projects/acme-1/locations/-/memberships"
ARM = "/subscriptions?api-version=2022-12-01"
DROPPED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientPayloadError)


def event(kind: str, name: str) -> bytes:
    return json.dumps({"type": kind, "object": {"metadata": {"name": name}}}).encode() + b"\n"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (DIRECT, 503, '"reason": "ServiceUnavailable"'),
        (LIST, 503, '"status": "UNAVAILABLE"'),
        (ARM, 503, '"code": "ServiceUnavailable"'),
    ],
)
async def test_an_injected_refusal_speaks_as_the_service_asked(
    clouds: Clouds, path: str, status: int, words: str
) -> None:
    clouds.server.faults.add("answer", status=status, times=1)
    async with clouds.ask(path) as response:
        assert response.status == status
        assert words in await response.text()
    async with clouds.ask(path) as response:
        assert response.status != status


async def test_too_many_requests_with_the_time_to_wait(clouds: Clouds) -> None:
    clouds.server.faults.add("answer", {"cluster": "gke-*"}, status=429, retry_after=7)
    async with clouds.ask(DIRECT) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
    assert (await clouds.get("/clusters/plant/api"))[0] == 200


async def test_a_body_of_ones_own(clouds: Clouds) -> None:
    clouds.server.faults.add("answer", status=502, body="<html>proxy</html>", headers={"Via": "x"}, times=1)
    clouds.server.faults.add("answer", status=400, body={"odd": True})
    async with clouds.ask(LIST) as response:
        assert (response.status, response.content_type, response.headers["Via"]) == (502, "text/html", "x")
    assert await clouds.get(LIST) == (400, {"odd": True})


async def test_faults_choose_by_cluster_path_method_user_and_query(clouds: Clouds) -> None:
    fault = clouds.server.faults.add(
        "answer",
        {"cluster": "gke-1", "path": "*/pods", "method": "GET", "user": "viewer", "query": "limit=*"},
        status=418,
    )
    for path, person, method in (
        (DIRECT + "?limit=1", "admin", "GET"),
        (DIRECT, "viewer", "GET"),
        (DIRECT + "?limit=1", "viewer", "POST"),
        ("/clusters/plant/api/v1/pods?limit=1", "viewer", "GET"),
    ):
        assert (await clouds.get(path, person, method=method))[0] == 200
    assert fault.met == 0
    assert (await clouds.get(DIRECT + "?limit=1", "viewer"))[0] == 418
    assert fault.met == 1


async def test_slow_is_slow_and_then_right(clouds: Clouds) -> None:
    clouds.server.faults.add("slow", {"cluster": "gke-1"}, seconds=0.05)
    begun = time.monotonic()
    assert (await clouds.get(DIRECT))[0] == 200
    assert time.monotonic() - begun >= 0.05


async def test_a_hang_holds_until_it_is_cleared(clouds: Clouds) -> None:
    clouds.server.faults.add("hang", {"cluster": "gke-1"})
    asking = asyncio.create_task(clouds.get(DIRECT, method="POST"))
    assert (await clouds.get("/clusters/plant/api"))[0] == 200
    assert not asking.done()
    clouds.server.faults.clear()
    with pytest.raises(DROPPED):
        await asking


async def test_a_cut_before_the_answer(clouds: Clouds) -> None:
    clouds.server.faults.add("cut", {"cluster": "gke-1"}, times=1)
    with pytest.raises(DROPPED):
        await clouds.get(DIRECT, method="POST")  # aiohttp repeats a GET by itself
    assert (await clouds.get(DIRECT))[0] == 200


async def test_a_watch_cut_in_the_middle(clouds: Clouds, gke: Any) -> None:
    gke.events = [event("ADDED", "a")]
    clouds.server.faults.add("cut-stream", {"watch": "true"}, seconds=0.02, times=1)
    async with clouds.ask(WATCH) as response:
        assert await response.content.readline() == gke.events[0]
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


async def test_a_list_cut_in_the_middle(clouds: Clouds) -> None:
    clouds.server.faults.add("cut-stream", {"cluster": "gke-1"}, bytes=10)
    async with clouds.ask(DIRECT) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_a_log_that_ends_politely_though_more_was_to_come(clouds: Clouds, gke: Any) -> None:
    gke.events = [b"line one\nline two\n"]
    clouds.server.faults.add("end-stream", {"path": "*/log"}, seconds=0.02)
    async with clouds.ask("/clusters/gke-1/api/v1/namespaces/a/pods/b/log?follow=true") as response:
        assert await response.read() == b"line one\nline two\n"


async def test_a_stream_that_ends_after_so_many_bytes(clouds: Clouds, gke: Any) -> None:
    gke.events = [b"line one\n", b"line two\n"]
    clouds.server.faults.add("end-stream", {"path": "*/log"}, bytes=13)
    async with clouds.ask("/clusters/gke-1/api/v1/namespaces/a/pods/b/log?follow=true") as response:
        assert await response.read() == b"line one\nline"


@pytest.mark.parametrize(
    ("lines", "whole"), [(2, "line one\nline two\n"), (1.5, "line one\nline"), (0.5, "line"), (0.01, "l")]
)
async def test_a_log_is_torn_at_a_line_or_in_the_middle_of_one(
    clouds: Clouds, gke: Any, lines: float, whole: str
) -> None:
    gke.events = [b"line one\n", b"line two\nline three\n"]
    fault = clouds.server.faults.add("end-stream", {"pod": "b", "namespace": "a"}, lines=lines, times=1)
    async with clouds.ask("/clusters/gke-1/api/v1/namespaces/a/pods/b/log?follow=true") as response:
        assert await response.text() == whole
    assert fault.met == 1


async def test_one_containers_log_is_cut_and_the_others_are_not(clouds: Clouds, gke: Any) -> None:
    gke.events, gke.hold = [b"line one\nline two\n"], False
    clouds.server.faults.add("cut-stream", {"pod": "b", "container": "app"}, lines=1)
    log = "/clusters/gke-1/api/v1/namespaces/a/pods/b/log?follow=true&container="
    async with clouds.ask(log + "proxy") as response:
        assert await response.read() == b"line one\nline two\n"
    async with clouds.ask(log + "app") as response:
        assert await response.content.readline() == b"line one\n"
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


async def test_a_log_that_comes_slowly_comes_whole(clouds: Clouds, gke: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(tamper, "pause", pause)
    gke.events, gke.hold = [b"line one\n" * 20], False
    clouds.server.faults.add("slow-stream", {"path": "*/log"}, rate=1_000)
    async with clouds.ask("/clusters/gke-1/api/v1/namespaces/a/pods/b/log?follow=true") as response:
        assert await response.read() == gke.events[0]
    assert len(pauses) > 1
    assert sum(pauses) == pytest.approx(0.18)  # 180 bytes at a thousand a second


async def test_watches_closed_at_once_with_nothing_in_them(clouds: Clouds, gke: Any) -> None:
    clouds.server.faults.add("close-watch", {"cluster": "gke-1"})
    async with clouds.ask(WATCH) as response:
        assert (response.status, await response.read()) == (200, b"")
    assert gke.asked == []
    assert (await clouds.get(DIRECT))[0] == 200


async def test_an_event_is_swallowed_and_bookmarks_are_not(clouds: Clouds, gke: Any) -> None:
    gke.hold = False
    gke.events = [event("BOOKMARK", ""), event("ADDED", "a") + event("ADDED", "b")[:9], event("ADDED", "b")[9:]]
    clouds.server.faults.add("drop-event", {"cluster": "gke-1"}, times=1)
    async with clouds.ask(WATCH) as response:
        assert await response.read() == event("BOOKMARK", "") + event("ADDED", "b")


async def test_an_event_that_is_not_json(clouds: Clouds, gke: Any) -> None:
    gke.hold = False
    gke.events = [event("ADDED", "a"), event("ADDED", "b")]
    clouds.server.faults.add("malformed", {"watch": "true"}, times=1)
    async with clouds.ask(WATCH) as response:
        bad, good = (await response.read()).splitlines()
        with pytest.raises(json.JSONDecodeError):
            json.loads(bad)
        assert json.loads(good)["object"]["metadata"]["name"] == "b"


async def test_a_body_that_is_not_json(clouds: Clouds) -> None:
    clouds.server.faults.add("malformed", {"path": "*/memberships"}, times=1)
    async with clouds.ask(LIST) as response:
        assert response.status == 200
        with pytest.raises(json.JSONDecodeError):
            json.loads(await response.text())


async def test_one_cluster_unplugged_costs_the_others_nothing(clouds: Clouds, gke: Any) -> None:
    plant = clouds.estate.clusters["plant"]
    gke.events = plant.events = [event("ADDED", "a")]
    async with clouds.ask(WATCH) as lost, clouds.ask(f"{PLANT}{PODS}?watch=true") as kept:
        await lost.content.readline()
        await kept.content.readline()
        clouds.server.faults.add("unreachable", {"cluster": "gke-1"})
        with pytest.raises(DROPPED):
            await lost.content.readline()
        with pytest.raises(DROPPED):
            await clouds.get(GKE + PODS, method="POST")
        assert not kept.content.at_eof()
        assert (await clouds.get(PLANT + PODS))[0] == 200
    clouds.server.faults.clear()
    assert (await clouds.get(GKE + PODS))[0] == 200


async def test_an_agent_that_loses_its_link(clouds: Clouds) -> None:
    plant = clouds.estate.clusters["plant"]
    plant.events = [event("ADDED", "a")]
    async with clouds.ask(f"{PLANT}{PODS}?watch=true") as watch:
        await watch.content.readline()
        clouds.server.faults.add("disconnect", {"membership": "plant-7"})
        with pytest.raises(DROPPED):
            await watch.content.readline()
    status, body = await clouds.get(PLANT + PODS)
    assert (status, "cannot find active connections" in body["error"]["message"]) == (404, True)
    assert (await clouds.get("/clusters/plant" + PODS))[0] == 200  # the cluster itself is well


async def test_a_cluster_forgets_its_past(clouds: Clouds) -> None:
    clouds.server.faults.add("expire", {"cluster": "gke-*"})
    assert {name: one.compacted for name, one in clouds.estate.clusters.items()} == {
        "gke-1": 1,
        "plant": 0,
        "eks": 0,
        "aks": 0,
    }
    assert list(clouds.server.faults) == []


async def test_a_restart_breaks_everything_and_is_over(clouds: Clouds, gke: Any) -> None:
    gke.events = [event("ADDED", "a")]
    async with clouds.ask(WATCH) as watch:
        await watch.content.readline()
        clouds.server.faults.add("restart")
        with pytest.raises(DROPPED):
            await watch.content.readline()
    await asyncio.gather(*clouds.server._restarts)
    assert (await clouds.get(LIST))[0] == 200


async def test_unplugged_nothing_answers_until_it_is_plugged_in_again(clouds: Clouds) -> None:
    assert (await clouds.get(LIST))[0] == 200
    await clouds.server.unplug()
    with pytest.raises((aiohttp.ClientConnectorError, *DROPPED)):
        await clouds.get(LIST)
    await clouds.server.plug()
    assert (await clouds.get(LIST))[0] == 200


@pytest.mark.parametrize(
    ("action", "match", "options"),
    [
        ("explode", {}, {}),
        ("cut", {"colour": "red"}, {}),
        ("cut", {}, {"colour": "red"}),
        ("cut", {}, {"times": 0}),
    ],
)
async def test_words_no_fault_knows_are_refused(clouds: Clouds, action: str, match: Any, options: Any) -> None:
    with pytest.raises(UsageError):
        clouds.server.faults.add(action, match, **options)


async def test_the_control_endpoint_needs_its_secret(clouds: Clouds) -> None:
    fault = {"action": "answer", "options": {"status": 500}}
    status, _ = await clouds.post("/_sim/faults", fault)
    assert status == 403
    headers = {"X-Sim-Control": clouds.server.people.control_secret}
    status, armed = await clouds.post("/_sim/faults", fault, "", headers=headers)
    assert (status, armed["action"]) == (201, "answer")
    assert (await clouds.get(LIST))[0] == 500
    assert (await clouds.get("/_sim/faults", "", headers=headers))[1][0]["met"] == 1
    _, requests = await clouds.get("/_sim/requests?path=memberships", "", headers=headers)
    assert [(one["path"], one["status"]) for one in requests] == [(LIST, 500)]
    assert (await clouds.get(f"/_sim/faults/{armed['id']}", "", headers=headers, method="DELETE"))[0] == 200
    assert (await clouds.get(LIST))[0] == 200
    status, answer = await clouds.post("/_sim/faults", {"action": "explode"}, "", headers=headers)
    assert (status, "known: answer, slow" in answer["error"]) == (400, True)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"match": "x"}, "match"),
        ({"match": {"path": 1}}, "match.path"),
        ({"options": [1]}, "options"),
        ({"options": {"match": {}}}, "option 'match'"),
        ({"options": {"status": "429"}}, "status"),
        ({"options": {"status": 9999}}, "status"),
        ({"options": {"status": True}}, "status"),
        ({"options": {"seconds": "x"}}, "seconds"),
        ({"options": {"seconds": -1}}, "seconds"),
        ({"options": {"seconds": float("nan")}}, "seconds"),
        ({"options": {"bytes": 1.5}}, "bytes"),
        ({"options": {"times": True}}, "times"),
        ({"options": {"retry_after": "a\r\nb"}}, "retry_after"),
        ({"options": {"headers": {"a b": "c"}}}, "headers"),
        ({"options": {"headers": {"a": "b\r\nc: d"}}}, "headers"),
    ],
)
async def test_a_fault_that_cannot_be_meant_is_refused_by_name_and_arms_nothing(
    clouds: Clouds, fault: dict[str, Any], named: str
) -> None:
    headers = {"X-Sim-Control": clouds.server.people.control_secret}
    status, answer = await clouds.post("/_sim/faults", {"action": "answer", **fault}, "", headers=headers)
    assert (status, named in answer["error"]) == (400, True), answer
    assert list(clouds.server.faults) == []
