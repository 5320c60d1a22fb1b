"""Much, carried: a big file both ways, and port-forwards of many connections at once; with clusterview and the real
kubectl, which agree byte for byte; straight to a cluster, and through the simulated gateway.

`CLUSTERVIEW_TESTS=full` carries 200 MB in a file and in fifty connections.
"""

from __future__ import annotations

import asyncio
import filecmp
import hashlib
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.bench.forwarded import Forwarding
from tests.conftest import SimProcess
from tests.main_job.test_commands import COMMAND
from tests.sizes import FULL
from tui.sim.google.credentials import data_path
from tui.sim.loading import load

MB = 1_000_000
BIG = (200 if FULL else 5) * MB
"""Bytes of the file."""
CONNECTIONS = 50 if FULL else 8
EACH = 4 * MB if FULL else 300_000
"""Bytes that each of them carries, both ways."""
SECONDS = 600
CLUSTER, POD = "prod-eu", "ledger-db-0"
ECHO = "registry.example.com/lab/echo:1.0"

pytestmark = [pytest.mark.real_client, pytest.mark.timeout(2 * SECONDS)]


@dataclass(frozen=True)
class Road:
    """A way to the cluster. flags: what clusterview is told, `--write` apart."""

    environ: dict[str, str]
    flags: tuple[str, ...]
    kubectl: str

    def command(self, program: str, verb: str, *arguments: str) -> list[str]:
        """clusterview's or kubectl's, of the same words."""
        if program == "kubectl":
            return [self.kubectl, verb, *arguments]
        return [*COMMAND, verb, *self.flags, *(("--write",) if verb != "port-forward" else ()), *arguments]

    def run(self, program: str, verb: str, *arguments: str) -> str:
        command = self.command(program, verb, *arguments)
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, timeout=SECONDS)
        assert done.returncode == 0, f"{program} {verb} {arguments}: {done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def carrying(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("carrying")) as running:
        yield running


@pytest.fixture(params=["directly", "through the gateway"])
def road(request: pytest.FixtureRequest, carrying: SimProcess, kubectl: str, tmp_path: Path) -> Road:
    scenario = load("healthy")
    spec = next(one for one in scenario.memberships if one.id == CLUSTER)
    number = next(project.number for project in scenario.projects if project.id == spec.project)
    straight = request.param == "directly"
    server = carrying.base_url + (f"/clusters/{spec.cluster}" if straight else data_path(number, spec))
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": server}}],
        "users": [{"name": "here", "user": {"token": carrying.env["CLOUDSDK_AUTH_ACCESS_TOKEN"]}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "here"}}],
    }
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    environ = carrying.environ(tmp_path, KUBECONFIG=str(path))
    return Road(environ, ("--context", "here") if straight else ("--cluster", CLUSTER), kubectl)


def test_a_big_file_is_the_same_whoever_copies_it(road: Road, tmp_path: Path) -> None:
    sent, digest = tmp_path / "sent", hashlib.sha256()
    with sent.open("wb") as file:
        for number in range(BIG // MB):
            piece = random.Random(number).randbytes(MB)
            digest.update(piece)
            file.write(piece)
    began = time.monotonic()
    told: list[str] = []
    for program in ("clusterview", "kubectl"):
        road.run(program, "cp", str(sent), f"payments/{POD}:/tmp/from-{program}")
        told.append(f"{program} up {time.monotonic() - began:.1f} s")
        began = time.monotonic()
    in_pod = ("exec", "-n", "payments", POD, "--")
    there = road.run("kubectl", *in_pod, "sha256sum", "/tmp/from-clusterview", "/tmp/from-kubectl")
    assert [line.split()[0] for line in there.splitlines()] == [digest.hexdigest()] * 2
    began = time.monotonic()
    for program, other in (("clusterview", "kubectl"), ("kubectl", "clusterview")):
        back = tmp_path / f"back-{program}"
        road.run(program, "cp", f"payments/{POD}:/tmp/from-{other}", str(back))
        told.append(f"{program} down {time.monotonic() - began:.1f} s")
        assert filecmp.cmp(sent, back, shallow=False), f"{program} brought something else"
        back.unlink()
        began = time.monotonic()
    road.run("kubectl", *in_pod, "rm", "/tmp/from-clusterview", "/tmp/from-kubectl")
    print(f"\n{BIG // MB} MB, sha256 {digest.hexdigest()[:12]}…: {', '.join(told)}")


@pytest.fixture
def echo(road: Road) -> str:
    """A pod that says everything again."""
    known = road.run("kubectl", "get", "pods", "-n", "payments", "-o", "name")
    if "pod/echo\n" not in known:
        road.run("kubectl", "run", "echo", "-n", "payments", f"--image={ECHO}", "--port=7")
        road.run("kubectl", "wait", "-n", "payments", "--for=condition=Ready", "pod/echo", "--timeout=60s")
    return "pod/echo"


@pytest.mark.parametrize("program", ["clusterview", "kubectl"])
async def test_many_connections_at_once_each_carry_their_own(road: Road, echo: str, program: str) -> None:
    command = road.command(program, "port-forward", "-n", "payments", echo, ":7")
    with await asyncio.to_thread(Forwarding, command, road.environ) as forwarding:
        began = time.monotonic()
        async with asyncio.timeout(SECONDS):
            made = [await asyncio.open_connection("127.0.0.1", forwarding.port) for _ in range(CONNECTIONS)]
            await asyncio.gather(*(_carried(number, *one) for number, one in enumerate(made)))
        print(f"\n{program}: {CONNECTIONS} connections, {CONNECTIONS * EACH // MB} MB each way in "
              f"{time.monotonic() - began:.1f} s")  # fmt: skip


async def _carried(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What is sent comes back, told apart by its digest. Every second connection is closed in the one direction before
    the other has ended, and then ends there, too."""
    body = random.Random(number).randbytes(EACH + number)
    half_closed = number % 2 == 0

    async def send() -> None:
        writer.write(body)
        await writer.drain()
        if half_closed:
            writer.write_eof()

    sending = asyncio.create_task(send())
    digest, left = hashlib.sha256(), len(body)
    while left > 0:
        part = await reader.read(65536)
        assert part, f"connection {number} ended with {left:,} bytes missing"
        digest.update(part)
        left -= len(part)
    await sending
    if half_closed:
        assert await reader.read() == b""
    assert digest.digest() == hashlib.sha256(body).digest(), f"connection {number} was given another's"
    writer.close()
    await writer.wait_closed()
