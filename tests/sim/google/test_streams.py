"""exec, attach and port-forward through the gateway: what each needs, how it is refused, and when it is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.sim.google.test_gateway import EXEC, GKE, PLANT, dial, upgrade

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds

FORWARD = "/api/v1/namespaces/a/pods/b/portforward"
ATTACH = "/api/v1/namespaces/a/pods/b/attach"
LOG = "/api/v1/namespaces/a/pods/b/log?follow=true"


def says(answer: tuple[int, Any], words: str) -> bool:
    """A front-end page with status 400 that holds the words. (A body of one `key: value` is one that kubectl eats.)"""
    status, text = answer
    return status == 400 and text.startswith("<!DOCTYPE html>") and words in text


@pytest.mark.parametrize(
    ("version", "passing"), [("v1.29.9", []), ("v1.30.1-gke.5", [EXEC, ATTACH]), ("v1.31.0", [EXEC, ATTACH, FORWARD])]
)
async def test_each_needs_a_cluster_that_is_new_enough(clouds: Clouds, version: str, passing: list[str]) -> None:
    clouds.estate.versions["plant"] = version
    for path in (EXEC, ATTACH, FORWARD):
        if path in passing:
            await (await dial(clouds, PLANT + path, "admin")).close()
        else:
            answer = await upgrade(clouds, PLANT + path, "admin")
            assert says(answer, "failed to connect to the cluster's API Server with response (status=403 Forbidden, ")


async def test_who_holds_the_other_slots_can_be_told(clouds: Clouds) -> None:
    fault = clouds.server.faults.add("streams-taken", {"project": "acme-1"}, streams=9)
    first = await dial(clouds, GKE + EXEC, "admin")
    answer = await upgrade(clouds, PLANT + FORWARD, "admin")
    assert says(answer, "generic::resource_exhausted: Quota exceeded for quota metric 'Active streams'")
    clouds.server.faults.remove(fault)
    await (await dial(clouds, PLANT + FORWARD, "admin")).close()
    await first.close()


async def test_logs_and_watches_take_no_slot(clouds: Clouds) -> None:
    clouds.server.faults.add("streams-taken", {"project": "acme-1"})
    async with clouds.ask(PLANT + LOG) as log, clouds.ask(GKE + "/api/v1/pods?watch=true") as watch:
        assert (log.status, watch.status) == (200, 200)
        assert await _streams(clouds) == []
        assert (await upgrade(clouds, PLANT + EXEC, "admin"))[0] == 400
    async with await dial(clouds, PLANT + LOG, "reader") as socket:  # a WebSocket, but no stream of those
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"


async def test_active_streams_are_told_at_the_control_endpoint(clouds: Clouds) -> None:
    socket = await dial(clouds, PLANT + FORWARD, "admin")
    (one,) = await _streams(clouds)
    assert {key: one[key] for key in ("kind", "project", "membership", "cluster", "user", "path")} == {
        "kind": "portforward",
        "project": "acme-1",
        "membership": "plant-7",
        "cluster": "plant",
        "user": "ana@example.com",
        "path": PLANT + FORWARD,
    }
    assert 20 * 60 - 60 < one["left"] < 30 * 60
    await socket.close()
    assert await _streams(clouds) == []


async def test_a_stream_is_cut_after_its_time(clouds: Clouds) -> None:
    clouds.server.faults.add("stream-limit", {"membership": "plant-7"}, seconds=0.05)
    short, long = await dial(clouds, PLANT + EXEC, "admin"), await dial(clouds, GKE + EXEC, "admin")
    message = await short.receive(timeout=30)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert short.close_code == 1006
    await long.send_str("still here")
    assert await long.receive_str() == "still here"


async def test_the_limit_is_of_simulated_time(clouds: Clouds) -> None:
    clouds.estate.speed = 60_000.0  # twenty minutes in a fiftieth of a second
    socket = await dial(clouds, PLANT + EXEC, "admin")
    await socket.receive(timeout=30)
    assert socket.close_code == 1006


async def test_an_agent_without_its_api_server_says_so_in_its_log(clouds: Clouds) -> None:
    clouds.server.faults.add("agent-error", {"membership": "plant-*"})
    answer = await upgrade(clouds, PLANT + EXEC, "admin")
    assert says(answer, "generic::failed_precondition: error encountered within the cluster")
    ((membership, words),) = clouds.estate.said
    assert (membership, "failed to create the websocket connection" in words) == ("plant-7", True)
    assert (await clouds.get(PLANT + "/api/v1/pods"))[0] == 200
    await (await dial(clouds, GKE + EXEC, "admin")).close()


async def test_a_link_that_breaks_under_streams_alone(clouds: Clouds) -> None:
    socket = await dial(clouds, PLANT + EXEC, "admin")
    async with clouds.ask(PLANT + LOG) as log:
        clouds.server.faults.add("agent-lost", {"membership": "plant-7"})
        await socket.receive(timeout=30)
        assert socket.close_code == 1006
        answer = await upgrade(clouds, PLANT + EXEC, "admin")
        assert says(answer, "generic::failed_precondition: connection to the agent failed")
        assert not log.content.at_eof()
        assert log.content.exception() is None


async def test_a_permission_that_is_denied_is_not_found_by_testing_either(clouds: Clouds) -> None:
    clouds.server.faults.add("iam-denied", {"user": "admin", "project": "acme-1"})
    answer = await upgrade(clouds, GKE + EXEC, "admin")
    assert says(answer, "generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource")
    asked = {"permissions": ["gkehub.gateway.get", "gkehub.gateway.stream"]}
    _, body = await clouds.post("/v1/projects/acme-1:testIamPermissions", asked)
    assert body == {"permissions": ["gkehub.gateway.get"]}
    await (await dial(clouds, GKE + EXEC, "robot")).close()


@pytest.mark.parametrize(
    ("action", "options"),
    [
        ("streams-taken", {"streams": -1}),
        ("iam-denied", {"permission": 3}),
        ("rotate", {"keep": 1.5}),
        ("rotate", {"unread": "yes"}),
        ("restart-container", {"exit_code": 256}),
        ("cut-stream", {"lines": -0.5}),
    ],
)
async def test_what_a_fault_cannot_mean_is_refused(clouds: Clouds, action: str, options: dict[str, object]) -> None:
    secret = {"X-Sim-Control": clouds.server.people.control_secret}
    status, body = await clouds.post("/_sim/faults", {"action": action, "options": options}, "", headers=secret)
    assert (status, "must be" in body["error"]) == (400, True)


async def _streams(clouds: Clouds) -> Any:
    secret = {"X-Sim-Control": clouds.server.people.control_secret}
    return (await clouds.get("/_sim/streams", "", headers=secret))[1]
