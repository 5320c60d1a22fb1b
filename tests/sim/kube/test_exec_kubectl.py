"""The real kubectl, with WebSocket and with SPDY: exec, attach and cp against one simulated cluster."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import random
import re
import signal
import struct
import termios
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.sim.kube.conftest import Time
from tests.sim.kube.exec_client import run_pod
from tests.sim.kubectl import KUBECTLS, bundled, secure_server
from tui.sim.kube.cluster import KubeCluster, User

pytestmark = pytest.mark.real_client
PIPE = asyncio.subprocess.PIPE
HASTY = re.compile(r"^E\d{4} .* websocket\.go:\d+\] Unknown stream id 1, discarding message\n")
"""What a kubectl says where it reads the empty message with which a server begins before it has made its streams: on a
busy machine, now and then. Were it another message, what comes out would lack it."""


@dataclass(frozen=True)
class Ran:
    status: int
    out: bytes
    err: str


class Kubectl:
    """One kubectl, and how it speaks."""

    def __init__(self, program: str, home: Path, cluster: KubeCluster, time: Time, env: dict[str, str]) -> None:
        self._program = program
        self._env = {"HOME": str(home), "PATH": os.environ["PATH"], "KUBECONFIG": str(home / "admin"), **env}
        self.cluster = cluster
        self.time = time
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self, *arguments: str, stdin: int = PIPE, out: int = PIPE) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            self._program, *arguments, stdin=stdin, stdout=out, stderr=PIPE, env=self._env
        )
        self._running.append(process)
        return process

    async def end(self) -> None:
        """Of every kubectl that still runs, as after a test that failed."""
        for process in self._running:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def __call__(self, *arguments: str, stdin: bytes = b"") -> Ran:
        process = await self.start(*arguments)
        out, err = await asyncio.wait_for(process.communicate(stdin), 60)
        return Ran(process.returncode or 0, out, HASTY.sub("", err.decode()))


@pytest.fixture(params=["websocket", "spdy"])
def road(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "true" if request.param == "websocket" else "false"}


EVERY = [*KUBECTLS, *bundled()]


@pytest.fixture(params=EVERY, ids=[f"kubectl-{index}" for index in range(len(EVERY))])
async def kubectl(request: pytest.FixtureRequest, road: dict[str, str], tmp_path: Path) -> AsyncIterator[Kubectl]:
    authority = trustme.CA()
    cluster = KubeCluster("test", now=(time := Time()), ca=authority.cert_pem.bytes().decode())
    cluster.bootstrap()
    cluster.tokens["admin"] = User("ana", ("system:masters",))
    run_pod(cluster)
    made = Kubectl(request.param, tmp_path, cluster, time, road)
    async with secure_server(cluster, authority, tmp_path, {"admin": "admin"}):
        yield made
        await made.end()
    cluster.close()


async def test_exec_tells_the_exit_code(kubectl: Kubectl):
    ran = await kubectl("exec", "p", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (ran.status, ran.out) == (7, b"out\n")
    assert ran.err == "err\ncommand terminated with exit code 7\n"


async def test_exec_of_what_is_not_there(kubectl: Kubectl):
    ran = await kubectl("exec", "p", "--", "/nope")
    assert ran.status == 1
    assert 'unable to start container process: exec: "/nope": stat /nope: no such file or directory' in ran.err


async def test_ten_megabytes_through_cat(kubectl: Kubectl):
    sent = random.Random(7).randbytes(10 << 20)
    ran = await kubectl("exec", "-i", "p", "--", "cat", stdin=sent)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == sent


async def test_a_terminal_with_its_size_and_a_change_of_it(kubectl: Kubectl):
    ours, theirs = pty.openpty()
    size(ours, 91, 33)
    process = await kubectl.start("exec", "-it", "p", "--", "bash", "--norc", stdin=theirs, out=theirs)
    os.close(theirs)
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(ours), "rb", 0)
    )
    seen = b""

    async def until(wanted: bytes) -> None:
        nonlocal seen
        while wanted not in seen:
            chunk = await asyncio.wait_for(reader.read(4096), 30)
            assert chunk, seen
            seen += chunk

    await until(b"p # ")
    os.write(ours, b"stty size\r")
    await until(b"33 91\r\n")
    size(ours, 70, 20)
    os.write(ours, b"until [ \"$(stty size)\" = '20 70' ]; do sleep 0.05; done; echo now\r")
    now = asyncio.ensure_future(until(b"\rnow\r\n"))
    # What the kernel does for who has the terminal for its own. More than once: kubectl drops a size that comes while
    # it is busy with another (kubectl/pkg/util/term/resize.go); clusterview is told once, in test_shell_on_screen.py.
    while not now.done():
        process.send_signal(signal.SIGWINCH)
        await asyncio.wait((now,), timeout=1)
    now.result()
    os.write(ours, b"exit 5\r")
    assert await asyncio.wait_for(process.wait(), 30) == 5
    transport.close()
    os.close(ours)


async def test_attach_shows_what_is_written(kubectl: Kubectl):
    process = await kubectl.start("attach", "p")
    assert process.stdout is not None
    waiting = asyncio.ensure_future(process.stdout.readline())
    while not waiting.done():  # simulated time passes, and with it come the lines
        kubectl.time.now += 1
        await asyncio.wait((waiting,), timeout=0.2)
    line = waiting.result().decode()
    log = await kubectl("logs", "p")
    assert line.strip()
    assert line in log.out.decode()
    run_pod(kubectl.cluster, running=False)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, err


async def test_twenty_megabytes_are_copied_both_ways(kubectl: Kubectl, tmp_path: Path):
    sent = random.Random(8).randbytes(20 << 20)
    (tmp_path / "sent").write_bytes(sent)
    ran = await kubectl("cp", str(tmp_path / "sent"), "p:/tmp/f1")
    assert ran.status == 0, ran.err
    ran = await kubectl("cp", "p:/tmp/f1", str(tmp_path / "back"))
    assert ran.status == 0, ran.err
    assert (tmp_path / "back").read_bytes() == sent
    ran = await kubectl("cp", "--retries=2", "p:/tmp/f1", str(tmp_path / "again"))
    assert (tmp_path / "again").read_bytes() == sent, ran.err


async def test_a_tree_is_copied_both_ways(kubectl: Kubectl, tmp_path: Path):
    tree = {"plain": b"1", "a b/ünï/☃ snow": b"2", "a b/empty": b"", "deep/er/and/deeper/'quoted' \"name\"": b"3"}
    for name, content in tree.items():
        path = tmp_path / "sent" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "sent" / "plain").chmod(0o750)
    ran = await kubectl("cp", str(tmp_path / "sent"), "p:/data/a tree")
    assert ran.status == 0, ran.err
    ran = await kubectl("exec", "p", "--", "stat", "-c", "%a", "/data/a tree/plain")
    assert ran.out == b"750\n", ran.err
    ran = await kubectl("cp", "p:/data/a tree", str(tmp_path / "back"))
    assert ran.status == 0, ran.err
    back = {str(path.relative_to(tmp_path / "back")): path for path in (tmp_path / "back").rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in back.items()} == tree


async def test_an_image_without_tar_cannot_be_copied_from(kubectl: Kubectl, tmp_path: Path):
    run_pod(kubectl.cluster, "d", image="gcr.io/distroless/static:nonroot")
    ran = await kubectl("cp", "d:/tmp/f1", str(tmp_path / "f1"))
    assert 'exec: "tar": executable file not found in $PATH' in ran.err
    assert ran.status == 1


async def test_a_container_that_waits_is_refused(kubectl: Kubectl):
    run_pod(kubectl.cluster, running=False)
    ran = await kubectl("exec", "p", "--", "ls")
    assert ran.status == 1
    assert 'container not found ("c")' in ran.err


async def test_before_1_30_kubectl_falls_back(kubectl: Kubectl):
    kubectl.cluster.version = "v1.29.9"
    ran = await kubectl("exec", "p", "--", "sh", "-c", "echo out; exit 7")
    assert (ran.status, ran.out) == (7, b"out\n")


def size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
