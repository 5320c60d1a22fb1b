"""The server itself: TLS, lifetime, state between starts, the request log."""

from __future__ import annotations

import json
import ssl
import stat
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

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


def event(kind: str, name: str) -> bytes:
    return json.dumps({"type": kind, "object": {"metadata": {"name": name}}}).encode() + b"\n"


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
