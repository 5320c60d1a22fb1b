"""The server itself: TLS, lifetime, state between starts, the request log, and misbehaviour on purpose."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import ssl
import stat
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tui.errors import UsageError
from tui.sim.ca import write_private

if TYPE_CHECKING:
    from tests.sim.conftest import Clouds, Estate

    Run = Callable[..., AbstractAsyncContextManager[Clouds]]

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


@pytest.fixture
def gke(clouds: Clouds) -> Any:
    return clouds.estate.clusters["gke-1"]


async def test_only_its_own_authority_is_trusted(clouds: Clouds) -> None:
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        async with (
            aiohttp.ClientSession() as stranger,
            stranger.get(clouds.server.base_url, ssl=ssl.create_default_context()),
        ):
            pass


async def test_it_listens_on_loopback_alone(clouds: Clouds) -> None:
    assert clouds.server.address == ("127.0.0.1", clouds.server.port)


async def test_a_plain_cluster_knows_people_by_token_and_others_not_at_all(clouds: Clouds) -> None:
    assert (await clouds.get(DIRECT, "reader"))[1]["user"] == "rui@example.com"
    assert (await clouds.get(DIRECT, ""))[1]["user"] is None
    assert (await clouds.get(DIRECT, "", headers={"Authorization": "Bearer service-account"}))[1]["user"] is None
    assert (await clouds.get("/clusters/ghost/api"))[0] == 404


async def test_kubeconfigs_for_plain_access_by_token_and_by_certificate(clouds: Clouds) -> None:
    for certificate in (False, True):
        path = clouds.server.kubeconfig("gke-1", "viewer", certificate=certificate)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_text()
        assert ("client-certificate-data" in text) is certificate
        assert (clouds.server.tokens["viewer"] in text) is not certificate


async def test_started_again_on_its_port_it_is_trusted_and_knows_its_tokens(run_clouds: Run, tmp_path: Path) -> None:
    async with run_clouds(tmp_path) as first:
        port, ca, tokens = first.server.port, first.server.ca_pem.read_bytes(), dict(first.server.tokens)
        arm = await first.arm_token()
    async with run_clouds(tmp_path, port=port) as second:
        assert (second.server.port, second.server.ca_pem.read_bytes(), second.server.tokens) == (port, ca, tokens)
        assert (await second.get(LIST))[0] == 200
        assert (await second.get(ARM, "", headers={"Authorization": f"Bearer {arm}"}))[0] == 200
    for file in ("ca.key", "server.pem", "identities.json"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600


async def test_another_state_folder_means_other_secrets(run_clouds: Run, tmp_path: Path) -> None:
    async with run_clouds(tmp_path / "a") as first, run_clouds(tmp_path / "b") as second:
        assert first.server.tokens != second.server.tokens
        assert first.server.people.identity_headers != second.server.people.identity_headers
        assert first.server.ca_pem.read_bytes() != second.server.ca_pem.read_bytes()


async def test_a_busy_port_is_said_and_exits_1(clouds: Clouds, run_clouds: Run, tmp_path: Path) -> None:
    from tui.sim.listener import PortBusyError

    with pytest.raises(PortBusyError, match=rf"port {clouds.server.port} on 127\.0\.0\.1 cannot be used") as caught:
        async with run_clouds(tmp_path / "other", port=clouds.server.port):
            pass
    assert caught.value.exit_code == 1


async def test_at_the_end_streams_are_closed_in_good_order(run_clouds: Run, tmp_path: Path) -> None:
    async with run_clouds(tmp_path) as clouds:
        clouds.estate.clusters["gke-1"].events = [event("ADDED", "a")]
        response = await clouds.client.get(
            clouds.server.base_url + WATCH, headers={"Authorization": f"Bearer {clouds.server.tokens['admin']}"}
        )
        assert json.loads(await response.content.readline())["type"] == "ADDED"
        await clouds.server._close()
        assert await response.content.read() == b""  # an end, not a broken connection
        response.close()


async def test_a_world_that_breaks_is_not_hidden(run_clouds: Run, tmp_path: Path, monkeypatch: Any) -> None:
    async def run(self: Estate) -> None:
        raise RuntimeError("the world broke")

    async with run_clouds(tmp_path) as clouds:
        monkeypatch.setattr(type(clouds.estate), "run", run)
    with pytest.raises(RuntimeError, match="the world broke"):
        async with run_clouds(tmp_path) as clouds:
            await clouds.server.ended()


async def test_requests_are_remembered_with_who_and_what_came_of_them(clouds: Clouds) -> None:
    await clouds.get(LIST + "?pageSize=1", "reader")
    await clouds.get(PLANT + PODS)
    listed, pods = clouds.server.requests
    assert (listed.method, listed.path, listed.status, listed.user, listed.cluster) == (
        "GET",
        LIST + "?pageSize=1",
        403,
        "rui@example.com",
        "",
    )
    assert (pods.cluster, pods.status, pods.ended is not None) == ("plant", 200, True)


async def test_a_watch_is_in_the_log_while_it_flows(clouds: Clouds, gke: Any) -> None:
    gke.events = [event("ADDED", "a")]
    async with clouds.ask(WATCH) as response:
        await response.content.readline()
        (entry,) = clouds.server.requests.to("watch=true")
        assert (entry.status, entry.ended) == (200, None)


async def test_the_log_forgets_the_oldest_first() -> None:
    from tui.sim.requestlog import Entry, RequestLog

    log = RequestLog(capacity=2)
    for number in range(3):
        log.add(Entry("GET", f"/{number}", "", "", "", 0.0))
    assert ([entry.path for entry in log], len(log), log.total) == (["/1", "/2"], 2, 3)


# Faults: what each does, and to whom.


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


# The environment for the real tools.


async def test_the_script_says_in_a_shell_what_the_variables_say(clouds: Clouds) -> None:
    server = clouds.server
    variables = server.environment("viewer")
    names = sorted(variables)
    command = f"{server.script('viewer')}\nfor n in {shlex.join(names)}; do printenv $n; done"
    printed = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert printed.stdout.splitlines() == [variables[name] for name in names]
    assert variables["CLOUDSDK_AUTH_ACCESS_TOKEN"] == server.tokens["viewer"]
    assert variables["CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB"] == f"{server.base_url}/"
    assert variables["CLUSTERVIEW_PROJECTS"] == "acme-1,bare-1"


async def test_the_control_secret_is_only_in_the_file(clouds: Clouds) -> None:
    secret = clouds.server.people.control_secret
    assert secret not in clouds.server.script()
    assert f"export CLUSTERVIEW_SIM_CONTROL={secret}" in clouds.server.script(control=True)


async def test_people_do_not_share_folders_and_az_finds_its_cloud(clouds: Clouds) -> None:
    admin, viewer = clouds.server.environment("admin"), clouds.server.environment("viewer")
    for name in ("KUBECONFIG", "CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR", "IDENTITY_HEADER"):
        assert admin[name] != viewer[name]
    clouds_config = (Path(admin["AZURE_CONFIG_DIR"]) / "clouds.config").read_text()
    assert f"endpoint_resource_manager = {clouds.server.base_url}/" in clouds_config
    assert "name = ClusterviewSimulated" in (Path(admin["AZURE_CONFIG_DIR"]) / "config").read_text()


async def test_a_kubeconfig_that_gcloud_has_filled_is_not_emptied(clouds: Clouds) -> None:
    path = Path(clouds.server.environment()["KUBECONFIG"])
    write_private(path, b"apiVersion: v1\nkind: Config\ncontexts: []\n")
    clouds.server.environment()
    assert b"contexts" in await asyncio.to_thread(path.read_bytes)


async def test_somebody_unknown_is_named_with_those_who_are_known(clouds: Clouds) -> None:
    with pytest.raises(UsageError, match=r"'mallory'.*admin, viewer, reader"):
        clouds.server.environment("mallory")
