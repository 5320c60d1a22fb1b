"""The real kubectl's port-forward against the simulated clouds: what it carries, how it ends, what it is refused."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import shutil
import urllib.request
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sim.kubectl import ask, through_the_gateway
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.deletion import DeleteOptions, delete_object
from tui.sim.server import SimServer

if TYPE_CHECKING:
    from tui.sim.scenario import MembershipSpec

pytestmark = pytest.mark.real_client
SDK_VERSIONS = ("1.30", "1.31", "1.33")
"""Of those that come with the Google Cloud SDK: the last without WebSockets, the first with, the last there is."""


@pytest.fixture
async def sim() -> AsyncIterator[SimServer]:
    async with SimServer.start("streams") as server:
        yield server


class Forward:
    """A running `kubectl port-forward`. port: the local one. said: its lines so far, of both kinds."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.port = 0
        self.said: list[str] = []

    async def listen(self) -> None:
        """Read what it says until it listens."""
        while not self.port:
            found = re.match(r"Forwarding from 127.0.0.1:(\d+) ->", await self._line())
            self.port = int(found[1]) if found else 0

    async def ended(self) -> int:
        """Read to its end; its exit code."""
        async with asyncio.timeout(30):
            while not self.process.stdout.at_eof():  # type: ignore[union-attr]
                await self._line()
            return await self.process.wait()

    async def _line(self) -> str:
        assert self.process.stdout is not None
        line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()
        self.said.append(line)
        assert line or self.port, "".join(self.said)
        return line


@asynccontextmanager
async def forwarding(kubectl: str, kubeconfig: Path, target: str, port: int, *flags: str) -> AsyncIterator[Forward]:
    env = {"KUBECONFIG": str(kubeconfig), "HOME": str(kubeconfig.parent), "PATH": "/usr/bin:/bin"}
    process = await asyncio.create_subprocess_exec(
        kubectl,
        *flags,
        "port-forward",
        "--address=127.0.0.1",
        target,
        f":{port}",
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    forward = Forward(process)
    try:
        await forward.listen()
        yield forward
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def access(sim: SimServer, road: str, cluster: str = "shop-eu") -> Path:
    return sim.kubeconfig(cluster) if road == "direct" else through_the_gateway(sim, "admin", membership(sim, cluster))


def membership(sim: SimServer, id: str) -> MembershipSpec:
    return next(one for one in sim.scenario.memberships if one.id == id)


async def echoed(port: int, number: int) -> bool:
    """Send bytes of one's own, end, and then read to the end: whether it was the same."""
    sent = random.Random(number).randbytes(20_000 + 7_919 * number)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def write() -> None:
        for start in range(0, len(sent), 8_192):
            writer.write(sent[start : start + 8_192])
            await writer.drain()
        writer.write_eof()

    writing = asyncio.create_task(write())
    received = await reader.read(-1)
    await writing
    writer.close()
    return hashlib.sha256(received).digest() == hashlib.sha256(sent).digest()


@pytest.mark.parametrize("road", ["direct", "gateway"])
async def test_fifty_connections_at_once_each_half_closed(sim: SimServer, kubectl: str, road: str) -> None:
    async with forwarding(kubectl, access(sim, road), "deploy/echo", 7, "-n", "lab") as forward:
        assert all(await asyncio.gather(*(echoed(forward.port, number) for number in range(50))))
        assert forward.process.returncode is None
        streams = sim.google.gateway.streams.as_json()
        assert [one["kind"] for one in streams] == ([] if road == "direct" else ["portforward"])


@pytest.mark.parametrize("version", SDK_VERSIONS)
async def test_older_clients_too(sim: SimServer, version: str) -> None:
    found = shutil.which(f"kubectl.{version}", path="/usr/lib/google-cloud-sdk/bin")
    if found is None:
        pytest.skip(f"there is no kubectl {version} here")
    async with forwarding(found, access(sim, "direct"), "deploy/echo", 7, "-n", "lab") as forward:
        assert all(await asyncio.gather(*(echoed(forward.port, number) for number in range(12))))


async def test_a_service_is_forwarded_to_what_its_pods_listen_on(sim: SimServer, kubectl: str) -> None:
    async with forwarding(kubectl, access(sim, "direct"), "service/storefront", 80, "-n", "web") as forward:

        def get() -> bytes:
            with urllib.request.urlopen(f"http://127.0.0.1:{forward.port}/orders", timeout=30) as response:
                return bytes(response.read())

        said = (await asyncio.to_thread(get)).decode()
        assert re.fullmatch(r"storefront-\w+-\w+ \(nginx, namespace web, port 8080\)\nGET /orders\n", said)


async def test_a_pod_that_is_replaced_loses_the_forward(sim: SimServer, kubectl: str) -> None:
    store = sim.world.clusters["shop-eu"].store
    async with forwarding(kubectl, access(sim, "direct"), "deploy/echo", 7, "-n", "lab") as forward:
        assert await echoed(forward.port, 1)
        (pod,) = (one for one in store.list(PODS, "lab") if one["metadata"]["name"].startswith("echo-"))
        delete_object(store, PODS, pod, DeleteOptions(grace=0), sim.world.now())
        _, writer = await asyncio.open_connection("127.0.0.1", forward.port)
        assert await forward.ended() == 1
        writer.close()
        said = "".join(forward.said)
        assert "failed to find sandbox" in said
        assert "error: lost connection to pod" in said


async def test_a_stream_that_is_cut_loses_the_forward(sim: SimServer, kubectl: str) -> None:
    sim.faults.add("stream-limit", {"membership": "shop-eu"}, seconds=0.3)
    async with forwarding(kubectl, access(sim, "gateway"), "deploy/echo", 7, "-n", "lab") as forward:
        assert await forward.ended() == 1
        assert "error: lost connection to pod" in "".join(forward.said)


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ("vault", "generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource"),
        ("shop-us", "failed to connect to the cluster's API Server with response (status=403 Forbidden, "),
        ("market", "generic::resource_exhausted: Quota exceeded for quota metric 'Active streams'"),
        ("plant-1", "generic::failed_precondition: error encountered within the cluster"),
        ("plant-2", "generic::failed_precondition: connection to the agent failed"),
        ("attic", "failed to connect to the cluster's API Server with response (status=403 Forbidden, "),
    ],
)
async def test_each_failure_is_a_bare_400_whose_cause_verbose_kubectl_shows(
    sim: SimServer, kubectl: str, cluster: str, words: str
) -> None:
    config = access(sim, "gateway", cluster)
    code, out, err = await ask(kubectl, config, "-n", "web", "port-forward", "deploy/storefront", ":8080")
    assert (code, out) == (1, "")
    assert "error: error upgrading connection: unable to upgrade connection: <!DOCTYPE html>" in err
    assert words not in err
    _, _, err = await ask(kubectl, config, "-v=4", "-n", "web", "port-forward", "deploy/storefront", ":8080")
    fallback = "fallback to secondary dialer from primary dialer err: unable to upgrade streaming request: "
    assert fallback + "websocket: bad handshake (400 Bad Request): <!DOCTYPE html>" in err
    assert words in err


async def test_the_agent_tells_why_in_its_log(sim: SimServer, kubectl: str) -> None:
    config = access(sim, "gateway", "plant-1")
    await ask(kubectl, config, "-n", "web", "port-forward", "deploy/storefront", ":8080")
    agent = ("logs", "-n", "gke-connect", "-l", "app=gke-connect-agent", "--tail", "-1")
    code, out, _ = await ask(kubectl, config, *agent)
    assert (code, "failed to create the websocket connection" in out) == (0, True)


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ("vault", "generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource"),
        ("shop-us", "failed to connect to the cluster's API Server with response (status=403 Forbidden, "),
        ("market", "generic::resource_exhausted: Quota exceeded for quota metric 'Active streams'"),
        ("plant-1", "generic::failed_precondition: error encountered within the cluster"),
        ("plant-2", "generic::failed_precondition: connection to the agent failed"),
        ("museum", "failed to connect to the cluster's API Server with response (status=403 Forbidden, "),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        ("exec", "deploy/storefront", "--", "true"),
        ("attach", "deploy/storefront"),
        ("cp", "orders-db-0:/etc/hostname", "/dev/null"),
    ],
    ids=lambda command: command[0],
)
async def test_commands_fail_in_the_same_ways(
    sim: SimServer, kubectl: str, cluster: str, words: str, command: tuple[str, ...]
) -> None:
    config = access(sim, "gateway", cluster)
    code, out, err = await ask(kubectl, config, "-v=4", "-n", "web", *command)
    assert (code != 0, out) == (True, "")
    assert "RemoteCommand fallback" in err
    assert "unable to upgrade streaming request: websocket: bad handshake (400 Bad Request): <!DOCTYPE html>" in err
    assert words in err
